"""Rates per caller through real Envoy, real gRPC and two server processes (CONTRACT 0: 429)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import grpc
import httpx
import pytest

from conjure.core.errors import Reason
from conjure.store import keyspace
from support.rest import assert_error, bearer, import_world, mint
from support.rpc import client, outcomes, read_refusal
from support.stack import new_app, running_edge, running_server
from support.until import LIMIT_S, until

# So slow that a flood is over them however long it takes: of 60 requests, 10 and one a second are let in.
RATE, BURST = 1, 10
SLOW = 0.2
ENVIRONMENT = {
    "CONJURE_RATES_KEY_PER_S": str(RATE),
    "CONJURE_RATES_KEY_BURST": str(BURST),
    "CONJURE_RATES_SESSION_PER_S": str(SLOW),
    "CONJURE_RATES_SESSION_BURST": "3",
    "CONJURE_RATES_FAILURES_PER_S": str(SLOW),
    "CONJURE_RATES_FAILURES_BURST": "10",
    "CONJURE_RATES_SHARE_S": "0.1",
}


class Allowance:
    """How many a rate may have let in since this was made."""

    def __init__(self, burst: int, per_s: float) -> None:
        self._burst, self._per_s = burst, per_s
        self._begun = time.monotonic()

    @property
    def most(self) -> float:
        return self._burst + 1 + (time.monotonic() - self._begun) * self._per_s


@pytest.fixture(scope="module")
async def servers(stack, tmp_path_factory):
    """The ports of two servers on one store."""
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    async with (
        running_server(first, stack.store_url, ENVIRONMENT) as (_, one),
        running_server(second, stack.store_url, ENVIRONMENT) as (_, two),
    ):
        yield one, two


@pytest.fixture(scope="module")
async def limited(servers, tmp_path_factory):
    """A REST client of an Envoy before the first of them, whose own addresses count as clients'."""
    directory = tmp_path_factory.mktemp("limited")
    async with (
        running_edge(directory, servers[0], trusted_hops=1) as (_, port, _),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=LIMIT_S, trust_env=False
        ) as opened,
    ):
        yield opened


async def flood(rest, times: int, verb="GET", path="/v1/usage", **headers: str):
    return await asyncio.gather(*(rest.request(verb, path, headers=headers) for _ in range(times)))


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


class TestRest:
    async def test_a_key_over_its_rate_is_429_until_the_time_it_was_told(self, limited, app):
        credential = bearer(app.secret)
        allowed = Allowance(BURST, RATE)
        answers = await flood(limited, 60, **credential)
        assert set(statuses(answers)) == {200, 429}
        assert BURST <= statuses(answers)[200] <= allowed.most
        refused_one = next(answer for answer in answers if answer.status_code == 429)
        assert_error(refused_one, 429)
        assert set(refused_one.json()) == {"detail", "schemaVersion"}
        wait = int(refused_one.headers["retry-after"])
        assert 1 <= wait <= 2
        await asyncio.sleep(wait)
        assert (await limited.get("/v1/usage", headers=credential)).status_code == 200

    async def test_other_keys_of_the_same_app_and_other_apps_go_on(self, limited, app, other_app):
        assert 429 in statuses(await flood(limited, 60, **bearer(app.secret)))
        for key in (app.live_secret, other_app.secret):
            assert statuses(await flood(limited, 10, **bearer(key))) == {200: 10}

    async def test_a_session_has_a_rate_of_its_own(self, limited, rest, app):
        world_id = await import_world(rest, app.secret)
        first, second = [(await mint(rest, app.secret, world_id))["token"] for _ in range(2)]
        allowed = Allowance(3, SLOW)
        answers = await flood(limited, 12, "POST", "/v1/sessions/connect", **bearer(first))
        assert set(statuses(answers)) == {200, 429}
        assert 3 <= statuses(answers)[200] <= allowed.most
        assert (
            await limited.post("/v1/sessions/connect", json={"token": second})
        ).status_code == 200

    async def test_refused_before_the_body_is_read_and_before_any_effect(self, limited, rest, app):
        await app.set_caps(session=1000)
        world_id = await import_world(rest, app.secret)
        body = {"worldId": world_id}
        minted = await asyncio.gather(
            *(
                limited.post("/v1/sessions/token", json=body, headers=bearer(app.secret))
                for _ in range(60)
            )
        )
        unread = await asyncio.gather(
            *(
                limited.post("/v1/sessions/token", content=b"{", headers=bearer(app.secret))
                for _ in range(20)
            )
        )
        assert statuses(unread)[429] > 0
        used = (await rest.get("/v1/usage", headers=bearer(app.secret))).json()["usage"]["session"]
        assert used == statuses(minted)[200] < 60

    async def test_public_answers_have_no_rate(self, limited):
        assert statuses(await flood(limited, 60, path="/healthz")) == {200: 60}


