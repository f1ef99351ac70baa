"""The rows of the table: what is sent, to whom, and what it cost."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import jwt

from load.meters import NO_COST, Cost, monitored, round_trips
from load.targets import JUDGED
from load.tools import CONNECTIONS, LoadFailed, Outcome, run_ghz, run_wrk
from support.rest import bearer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from load.stand import Stand, Target

CONNECT = "/v1/sessions/connect"
_COUNTED = 20  # calls under MONITOR, one after the other
_SETTLE_S = 0.2  # what wrk leaves unanswered at its end is still worked on
HEAVY_CONNECTIONS = 4
"""For requests of many milliseconds: sixteen at once would only wait for each other."""


@dataclass(frozen=True, slots=True)
class Result:
    """One row. `floor` names the row that its server's CPU is compared with."""

    name: str
    workers: int
    outcome: Outcome
    cost: Cost
    floor: str = ""

    @property
    def failed(self) -> bool:
        """A row with one error in it measures something else."""
        return self.outcome.failed > 0 or self.outcome.requests == 0


_Prepared = tuple[Coroutine[Any, Any, object], Coroutine[Any, Any, Outcome]]
"""What is sent to count round trips, and what is sent to measure."""


@dataclass
class Drive:
    """Drives one target after the other, and keeps what came of it."""

    on: Stand
    protoset: Path
    seconds: float
    warm_up_s: float
    wrk: str | None
    ghz: str | None
    only: str = ""
    again: bool = False  # a further turn: only the rows that targets are made of
    results: list[Result] = field(default_factory=list)

    async def rest(
        self,
        name: str,
        at: Target,
        verb: str,
        path: str,
        credentials: Sequence[str],
        *,
        workers: int = 1,
        body: bytes = b"",
        fresh_of: str | None = None,
        connections: int = CONNECTIONS,
        floor: str = "REST floor",
    ) -> Result | None:
        """A REST request; with `fresh_of`, a world's id, every one has a new session token.

        `credentials` are sent in turn, in the warm-up also when tokens are fresh.
        """
        if self.wrk is None or not self._wanted(name):
            return None
        wrk = self.wrk

        async def run(seconds: float, sent: Sequence[str], *, once: bool = False) -> Outcome:
            return await run_wrk(
                wrk, at.rest_url, verb, path, sent,
                seconds=seconds, body=body, connections=connections, once=once,
            )  # fmt: skip

        async def prepare() -> _Prepared:
            await _call(at, verb, path, credentials[:1], body)
            warm = await run(self.warm_up_s, credentials)
            # A write that wrk left behind is in the store, and not yet in the server's working copy.
            await asyncio.sleep(_SETTLE_S)
            await _call(at, verb, path, credentials[:1], body)
            if fresh_of is None:
                sent = [credentials[n % len(credentials)] for n in range(_COUNTED)]
                return _call(at, verb, path, sent, body), run(self.seconds, credentials)
            # More than known tokens in that time; wrk stops early should they not last.
            count = int(warm.rate * self.seconds * 1.2) + 500
            tokens = await self.on.fresh_tokens(fresh_of, count)
            return (
                _call(at, verb, path, tokens[:_COUNTED], body),
                run(self.seconds, tokens[_COUNTED:], once=True),
            )

        return await self._row(name, workers, at, floor, prepare)

    async def rpc(
        self,
        name: str,
        at: Target,
        method: str,
        *,
        workers: int = 1,
        credential: str = "",
        messages: Sequence[dict[str, Any]] = ({},),
        fresh_of: str | None = None,
        direct: bool = False,
        floor: str = "gRPC floor",
    ) -> Result | None:
        """A gRPC call, through the edge unless it is `direct`."""
        if self.ghz is None or not self._wanted(name):
            return None
        ghz, target = self.ghz, f"127.0.0.1:{at.direct_port if direct else at.grpc_port}"

        async def run(
            count: int, sent: Sequence[dict[str, Any]], connections: int = CONNECTIONS
        ) -> Outcome:
            return await run_ghz(
                ghz, self.protoset, target, method, connections=connections,
                count=count, messages=sent, credential=credential,
            )  # fmt: skip

        async def prepare() -> _Prepared:
            warm = await run(int(500 * max(self.warm_up_s, 0.5)), messages)
            count, sent = max(200, int(warm.rate * self.seconds)), messages
            if fresh_of is not None:
                tokens = await self.on.fresh_tokens(fresh_of, count + _COUNTED)
                sent = [{"token": token} for token in tokens]
            return run(_COUNTED, sent[-_COUNTED:], 1), run(count, sent)

        return await self._row(name, workers, at, floor, prepare)

    def _wanted(self, name: str) -> bool:
        """A part of the rows, with what they are compared with: the floor and the peer."""
        if self.again and name not in JUDGED:
            return False
        wanted = any(part in name.lower() for part in self.only.lower().split(","))
        return wanted or "floor" in name or name.startswith("peer")

    async def _row(
        self,
        name: str,
        workers: int,
        at: Target,
        floor: str,
        prepare: Callable[[], Awaitable[_Prepared]],
    ) -> Result:
        """Warms up, counts round trips, measures. A row that cannot be is kept as a failed one."""
        try:
            count, run = await prepare()
            with contextlib.closing(run):  # should counting fail, it is not run
                await asyncio.sleep(_SETTLE_S)
                lines = await monitored(self.on.store, count)
                before = at.meter.read()
                outcome = await run
            await asyncio.sleep(_SETTLE_S)
            cost = at.meter.cost(
                before,
                max(1, outcome.requests),
                idle_bytes_per_s=at.idle_bytes_per_s,
                trips=round_trips(lines) / _COUNTED,
            )
        except (LoadFailed, httpx.HTTPError) as error:
            outcome, cost = Outcome(0, 1, 0, 0, 1, str(error).splitlines()[0]), NO_COST
        result = Result(name, workers, outcome, cost, floor)
        self.results.append(result)
        state = (
            f"FAILED: {outcome.failures}" if result.failed else f"{outcome.rate:,.0f} requests/s"
        )
        print(f"· {name}, {workers} worker{'s' * (workers > 1)}: {state}", flush=True)
        return result


