"""Calls in progress have shares: a caller that floods leaves the others their part of the server."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
import pytest

from support.reactor import Reactor, once
from support.rest import assert_error, bearer, import_world, mint
from support.stack import new_app, running_edge, running_server
from support.until import LIMIT_S, until

# Of ten places six are for anybody, and four for those who are below their shares.
TOTAL, ADDRESS, APP, RESERVE = 10, 2, 4, 4


@pytest.fixture(scope="module")
async def reactor():
    async with Reactor() as running:
        yield running


@pytest.fixture(scope="module")
async def few_calls(stack, reactor, tmp_path_factory):
    """A REST client of a server that takes few calls at once, and whose runtime answers when a test says so."""
    directory = tmp_path_factory.mktemp("few_calls")
    environment = {
        "CONJURE_SERVER_MAX_INFLIGHT": str(TOTAL),
        "CONJURE_SHARES_ADDRESS": str(ADDRESS / TOTAL),
        "CONJURE_SHARES_KEY": "0.3",
        "CONJURE_SHARES_APP": str(APP / TOTAL),
        "CONJURE_SHARES_RESERVE": str(RESERVE / TOTAL),
        "CONJURE_SERVER_DEADLINE_S": str(LIMIT_S),
        "CONJURE_WORLDS_HOLD_S": str(int(LIMIT_S) + 1),
        "CONJURE_RUNTIME_TIMEOUT_S": str(LIMIT_S),
        "CONJURE_RUNTIME_PROVIDER": "reactor",
        "CONJURE_RUNTIME_REACTOR_URL": f"http://127.0.0.1:{reactor.port}",
        "CONJURE_RUNTIME_REACTOR_API_KEY": "key",
        "CONJURE_RUNTIME_REACTOR_MODEL": "model",
    }
    async with (
        running_server(directory, stack.store_url, environment) as (_, port),
        running_edge(directory, port, trusted_hops=1, request_timeout_s=LIMIT_S) as (_, rest, _),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest}", trust_env=False, timeout=LIMIT_S
        ) as client,
    ):
        yield client


class Slow:
    """Connects that stay in progress until it is closed."""

    def __init__(self, client, rest, reactor) -> None:
        self._client, self._rest, self._reactor = client, rest, reactor
        self._may_end = asyncio.Event()
        self._begun: list[asyncio.Task] = []

    async def __aenter__(self):
        self._reactor.reset()
        self._reactor.answer = once(self._may_end)
        return self

    async def __aexit__(self, *_):
        self._may_end.set()
        await asyncio.gather(*self._begun)
        assert {task.result().status_code for task in self._begun} <= {200, 429, 503}

    async def begin(self, app, addresses):
        """Begins a connect from each address, one after the other; returns those that were refused."""
        world_id = await import_world(self._rest, app.secret)
        refused = []
        for address in addresses:
            token = (await mint(self._rest, app.secret, world_id))["token"]
            waiting = len(self._reactor.requests)
            headers = bearer(token) | {"x-forwarded-for": address}
            call = asyncio.create_task(self._client.post("/v1/sessions/connect", headers=headers))
            self._begun.append(call)
            await until(lambda c=call, w=waiting: c.done() or len(self._reactor.requests) > w)
            if call.done():
                refused.append(call.result())
        return refused


def usage(client, key, address):
    return client.get("/v1/usage", headers=bearer(key) | {"x-forwarded-for": address})


async def test_an_address_beyond_its_share_is_429_and_others_are_served(
    few_calls, rest, reactor, app, other_app
):
    async with Slow(few_calls, rest, reactor) as slow:
        refused = await slow.begin(app, ["203.0.113.7"] * TOTAL)
        assert len(refused) == RESERVE  # alone it has all the rest
        for answer in refused:
            assert "address" in assert_error(answer, 429)["detail"]
            assert answer.headers["retry-after"] == "1"
        # Before it is known who it is, and whatever is asked for.
        for path in ("/v1/usage", "/healthz"):
            answer = await few_calls.get(path, headers={"x-forwarded-for": "203.0.113.7"})
            assert_error(answer, 429)

        assert (await usage(few_calls, other_app.secret, "198.51.100.1")).status_code == 200
        # What the address has too much does not count for the app.
        assert (await usage(few_calls, app.secret, "198.51.100.2")).status_code == 200
        assert await slow.begin(other_app, ["198.51.100.1"] * 3) != []
    assert (await usage(few_calls, app.secret, "203.0.113.7")).status_code == 200


async def test_an_app_beyond_its_share_is_429_from_whatever_address(
    few_calls, rest, reactor, app, other_app
):
    async with Slow(few_calls, rest, reactor) as slow:
        refused = await slow.begin(app, [f"203.0.113.{number}" for number in range(TOTAL)])
        assert len(refused) == RESERVE
        for answer in refused:
            assert "app" in assert_error(answer, 429)["detail"]
        for key in (app.secret, app.live_secret):
            assert_error(await usage(few_calls, key, "203.0.113.99"), 429)
        assert (await usage(few_calls, other_app.secret, "203.0.113.99")).status_code == 200


async def test_when_all_are_within_their_shares_it_is_503(few_calls, rest, reactor, stack, app):
    apps = [app, *[await new_app(stack.admin) for _ in range(3)]]
    async with Slow(few_calls, rest, reactor) as slow:
        for number, (one, times) in enumerate(zip(apps, (4, 4, 2), strict=False)):
            addresses = [f"203.0.113.{number}{n // ADDRESS}" for n in range(times)]
            assert await slow.begin(one, addresses) == []
        answers = [await usage(few_calls, apps[3].secret, "198.51.100.1") for _ in range(3)]
        assert Counter(answer.status_code for answer in answers) == {503: 3}
        for answer in answers:
            assert_error(answer, 503)
            assert answer.headers["retry-after"] == "1"