class TestStrangers:
    async def test_an_address_that_guesses_is_slowed_and_its_neighbours_are_not(self, limited, app):
        here, elsewhere = {"x-forwarded-for": "203.0.113.7"}, {"x-forwarded-for": "203.0.113.8"}
        guess = bearer("sk_test_" + "x" * 43)
        # Seen once, it is nobody's guess any more.
        assert (await limited.get("/v1/usage", headers=bearer(app.secret))).status_code == 200
        allowed = Allowance(10, SLOW)
        answers = await flood(limited, 50, **guess, **here)
        assert set(statuses(answers)) == {401, 429}
        assert 10 <= statuses(answers)[401] <= allowed.most
        refused_one = next(answer for answer in answers if answer.status_code == 429)
        assert_error(refused_one, 429)
        assert int(refused_one.headers["retry-after"]) >= 1
        own = await limited.get("/v1/usage", headers=bearer(app.secret) | here)
        assert own.status_code == 200
        assert (await limited.get("/v1/usage", headers=guess | elsewhere)).status_code == 401

    async def test_an_address_cannot_be_made_up_in_the_header_of_the_edge(self, limited):
        guess = bearer("sk_test_" + "y" * 43)
        answers = await asyncio.gather(
            *(
                limited.get(
                    "/v1/usage",
                    headers=guess
                    | {
                        "x-forwarded-for": "203.0.113.9",
                        "x-conjure-client": f"198.51.100.{number}",
                    },
                )
                for number in range(50)
            )
        )
        assert statuses(answers)[429] > 20


class TestGrpc:
    async def test_a_refusal_has_its_reason_and_its_time(self, servers, app):
        async with client(servers[0], app.secret) as calls:
            answers, reasons = await outcomes(calls.get_usage() for _ in range(60))
            assert set(reasons) == {Reason.RATE_LIMITED}
            assert len(answers) >= BURST
            refusal = await refused_in_the_end(calls.get_usage)
        assert refusal.error.http_status == 429
        assert 1 <= int(refusal.trailers["retry-after"]) <= 2

    async def test_streams_count_when_they_open(self, servers, app, rest):
        world_id = await import_world(rest, app.secret)
        async with client(servers[0], app.secret) as calls:
            await outcomes(calls.get_usage() for _ in range(60))
            await refused_in_the_end(lambda: calls.watch(world_id).read())

    async def test_two_processes_hold_one_rate(self, servers, app):
        """Alone, each would let a burst and then its rate pass; what was taken twice is paid back by both."""
        async with client(servers[0], app.secret) as one, client(servers[1], app.secret) as two:
            shared, alone = Allowance(2 * BURST, RATE), Allowance(2 * BURST, 2 * RATE)
            taken = 0
            while alone.most - shared.most < BURST:
                answers, _ = await outcomes(
                    calls.get_usage() for calls in (one, two) for _ in range(4)
                )
                taken += len(answers)
                await asyncio.sleep(0.05)
            assert BURST + RATE * BURST * 0.5 <= taken <= shared.most

    async def test_who_is_over_the_rate_at_one_process_soon_is_at_the_other(self, servers, app):
        async with client(servers[0], app.secret) as one, client(servers[1], app.secret) as two:
            # The second hears of it with its own first report, after a fiftieth of a burst.
            for _ in range(BURST // 2):  # alone it would take a burst
                await outcomes(one.get_usage() for _ in range(30))
                await asyncio.sleep(0.5)  # several reports
                _, reasons = await outcomes([two.get_usage()])
                if reasons:
                    break
            assert reasons == {Reason.RATE_LIMITED: 1}


async def refused_in_the_end(call):
    """The first refusal of calls in a row: one may be let in a second, and there are more than that."""
    for _ in range(100):
        try:
            await call()
        except grpc.aio.AioRpcError as error:
            refusal = read_refusal(error)
            assert refusal.reason is Reason.RATE_LIMITED
            return refusal
    raise AssertionError("a hundred were let in")


async def test_what_is_kept_in_the_store_goes_by_itself(servers, app, stack):
    admin_app = await new_app(stack.admin)
    async with client(servers[0], admin_app.secret) as calls:
        await outcomes(calls.get_usage() for _ in range(30))
    name = keyspace.rate(admin_app.tenant(), "key", admin_app.keys["secret"])

    async def kept_ms() -> int:
        return await stack.admin.store.read("PTTL", name)

    async def is_kept() -> bool:
        return await kept_ms() != -2  # there is no such key

    await until(is_kept)
    assert 0 < await kept_ms() < 120_000
