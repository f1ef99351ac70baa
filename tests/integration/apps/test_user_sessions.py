"""User sessions of an issuer with a JWKS: rotation, outages, floods, and every confusion (CONTRACT 0.1)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time

import pytest
from cryptography.hazmat.primitives import serialization

from conjure.apps.issuer import RETRY_PAUSE_S, UNKNOWN_KEY_PAUSE_S, IssuerKeys
from conjure.apps.users import UserTokens
from conjure.core.errors import InvalidCredential, IssuerUnavailable, MissingCredential
from conjure.rpc.auth import Authenticator
from conjure.settings import AuthSettings
from support.issuer import Issuer, ec_key, ed_key, encoded, rsa_key
from support.reactor import after, answers, once
from support.until import until

SECRET = "a secret of more than thirty-two bytes"
MAX_AGE_S = 600.0
RSA, EC, ED = rsa_key(), ec_key(), ed_key()


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def issuer():
    async with Issuer() as running:
        running.publish(RSA, EC, ED)
        yield running


def users_of(issuer: Issuer, clock: Clock, **settings) -> UserTokens:
    keys = IssuerKeys(issuer.url, timeout_s=30, max_age_s=MAX_AGE_S, clock=clock)
    return UserTokens(AuthSettings(**settings), issuer=keys)


@pytest.fixture
async def users(issuer, clock):
    async with users_of(issuer, clock, user_jwt_secret=SECRET) as opened:
        yield opened


async def refused(users: UserTokens, *tokens: str) -> None:
    for token in tokens:
        with pytest.raises(InvalidCredential):
            await users.verify(token)


async def test_a_token_of_each_kind_names_its_user(users, issuer):
    for key in (RSA, EC, ED):
        assert (await users.verify(key.token(sub=f"of {key.kid}"))).user_id == f"of {key.kid}"
    as_ever = {"sub": "hs", "aud": "authenticated", "exp": int(time.time()) + 60}
    assert (await users.verify(by_secret(as_ever))).user_id == "hs"
    (request,) = issuer.requests
    assert (request.method, request.path) == ("GET", "/auth/v1/.well-known/jwks.json")


def by_secret(claims: dict, secret: bytes = SECRET.encode(), **header) -> str:
    head = encoded(json.dumps({"alg": "HS256"} | header).encode())
    text = f"{head}.{encoded(json.dumps(claims).encode())}"
    return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


async def test_claims_are_required_whoever_signed(users, issuer):
    now = int(time.time())
    for key in (RSA, EC, ED):
        await refused(
            users,
            key.token(exp=now - 1), key.token(exp=None), key.token(sub=None), key.token(aud=None),
            key.token(aud="other"), key.token(aud=["other"]), key.token(sub=""), key.token(sub="x" * 257),
            key.token(nbf=now + 60),
        )  # fmt: skip
    assert issuer.fetches == 1


async def test_a_named_issuer_is_the_only_one(issuer, clock):
    async with users_of(issuer, clock, user_jwt_issuer="https://issuer") as users:
        await refused(
            users, EC.token(), EC.token(iss="https://other"), EC.token(iss="https://issuer/")
        )
        assert (await users.verify(EC.token(iss="https://issuer"))).user_id == "u1"


def forged(token: str, header: dict | None = None, **claims) -> str:
    """The token with something else in it, and the signature that it had."""
    parts = token.split(".")
    for position, said in enumerate((header, claims)):
        if said:
            old = json.loads(base64.urlsafe_b64decode(parts[position] + "=="))
            parts[position] = encoded(json.dumps(old | said).encode())
    return ".".join(parts)


def public_forms(key) -> list[bytes]:
    public = key.private.public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return [pem, pem.strip(), der, json.dumps(key.jwk()).encode(), b"", key.kid.encode()]


async def test_no_algorithm_is_taken_for_another(users, issuer):
    """The public key as a secret, no signature, another key's algorithm: all are refused."""
    claims = {"sub": "admin", "aud": "authenticated", "exp": int(time.time()) + 60}
    for key in (RSA, EC, ED):
        for secret in public_forms(key):
            await refused(users, by_secret(claims, secret, kid=key.kid))
        for algorithm in ("none", "None", "HS256", "HS384", "RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA", "", "x" * 500):  # fmt: skip
            if algorithm != key.algorithm:
                await refused(users, forged(key.token(), {"alg": algorithm}))
                await refused(
                    users, forged(key.token(), {"alg": algorithm}).rpartition(".")[0] + "."
                )
        for other in (RSA, EC, ED):
            if other is not key:
                await refused(
                    users, key.token({"kid": other.kid}), forged(key.token(), {"kid": other.kid})
                )
        await refused(
            users, forged(key.token(), sub="admin"), key.token()[:-4] + "AAAA", key.token() + "A"
        )
    await refused(users, ec_key().token(), ed_key().token())
    assert issuer.fetches <= 2


@pytest.mark.parametrize(
    "value",
    [None, 5, True, [], {}, ["rsa"], "", "x" * 257, "x" * 8_000, "\0", "rsa ", "RSA", "../rsa"],
)
@pytest.mark.parametrize("name", ["kid", "alg"])
async def test_a_header_that_names_no_key_is_refused(users, name, value):
    await refused(users, forged(RSA.token(), {name: value}))


async def test_a_header_brings_no_keys(users, issuer):
    """`jwk`, `jku`, `x5u`: keys that a token brings along are nobody's."""
    async with Issuer() as stranger:
        stranger.publish(own := ed_key("own"))
        for header in (
            {"jwk": own.jwk()},
            {"jku": stranger.url},
            {"x5u": stranger.url},
            {"crit": ["exp"]},
        ):
            await refused(users, own.token(header), own.token(header | {"kid": "ed"}))
        assert not stranger.requests