def cheapest(results: Sequence[Result]) -> list[Result]:
    """Of rows that were measured several times the one that cost its server least; a failed one stays."""
    best: dict[tuple[str, int], Result] = {}
    for result in results:
        key = (result.name, result.workers)
        best[key] = min(best.get(key, result), result, key=_rank)
    return list(best.values())


def _rank(result: Result) -> float:
    return -1.0 if result.failed else result.cost.cpu_us["server"]


async def _call(at: Target, verb: str, path: str, credentials: Sequence[str], body: bytes) -> None:
    """Sends the request once per credential. Raises httpx.HTTPStatusError when one is refused."""
    async with httpx.AsyncClient(base_url=at.rest_url, trust_env=False, timeout=60) as rest:
        for credential in credentials:
            headers = bearer(credential) | {"content-type": "application/json"}
            answer = await rest.request(verb, path, headers=headers, content=body)
            answer.raise_for_status()


async def _connected(at: Target, token: str) -> tuple[Any, ...]:
    """What two services that do the same work answer alike: all but times and signatures."""
    async with httpx.AsyncClient(base_url=at.rest_url, trust_env=False, timeout=60) as rest:
        answer = await rest.post(CONNECT, headers=bearer(token))
        answer.raise_for_status()
        body = answer.json()
    claims = jwt.decode(body["reactorJwt"], options={"verify_signature": False})
    return sorted(body), body["worldId"], body["world"], sorted(claims), claims["jti"]


@dataclass(frozen=True)
class Worlds:
    """The two worlds that rows are about, and known session tokens of the small one."""

    small: str
    large: str
    known: list[str]


async def drive_floor(drive: Drive, at: Target, credential: str) -> None:
    """What nothing costs."""
    usage = "conjure.v1.UsageService/GetUsage"
    await drive.rest("REST floor", at, "POST", CONNECT, [credential])
    await drive.rpc("gRPC floor", at, usage, credential=credential)
    await drive.rpc(
        "gRPC floor, no edge", at, usage, credential=credential, direct=True,
        floor="gRPC floor, no edge",
    )  # fmt: skip


