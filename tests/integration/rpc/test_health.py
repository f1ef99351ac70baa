"""grpc.health.v1: what clients and edges go by when a server leaves."""

from __future__ import annotations

import asyncio
import contextlib

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conjure.app import serving
from conjure.settings import ServerSettings, Settings
from support.stack import channel, store_settings
from support.until import LIMIT_S

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN

SERVICES = ["", "conjure.v1.SessionService", "grpc.health.v1.Health"]


AN_HOUR_S = 3600.0


@contextlib.asynccontextmanager
async def serving_here(stack, **limits):
    """A server in this process and a stub of its health."""
    settings = Settings(store=store_settings(stack.store_url), server=ServerSettings(**limits))
    async with serving(settings, port=0) as (server, port), channel(f"127.0.0.1:{port}") as opened:
        yield server, health_pb2_grpc.HealthStub(opened)


@pytest.fixture
async def here(stack):
    async with serving_here(stack) as opened:
        yield opened


def asking(service):
    return health_pb2.HealthCheckRequest(service=service)


@pytest.mark.parametrize("service", SERVICES)
async def test_every_service_serves(here, service):
    _, health = here
    assert (await health.Check(asking(service))).status == SERVING


async def test_a_service_that_is_not_here(here):
    _, health = here
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await health.Check(asking("conjure.v1.Nothing"))
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    watch = health.Watch(asking("conjure.v1.Nothing"))
    assert (await watch.read()).status == UNKNOWN
    watch.cancel()


async def test_a_drain_is_recorded_before_its_pause(stack):
    """Told after the pause, it would never be heard here."""
    async with serving_here(stack, drain_pause_s=AN_HOUR_S) as (server, health):
        watches = [health.Watch(asking(service)) for service in SERVICES]
        for watch in watches:
            assert (await watch.read()).status == SERVING
        draining = asyncio.create_task(server.drain())
        async with asyncio.timeout(LIMIT_S):
            for watch in watches:
                assert (await watch.read()).status == NOT_SERVING
            assert (await health.Check(asking(""))).status == NOT_SERVING
        assert not draining.done()
        draining.cancel()
        await asyncio.wait([draining])


async def test_a_drain_ends_watches_and_does_not_wait_for_them(stack):
    """Also those that nobody reads: whoever waited for one would use up a grace of an hour."""
    async with serving_here(stack, drain_pause_s=0.0, drain_s=AN_HOUR_S) as (server, health):
        watches = [health.Watch(asking(service)) for service in SERVICES]
        unread = health.Watch(asking(""))
        for watch in watches:
            assert (await watch.read()).status == SERVING
        async with asyncio.timeout(LIMIT_S):
            await server.drain()
            for watch in watches:
                while (answer := await watch.read()) is not grpc.aio.EOF:
                    assert answer.status == NOT_SERVING
                assert await watch.code() is grpc.StatusCode.OK
        unread.cancel()
