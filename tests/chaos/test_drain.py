"""TERM: calls that run finish, new ones are refused cleanly, and the server is back (ARCHITECTURE 4)."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from functools import partial

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conjure.run.ports import wait_for_port
from conjure.settings import EdgeSettings
from support.reactor import Reactor, after, once
from support.rest import assert_error, bearer
from support.rpc import client, outcomes
from support.stack import running_edge, running_server
from support.until import LIMIT_S, until

PAUSE_S = 4  # time enough for a few calls, on however busy a machine


def environment(reactor: Reactor) -> dict[str, str]:
    return {
        "CONJURE_RUNTIME_PROVIDER": "reactor",
        "CONJURE_RUNTIME_REACTOR_URL": f"http://127.0.0.1:{reactor.port}",
        "CONJURE_RUNTIME_REACTOR_API_KEY": "rk",
        "CONJURE_RUNTIME_REACTOR_MODEL": "m",
        "CONJURE_RUNTIME_TIMEOUT_S": "12",
        "CONJURE_SERVER_DRAIN_PAUSE_S": str(PAUSE_S),
    }


async def test_calls_that_run_when_term_comes_are_answered(stack, app, tmp_path):
    let_go = asyncio.Event()
    async with (
        Reactor(answer=once(let_go)) as reactor,
        running_server(tmp_path, stack.store_url, environment(reactor)) as (server, port),
        client(port, app.secret) as caller,
    ):
        tokens = await caller.new_tokens(15)
        running = asyncio.ensure_future(outcomes(caller.connect(m.token) for m in tokens))
        await until(lambda: len(reactor.requests) >= 15)
        first = server.pid
        health = health_pb2_grpc.HealthStub(caller.channel)
        told = health.Watch(health_pb2.HealthCheckRequest())
        assert (await told.read()).status == health_pb2.HealthCheckResponse.SERVING
        os.kill(server.pid, signal.SIGTERM)
        assert (await told.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        for name in ("", "conjure.v1.SessionService"):
            answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
            assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert (await caller.list_worlds()).worlds, "until the pause is over it serves"
        let_go.set()
        admitted, reasons = await running
        assert len(admitted) == 15
        assert not reasons
        await until(lambda: server.pid != first)
    log = (tmp_path / "server.log").read_text()
    assert '"draining"' in log
    assert '"stopped"' in log
    assert "Traceback" not in log


@pytest.mark.chaos
async def test_calls_without_end_are_cut_off_and_leave_nothing(stack, app, tmp_path):
    """A runtime that hangs, for an hour here, must not hold up a drain; the slots are given back."""
    hour = {
        "CONJURE_SERVER_DEADLINE_S": "3700",
        "CONJURE_WORLDS_HOLD_S": "4000",
        "CONJURE_RUNTIME_TIMEOUT_S": "3600",
    }
    soon = {"CONJURE_SERVER_DRAIN_PAUSE_S": "0", "CONJURE_SERVER_DRAIN_S": "0.5"}
    async with (
        Reactor(answer=after(7200)) as reactor,
        running_server(tmp_path, stack.store_url, environment(reactor) | hour | soon) as (
            server,
            port,
        ),
        client(port, app.secret) as caller,
    ):
        tokens = await caller.new_tokens(5)
        calls = [caller.connect(minted.token) for minted in tokens]
        running = asyncio.ensure_future(asyncio.gather(*calls, return_exceptions=True))
        await until(lambda: len(reactor.requests) >= 5)
        first = server.pid
        os.kill(server.pid, signal.SIGTERM)
        for result in await running:
            assert isinstance(result, grpc.aio.AioRpcError)
            assert result.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
        await until(lambda: server.pid != first)
        await wait_for_port(port)
        async with client(port, app.secret) as again:
            assert not await again.live()
            assert await again.used("session_seconds") == 0


async def test_a_call_that_comes_after_the_pause_is_served(stack, app, tmp_path):
    """An edge that is slow to notice still sends; the server leaves only when nobody comes any more.

    That is a tenth of a second without a call. A busy machine makes such pauses of its own, so one of a few
    tries is enough. And it is quiet that it waits for, not the end of its grace, which is longer than this test.
    """
    late = {"CONJURE_SERVER_DRAIN_PAUSE_S": "0", "CONJURE_SERVER_DRAIN_S": "3600"}
    async with (
        running_server(tmp_path, stack.store_url, late) as (server, port),
        client(port, app.secret) as caller,
    ):
        for _ in range(5):
            await until(partial(is_served, caller))
            first = server.pid
            os.kill(server.pid, signal.SIGTERM)
            served = [await is_served(caller) for _ in range(100)]
            went_on = server.pid == first
            await until(lambda first=first: server.pid != first)
            if all(served) and went_on:
                return
    pytest.fail("calls were refused each time")


async def is_served(caller) -> bool:
    """Makes a call, and leaves a moment after it."""
    try:
        await caller.list_worlds()
    except grpc.aio.AioRpcError:  # by the server, or by gRPC itself where nobody listens
        return False
    finally:
        await asyncio.sleep(0.015)
    return True


@pytest.mark.chaos
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
        stop_at = time.monotonic() + LIMIT_S

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
