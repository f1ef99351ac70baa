"""One row: what is sent, to whom, and what it cost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from load.known import age
from load.meters import NO_COST, Cost, monitored, round_trips
from load.tools import CONNECTIONS, LoadFailed, Outcome, run_ghz, run_wrk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from load.known import Known
    from load.stand import Stand, Target
    from load.tools import Ask

CONNECT = "/v1/sessions/connect"
_COUNTED = 20  # calls under MONITOR, one after the other
_PASSES = 2  # for each worker: who of them is sent a token is a matter of luck
_SETTLE_S = 0.2  # what wrk leaves unanswered at its end is still worked on


@dataclass(frozen=True, slots=True)
class Rest:
    """A row over REST. `at` names the deployment that is asked.

    `fresh_of`: a world's id; every request has a session token of it that is new, the credentials of `ask` are
    for the warm-up. `known`: the sessions of those credentials, whose leases are set before.
    `connections`: instead of those of its section. `is_base`: others are compared with it, so it is never left out.
    `is_edgeless`: straight to the process behind the edge.
    """

    name: str
    ask: Ask
    at: str = "conjure"
    fresh_of: str = ""
    known: Known | None = None
    connections: tuple[int, ...] = ()
    is_base: bool = False
    is_edgeless: bool = False
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Rpc:
    """A row over gRPC; the messages are sent in turn. Otherwise as `Rest`."""

    name: str
    method: str
    messages: Sequence[dict[str, Any]] = ({},)
    at: str = "conjure"
    credential: str = ""
    fresh_of: str = ""
    known: Known | None = None
    connections: tuple[int, ...] = ()
    is_base: bool = False
    is_edgeless: bool = False
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """One row, measured once."""

    name: str
    workers: int
    outcome: Outcome
    cost: Cost
    connections: int = CONNECTIONS

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
    results: list[Result] = field(default_factory=list)

    async def row(self, row: Rest | Rpc, at: Target, connections: int) -> Result | None:
        """Measures a row; None when the tool for it is not there."""
        if isinstance(row, Rest):
            return await self.rest(row, at, connections)
        return await self.rpc(row, at, connections)

    async def rest(self, row: Rest, at: Target, connections: int = CONNECTIONS) -> Result | None:
        """Measures a row over REST."""
        if self.wrk is None:
            return None
        wrk, ask = self.wrk, row.ask
        url = f"http://127.0.0.1:{at.direct_port if row.is_edgeless else at.rest_port}"

        async def run(seconds: float, sent: Ask, *, once: bool = False) -> Outcome:
            return await run_wrk(
                wrk, url, sent, seconds=seconds, connections=connections, once=once
            )

        async def prepare() -> _Prepared:
            if row.known is not None:
                age(self.on, row.known)
            await _call(url, ask, 1)
            warm = await run(self.warm_up_s, ask)
            if row.known is not None:
                await self._make_known(ask, row.workers, warm.requests, run)
            # A write that wrk left behind is in the store, and not yet in the server's working copy.
            await asyncio.sleep(_SETTLE_S)
            await _call(url, ask, len(ask.paths))
            if not row.fresh_of:
                return _call(url, ask, _COUNTED), run(self.seconds, ask)
            # More than known tokens in that time; wrk stops early should they not last.
            count = int(warm.rate * self.seconds * 1.2) + 500
            tokens = await self.on.fresh_tokens(row.fresh_of, count)
            return (
                _call(url, ask.with_credentials(tokens[:_COUNTED]), _COUNTED),
                run(self.seconds, ask.with_credentials(tokens[_COUNTED:]), once=True),
            )

        return await self._measured(row, at, connections, prepare)

    async def _make_known(
        self, ask: Ask, workers: int, seen: int, run: Callable[..., Awaitable[Outcome]]
    ) -> None:
        """Sends every credential until this very server, and all but some of its workers, have seen it."""
        tokens = ask.credentials
        while seen < len(tokens) * (1 if workers == 1 else _PASSES * workers):
            at = seen % len(tokens)
            outcome = await run(self.warm_up_s, ask.with_credentials([*tokens[at:], *tokens[:at]]))
            if not outcome.requests:
                raise LoadFailed(f"no call was answered: {outcome.failures}")
            seen += outcome.requests

    async def rpc(self, row: Rpc, at: Target, connections: int = CONNECTIONS) -> Result | None:
        """Measures a row over gRPC."""
        if self.ghz is None:
            return None
        ghz, messages = self.ghz, row.messages
        target = f"127.0.0.1:{at.direct_port if row.is_edgeless else at.grpc_port}"

        async def run(
            count: int, sent: Sequence[dict[str, Any]], callers: int = connections
        ) -> Outcome:
            return await run_ghz(
                ghz, self.protoset, target, row.method, connections=callers,
                count=count, messages=sent, credential=row.credential,
            )  # fmt: skip

        async def prepare() -> _Prepared:
            if row.known is not None:
                age(self.on, row.known)
            warm = await run(max(int(1000 * max(self.warm_up_s, 0.5)), len(messages)), messages)
            count, sent = max(200, int(warm.rate * self.seconds)), messages
            if row.fresh_of:
                tokens = await self.on.fresh_tokens(row.fresh_of, count + _COUNTED)
                sent = [{"token": token} for token in tokens]
            return run(_COUNTED, sent[-_COUNTED:], 1), run(count, sent)

        return await self._measured(row, at, connections, prepare)

    async def _measured(
        self,
        row: Rest | Rpc,
        at: Target,
        connections: int,
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
        result = Result(row.name, row.workers, outcome, cost, connections)
        self.results.append(result)
        state = (
            f"FAILED: {outcome.failures}"
            if result.failed
            else f"{outcome.rate:,.0f} requests/s, server {cost.cpu_us['server']:,.0f} µs"
        )
        workers = f"{row.workers} worker{'s' * (row.workers > 1)}"
        print(f"· {row.name}, {connections} connections, {workers}: {state}", flush=True)
        return result


async def _call(url: str, ask: Ask, count: int) -> None:
    """Sends so many requests, one after the other. Raises httpx.HTTPStatusError when one is refused."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as rest:
        for number in range(count):
            path, headers, body = ask.nth(number)
            answer = await rest.request(ask.verb, path, headers=headers, content=body)
            answer.raise_for_status()
