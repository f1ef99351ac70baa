"""TERM: calls that run finish, new ones are refused cleanly, and the server is back (ARCHITECTURE 4)."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import grpc
import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conjure.run.ports import wait_for_port
from conjure.settings import EdgeSettings
from support.reactor import Reactor, after
from support.rest import assert_error, bearer
from support.rpc import client, outcomes
from support.stack import running_edge, running_server
from support.until import LIMIT_S, until

PAUSE_S = 0.6


def environment(reactor: Reactor) -> dict[str, str]:
    return {
        "CONJURE_RUNTIME_PROVIDER": "reactor",
        "CONJURE_RUNTIME_REACTOR_URL": f"http://127.0.0.1:{reactor.port}",
        "CONJURE_RUNTIME_REACTOR_API_KEY": "rk",
        "CONJURE_RUNTIME_REACTOR_MODEL": "m",
        "CONJURE_SERVER_DRAIN_PAUSE_S": str(PAUSE_S),
    }


async def test_calls_that_run_when_term_comes_are_answered(stack, app, tmp_path):
    async with (
        Reactor(answer=after(1.5)) as reactor,
        running_server(tmp_path, stack.store_url, environment(reactor)) as (server, port),
        client(port, app.secret) as caller,
    ):
        tokens = await caller.new_tokens(15)
        running = asyncio.ensure_future(outcomes(caller.connect(m.token) for m in tokens))
        await until(lambda: len(reactor.requests) >= 15)
        first = server.pid
        os.kill(server.pid, signal.SIGTERM)
        await asyncio.sleep(PAUSE_S / 2)
        health = health_pb2_grpc.HealthStub(caller.channel)
        for name in ("", "conjure.v1.SessionService"):
            answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
            assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert (await caller.list_worlds()).worlds, "until the pause is over it serves"
        admitted, reasons = await running
        assert len(admitted) == 15
        assert not reasons
        await until(lambda: server.pid != first)
    log = (tmp_path / "server.log").read_text()
    assert '"draining"' in log
    assert '"stopped"' in log
    assert "Traceback" not in log


async def test_calls_without_end_are_cut_off_and_leave_nothing(stack, app, tmp_path):
    """A runtime that hangs must not hold up a drain for ever; the slots are given back."""
    async with (
        Reactor(answer=after(30)) as reactor,
        running_server(
            tmp_path,
            stack.store_url,
            environment(reactor)
            | {"CONJURE_SERVER_DRAIN_S": "0.5", "CONJURE_RUNTIME_TIMEOUT_S": "12"},
        ) as (server, port),
        client(port, app.secret) as caller,
    ):
        tokens = await caller.new_tokens(5)
        calls = [caller.connect(minted.token) for minted in tokens]
        running = asyncio.ensure_future(asyncio.gather(*calls, return_exceptions=True))
        await until(lambda: len(reactor.requests) >= 5)
        first, started = server.pid, time.monotonic()
        os.kill(server.pid, signal.SIGTERM)
        for result in await running:
            assert isinstance(result, grpc.aio.AioRpcError)
            assert result.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
        await until(lambda: server.pid != first)
        assert time.monotonic() - started < 5
        await wait_for_port(port)
        async with client(port, app.secret) as again:
            assert not await again.live()
            assert await again.used("session_seconds") == 0


async def test_a_call_that_comes_after_the_pause_is_served(stack, app, tmp_path):
    """An edge that is slow to notice still sends; the server leaves only when nobody comes any more."""
    late = {"CONJURE_SERVER_DRAIN_PAUSE_S": "0"}
    async with (
        running_server(tmp_path, stack.store_url, late) as (server, port),
        client(port, app.secret) as caller,
    ):
        assert (await caller.list_worlds()) is not None
        first, told = server.pid, time.monotonic()
        os.kill(server.pid, signal.SIGTERM)
        while time.monotonic() - told < 1.5:
            await caller.list_worlds()  # raises when it is refused
            await asyncio.sleep(0.02)
        assert server.pid == first
        await until(lambda: server.pid != first)
        assert time.monotonic() - told < 4, (
            "quiet is enough: it does not wait for the end of its grace"
        )


async def test_through_the_edge_a_restart_is_a_clean_refusal_at_worst(stack, app, tmp_path):
    """REST callers beside a TERM are served, or told that nothing happened, and soon served again."""
    checks = EdgeSettings(health_interval_s=0.25, health_timeout_s=0.5)
    plain = {"CONJURE_SERVER_DRAIN_PAUSE_S": str(checks.notice_s)}
    async with (
        running_server(tmp_path, stack.store_url, plain) as (server, port),
        running_edge(
            tmp_path,
            port,
            health_interval_s=checks.health_interval_s,
            health_timeout_s=checks.health_timeout_s,
        ) as (_, rest_port, _),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest_port}", trust_env=False, timeout=LIMIT_S
        ) as rest,
    ):
        first = server.pid
        statuses: list[int] = []
        good_again = None
        stop_at = time.monotonic() + 20  # it takes three; a loaded machine may take longer

        async def ask() -> httpx.Response:
            return await rest.get("/v1/usage", headers=bearer(app.secret))

        assert (await ask()).status_code == 200
        os.kill(server.pid, signal.SIGTERM)
        while time.monotonic() < stop_at:
            answer = await ask()
            statuses.append(answer.status_code)
            if answer.status_code != 200:
                assert_error(answer, 503)
                assert int(answer.headers["retry-after"]) >= 1
            elif server.pid != first and statuses[-5:] == [200] * 5:
                good_again = time.monotonic()
                break
            await asyncio.sleep(0.02)
        assert good_again is not None, statuses[-20:]
        assert 503 in statuses, "nobody else was there to answer"
