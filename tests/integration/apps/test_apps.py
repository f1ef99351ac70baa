"""Apps and keys over gRPC, and what holds of them when many come at once or somebody dies in the middle."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from conjure.apps.key_store import KeyStore
from conjure.apps.key_use import KeyUse
from conjure.apps.keys import ApiKeys
from conjure.apps.model import SCOPES, ApiKey, App
from conjure.apps.service import Apps
from conjure.apps.store import AppStore
from conjure.core.errors import InvalidCredential, LimitReached, NotFound, Reason
from conjure.core.ids import new_id
from conjure.store import keyspace
from conjure.v1 import app_service_pb2 as pb
from conjure.v1.app_service_pb2_grpc import AppServiceStub
from support.rpc import TIMEOUT_S, client, metadata, outcomes, refused
from support.stack import running_server
from support.until import until
from support.users import user_token

if TYPE_CHECKING:
    import grpc.aio

    from conjure.store.client import Store

FEW = 5
PAGE: dict[str, Any] = {"limit": None, "cursor": None}


@pytest.fixture
def store(stack) -> Store:
    opened: Store = stack.admin.store
    return opened


@pytest.fixture
def user_id() -> str:
    return f"user-{new_id()}"


@pytest.fixture
def few_apps(store: Store) -> Apps:
    """The apps of a deployment that lets users have few."""
    return Apps(AppStore(store, per_user=FEW, idempotency_s=60))


@pytest.fixture
def key_store(store: Store) -> KeyStore:
    """The keys of one that lets apps have few, and remembers as few revoked ones."""
    return KeyStore(store, per_app=FEW, per_day=2 * FEW, revoked=FEW, idempotency_s=60)


@pytest.fixture
def few_keys(stack, key_store: KeyStore) -> ApiKeys:
    use = KeyUse(key_store, every_s=3600)
    return ApiKeys(key_store, stack.admin.security, use, cache_entries=10)


def calls_of(opened: grpc.aio.Channel, token: str) -> Any:
    """Makes calls of a user: `call("ListApps", limit=5)`."""
    stub = AppServiceStub(opened)

    def call(rpc: str, **fields: Any) -> Any:
        headers = metadata(token, **fields.pop("headers", {}))
        request = getattr(pb, f"{rpc}Request")(**fields)
        return getattr(stub, rpc)(request, metadata=headers, timeout=TIMEOUT_S)

    return call


async def test_all_of_it_over_grpc(server_channel):
    call = calls_of(server_channel, user_token())
    app = (await call("CreateApp", name="My game")).app
    made = await call("CreateKey", id=app.id, kind="secret", name="backend")
    assert made.key.startswith("sk_test_")
    (listed,) = (await call("ListKeys", id=app.id)).keys
    assert (listed.id, listed.last4, listed.name) == (made.id, made.key[-4:], "backend")
    assert not listed.HasField("revoked_at")
    answer = await call("RevokeKey", id=app.id, key_id=made.id)
    assert (answer.ok, answer.revoked) == (True, made.id)
    (listed,) = (await call("ListKeys", id=app.id)).keys
    assert listed.HasField("revoked_at")
    assert [one.id for one in (await call("ListApps")).apps] == [app.id]

    other = calls_of(server_channel, user_token())
    assert not (await other("ListApps")).apps
    for rpc, more in (("CreateKey", {}), ("ListKeys", {}), ("RevokeKey", {"key_id": made.id})):
        await refused(other(rpc, id=app.id, **more), Reason.NOT_FOUND)
        await refused(call(rpc, id="not-a-uuid", **more), Reason.NOT_FOUND)
    await refused(call("CreateApp"), Reason.INVALID_FIELD)
    await refused(call("CreateApp", name="a\x1bb"), Reason.INVALID_FIELD)
    await refused(call("CreateKey", id=app.id, kind="root"), Reason.INVALID_FIELD)
    await refused(call("ListApps", cursor="x"), Reason.INVALID_CURSOR)


async def test_a_revoked_key_is_refused_by_another_process(server_channel, second_server, app):
    """That it takes no second is what test_keys_and_tokens.py says of the epoch, which this moves as well."""

    user = calls_of(server_channel, user_token(app.user_id))
    app_id, *_ = await app.console()
    made = await user("CreateKey", id=app_id, kind="secret")
    async with client(second_server, made.key) as there:
        await there.list_worlds()
        await user("RevokeKey", id=app_id, key_id=made.id)

        async def is_refused() -> bool:
            _, reasons = await outcomes([there.list_worlds()])
            return Reason.INVALID_CREDENTIAL in reasons

        await until(is_refused)


class TestLimits:
    async def test_fifty_apps_at_once_are_no_more_than_a_user_may_have(self, few_apps, user_id):
        calls = (few_apps.create(f"app {n}", owner=user_id) for n in range(50))
        done = await asyncio.gather(*calls, return_exceptions=True)
        made = {one.id for one in done if isinstance(one, App)}
        assert len(made) == FEW
        assert [type(one) for one in done if not isinstance(one, App)] == [LimitReached] * 45
        page, _ = await few_apps.page(user_id, **PAGE)
        assert {one.id for one in page} == made

    async def test_fifty_keys_at_once_are_no_more_than_an_app_may_have(self, few_keys, few_apps):
        app = await few_apps.create("of an operator")
        calls = (few_keys.create(app.id, kind="secret", mode="test") for _ in range(50))
        done = await asyncio.gather(*calls, return_exceptions=True)
        made = [one for one in done if isinstance(one, tuple)]
        assert len(made) == FEW
        assert len(await few_keys.list(app.id)) == FEW
        await few_keys.revoke(app.id, made[0][0].id)
        await few_keys.create(app.id, kind="secret", mode="test")
        with pytest.raises(LimitReached):
            await few_keys.create(app.id, kind="secret", mode="test")

    async def test_over_rest_it_is_a_400_that_says_how_many(self, server_channel, stack, user_id):
        for n in range(100):
            await stack.admin.apps.create(f"app {n}", owner=user_id)
        call = calls_of(server_channel, user_token(user_id))
        refusal = await refused(call("CreateApp", name="one more"), Reason.LIMIT_REACHED)
        assert "100" in refusal.error.detail
        assert refusal.error.http_status == 400

    async def test_at_the_limit_a_repeated_call_is_still_answered(self, few_apps, user_id):
        first = await few_apps.create_once("first", user_id, "k")
        for n in range(FEW - 1):
            await few_apps.create(f"app {n}", owner=user_id)
        again = await few_apps.create_once("first", user_id, "k")
        assert (again.app, again.replayed) == (first.app, True)
        with pytest.raises(LimitReached):
            await few_apps.create_once("sixth", user_id, "another")
        page, _ = await few_apps.page(user_id, **PAGE)
        assert len(page) == FEW

    async def test_the_oldest_revoked_keys_are_forgotten_and_work_no_more(self, few_keys, few_apps):
        app = await few_apps.create("of an operator")
        made = []
        for _ in range(FEW + 2):
            key, plaintext = await few_keys.create(app.id, kind="secret", mode="test")
            await few_keys.revoke(app.id, key.id)
            made.append((key.id, plaintext))
        kept = {key.id for key in await few_keys.list(app.id)}
        assert len(kept) == FEW
        assert made[-1][0] in kept
        for key_id, plaintext in made:
            with pytest.raises(InvalidCredential):
                await few_keys.verify(plaintext)
            if key_id not in kept:
                with pytest.raises(NotFound):
                    await few_keys.revoke(app.id, key_id)

    async def test_keys_that_are_revoked_at_once_are_as_many_a_day_as_an_app_may_make(
        self, few_keys, few_apps, store
    ):
        """Else whoever does nothing else could fill the store with what they leave behind."""
        app = await few_apps.create("of an operator")
        for _ in range(2 * FEW):
            key, _ = await few_keys.create(app.id, kind="secret", mode="test")
            await few_keys.revoke(app.id, key.id)
        with pytest.raises(LimitReached, match="a day"):
            await few_keys.create(app.id, kind="secret", mode="test")
        await store.write("HSET", keyspace.app_keys_made(app.id), "day", 1)  # it was long ago
        await few_keys.create(app.id, kind="secret", mode="test")


class TestDeathInTheMiddle:
    """The first step is made and the others are not."""

    async def test_of_an_app_is_mended_by_whoever_lists_it(self, stack, few_apps, store, user_id):
        app_id, half = new_id(), AppStore(store, per_user=FEW, idempotency_s=60)
        await half.create(app_id, "half: made", user_id, None, b"")
        with pytest.raises(NotFound):
            await few_apps.owned(user_id, app_id)
        (listed,), _ = await few_apps.page(user_id, **PAGE)
        assert (listed.id, listed.name) == (app_id, "half: made")
        assert await few_apps.owned(user_id, app_id) == listed
        assert listed in await stack.admin.apps.list()

    async def test_of_an_app_is_mended_by_whoever_repeats_it(self, few_apps, user_id, monkeypatch):
        async def dies(_: App) -> None:
            raise ConnectionResetError

        with monkeypatch.context() as patch:
            patch.setattr(few_apps, "_complete", dies)
            with pytest.raises(ConnectionResetError):
                await few_apps.create_once("half", user_id, "k")
        again = await few_apps.create_once("half", user_id, "k")
        assert again.replayed
        assert await few_apps.owned(user_id, again.app.id) == again.app

    async def test_of_a_key_is_mended_by_whoever_lists_or_repeats_it(
        self, few_keys, few_apps, monkeypatch
    ):
        app = await few_apps.create("of an operator")
        make = partial(few_keys.create_once, app.id, kind="secret", mode="test")

        async def dies(*_: Any) -> None:
            raise ConnectionResetError

        with monkeypatch.context() as patch:
            patch.setattr(few_keys, "_complete", dies)
            for key in ("k", None):
                with pytest.raises(ConnectionResetError):
                    await make(idempotency_key=key)
        again = await make(idempotency_key="k")
        assert again.replayed
        assert (await few_keys.verify(again.plaintext)).key_id == again.key.id
        listed = await few_keys.list(app.id)
        assert again.key in listed
        assert len(listed) == 2
        assert await few_keys.list(app.id) == listed

    async def test_of_a_revocation_is_mended_by_whoever_lists_it(
        self, few_keys, key_store, few_apps, monkeypatch
    ):
        app = await few_apps.create("of an operator")
        key, plaintext = await few_keys.create(app.id, kind="secret", mode="test")

        async def dies(*_: Any) -> None:
            raise ConnectionResetError

        with monkeypatch.context() as patch:
            patch.setattr(key_store, "note_revoked", dies)
            with pytest.raises(ConnectionResetError):
                await few_keys.revoke(app.id, key.id)
        with pytest.raises(InvalidCredential):
            await few_keys.verify(plaintext)
        for is_noted in (False, True):
            (listed,) = await key_store.list(app.id)
            assert listed.key.revoked_ms is not None
            assert listed.is_noted is is_noted
            await few_keys.list(app.id)

    async def test_a_slow_creation_does_not_bring_a_revoked_key_back(
        self, few_keys, key_store, few_apps
    ):
        app = await few_apps.create("of an operator")
        plaintext = "sk_test_" + secrets.token_hex(22)[:43]
        digest = hashlib.sha256(plaintext.encode()).hexdigest()
        key = ApiKey(
            new_id(), app.id, "secret", "test", "sk_test_", plaintext[-4:], None,
            SCOPES["secret"], 1,
        )  # fmt: skip
        await key_store.create(key, digest, "", None, b"")
        await few_keys.revoke(app.id, key.id)
        await key_store.complete(key, digest)
        with pytest.raises(InvalidCredential):
            await few_keys.verify(plaintext)
        (listed,) = await few_keys.list(app.id)
        assert listed.revoked_ms is not None


class TestOlderReleases:
    async def test_their_keys_are_listed_revoked_and_counted(self, store, few_keys, few_apps):
        """They had no rows, and noted a revocation in the key's own record alone."""
        app = await few_apps.create("of an operator")
        older = [await made_by_an_older_release(store, app.id) for _ in range(FEW)]
        assert {key.id for key in await few_keys.list(app.id)} == {key_id for key_id, _ in older}
        with pytest.raises(LimitReached):
            await few_keys.create(app.id, kind="secret", mode="test")
        (first, first_digest), (second, _), *_ = older
        await store.write("HSETNX", keyspace.api_key(first_digest), "revoked", 1)
        await few_keys.create(app.id, kind="secret", mode="test")  # it looks once more
        await few_keys.revoke(app.id, second)
        revoked = {key.id for key in await few_keys.list(app.id) if key.revoked_ms is not None}
        assert revoked == {first, second}

    async def test_an_app_of_nobody_is_seen_by_operators_and_may_be_adopted(
        self, stack, few_apps, user_id
    ):
        app = await stack.admin.apps.create("of the command line")
        with pytest.raises(NotFound):
            await few_apps.owned("", new_id())
        with pytest.raises(NotFound):
            await few_apps.owned(user_id, app.id)
        await few_apps.adopt(app.id, user_id)
        await few_apps.adopt(app.id, "somebody else")
        assert (await few_apps.owned(user_id, app.id)).name == "of the command line"
        (listed,), _ = await few_apps.page(user_id, **PAGE)
        assert listed.id == app.id


