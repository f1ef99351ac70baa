"""Whatever carries our signature is a caller or refused, and a token has one spelling (CONTRACT 6.1)."""

from __future__ import annotations

import contextlib
import json
import time
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conjure.core.errors import InvalidCredential, Reason
from conjure.sessions.tokens import SessionTokens
from conjure.settings import SessionSettings
from support.cases import each_of
from support.edge.forgery import claims_of, encoded
from support.rest import assert_error, bearer, connect, mint
from support.rpc import Client, refused

MANY = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**3_999),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
CLAIMS = ("iss", "aud", "sub", "jti", "iat", "exp", "nbf", "app", "mode", "wid")


def good(**other):
    now = int(time.time())
    return {
        "iss": "conjure", "aud": "conjure", "sub": "ada", "jti": str(uuid.uuid4()), "iat": now,
        "exp": now + 60, "app": "an app", "mode": "test", "wid": str(uuid.uuid4()),
    } | other  # fmt: skip


@pytest.fixture
async def sign(stack):
    """Signs any header and any claims with the deployment's own key."""
    key = await stack.admin.signing_keys.current()

    def signed(claims, **header) -> str:
        told = {"alg": "EdDSA", "typ": "JWT", "kid": key.kid} | header
        text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        message = f"{encoded(json.dumps(told).encode())}.{encoded(text)}"
        return f"{message}.{encoded(key.private.sign(message.encode()).signature)}"

    return signed


@pytest.fixture
async def direct(server_channel, app):
    return Client(server_channel, app.secret)


@pytest.fixture
def verify(stack):
    """The verifier of a server, over the same keys."""
    return SessionTokens(SessionSettings(), stack.admin.signing_keys).verify


async def is_caller(verify, token: str) -> bool:
    try:
        caller = await verify(token, None)
    except InvalidCredential:
        return False
    assert isinstance(caller.expires_at_s, int)
    caller.player.encode()
    return True


async def test_good_claims_are_a_caller(verify, sign):
    assert await is_caller(verify, sign(good()))
    assert await is_caller(verify, sign(good(more={"x": [1]})))


@each_of("claim", ["exp", "iat", "nbf"])
@each_of(
    "value",
    [10**3_999, -(10**3_999), 2**64, 1e300, float("nan"), float("inf"), True, "9999999999", "x", [], {}],
    ids=lambda value: str(value)[:12],
)  # fmt: skip
async def test_a_time_that_is_none_is_refused(verify, sign, claim, value):
    assert not await is_caller(verify, sign(good(**{claim: value})))


@each_of("claim", ["iss", "aud", "sub", "jti", "app", "mode", "wid"])
@each_of("value", [None, 5, True, 1.5, [], ["conjure"], {}, {"x": 1}])
async def test_a_text_that_is_none_is_refused(verify, sign, claim, value):
    assert not await is_caller(verify, sign(good(**{claim: value})))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"5", b"null", b"\xff", b"[" * 3_000])
async def test_claims_that_are_no_object_are_refused(verify, sign, text):
    assert not await is_caller(verify, sign(text))


@MANY
@given(st.dictionaries(st.sampled_from(CLAIMS), JSON, max_size=9), st.booleans())
async def test_any_claims_are_a_caller_or_refused(verify, sign, claims, based_on_good):
    await is_caller(verify, sign(good() | claims if based_on_good else claims))


@MANY
@given(
    st.dictionaries(st.sampled_from(["alg", "typ", "crit", "b64", "kid", "x"]), JSON, max_size=5)
)
async def test_any_header_is_a_caller_or_refused(verify, sign, header):
    await is_caller(verify, sign(good(), **header))


@MANY
@given(
    st.text(max_size=60)
    | st.lists(st.binary(max_size=20).map(encoded), min_size=1, max_size=4).map(".".join)
    | st.dictionaries(st.text(max_size=3), JSON, max_size=3).map(
        lambda header: f"{encoded(json.dumps(header).encode())}.e30.e30"
    )
)
async def test_any_text_is_refused(verify, text):
    with contextlib.suppress(UnicodeEncodeError):
        assert not await is_caller(verify, text)


