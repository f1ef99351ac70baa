"""POST /v1/sessions/end and /track: what a page sends about its session (CONTRACT 6.3)."""

from __future__ import annotations

import asyncio
import time
import uuid

import pytest

from conjure.settings import LATE_END_S
from conjure.store import keyspace
from support.edge.forgery import claims_of, signed
from support.edge.sessions import (
    CONNECT,
    END,
    LEASE_S,
    TRACK,
    assert_connected,
    assert_ended,
    used,
)
from support.leases import lease_record, pass_time
from support.rest import assert_error, bearer, connect, import_world, mint
from support.rpc import Client

DAY_S = 86_400
ORIGIN = "https://play.example"


@pytest.fixture
async def minted(rest, app, world_id):
    return await mint(rest, app.secret, world_id)


@pytest.fixture
async def token(minted) -> str:
    return minted["token"]


@pytest.fixture
def direct(server_channel, app):
    return Client(server_channel, app.secret)


@pytest.fixture
def aged(stack):
    """Makes a token again as it would be had it run out some seconds ago."""

    async def made(token: str, ago_s: float, **other) -> str:
        ends = int(time.time() - ago_s)
        return await signed(stack.admin, claims_of(token) | {"iat": ends - 60, "exp": ends} | other)

    return made


class TestEnd:
    async def test_it_frees_the_slot_gives_back_the_seconds_and_says_the_same_again(
        self, rest, app, world_id, token
    ):
        await app.set_caps(live_sessions=1)
        began = time.monotonic()
        assert_connected(await connect(rest, token))
        seconds = assert_ended(await rest.post(END, headers=bearer(token)))
        assert 0 <= seconds <= time.monotonic() - began + 2
        assert (await used(rest, app.secret))["session_seconds"] == seconds
        for _ in range(3):
            assert assert_ended(await rest.post(END, headers=bearer(token))) == seconds
        other = (await mint(rest, app.secret, world_id))["token"]
        assert_connected(await connect(rest, other))

    @pytest.mark.parametrize(
        "kind", [None, "text/plain;charset=UTF-8", "application/json", "application/x-www-form-urlencoded", "x/y"]
    )  # fmt: skip
    async def test_the_token_may_stand_in_a_body_of_any_type(self, rest, app, token, kind):
        """As `navigator.sendBeacon` sends it, from another origin and without a preflight."""
        assert_connected(await connect(rest, token))
        headers = {"origin": ORIGIN} | ({} if kind is None else {"content-type": kind})
        content = f'{{"token":"{token}"}}'.encode()
        answer = await rest.post(END, content=content, headers=headers)
        assert_ended(answer)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert (await used(rest, app.secret))["session_seconds"] < LEASE_S

    @pytest.mark.parametrize("kind", ["text/plain", "application/json"])
    async def test_with_the_header_the_body_may_be_empty(self, rest, token, kind):
        assert_connected(await connect(rest, token))
        headers = bearer(token) | {"content-type": kind}
        assert_ended(await rest.post(END, content=b"", headers=headers))

    async def test_a_token_that_never_connected_has_cost_nothing(self, rest, app, token):
        for _ in range(2):
            assert assert_ended(await rest.post(END, headers=bearer(token))) == 0
        assert_connected(await connect(rest, token))
        assert (await used(rest, app.secret))["session_seconds"] == LEASE_S

    async def test_a_session_that_lapsed_has_cost_its_lease(self, stack, rest, app, minted):
        assert_connected(await connect(rest, minted["token"]))
        await pass_time(stack.admin.store, app.tenant(), LEASE_S + 10, minted["jti"])
        assert assert_ended(await rest.post(END, headers=bearer(minted["token"]))) == LEASE_S
        assert (await used(rest, app.secret))["session_seconds"] == LEASE_S

    async def test_seconds_are_the_sum_over_all_of_a_tokens_leases(self, stack, rest, app, minted):
        for _ in range(3):
            assert_connected(await connect(rest, minted["token"]))
            await pass_time(stack.admin.store, app.tenant(), LEASE_S + 50, minted["jti"])
        seconds = assert_ended(await rest.post(END, headers=bearer(minted["token"])))
        assert seconds == 3 * LEASE_S == (await used(rest, app.secret))["session_seconds"]

    async def test_twenty_at_once_refund_once(self, rest, app, token):
        assert_connected(await connect(rest, token))
        answers = await asyncio.gather(*(rest.post(END, headers=bearer(token)) for _ in range(20)))
        (seconds,) = {assert_ended(answer) for answer in answers}
        assert (await used(rest, app.secret))["session_seconds"] == seconds

    async def test_a_reload_continues_the_session(self, rest, app, token):
        """End and connect, as a page that reloads does: one session, paid for once."""
        first = assert_connected(await connect(rest, token))
        for _ in range(3):
            assert_ended(await rest.post(END, headers=bearer(token)))
            again = assert_connected(await connect(rest, token))
            assert again["reactorJwt"] == first["reactorJwt"]
            assert again["expiresAt"] == first["expiresAt"]
            assert (await used(rest, app.secret))["session_seconds"] == LEASE_S

    async def test_the_time_between_end_and_connect_is_paid(self, stack, rest, app, minted):
        """The credential could be played meanwhile: ending and connecting in a loop plays for nothing less."""
        for _ in range(3):
            assert_connected(await connect(rest, minted["token"]))
            assert_ended(await rest.post(END, headers=bearer(minted["token"])))
            await pass_time(stack.admin.store, app.tenant(), 50, minted["jti"])
        first = assert_connected(await connect(rest, minted["token"]))
        assert first["expiresIn"] <= LEASE_S - 150
        assert (await used(rest, app.secret))["session_seconds"] == LEASE_S
        seconds = assert_ended(await rest.post(END, headers=bearer(minted["token"])))
        assert 150 <= seconds < LEASE_S
        assert (await used(rest, app.secret))["session_seconds"] == seconds

    async def test_a_refund_never_takes_from_another_day(self, stack, rest, app, minted):
        """Charged yesterday, ended today: what is given back was not today's."""
        store, tenant = stack.admin.store, app.tenant()
        assert_connected(await connect(rest, minted["token"]))
        record = await lease_record(store, tenant, minted["jti"])
        yesterday = str(int(record["day"]) - 1)
        await store.write("HSET", keyspace.lease(tenant, minted["jti"]), "day", yesterday)
        assert assert_ended(await rest.post(END, headers=bearer(minted["token"]))) == LEASE_S
        assert (await used(rest, app.secret))["session_seconds"] == LEASE_S

    async def test_a_token_stays_revoked_for_as_long_as_any_call_takes_it(
        self, stack, app, minted, direct
    ):
        """Also one that never connected: calls that take a token a day late took it an hour after that again."""
        await direct.end(minted["jti"], revoke=True)
        key = keyspace.lease(app.tenant(), minted["jti"])
        left_s = await stack.admin.store.write("PTTL", key) / 1000
        assert left_s > claims_of(minted["token"])["exp"] + LATE_END_S - time.time()

    async def test_ends_and_connects_at_once_leave_all_exact(self, rest, app, world_id, minted):
        """Of whoever comes first: in the end the slot is free, and the day has what the session has cost."""
        await app.set_caps(live_sessions=1)
        headers = bearer(minted["token"])
        for _ in range(3):
            answers = await asyncio.gather(
                *(rest.post(path, headers=headers) for path in (CONNECT, END) * 6)
            )
            assert {answer.status_code for answer in answers} <= {200, 503}
        seconds = assert_ended(await rest.post(END, headers=headers))
        assert (await used(rest, app.secret))["session_seconds"] == seconds
        assert_connected(await connect(rest, (await mint(rest, app.secret, world_id))["token"]))

    async def test_a_continued_session_takes_a_slot_as_any_connect(
        self, rest, app, world_id, token
    ):
        await app.set_caps(live_sessions=1)
        assert_connected(await connect(rest, token))
        seconds = assert_ended(await rest.post(END, headers=bearer(token)))
        other = (await mint(rest, app.secret, world_id))["token"]
        assert_connected(await connect(rest, other))
        assert_error(await connect(rest, token), 429)
        total = (await used(rest, app.secret))["session_seconds"]
        assert total == LEASE_S + seconds, "nothing is charged to whom is refused"

    async def test_a_continued_session_needs_minutes(self, rest, app, world_id, token):
        await app.set_caps(session_seconds=LEASE_S + 100)
        assert_connected(await connect(rest, token))
        assert_ended(await rest.post(END, headers=bearer(token)))
        other = (await mint(rest, app.secret, world_id))["token"]
        assert_connected(await connect(rest, other))
        assert_error(await connect(rest, token), 402)