async def drive_peer(drive: Drive, at: Target, worlds: Worlds, conjure: Target) -> None:
    """The FastAPI service, for both kinds of token. Raises LoadFailed unless it answers as Conjure."""
    theirs, ours = [await _connected(target, worlds.known[0]) for target in (at, conjure)]
    if theirs != ours:
        raise LoadFailed(f"the peer does not answer as Conjure does: {theirs} and {ours}")
    await drive.rest("peer connect, known token", at, "POST", CONNECT, worlds.known, floor="")
    await drive.rest(
        "peer connect, fresh token", at, "POST", CONNECT, worlds.known,
        fresh_of=worlds.small, floor="",
    )  # fmt: skip


async def drive_connect(drive: Drive, at: Target, worlds: Worlds, *, workers: int) -> None:
    """A player comes in, over REST: with a token that was seen before, and with a new one."""
    known, fresh = worlds.known, worlds.small
    await drive.rest("REST connect, known token", at, "POST", CONNECT, known, workers=workers)
    await drive.rest(
        "REST connect, fresh token", at, "POST", CONNECT, known, workers=workers, fresh_of=fresh
    )


async def drive_hot(drive: Drive, at: Target, worlds: Worlds, secret: str, *, workers: int) -> None:
    """The other calls that come often, on both faces."""
    world = f"/v1/worlds/{worlds.small}"
    mint = json.dumps({"worldId": worlds.small}).encode()
    entrance = b'{"state": "room_1"}'
    rest: list[tuple[str, str, str, bytes]] = [
        ("get world", "GET", world, b""),
        ("set entrance, 40 states", "PATCH", f"{world}/entrance", entrance),
        ("mint token", "POST", "/v1/sessions/token", mint),
    ]
    for name, verb, path, body in rest:
        await drive.rest(f"REST {name}", at, verb, path, [secret], workers=workers, body=body)

    sessions = "conjure.v1.SessionService"
    connect, known = f"{sessions}/Connect", [{"token": token} for token in worlds.known]
    await drive.rpc("gRPC connect, known token", at, connect, workers=workers, messages=known)
    await drive.rpc(
        "gRPC connect, fresh token", at, connect,
        workers=workers, messages=known, fresh_of=worlds.small,
    )  # fmt: skip
    by_id = {"id": worlds.small}
    for name, method, message in (
        ("get world", "conjure.v1.WorldService/GetWorld", by_id),
        ("set entrance", "conjure.v1.GraphService/SetEntrance", by_id | {"state": "room_1"}),
        ("mint token", f"{sessions}/MintSessionToken", {"world_id": worlds.small}),
    ):
        await drive.rpc(
            f"gRPC {name}", at, method, workers=workers, credential=secret, messages=[message]
        )


async def drive_once(drive: Drive, at: Target, worlds: Worlds, secret: str) -> None:
    """The calls that are heavy or rare: one worker tells enough."""
    await drive.rpc(
        "gRPC connect, known token, no edge", at, "conjure.v1.SessionService/Connect",
        messages=[{"token": token} for token in worlds.known],
        direct=True, floor="gRPC floor, no edge",
    )  # fmt: skip
    large = f"/v1/worlds/{worlds.large}"
    await drive.rest("REST usage", at, "GET", "/v1/usage", [secret])
    ops = [{"op": "update_state", "id": f"room_{n}", "patch": {"x": n}} for n in range(500)]
    async with httpx.AsyncClient(base_url=at.rest_url, trust_env=False, timeout=60) as rest:
        made = await rest.post(f"{large}/versions", json={}, headers=bearer(secret))
        made.raise_for_status()
    heavy: list[tuple[str, str, str, bytes]] = [
        ("set entrance", "PATCH", f"{large}/entrance", b'{"state": "room_1"}'),
        ("500 ops", "POST", f"{large}/ops", json.dumps({"ops": ops}).encode()),
        ("snapshot, unchanged", "POST", f"{large}/versions", b"{}"),
        (
            "checkout", "POST", f"{large}/checkout",
            json.dumps({"versionId": made.json()["versionId"]}).encode(),
        ),
    ]  # fmt: skip
    for name, verb, path, body in heavy:
        await drive.rest(
            f"REST {name}, 1000 states", at, verb, path, [secret], body=body,
            connections=HEAVY_CONNECTIONS,
        )  # fmt: skip