async def made_by_an_older_release(store: Store, app_id: str) -> tuple[str, str]:
    """A key as 0.2 wrote it; its id and its SHA-256."""
    key_id, digest = new_id(), hashlib.sha256(new_id().encode()).hexdigest()
    await store.write("HSET", keyspace.app_keys(app_id), key_id, digest)
    await store.write(
        "HSET", keyspace.api_key(digest), "id", key_id, "app", app_id, "kind", "secret",
        "mode", "test", "prefix", "sk_test_", "last4", "abcd", "scopes", "worlds:read", "created", 1,
    )  # fmt: skip
    return key_id, digest


class TestLastUse:
    async def test_it_is_written_when_a_server_stops_at_the_latest(self, stack, tmp_path, app):
        """And before that every minute, which no test waits for."""

        assert await used_ms(stack, app.id) is None
        begun = time.time() * 1000
        async with (
            running_server(tmp_path, stack.store_url) as (_, port),
            client(port, app.publishable) as caller,
        ):
            await caller.list_worlds()
        found = await used_ms(stack, app.id)
        assert found is not None
        assert begun - 1000 <= found <= time.time() * 1000

    async def test_it_is_written_in_the_course_of_time(self, stack, key_store, app):
        async with KeyUse(key_store, every_s=0.1) as use:
            keys = ApiKeys(key_store, stack.admin.security, use, cache_entries=10)
            await keys.verify(app.publishable)

            async def is_written() -> bool:
                return await used_ms(stack, app.id) is not None

            await until(is_written)

    async def test_it_never_goes_back_nor_ahead_and_makes_no_key(self, stack, key_store, app):
        key_id, nobody = app.keys["publishable"], new_id()
        now = int(time.time() * 1000)
        for used in (now - 1000, now - 5000, now - 2000):
            await key_store.note_use(app.id, [(key_id, used), (nobody, used)])
        assert await used_ms(stack, app.id) == now - 1000
        await key_store.note_use(app.id, [(key_id, now + 3_600_000)])
        assert await used_ms(stack, app.id) < now + 1_800_000
        assert nobody not in {key.id for key in await stack.admin.keys.list(app.id)}
        names = await stack.admin.store.read("HGETALL", keyspace.app_key_use(app.id))
        assert nobody.encode() not in names


async def used_ms(stack: Any, app_id: str) -> int | None:
    """When the publishable key of a test's app was last used."""
    (key,) = [one for one in await stack.admin.keys.list(app_id) if one.kind == "publishable"]
    found: int | None = key.last_used_ms
    return found