async def test_a_new_key_is_fetched_when_a_token_has_it(users, issuer, clock):
    await users.verify(EC.token())
    issuer.publish(EC, new := ec_key("new"))
    assert (await users.verify(new.token())).user_id == "u1"
    assert issuer.fetches == 2
    issuer.publish(EC, newer := ec_key("newer"))
    await refused(users, newer.token())
    clock.now += UNKNOWN_KEY_PAUSE_S
    assert (await users.verify(newer.token())).user_id == "u1"
    assert issuer.fetches == 3


async def test_a_flood_of_unknown_keys_is_one_fetch_a_minute(users, issuer, clock):
    await users.verify(EC.token())
    for minute in range(3):
        flood = [forged(EC.token(), {"kid": f"{minute}-{number}"}) for number in range(200)]
        found = await asyncio.gather(*map(users.verify, flood), return_exceptions=True)
        assert {type(error) for error in found} == {InvalidCredential}
        assert issuer.fetches == 2 + minute
        clock.now += UNKNOWN_KEY_PAUSE_S / 2
        await refused(users, flood[0])
        assert issuer.fetches == 2 + minute
        clock.now += UNKNOWN_KEY_PAUSE_S / 2


async def test_a_withdrawn_key_ends_when_the_keys_are_old(users, issuer, clock):
    await users.verify(ED.token())
    issuer.publish(EC)
    clock.now += MAX_AGE_S - 1
    await users.verify(ED.token())
    assert issuer.fetches == 1
    clock.now += 1
    await users.verify(ED.token())  # it does not wait

    async def has_ended() -> bool:
        try:
            await users.verify(ED.token())
        except InvalidCredential:
            return True
        return False

    await until(has_ended)
    await users.verify(EC.token())


FAILURES = {
    "500": answers(500, b"the issuer's own words"),
    "404": answers(404, b""),
    "moved": answers(302, b"", location="http://127.0.0.1:1/"),
    "a page": answers(200, b"<html>we will be back soon</html>"),
    "another document": answers(200, {"issuer": "x"}),
    "huge": answers(200, b'{"keys":[' + b" " * 300_000 + b"]}"),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_an_issuer_that_fails_is_not_missed(users, issuer, clock, failure):
    await users.verify(EC.token())
    issuer.answer = FAILURES[failure]
    for _ in range(3):
        clock.now += MAX_AGE_S
        await users.verify(EC.token())
        await until(lambda: users._issuer._fetch is None)
    assert issuer.fetches == 4
    with pytest.raises(IssuerUnavailable):  # it may be of a good key
        await users.verify(ec_key("new").token())
    await refused(users, EC.token(exp=1), forged(EC.token(), sub="admin"))
    issuer.publish(EC)
    clock.now += MAX_AGE_S
    await users.verify(EC.token())
    await until(lambda: not users._issuer._has_failed)
    await refused(users, ec_key("new").token())


async def test_without_any_keys_nobody_can_tell_and_it_says_so(issuer, clock):
    issuer.answer = FAILURES["500"]
    async with users_of(issuer, clock, user_jwt_secret=SECRET) as users:
        for _ in range(50):
            with pytest.raises(IssuerUnavailable):
                await users.verify(EC.token())
        assert issuer.fetches == 1, "whoever fails is left alone for a moment"
        # What needs no key of the issuer is told as ever.
        await users.verify(
            by_secret({"sub": "hs", "aud": "authenticated", "exp": int(time.time()) + 60})
        )
        await refused(users, "no token", forged(EC.token(), {"alg": "none"}))
        issuer.publish(EC)
        clock.now += RETRY_PAUSE_S
        assert (await users.verify(EC.token())).user_id == "u1"
        assert issuer.fetches == 2


async def test_an_issuer_that_nobody_reaches_or_that_hangs_is_503_within_its_time(issuer):
    async with issuer.down(), UserTokens(AuthSettings(user_jwks_url=issuer.url)) as users:
        with pytest.raises(IssuerUnavailable):
            await users.verify(EC.token())
    issuer.answer = after(3600)
    hasty = AuthSettings(user_jwks_url=issuer.url, user_jwks_timeout_s=0.2)
    async with UserTokens(hasty) as users:
        with pytest.raises(IssuerUnavailable):
            await users.verify(EC.token())


async def test_whoever_waits_for_the_keys_shares_the_fetch(issuer, clock):
    let_go = asyncio.Event()
    issuer.answer = once(let_go, answers(200, {"keys": [EC.jwk()]}))
    async with users_of(issuer, clock) as users:
        waiting = [asyncio.ensure_future(users.verify(EC.token())) for _ in range(50)]
        await until(lambda: issuer.fetches == 1)
        waiting[0].cancel()  # who goes away leaves it to the others
        let_go.set()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(found[0], asyncio.CancelledError)
        assert {caller.user_id for caller in found[1:]} == {"u1"}
    assert issuer.fetches == 1


async def test_an_issuer_without_keys_has_no_users(issuer, clock):
    issuer.publish()
    async with users_of(issuer, clock) as users:
        await refused(users, EC.token())


async def test_the_authenticator_asks_for_users(users):
    authenticator = Authenticator(None, None, users)
    assert (await authenticator.user(ED.token())).user_id == "u1"
    with pytest.raises(MissingCredential):
        await authenticator.user(None)