class TestWhoMayEnd:
    @pytest.mark.parametrize("ago_s", [10, 3_000, DAY_S - 60])
    async def test_a_token_that_has_run_out_ends_its_session_for_a_day(
        self, rest, app, token, aged, ago_s
    ):
        assert_connected(await connect(rest, token))
        old = await aged(token, ago_s)
        assert_error(await connect(rest, old), 401)
        seconds = assert_ended(await rest.post(END, content=f'{{"token":"{old}"}}'.encode()))
        assert seconds < LEASE_S
        assert (await used(rest, app.secret))["session_seconds"] == seconds
        assert_error(await connect(rest, old), 401)

    async def test_a_day_later_it_ends_nothing(self, rest, app, token, aged):
        assert_connected(await connect(rest, token))
        assert_error(await rest.post(END, headers=bearer(await aged(token, DAY_S + 60))), 401)
        assert (await used(rest, app.secret))["session_seconds"] == LEASE_S

    async def test_one_that_has_run_out_and_never_connected_is_401(self, rest, token, aged):
        assert_error(await rest.post(END, headers=bearer(await aged(token, 60))), 401)

    async def test_the_origin_of_a_bound_token_counts_here_too(self, rest, app, world_id, aged):
        bound = (await mint(rest, app.secret, world_id, origin=ORIGIN))["token"]
        assert_connected(await connect(rest, bound, origin=ORIGIN))
        for one in (bound, await aged(bound, 60)):
            for headers in ({}, {"origin": "https://evil.example"}):
                assert_error(await rest.post(END, headers=bearer(one) | headers), 401)
        assert (await used(rest, app.secret))["session_seconds"] == LEASE_S
        assert_ended(await rest.post(END, headers=bearer(bound) | {"origin": ORIGIN}))

    async def test_forgeries_and_keys_end_nothing(self, rest, app, token, aged):
        assert_connected(await connect(rest, token))
        head, claims, _ = token.split(".")
        bad = (f"{head}.{claims}.AAAA", app.secret, "garbage", await aged(token, 60, iss="else"))
        for credential in bad:
            assert_error(await rest.post(END, headers=bearer(credential)), 401)
        assert_error(await rest.post(END), 401)
        assert_error(await rest.post(END, content=b"not json"), 400)
        assert (await used(rest, app.secret))["session_seconds"] == LEASE_S

    async def test_a_body_of_more_than_16_kib_is_413(self, rest):
        assert_error(await rest.post(END, json={"token": "x" * 17_000}), 413)

    async def test_a_run_out_token_does_nothing_else(self, rest, token, aged):
        assert_connected(await connect(rest, token))
        old = bearer(await aged(token, 60))
        assert_error(await rest.post(TRACK, json={"reactorSessionId": "r"}, headers=old), 401)
        assert_error(await rest.post(CONNECT, headers=old), 401)