def spellings(token: str) -> list[str]:
    """Other texts that a lenient decoder takes for the same token."""
    head, claims, signature = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    unused = [alphabet[last ^ bits] for bits in range(1, 16)]  # 64 bytes leave four bits over
    return [
        f"{token}=", f"{token}==", f"{head}=.{claims}.{signature}", f"{head}.{claims}=.{signature}",
        f"{head}.{claims}.{signature[:40]} {signature[40:]}", f"{head}.{claims}.{signature[:40]}\n{signature[40:]}",
        *(token[:-1] + letter for letter in unused),
        token.replace("-", "+").replace("_", "/") if set("-_") & set(token) else f"{token}+",
        f"{token}.", f".{token}", f"{head}.{claims}", f"{head}..{signature}",
    ]  # fmt: skip


async def test_a_token_has_one_spelling(verify, sign):
    token = sign(good())
    assert await is_caller(verify, token)
    for other in spellings(token):
        assert not await is_caller(verify, other), other
    assert await is_caller(verify, token)


async def test_a_server_refuses_them_too(rest, direct, sign):
    """Also right after the true spelling has been verified, over both faces, in header and body."""
    (minted,) = await direct.new_tokens(1)
    claims = claims_of(minted.token)
    assert (await connect(rest, minted.token)).status_code == 200
    for token in (*spellings(minted.token), sign(claims | {"exp": 10**3_999})):
        answer = await rest.post("/v1/sessions/connect", json={"token": token})
        assert_error(answer, 401)
        if "\n" not in token:
            assert_error(await connect(rest, token), 401)
            await refused(direct.connect(token), Reason.INVALID_CREDENTIAL)


@pytest.mark.parametrize(
    ("origin", "sent"),
    [
        ("https://play.example:08443", "https://play.example:8443"),
        ("http://0x7f.1", "http://127.0.0.1"),
        ("http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000"),
        ("https://Bücher.example:443", "https://xn--bcher-kva.example"),
    ],
)
async def test_a_token_is_bound_to_an_origin_as_browsers_send_it(rest, app, direct, origin, sent):
    world_id = await direct.new_world()
    minted = await mint(rest, app.secret, world_id, origin=origin)
    assert claims_of(minted["token"])["aud"] == sent
    assert (await connect(rest, minted["token"], origin=sent)).status_code == 200
    for other in ({}, {"origin": "https://play.example"}, {"origin": "null"}):
        assert_error(await connect(rest, minted["token"], **other), 401)


@pytest.mark.parametrize(
    "origin", ["https://x:65536", "https://x/", "null", "", "https://*.example"]
)
async def test_what_is_no_web_origin_is_refused_and_costs_nothing(rest, app, direct, origin):
    world_id = await direct.new_world()
    answer = await rest.post(
        "/v1/sessions/token",
        json={"worldId": world_id, "origin": origin},
        headers=bearer(app.secret),
    )
    assert "origin must be a web origin" in assert_error(answer, 400)["detail"]
    assert await direct.used("session") == 0


async def test_a_key_and_a_cursor_have_one_spelling(rest, app, direct):
    for _ in range(2):
        await direct.new_world()
    for key in (
        f"{app.secret}=",
        app.secret.upper(),
        f"{app.secret}.",
        app.secret.replace("_", "-"),
    ):
        direct.key = key
        await refused(direct.list_worlds(), Reason.INVALID_CREDENTIAL)
    direct.key = app.secret
    cursor = (await direct.list_worlds(limit=1)).next_cursor
    await direct.list_worlds(cursor=cursor)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(cursor[-1])
    others = [cursor[:-1] + alphabet[last ^ bits] for bits in (1, 2, 3)]
    for other in (f"{cursor}=", f"{cursor}==", f" {cursor}", f"{cursor}\n", *others):
        await refused(direct.list_worlds(cursor=other), Reason.INVALID_CURSOR)
