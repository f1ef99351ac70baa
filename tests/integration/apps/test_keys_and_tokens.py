"""API keys and session tokens: hashed at rest, revoked at once, rotated with overlap (CONTRACT 0.1, 6.1)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from functools import partial
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm
from redis.asyncio import Redis

from conjure.administration import administration
from conjure.core.errors import AppError, InvalidCredential, Reason
from conjure.core.ids import new_id
from conjure.sessions.signing import LONGEST_TOKEN_S, SigningKeys
from conjure.sessions.tokens import SessionTokens
from conjure.settings import AuthSettings, SessionSettings, StoreSettings
from conjure.store import keyspace
from conjure.store.epoch import changing
from conjure.v1 import system_service_pb2 as system_pb
from conjure.v1 import world_service_pb2 as world_pb
from support.rpc import Client, client, metadata, outcomes, refused
from support.stack import new_app, running_server, running_store
from support.until import until

ORIGIN = "https://play.example"


@pytest.fixture
async def direct(server_channel, app):
    return Client(server_channel, app.secret)


async def everything_in(url: str) -> bytes:
    """Every key and value of a store, in plain and as DUMP gives it."""
    parts = []
    for server in url.split(","):
        parts += await everything_at(server)
    return b"\n".join(parts)


async def everything_at(url: str) -> list[bytes]:
    parts: list[bytes] = []
    async with Redis.from_url(url) as redis:
        if (await redis.role())[0] != b"master":
            return []
        keys = [key async for key in redis.scan_iter(count=1000)]
        # In handfuls: a run leaves tens of thousands of keys.
        for at in range(0, len(keys), 500):
            some = keys[at : at + 500]
            async with redis.pipeline(transaction=False) as asked:
                for key in some:
                    asked.dump(key).type(key)
                answers = await asked.execute()
            parts += [*some, *(dumped or b"" for dumped in answers[::2])]
            async with redis.pipeline(transaction=False) as asked:
                for key, kind in zip(some, answers[1::2], strict=True):
                    match kind:
                        case b"string":
                            asked.get(key)
                        case b"hash":
                            asked.hgetall(key)
                        case b"zset":
                            asked.zrange(key, 0, -1)
                found = await asked.execute()
            for value in found:
                match value:
                    case bytes():
                        parts.append(value)
                    case dict():
                        parts += [part for pair in value.items() for part in pair]
                    case list():
                        parts += value
    return parts


async def jwks_of(caller: Client) -> dict[str, dict]:
    answer = await caller.system.GetJwks(system_pb.GetJwksRequest())
    return {key["kid"]: key for key in json.loads(answer.jwks.json)["keys"]}


async def test_a_store_holds_the_hash_of_a_key_and_nothing_else_of_it(stack, app, direct):
    (minted,) = await direct.new_tokens(1)
    connected = await direct.connect(minted.token)
    await direct.create(idempotency_key="an-idempotency-key-in-plain-text")
    everything = await everything_in(stack.store_url)
    assert app.id.encode() in everything, "the scan sees what is stored"
    for key in (app.secret, app.publishable, app.live_secret):
        assert key.encode() not in everything
        assert key.rpartition("_")[2].encode() not in everything
        assert key[8:30].encode() not in everything
    for token in (minted.token, connected.reactor_jwt):
        assert token.encode() not in everything
        assert token.rpartition(".")[2].encode() not in everything
    assert b"an-idempotency-key-in-plain-text" not in everything


async def test_a_log_at_its_wordiest_holds_no_credential(stack, app, tmp_path):
    """Failures of every kind, with everything logged."""
    environment = {"CONJURE_LOG_LEVEL": "debug"}
    async with (
        running_server(tmp_path, stack.store_url, environment) as (_, port),
        client(port, app.secret) as caller,
    ):
        (minted,) = await caller.new_tokens(1)
        connected = await caller.connect(minted.token)
        await refused(caller.connect(minted.token + "x"), Reason.INVALID_CREDENTIAL)
        await refused(caller.set_entrance(minted.world_id, "nowhere"), Reason.KERNEL_REFUSED)
        await refused(caller.end("no uuid"), Reason.INVALID_FIELD)
        for bad in (app.secret[:-1] + "!", app.publishable):
            caller.key = bad
            with pytest.raises(Exception, match=r"UNAUTHENTICATED|PERMISSION_DENIED"):
                await caller.create()
    log = (tmp_path / "server.log").read_text()
    assert "INVALID_CREDENTIAL" in log
    for secret in (app.secret, app.publishable, minted.token, connected.reactor_jwt):
        assert secret[-20:] not in log
    for line in log.splitlines():
        assert isinstance(json.loads(line), dict), "a log line is one JSON object"


async def until_refused(caller: Client) -> None:
    """Waits until the caller's key is refused; from then on it always is."""

    async def is_refused() -> bool:
        _, reasons = await outcomes([caller.list_worlds()])
        return reasons == {Reason.INVALID_CREDENTIAL: 1}

    await until(is_refused)
    for _ in range(10):
        await refused(caller.list_worlds(), Reason.INVALID_CREDENTIAL)