class TestRevoke:
    async def test_a_revoked_token_is_401_and_its_session_is_over(self, rest, app, direct, minted):
        assert_connected(await connect(rest, minted["token"]))
        ended = await direct.end(minted["jti"], revoke=True)
        assert ended.refunded_seconds > 0
        for _ in range(2):
            assert_error(await connect(rest, minted["token"]), 401)
        seconds = assert_ended(await rest.post(END, headers=bearer(minted["token"])))
        assert (await used(rest, app.secret))["session_seconds"] == seconds
        for again in (True, False):
            assert (await direct.end(minted["jti"], revoke=again)).refunded_seconds == 0

    async def test_also_before_it_ever_connected(self, rest, app, direct, minted):
        ended = await direct.end(minted["jti"], revoke=True)
        assert (ended.session.jti, ended.refunded_seconds) == (minted["jti"], 0)
        assert not ended.session.HasField("start_time")
        assert_error(await connect(rest, minted["token"]), 401)
        assert assert_ended(await rest.post(END, headers=bearer(minted["token"]))) == 0
        assert (await used(rest, app.secret))["session_seconds"] == 0

    async def test_another_app_revokes_nothing_of_ours(self, rest, other_app, direct, minted):
        direct.key = other_app.secret
        await direct.end(minted["jti"], revoke=True)
        assert_connected(await connect(rest, minted["token"]))

    async def test_an_end_without_revoke_can_be_continued(self, rest, direct, minted):
        first = assert_connected(await connect(rest, minted["token"]))
        await direct.end(minted["jti"])
        again = assert_connected(await connect(rest, minted["token"]))
        assert again["reactorJwt"] == first["reactorJwt"]


