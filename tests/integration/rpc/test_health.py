"""grpc.health.v1: what clients and edges go by when a server leaves."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conjure.app import serving
from conjure.settings import ServerSettings, Settings
from support.stack import channel, store_settings

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN

SERVICES = ["", "conjure.v1.SessionService", "grpc.health.v1.Health"]


@pytest.fixture
async def here(stack):
    """A server in this process and a stub of its health."""
    settings = Settings(
        store=store_settings(stack.store_url), server=ServerSettings(drain_pause_s=0.3)
    )
    async with serving(settings, port=0) as (server, port), channel(f"127.0.0.1:{port}") as opened:
        yield server, health_pb2_grpc.HealthStub(opened)


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


async def test_a_drain_is_told_at_once_and_does_not_wait_for_watches(here):
    server, health = here
    watches = [health.Watch(asking(service)) for service in SERVICES]
    unread = health.Watch(asking(""))
    for watch in watches:
        assert (await watch.read()).status == SERVING
    loop = asyncio.get_running_loop()
    begun = loop.time()
    draining = asyncio.create_task(server.drain())
    for watch in watches:
        assert (await watch.read()).status == NOT_SERVING
    assert loop.time() - begun < 0.25, "before the pause is over"
    assert (await health.Check(asking(""))).status == NOT_SERVING
    for watch in watches:
        assert await watch.read() is grpc.aio.EOF
        assert await watch.code() is grpc.StatusCode.OK
    await draining
    assert loop.time() - begun < 3, "its grace is 10 s"
    unread.cancel()