async def test_a_revoked_key_soon_works_nowhere(stack, app, second_server, server_channel):
    """Both servers have the key in their caches and keep using it until it stops, once and for all.

    That this takes less than a second is a matter of settings, which refuse a longer `revocation_limit_s`
    (test_epoch.py has the rest).
    """
    async with client(second_server, app.secret) as other:
        callers = (Client(server_channel, app.secret), other)
        (minted,) = await other.new_tokens(1)
        for _ in range(3):
            await asyncio.gather(*(caller.list_worlds() for caller in callers))
        await stack.admin.keys.revoke(app.id, app.keys["secret"])
        await asyncio.gather(*map(until_refused, callers))
        # Its siblings work on, and so does what it let in.
        callers[0].key = app.publishable
        await callers[0].list_worlds()
        await other.connect(minted.token)


async def test_a_key_is_revoked_at_once_by_one_who_dies_before_everybody_is_recorded(
    stack, app, second_server, server_channel
):
    """The key and the epoch are two writes on a cluster: the first half of a change is enough."""

    class Killed(BaseException):
        pass

    admin = stack.admin
    async with client(second_server, app.secret) as other:
        callers = (Client(server_channel, app.secret), other)
        await asyncio.gather(*(caller.list_worlds() for caller in callers))
        digest = await admin.store.read("HGET", keyspace.app_keys(app.id), app.keys["secret"])
        with contextlib.suppress(Killed):
            async with changing(admin.store):
                await admin.store.write("HSETNX", keyspace.api_key(digest.decode()), "revoked", 1)
                raise Killed
        for caller in callers:
            await until_refused(caller)
            caller.key = app.publishable
            await caller.list_worlds()
    # Whoever does it again ends what was left.
    await admin.keys.revoke(app.id, app.keys["secret"])
    epoch = await admin.store.read("GET", keyspace.security_epoch())
    assert not epoch.startswith(b"changing")


async def test_of_two_changes_at_once_each_moves_the_epoch_when_it_ends(stack):
    store, key = stack.admin.store, keyspace.security_epoch()
    async with changing(store):
        async with changing(store):
            pass
        settled = await store.read("GET", key)
        assert not settled.startswith(b"changing")
    after = await store.read("GET", key)
    assert after != settled
    assert not after.startswith(b"changing")
    async with contextlib.AsyncExitStack() as outer:
        first = await outer.enter_async_context(contextlib.AsyncExitStack())
        await first.enter_async_context(changing(store))
        async with changing(store):
            await first.aclose()
            assert (await store.read("GET", key)).startswith(b"changing"), "the second goes on"
    assert not (await store.read("GET", key)).startswith(b"changing")


async def test_revoking_twice_and_revoking_what_is_not_there(stack, app, other_app):
    await stack.admin.keys.revoke(app.id, app.keys["publishable"])
    (before,) = [k for k in await stack.admin.keys.list(app.id) if k.revoked_ms is not None]
    await asyncio.sleep(0.01)
    await stack.admin.keys.revoke(app.id, app.keys["publishable"])
    (after,) = [k for k in await stack.admin.keys.list(app.id) if k.revoked_ms is not None]
    assert before == after
    for key_id in (str(uuid.uuid4()), other_app.keys["secret"]):
        with pytest.raises(AppError) as raised:
            await stack.admin.keys.revoke(app.id, key_id)
        assert raised.value.reason is Reason.NOT_FOUND