class TestTrack:
    async def test_the_runtimes_id_is_listed_with_the_session(self, rest, direct, minted):
        assert_connected(await connect(rest, minted["token"]))
        (session,) = (await direct.live()).values()
        assert not session.HasField("reactor_session_id")
        for told in ("r-1", "ü" * 256):
            answer = await rest.post(
                TRACK, json={"reactorSessionId": told}, headers=bearer(minted["token"])
            )
            assert answer.status_code == 200
            assert answer.json() == {"ok": True, "schemaVersion": "1.0"}
            (session,) = (await direct.live()).values()
            assert session.reactor_session_id == told

    async def test_the_token_may_stand_in_the_body(self, rest, direct, minted):
        assert_connected(await connect(rest, minted["token"]))
        body = {"token": minted["token"], "reactorSessionId": "r-2"}
        assert (await rest.post(TRACK, json=body)).status_code == 200
        (session,) = (await direct.live()).values()
        assert session.reactor_session_id == "r-2"

    @pytest.mark.parametrize("told", [None, "", "x" * 257, 5, ["r"]])
    async def test_what_is_no_id_is_400(self, rest, direct, minted, told):
        assert_connected(await connect(rest, minted["token"]))
        answer = await rest.post(
            TRACK, json={"reactorSessionId": told}, headers=bearer(minted["token"])
        )
        assert "reactorSessionId" in assert_error(answer, 400)["detail"]
        (session,) = (await direct.live()).values()
        assert not session.HasField("reactor_session_id")

    async def test_without_a_live_lease_it_is_404(self, rest, minted):
        body, headers = {"reactorSessionId": "r"}, bearer(minted["token"])
        assert_error(await rest.post(TRACK, json=body, headers=headers), 404)
        assert_connected(await connect(rest, minted["token"]))
        assert_ended(await rest.post(END, headers=headers))
        assert_error(await rest.post(TRACK, json=body, headers=headers), 404)

    async def test_of_another_world_or_app_nothing_is_seen(self, rest, app, other_app, minted):
        """A token tells the lease by its jti, in its own tenant alone."""
        assert_connected(await connect(rest, minted["token"]))
        theirs = await mint(rest, other_app.secret, await import_world(rest, other_app.secret))
        answer = await rest.post(
            TRACK, json={"reactorSessionId": "r"}, headers=bearer(theirs["token"])
        )
        assert_error(answer, 404)
        assert uuid.UUID(theirs["jti"]) != uuid.UUID(minted["jti"])
