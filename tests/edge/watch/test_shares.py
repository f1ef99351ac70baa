"""Watch streams have shares: who holds too many gives way to whoever has few."""

from __future__ import annotations

import asyncio
import contextlib
import json

import httpx
import pytest

from support.rest import assert_error, bearer, import_world
from support.stack import new_app, running_edge, running_server
from support.until import LIMIT_S, until

TOTAL, ADDRESS, APP = 20, 3, 8
ENVIRONMENT = {
    "CONJURE_SERVER_MAX_STREAMS": str(TOTAL),
    "CONJURE_SHARES_ADDRESS": str(ADDRESS / TOTAL),
    "CONJURE_SHARES_KEY": "0",
    "CONJURE_SHARES_APP": str(APP / TOTAL),
}


@pytest.fixture(scope="module")
async def few_streams(stack, tmp_path_factory):
    """Makes REST clients of a server with few streams; each has connections of its own."""
    directory = tmp_path_factory.mktemp("few_streams")
    async with (
        running_server(directory, stack.store_url, ENVIRONMENT) as (_, port),
        running_edge(directory, port, trusted_hops=1) as (_, rest_port, _),
    ):
        yield lambda: httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest_port}", trust_env=False, timeout=LIMIT_S,
            limits=httpx.Limits(max_connections=200),
        )  # fmt: skip


class Watchers:
    """Open streams of worlds. Close it, and all of them end."""

    def __init__(self, rest: httpx.AsyncClient) -> None:
        self._rest = rest
        self._opened = contextlib.AsyncExitStack()
        self.last_words: list[dict] = []
        self._reading: list[asyncio.Task] = []

    async def __aenter__(self):
        await self._opened.enter_async_context(asyncio.timeout(LIMIT_S))
        return self

    async def __aexit__(self, *_):
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        await self._opened.aclose()

    async def open(self, key, world_id, address):
        """Opens a stream and goes on reading it; returns the answer when there is a status."""
        path = f"/v1/worlds/{world_id}/events-stream"
        headers = bearer(key) | {"x-forwarded-for": address}
        answer = await self._opened.enter_async_context(
            self._rest.stream("GET", path, headers=headers)
        )
        if answer.status_code == 200:
            self._reading.append(asyncio.create_task(self._read(answer)))
        else:
            await answer.aread()
        return answer

    async def _read(self, answer):
        ends = False
        async for line in answer.aiter_lines():
            if ends:
                self.last_words.append(json.loads(line.removeprefix("data: ")))
                return
            ends = line == "event: end"


async def test_one_key_on_many_connections_does_not_keep_others_from_watching(
    few_streams, rest, app, other_app
):
    """The attack of issue 9: a key that anybody reads in a page, and more streams than there are places."""
    world, other_world = [await import_world(rest, one.secret) for one in (app, other_app)]
    async with few_streams() as client, Watchers(client) as attack, Watchers(client) as others:
        opened = [await attack.open(app.publishable, world, "203.0.113.7") for _ in range(TOTAL)]
        assert {answer.status_code for answer in opened} == {200}  # nobody else wants them
        refusal = await attack.open(app.publishable, world, "203.0.113.7")
        assert "address" in assert_error(refusal, 429)["detail"]
        assert refusal.headers["retry-after"] == "1"

        for number in range(APP):
            answer = await others.open(other_app.publishable, other_world, f"198.51.100.{number}")
            assert answer.status_code == 200
        # Also who uses the same key elsewhere: what one address takes too much is not the app's.
        answer = await others.open(app.publishable, world, "198.51.100.200")
        assert answer.status_code == 200
        await until(lambda: len(attack.last_words) == APP + 1)
        assert all("share" in word["detail"] for word in attack.last_words)

        refusal = await attack.open(app.publishable, world, "203.0.113.7")
        assert_error(refusal, 429)
        await asyncio.sleep(0)
        assert others.last_words == []


async def test_an_app_with_more_than_its_share_gives_way_too(few_streams, rest, app, other_app):
    """However many addresses it has."""
    world, other_world = [await import_world(rest, one.secret) for one in (app, other_app)]
    async with few_streams() as client, Watchers(client) as many, Watchers(client) as others:
        for number in range(TOTAL):
            answer = await many.open(app.secret, world, f"203.0.113.{number}")
            assert answer.status_code == 200
        detail = assert_error(await many.open(app.secret, world, "203.0.113.99"), 429)["detail"]
        assert "share" in detail
        answer = await others.open(other_app.secret, other_world, "198.51.100.1")
        assert answer.status_code == 200
        await until(lambda: len(many.last_words) == 1)


async def test_strangers_end_nobodys_stream(few_streams, rest, app):
    """A stream gives way to callers, so not before it is known that it is one."""
    world = await import_world(rest, app.secret)
    async with few_streams() as client, Watchers(client) as many, Watchers(client) as strangers:
        for _ in range(TOTAL):
            await many.open(app.publishable, world, "203.0.113.7")
        for _ in range(5):
            answer = await strangers.open("pk_test_" + "x" * 43, world, "198.51.100.1")
            assert_error(answer, 401)
        assert many.last_words == []


async def test_when_all_are_within_their_shares_it_is_full(few_streams, rest, stack, app):
    apps = [app, *[await new_app(stack.admin) for _ in range(3)]]
    worlds = [await import_world(rest, one.secret) for one in apps]
    async with few_streams() as client, Watchers(client) as all_of_them:
        for number in range(TOTAL):
            which = number % 3
            answer = await all_of_them.open(
                apps[which].secret, worlds[which], f"203.0.113.{number}"
            )
            assert answer.status_code == 200
        late = await all_of_them.open(apps[3].secret, worlds[3], "203.0.113.99")
        assert_error(late, 503)
        assert late.headers["retry-after"] == "1"
        assert all_of_them.last_words == []
