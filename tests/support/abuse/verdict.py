"""What an attack did to the neighbour, and whether that may be."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from support.abuse.attacks import REFUSED
from support.abuse.neighbour import PROCESSES, Neighbour, Sample, p99_s, worst
from support.cost import yardstick_s
from support.stack import new_app

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from support.abuse.attacks import Act
    from support.abuse.ground import Ground


IDLE_ROUNDS: Final = 5
_TRIES: Final = 3
TIMES_IDLE: Final = 4.0
"""How many times the idle wait a neighbour may wait beside an attack (ARCHITECTURE 5)."""

MOST_HELD: Final = 6
"""Yardsticks of CPU (10 to 20 ms each, support/cost.py) that a call may wait for in any case. What was found
were stalls of 40 and more; what is usual is a fifth of one."""


@dataclass(frozen=True)
class Verdict:
    """The neighbour's calls before and beside an attack, and the attacker's answers."""

    idle: Sequence[Sample]
    beside: Sequence[Sample]
    answers: Counter[int]

    def failures(self) -> list[Sample]:
        """Calls of the neighbour that were not answered with 200."""
        return [sample for sample in (*self.idle, *self.beside) if sample.status != 200]

    def held(self) -> dict[str, tuple[float, float]]:
        """The processes that worked for longer than they may while one call waited: seconds, and the limit."""
        found = {}
        for process in PROCESSES:
            limit = max(TIMES_IDLE * worst(self.idle, process), MOST_HELD * yardstick_s())
            if (seconds := worst(self.beside, process)) > limit:
                found[process] = (seconds, limit)
        return found

    def summary(self) -> str:
        """The numbers in one line."""
        worked = ", ".join(
            f"{process} {worst(self.idle, process) * 1e3:.0f} → {worst(self.beside, process) * 1e3:.0f}"
            for process in PROCESSES
        )
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(self.answers.items()))
        return (
            f"{len(self.beside)} calls beside it, {len(self.failures())} failed; ms of CPU while one waited:"
            f" {worked}; p99 {p99_s(self.idle) * 1e3:.0f} → {p99_s(self.beside) * 1e3:.0f} ms;"
            f" the attacker was answered {{{statuses}}}"
        )


async def trial(ground: Ground, act: Act, *, seconds: float = 0.0) -> Verdict:
    """One attack beside a neighbour whose waits were measured just before; again until `seconds` are over."""
    app = await new_app(ground.stack.admin, "the neighbour")
    async with Neighbour(ground, app) as neighbour:
        await neighbour.rounds(1)
        warm = len(neighbour.samples)
        await neighbour.rounds(IDLE_ROUNDS)
        begun = len(neighbour.samples)
        end = time.monotonic() + seconds
        answers = await act(neighbour)
        while time.monotonic() < end:
            answers += await act(neighbour)
        await neighbour.rounds(1)
    return Verdict(neighbour.samples[warm:begun], neighbour.samples[begun:], answers)


FLOOD_S: Final = 3.0
FLOOR_S: Final = 0.5
"""What a neighbour's p99 may be in any case beside a flood, however soon it is answered when idle."""


async def assert_served_beside_a_flood(
    ground: Ground, act: Act, *, reaches: frozenset[int]
) -> Verdict:
    """Fails when a call of the neighbour fails beside an attack that goes on for some seconds, or its p99 is
    above four times the idle one and above half a second. For a machine that has nothing else to do."""
    verdict = await trial(ground, act, seconds=FLOOD_S)
    _assert_answered(verdict, reaches)
    idle, beside = p99_s(verdict.idle), p99_s(verdict.beside)
    assert beside <= max(TIMES_IDLE * idle, FLOOR_S), verdict.summary()
    return verdict


def _assert_answered(verdict: Verdict, reaches: frozenset[int]) -> None:
    failures = [f"{s.what}: {s.status} {s.text}" for s in verdict.failures()]
    assert failures == [], f"{verdict.summary()}\n" + "\n".join(failures[:10])
    assert set(verdict.answers) <= reaches | REFUSED, verdict.summary()
    assert reaches & set(verdict.answers), f"it reached nothing: {verdict.summary()}"


async def assert_unharmed(ground: Ground, act: Act, *, reaches: frozenset[int]) -> Verdict:
    """Fails when a call of the neighbour fails, or waits behind work for the attacker.

    The attack must be answered at least once as `reaches` says, or it tests nothing; every other answer must
    be in `REFUSED`. Waits are looked at again only while they seem too long: noise only adds.
    """
    for _ in range(_TRIES):
        verdict = await trial(ground, act)
        _assert_answered(verdict, reaches)
        if not verdict.held():
            return verdict
    raise AssertionError(
        "; ".join(
            f"a call waited for {seconds * 1e3:.0f} ms of CPU of the {process}, and may for {limit * 1e3:.0f}"
            for process, (seconds, limit) in verdict.held().items()
        )
        + f". {verdict.summary()}"
    )