async def test_keys_look_as_the_contract_says(stack, app):
    keys = {key.id: key for key in await stack.admin.keys.list(app.id)}
    assert len(keys) == 3
    assert app.secret.startswith("sk_test_")
    assert app.publishable.startswith("pk_test_")
    assert app.live_secret.startswith("sk_live_")
    for plaintext in (app.secret, app.publishable, app.live_secret):
        random = plaintext.rpartition("_")[2]
        assert len(random) == 43
        assert random.isalnum()
    secret = keys[app.keys["secret"]]
    assert secret.last4 == app.secret[-4:]
    assert set(secret.scopes) == {"worlds:read", "worlds:write", "sessions:mint", "usage:read"}
    assert keys[app.keys["publishable"]].scopes == ("worlds:read",)


async def test_minted_tokens_verify_with_the_published_keys(direct, app):
    (unbound,) = await direct.new_tokens(1)
    bound = await direct.mint(
        unbound.world_id, origin=ORIGIN, player_identity="ada", ttl_seconds=60
    )
    keys = await jwks_of(direct)
    for minted, audience, player, ttl in (
        (unbound, "conjure", "anon", 300),
        (bound, ORIGIN, "ada", 60),
    ):
        header = jwt.get_unverified_header(minted.token)
        assert header["alg"] == "EdDSA"
        claims = jwt.decode(
            minted.token,
            OKPAlgorithm.from_jwk(keys[header["kid"]]),
            algorithms=["EdDSA"],
            audience=audience,
            issuer="conjure",
        )
        assert set(claims) == {"iss", "aud", "sub", "jti", "iat", "exp", "app", "mode", "wid"}
        assert (claims["sub"], claims["jti"], claims["wid"]) == (
            player,
            minted.jti,
            minted.world_id,
        )
        assert (claims["app"], claims["mode"]) == (app.id, "test")
        assert claims["exp"] - claims["iat"] == ttl == minted.expires_in


