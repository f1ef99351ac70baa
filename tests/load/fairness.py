"""Fairness: what a small neighbour waits for while one caller of another app does the heaviest it may.

The neighbour is four connections that rest between two calls, as a page with players in it would; a neighbour
that fills the server by itself would only wait for itself. Each pair of rows is measured in turns, minutes are
not alike; noise only adds, so of the turns the least p99 counts, idle and beside alike.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from load.report import markdown
from load.rows import CONNECT
from load.stand import Stand, Target, import_world, world_of
from load.tools import Ask, LoadFailed, Outcome, run_wrk
from load.turns import Spread
from support.abuse import bodies
from support.stack import new_app
from support.worlds import prose_world

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "fairness"
IMPORTS = "imports of 12 MiB"
TIMES_IDLE = 4.0
"""How many times its idle p99 a neighbour's p99 may be (ARCHITECTURE 5)."""

NOTE = (
    "A neighbour of four connections that rest 10 ms between calls, idle and beside one caller of another app, in"
    " turns; of the turns the least p99 of each counts. One worker, an edge with its default patience."
)

_NEIGHBOURS = 4
_REST_MS = 10
_AHEAD_S = 0.5  # the attack is under way when the neighbour begins
_IMPORT_BYTES = 11_600_000  # as `prose_world` counts; 12 MiB at most in all
_LINT_BYTES = 1_040_000


@dataclass(frozen=True, slots=True)
class Call:
    """A request of wrk's: what it is called, and what is sent by how many connections."""

    name: str
    ask: Ask
    connections: int = 1
    rest_ms: int = 0


@dataclass
class Pair:
    """A neighbour's call beside an attack, over all turns."""

    call: str
    attack: str
    idle: list[Outcome] = field(default_factory=list)
    beside: list[Outcome] = field(default_factory=list)
    attacker: list[Outcome] = field(default_factory=list)

    @property
    def idle_p99_ms(self) -> float:
        """The least of the turns."""
        return min(outcome.p99_ms for outcome in self.idle)

    @property
    def p99_ms(self) -> float:
        """The least of the turns."""
        return min(outcome.p99_ms for outcome in self.beside)

    @property
    def worst_ms(self) -> float:
        """The longest that any call took, in any turn."""
        return max(outcome.worst_ms for outcome in self.beside)

    @property
    def times_idle(self) -> float:
        """How much longer it takes beside the attack."""
        return self.p99_ms / self.idle_p99_ms

    def spread(self) -> Spread:
        """The same, with how far apart single turns were."""
        each = [b.p99_ms / a.p99_ms for a, b in zip(self.idle, self.beside, strict=True)]
        return Spread(self.times_idle, min(each), max(each))

    @property
    def connections(self) -> int:
        """How many the neighbour has."""
        return _NEIGHBOURS

    @property
    def failed(self) -> int:
        """The neighbour's calls that were not answered as they should be; none may be."""
        return sum(outcome.failed for outcome in (*self.idle, *self.beside))

    @property
    def answered(self) -> int:
        """The attacker's calls that had an answer. Without any, nobody knows whether there was an attack."""
        return sum(outcome.requests for outcome in self.attacker)

    @property
    def met(self) -> bool | None:
        """Judged as it is shown, to two places; None when the attack had no answer."""
        if not self.answered:
            return None
        return self.failed == 0 and round(self.times_idle, 2) <= TIMES_IDLE


@dataclass(frozen=True, slots=True)
class Scene:
    """Who calls what."""

    neighbours: Sequence[Call]
    attacks: Sequence[Call]


