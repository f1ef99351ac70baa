"""A server whose numbers are all as high, or as low, as its settings take them, serves."""

from __future__ import annotations

import typing
from dataclasses import fields

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conjure.settings import Settings, bounds_of, variable
from support.rpc import Client
from support.stack import channel, new_app, running_server
from support.until import LIMIT_S

NUMBERS = {
    variable(name, item.name): bounds
    for name, section in typing.get_type_hints(Settings).items()
    for item in fields(section)
    if (bounds := bounds_of(item)) is not None
}
# What would be about this machine, or about how long a test ends, and what must be below something else.
NOT_HERE = {
    "CONJURE_SERVER_PORT", "CONJURE_METRICS_PORT", "CONJURE_SERVER_WORKERS", "CONJURE_SERVER_DRAIN_S",
    "CONJURE_SERVER_DRAIN_PAUSE_S", "CONJURE_STORE_WAIT_REPLICAS", "CONJURE_STORE_WAIT_TIMEOUT_S",
}  # fmt: skip
BELOW = {"CONJURE_STORE_TIMEOUT_S": "80000", "CONJURE_SERVER_DEADLINE_S": "86000"}
# With a millisecond for each answer of the store few calls would come to an end.
PATIENT = {
    "CONJURE_SERVER_DEADLINE_S", "CONJURE_STORE_TIMEOUT_S", "CONJURE_STORE_CONNECT_TIMEOUT_S",
    "CONJURE_STORE_MAX_PENDING", "CONJURE_SERVER_MAX_BODY_BYTES",
}  # fmt: skip


def at(end: str) -> dict[str, str]:
    return {name: str(getattr(item, end)) for name, item in NUMBERS.items() if name not in NOT_HERE}


async def test_all_as_high_as_they_go(stack, tmp_path):
    """Create, mint, connect, usage: whatever counts, waits or is added up."""
    environment = at("most") | BELOW
    async with (
        running_server(tmp_path, stack.store_url, environment) as (_, port),
        channel(f"127.0.0.1:{port}") as opened,
    ):
        app = await new_app(stack.admin)
        caller = Client(opened, app.secret)
        (minted,) = await caller.new_tokens(1)
        connected = await caller.connect(minted.token)
        assert connected.expires_in == 3600
        usage = await caller.get_usage()
        assert set(usage.caps.values()) == {1_000_000_000}
        assert usage.usage["session_seconds"] == 3600
        world_id = await caller.new_world()
        await caller.set_entrance(world_id, "cellar")
    log = (tmp_path / "server.log").read_text()
    assert "Traceback" not in log


async def test_all_as_low_as_they_go(stack, tmp_path):
    """It starts, says that it serves, and refuses by its caps."""
    low = {name: text for name, text in at("least").items() if name not in PATIENT}
    async with (
        running_server(tmp_path, stack.store_url, low | {"CONJURE_WORLDS_HOLD_S": "16"}) as (
            _,
            port,
        ),
        channel(f"127.0.0.1:{port}") as opened,
    ):
        health = health_pb2_grpc.HealthStub(opened)
        answer = await health.Check(health_pb2.HealthCheckRequest(), timeout=LIMIT_S)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        app = await new_app(stack.admin)
        caller = Client(opened, app.secret)
        assert set((await caller.get_usage()).caps.values()) == {0}
    log = (tmp_path / "server.log").read_text()
    assert "Traceback" not in log


@pytest.mark.parametrize("name", ["CONJURE_CAPS_GENERATION", "CONJURE_SESSIONS_LEASE_S"])
async def test_beyond_them_it_does_not_start(stack, tmp_path, name):
    """One line, before a socket opens."""
    with pytest.raises(Exception, match="ended with 2"):
        async with running_server(tmp_path, stack.store_url, {name: "9" * 23}):
            pass
    (line,) = (tmp_path / "server.log").read_text().splitlines()
    assert line == f"conjure: {NUMBERS[name].refusal(name)}"