async def test_a_token_bound_to_an_origin_opens_nothing_elsewhere(direct):
    world_id = await direct.new_world()
    minted = await direct.mint(world_id, origin=ORIGIN)
    await direct.connect(minted.token, origin=ORIGIN)
    for headers in ({}, {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": ""}):
        await refused(direct.connect(minted.token, **headers), Reason.INVALID_CREDENTIAL)


async def test_forged_tokens_open_nothing(direct):
    """`none`, another algorithm, another key, a missing claim, a token for the runtime."""
    (minted,) = await direct.new_tokens(1)
    claims = jwt.decode(minted.token, options={"verify_signature": False})
    header = jwt.get_unverified_header(minted.token)
    public = (await jwks_of(direct))[header["kid"]]
    kid = {"kid": header["kid"]}
    mine = Ed25519PrivateKey.generate()
    connected = await direct.connect(minted.token)
    for token in (
        jwt.encode(claims, None, algorithm="none", headers=kid),
        jwt.encode(claims, public["x"].ljust(32, "="), algorithm="HS256", headers=kid),
        jwt.encode(claims, mine, algorithm="EdDSA", headers=kid),
        jwt.encode(claims, mine, algorithm="EdDSA", headers={"kid": "unknown"}),
        jwt.encode(claims, mine, algorithm="EdDSA"),
        minted.token[:-4] + "AAAA",
        "a.b.c",
        "x" * 5_000,
        connected.reactor_jwt,
    ):
        await refused(direct.connect(token), Reason.INVALID_CREDENTIAL)
    runtime = direct.connect(connected.reactor_jwt, origin="conjure-runtime")
    await refused(runtime, Reason.INVALID_CREDENTIAL)
    call = direct.worlds.ListWorlds(
        world_pb.ListWorldsRequest(),
        metadata=metadata(minted.token),
    )
    await refused(call, Reason.INVALID_CREDENTIAL)


async def test_signing_keys_rotate_with_overlap(tmp_path):
    """A store of its own: the ring belongs to the whole deployment."""
    async with (
        running_store(tmp_path / "store") as (_, url),
        administration(StoreSettings(url=url), AuthSettings()) as admin,
        running_server(tmp_path, url) as (_, port),
    ):
        app = await new_app(admin)
        await app.set_caps(session=1_000_000)
        async with client(port, app.secret) as caller:
            (old,) = await caller.new_tokens(1)
            old_kid = jwt.get_unverified_header(old.token)["kid"]
            made = await admin.signing_keys.rotate(ahead_s=0)
            assert made.kid != old_kid
            new = await first_signed_with(made.kid, caller, old.world_id)
            published = await jwks_of(caller)
            assert set(published) == {old_kid, made.kid}
            assert not any("d" in key for key in published.values())

            announced = await admin.signing_keys.rotate()
            await until(partial(is_published, caller, announced.kid))
            (third,) = await caller.new_tokens(1, old.world_id)
            assert jwt.get_unverified_header(third.token)["kid"] == made.kid, "it signs later"
            assert set(await jwks_of(caller)) == {old_kid, made.kid, announced.kid}
            async with (
                running_server(tmp_path, url) as (_, later_port),
                client(later_port, app.secret) as later,
            ):
                for minted in (old, new, third):
                    assert (await caller.connect(minted.token)).world_id == old.world_id
                    assert (await later.connect(minted.token)).world_id == old.world_id
                assert await jwks_of(later) == await jwks_of(caller)


async def test_a_retired_key_ends_sessions_for_a_day_and_opens_none(tmp_path):
    """Its tokens have run out; one may still say that its player left (CONTRACT 6.3)."""
    async with (
        running_store(tmp_path / "store") as (_, url),
        administration(StoreSettings(url=url), AuthSettings()) as admin,
    ):
        old = await admin.signing_keys.current()
        new = await admin.signing_keys.rotate(ahead_s=0)
        for days, is_kept in ((0, True), (0.5, True), (1, False)):
            retired_s = time.time() - LONGEST_TOKEN_S - days * 86_400 - 5
            for key, signs_from_s in ((old, retired_s - 100), (new, retired_s)):
                await set_signs_from(admin.store, key.kid, int(signs_from_s))
            keys = SigningKeys(admin.store, admin.security)
            tokens = SessionTokens(SessionSettings(), keys)
            ran_out = int(retired_s + LONGEST_TOKEN_S - 60)
            claims = {
                "iss": "conjure", "aud": "conjure", "sub": "p", "jti": new_id(), "iat": ran_out - 60,
                "exp": ran_out, "app": "a", "mode": "test", "wid": new_id(),
            }  # fmt: skip
            token = jwt.encode(
                claims,
                Ed25519PrivateKey.from_private_bytes(bytes(old.private)),
                "EdDSA",
                headers={"kid": old.kid},
            )
            assert old.kid not in {key["kid"] for key in (await keys.jwks())["keys"]}
            with pytest.raises(InvalidCredential):
                await tokens.verify(token, None)
            if is_kept:
                assert (await tokens.verify(token, None, accepts_expired=True)).player == "p"
            else:
                with pytest.raises(InvalidCredential):
                    await tokens.verify(token, None, accepts_expired=True)
            await keys.rotate()
            kept = {key.kid for key in await keys.list()}
            assert (old.kid in kept) is is_kept


async def set_signs_from(store, kid: str, signs_from_s: int) -> None:
    """Moves a signing key into the past."""
    for name in ("first", kid):
        value = await store.read("HGET", keyspace.signing_keys(), name)
        if value is not None and (record := json.loads(value))["kid"] == kid:
            record["signs_from_s"] = signs_from_s
            await store.write("HSET", keyspace.signing_keys(), name, json.dumps(record))


async def first_signed_with(kid: str, caller: Client, world_id: str) -> Any:
    """Mints until a token is signed with `kid`."""
    minted: list[Any] = []

    async def is_used() -> bool:
        minted.extend(await caller.new_tokens(1, world_id))
        return jwt.get_unverified_header(minted[-1].token)["kid"] == kid

    await until(is_used)
    return minted[-1]


async def is_published(caller: Client, kid: str) -> bool:
    """Whether a server has heard of a signing key."""
    return kid in await jwks_of(caller)


async def test_servers_that_start_together_on_an_empty_store_agree_on_one_key(tmp_path):
    async with (
        running_store(tmp_path / "store") as (_, url),
        administration(StoreSettings(url=url), AuthSettings()) as admin,
        running_server(tmp_path, url) as (_, one),
        running_server(tmp_path, url) as (_, two),
    ):
        app = await new_app(admin)
        async with client(one, app.secret) as here, client(two, app.secret) as there:
            world_id = await here.new_world()
            minted = await asyncio.gather(*((here, there)[n % 2].mint(world_id) for n in range(10)))
            assert len({jwt.get_unverified_header(m.token)["kid"] for m in minted}) == 1
            for n, item in enumerate(minted):
                await (there, here)[n % 2].connect(item.token)