async def scene_of(on: Stand, at: Target) -> Scene:
    """The stand's app is the neighbour; another app attacks."""
    attacker = await new_app(on.admin, "the attacker")
    small = await import_world(at.rest_url, on.app.secret, world_of(17_000, 40))
    theirs = await import_world(at.rest_url, attacker.secret, world_of(17_000, 40))
    (token,) = await on.fresh_tokens(small, 1)

    def neighbour(name: str, verb: str, path: str, credential: str) -> Call:
        return Call(name, Ask(verb, (path,), (credential,)), _NEIGHBOURS, _REST_MS)

    def attack(name: str, path: str, credential: str, body: bytes, connections: int) -> Call:
        return Call(name, Ask("POST", (path,), (credential,), (body,)), connections)

    # A world as somebody would write it, but for one number; the lints are of what is hardest to parse.
    prose = json.dumps(prose_world(_IMPORT_BYTES)).encode()
    import_body = b'{"world":%s,"big":%s}}' % (prose[:-1], bodies.BIG_INTEGER)
    lint_body = b'{"world":%s}' % bodies.with_big_integer(_LINT_BYTES)
    junk = b'{"token":"x","a":' + bodies.repeated(b'{"a":{}}', 16_384 - 40) + b"}"
    return Scene(
        [
            neighbour("connect", "POST", CONNECT, token),
            neighbour("get world", "GET", f"/v1/worlds/{small}", on.app.secret),
        ],
        [
            attack(IMPORTS, "/v1/worlds", attacker.secret, import_body, 1),
            attack(
                "lints of 1 MiB, 10 at once", f"/v1/worlds/{theirs}/lint",
                attacker.publishable, lint_body, 10,
            ),
            attack("anonymous connects, 12 at once", CONNECT, "", junk, 12),
        ],
    )  # fmt: skip


async def drive(wrk: str, at: Target, scene: Scene, *, seconds: float, turns: int) -> list[Pair]:
    """Measures every neighbour idle and beside every attack, in turns. Raises LoadFailed."""
    pairs = {
        (call.name, attack.name): Pair(call.name, attack.name)
        for call in scene.neighbours
        for attack in scene.attacks
    }
    for call in scene.neighbours:
        await _run(wrk, at, call, 1.0)  # warm
    for _ in range(turns):
        idle = {call.name: await _run(wrk, at, call, seconds) for call in scene.neighbours}
        for attack in scene.attacks:
            # One attack beside all neighbours, one after the other: the largest import takes seconds by itself.
            length = _AHEAD_S + len(scene.neighbours) * (seconds + _AHEAD_S)
            attacking = asyncio.create_task(_run(wrk, at, attack, length))
            await asyncio.sleep(_AHEAD_S)
            beside = {call.name: await _run(wrk, at, call, seconds) for call in scene.neighbours}
            attacker = await attacking
            for call in scene.neighbours:
                pair = pairs[call.name, attack.name]
                pair.idle.append(idle[call.name])
                pair.beside.append(beside[call.name])
                pair.attacker.append(attacker)
    for pair in pairs.values():
        failures = "; ".join(o.failures for o in (*pair.idle, *pair.beside) if o.failures)
        print(f"· {pair.call} beside {pair.attack}: {_said(pair)} {failures}", flush=True)
    return list(pairs.values())


def table(pairs: Sequence[Pair]) -> str:
    """A row each. The attacker's refusals are its own."""
    return markdown(
        ("neighbour beside one caller", "idle p99 ms", "p99 ms", "worst ms", "times idle", "at most",
         "neighbour failed", "attacker's calls", "of them refused", ""),
        [
            (
                f"{pair.call} beside {pair.attack}",
                f"{pair.idle_p99_ms:.1f}",
                f"{pair.p99_ms:.1f}",
                f"{pair.worst_ms:.0f}",
                f"{pair.times_idle:.2f}",
                f"{TIMES_IDLE:g}",
                f"{pair.failed:,}",
                f"{pair.answered:,}",
                f"{sum(outcome.failed for outcome in pair.attacker):,}",
                _said(pair),
            )
            for pair in pairs
        ],
    )  # fmt: skip


def plain(pair: Pair) -> dict[str, Any]:
    """A pair for JSON."""
    return {
        "call": pair.call,
        "attack": pair.attack,
        "idle_p99_ms": pair.idle_p99_ms,
        "p99_ms": pair.p99_ms,
        "worst_ms": pair.worst_ms,
        "times_idle": pair.times_idle,
        "connections": pair.connections,
        "failed": pair.failed,
        "failures": [outcome.failures for outcome in pair.beside if outcome.failures],
        "met": pair.met,
    }


def _said(pair: Pair) -> str:
    return {True: "met", False: "NOT met", None: "not measured"}[pair.met]


async def _run(wrk: str, at: Target, call: Call, seconds: float) -> Outcome:
    outcome = await run_wrk(
        wrk, at.rest_url, call.ask,
        seconds=seconds, connections=call.connections, rest_ms=call.rest_ms,
    )  # fmt: skip
    if call.rest_ms and not outcome.requests:
        raise LoadFailed(f"no {call.name} was answered: {outcome.failures}")
    return outcome
