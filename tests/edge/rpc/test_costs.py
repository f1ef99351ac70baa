"""Rates count what calls cost: a key that sends and takes much is 429, and its neighbours are served."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from support.rest import assert_error, bearer, import_world, mint
from support.stack import running_edge, running_server
from support.until import LIMIT_S
from support.worlds import small_world

# The rate is so low that nothing comes back while a test runs, and the burst so high that it never is calls
# alone that are too many.
ENVIRONMENT = {
    "CONJURE_RATES_KEY_PER_S": "0.5",
    "CONJURE_RATES_KEY_BURST": "60",
    "CONJURE_RATES_FAILURES_PER_S": "0.2",
    "CONJURE_RATES_FAILURES_BURST": "10",
    "CONJURE_RATES_LONGEST_WAIT_S": "7",
}
KILOBYTE_CALLS = {"CONJURE_RATES_BYTES_PER_CALL": "1024", "CONJURE_RATES_WORK_CALLS": "1"}
WORK_CALLS = {"CONJURE_RATES_BYTES_PER_CALL": "67108864", "CONJURE_RATES_WORK_CALLS": "1000000"}


@pytest.fixture(scope="module")
async def by_bytes(stack, tmp_path_factory):
    """A REST client of a server where a kilobyte is a call."""
    directory = tmp_path_factory.mktemp("by_bytes")
    async with (
        running_server(directory, stack.store_url, ENVIRONMENT | KILOBYTE_CALLS) as (_, port),
        running_edge(directory, port, trusted_hops=1) as (_, rest_port, _),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest_port}", trust_env=False, timeout=LIMIT_S
        ) as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def by_work(stack, tmp_path_factory):
    """A REST client of a server where a microsecond of heavy work is a call."""
    directory = tmp_path_factory.mktemp("by_work")
    async with (
        running_server(directory, stack.store_url, ENVIRONMENT | WORK_CALLS) as (_, port),
        running_edge(directory, port) as (_, rest_port, _),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest_port}", trust_env=False, timeout=LIMIT_S
        ) as client,
    ):
        yield client


def large_world(size: int) -> bytes:
    return json.dumps({"world": small_world(note="x" * size)}).encode()


def usage(client, key):
    return client.get("/v1/usage", headers=bearer(key))


async def assert_owes(client, key, neighbours):
    refusal = await usage(client, key)
    assert_error(refusal, 429)
    assert set(refusal.json()) == {"detail", "schemaVersion"}
    assert 1 <= int(refusal.headers["retry-after"]) <= 7
    for other in neighbours:
        assert (await usage(client, other)).status_code == 200


async def test_a_large_body_is_paid_for_with_the_calls_that_follow(by_bytes, app, other_app):
    answer = await by_bytes.post(
        "/v1/worlds", content=large_world(90_000), headers=bearer(app.secret)
    )
    assert answer.status_code == 200
    await assert_owes(by_bytes, app.secret, [app.live_secret, other_app.secret])


async def test_a_body_that_is_refused_is_paid_for_too(by_bytes, app, other_app):
    """It was charged before it was parsed."""
    answer = await by_bytes.post(
        "/v1/worlds", content=b'{"world":' + b"[" * 90_000, headers=bearer(app.secret)
    )
    assert answer.status_code in {400, 422}
    await assert_owes(by_bytes, app.secret, [app.live_secret, other_app.secret])


async def test_a_large_answer_is_paid_for_with_the_calls_that_follow(
    by_bytes, rest, app, other_app
):
    answer = await rest.post("/v1/worlds", content=large_world(90_000), headers=bearer(app.secret))
    path = f"/v1/worlds/{answer.json()['worldId']}"
    answer = await by_bytes.get(path, headers=bearer(app.secret))
    assert answer.status_code == 200
    await assert_owes(by_bytes, app.secret, [app.live_secret, other_app.secret])


async def test_what_a_watcher_is_sent_is_paid_for(by_bytes, rest, app, other_app):
    world_id = await import_world(rest, app.secret)
    path = f"/v1/worlds/{world_id}"
    way = {"kind": "transition", "from": ["hall"], "to": "cellar"}
    names = [f"{'x' * 110}{n}" for n in range(32)]
    ops = [{"op": "add_event", "name": name} | way for name in names]
    change = [{"op": "update_event", "name": name, "patch": {"hidden": True}} for name in names]
    for batch in (ops, *[change] * 25):
        answer = await rest.post(f"{path}/ops", json={"ops": batch}, headers=bearer(app.secret))
        assert answer.status_code == 200, answer.text
    async with (
        asyncio.timeout(LIMIT_S),
        by_bytes.stream(
            "GET", f"{path}/events-stream?fromRev=1", headers=bearer(app.secret)
        ) as watching,
    ):
        size = 0
        async for line in watching.aiter_lines():
            size += len(line)
            if size > 75_000:
                break
    await assert_owes(by_bytes, app.secret, [app.live_secret, other_app.secret])


async def test_heavy_work_is_paid_for(by_work, app, other_app):
    """Documents of this size are parsed and checked beside the loop; the time it takes counts."""
    answer = await by_work.post(
        "/v1/worlds", content=large_world(400_000), headers=bearer(app.secret)
    )
    assert answer.status_code == 200
    await assert_owes(by_work, app.secret, [app.live_secret, other_app.secret])


async def junk(client, address, body, **headers):
    return await client.post(
        "/v1/sessions/connect",
        content=body,
        headers={"x-forwarded-for": address, "content-type": "application/json"} | headers,
    )


async def test_bodies_of_strangers_are_not_read_for_ever(by_bytes, rest, app):
    """A connect without a header is read for its token: what cannot be read, or has none, is a failure."""
    world_id = await import_world(rest, app.secret)
    token = (await mint(rest, app.secret, world_id))["token"]
    for address, body, status in (
        ("203.0.113.1", b"{", 400),
        ("203.0.113.2", b'{"token": 1}', 400),
        ("203.0.113.3", b'{"other": [{}]}', 401),
        ("203.0.113.4", b'{"token": "eyJ.e30.x"}', 401),
    ):
        statuses = [(await junk(by_bytes, address, body)).status_code for _ in range(30)]
        assert set(statuses) == {status, 429}
        assert statuses[:10] == [status] * 10
        refusal = await junk(by_bytes, address, body)
        assert_error(refusal, 429)
        assert int(refusal.headers["retry-after"]) >= 1
        # Whoever comes with a token that has not been seen, waits; the others at this address go on.
        unread = json.dumps({"token": token}).encode()
        if address == "203.0.113.1":
            assert (await junk(by_bytes, address, unread)).status_code == 429
            assert (await junk(by_bytes, "198.51.100.1", unread)).status_code == 200
        assert (await junk(by_bytes, address, unread)).status_code == 200


async def test_a_header_of_another_scheme_costs_nothing_and_is_no_failure(by_bytes):
    for _ in range(30):
        answer = await junk(by_bytes, "203.0.113.5", b"{}", authorization="Basic eA==")
        assert answer.status_code == 401
