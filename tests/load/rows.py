"""The rows of the table: what is sent, to whom, and what it cost."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from load.meters import Reading, monitored, round_trips
from load.tools import CONNECTIONS, Outcome, run_ghz, run_wrk
from support.rest import bearer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from load.meters import Cost
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
        await _call(at, verb, path, credentials[:1], body)
        warm = await run_wrk(
            self.wrk, at.rest_url, verb, path, credentials, seconds=self.warm_up_s, body=body,
            connections=connections,
        )  # fmt: skip
        tokens = list(credentials)
        if fresh_of is not None:
            # More than the rate of known tokens can use up; wrk stops early should they not last.
            tokens = await self.on.fresh_tokens(fresh_of, int(warm.rate * self.seconds * 1.2) + 500)
        await asyncio.sleep(_SETTLE_S)
        counted, tokens = (tokens * _COUNTED)[:_COUNTED], tokens[_COUNTED:] or tokens
        lines = await monitored(self.on.store, _call(at, verb, path, counted, body))
        before = at.meter.read()
        outcome = await run_wrk(
            self.wrk, at.rest_url, verb, path, tokens, seconds=self.seconds, body=body,
            connections=connections, once=fresh_of is not None,
        )  # fmt: skip
        return await self._keep(name, workers, at, outcome, before, floor, lines)

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
        target = f"127.0.0.1:{at.direct_port if direct else at.grpc_port}"

        async def run(
            count: int, sent: Sequence[dict[str, Any]], connections: int = CONNECTIONS
        ) -> Outcome:
            assert self.ghz is not None
            return await run_ghz(
                self.ghz, self.protoset, target, method, connections=connections,
                count=count, messages=sent, credential=credential,
            )  # fmt: skip

        warm = await run(int(500 * max(self.warm_up_s, 0.5)), messages)
        count = max(200, int(warm.rate * self.seconds))
        if fresh_of is not None:
            tokens = await self.on.fresh_tokens(fresh_of, count + _COUNTED)
            messages = [{"token": token} for token in tokens]
        await asyncio.sleep(_SETTLE_S)
        lines = await monitored(self.on.store, run(_COUNTED, messages[-_COUNTED:], 1))
        before = at.meter.read()
        outcome = await run(count, messages)
        return await self._keep(name, workers, at, outcome, before, floor, lines)

    def _wanted(self, name: str) -> bool:
        """A part of the rows, with what they are compared with: the floor and the peer."""
        return self.only.lower() in name.lower() or "floor" in name or name.startswith("peer")

    async def _keep(
        self,
        name: str,
        workers: int,
        at: Target,
        outcome: Outcome,
        before: Reading,
        floor: str,
        lines: list[str],
    ) -> Result:
        await asyncio.sleep(_SETTLE_S)
        cost = at.meter.cost(
            before,
            max(1, outcome.requests),
            idle_bytes_per_s=at.idle_bytes_per_s,
            trips=round_trips(lines) / _COUNTED,
        )
        result = Result(name, workers, outcome, cost, floor)
        self.results.append(result)
        state = (
            f"FAILED: {outcome.failures}" if result.failed else f"{outcome.rate:,.0f} requests/s"
        )
        print(f"· {name}, {workers} worker{'s' * (workers > 1)}: {state}", flush=True)
        return result


async def _call(at: Target, verb: str, path: str, credentials: Sequence[str], body: bytes) -> None:
    """Sends the request once per credential. Raises httpx.HTTPStatusError when one is refused."""
    async with httpx.AsyncClient(base_url=at.rest_url, trust_env=False, timeout=60) as rest:
        for credential in credentials:
            headers = bearer(credential) | {"content-type": "application/json"}
            answer = await rest.request(verb, path, headers=headers, content=body)
            answer.raise_for_status()


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


async def drive_peer(drive: Drive, at: Target, worlds: Worlds) -> None:
    """The FastAPI service, for both kinds of token."""
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
