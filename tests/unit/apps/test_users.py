"""User tokens: anything is a user or refused, and one token has one spelling (CONTRACT 0.1)."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import time

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.apps.users import UserTokens
from conjure.core.errors import InvalidCredential
from conjure.settings import AuthSettings
from support.cases import each_of

SECRET = "a secret of more than thirty-two bytes"
USERS = UserTokens(AuthSettings(user_jwt_secret=SECRET))
HEADER = {"alg": "HS256", "typ": "JWT"}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(claims: bytes, header: bytes = json.dumps(HEADER).encode()) -> str:
    """A token with a true signature, whatever it says."""
    text = f"{encoded(header)}.{encoded(claims)}"
    made = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{encoded(made)}"


def good(**other):
    return {"sub": "u1", "aud": "authenticated", "exp": int(time.time()) + 60} | other


def verified(token: str):
    """Who is signed in. Nothing is waited for where there is no issuer to ask, so no loop is needed."""
    verifying = USERS.verify(token)
    try:
        verifying.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits")


def refused(token: str) -> None:
    with pytest.raises(InvalidCredential):
        verified(token)


def test_a_good_token_names_its_user():
    assert verified(signed(json.dumps(good()).encode())).user_id == "u1"
    assert verified(signed(json.dumps(good(exp=time.time() + 60.5)).encode())).user_id == "u1"


@each_of(
    "claims",
    [
        good(exp=10**3999), good(exp="9999999999"), good(exp=True), good(exp=None), good(exp=[1]),
        good(exp=1e300), good(exp=-1), good(iat="x"), good(iat={}), good(iat=10**4000), good(nbf=[]),
        good(sub=5), good(sub=None), good(sub=""), good(sub=["u1"]), good(aud=5), good(aud={}), good(aud=None),
        good(iss=5), good(jti=5), [], "x", 5, None,
    ],
)  # fmt: skip
def test_claims_of_other_types_are_refused(claims):
    refused(signed(json.dumps(claims).encode()))


@each_of(
    "text",
    [b"", b"{", b"\xff", b'{"exp":NaN}', b'{"exp":1e999}', b"[" * 5_000, b'{"sub":"\\ud800"}'],
)
def test_claims_that_are_no_json_are_refused(text):
    refused(signed(text))


def test_a_token_has_one_spelling():
    token = signed(json.dumps(good()).encode())
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 32 bytes are 43 characters, of which the last carries two bits of nothing.
    position = last.index(token[-1])
    others = [token[:-1] + last[position ^ bits] for bits in (1, 2, 3)]
    head, claims, signature = token.split(".")
    for spelling in (
        *others, f"{token}=", f"{token}==", f" {token}", f"{token}\n", f"{head}=.{claims}.{signature}",
        f"{head}.{claims}=.{signature}", f"{token}.", f".{token}", f"{head}.{claims}", f"{token[:10]} {token[10:]}",
        "x" * 10_000,
    ):  # fmt: skip
        refused(spelling)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**4_200),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
CLAIMS = st.dictionaries(
    st.sampled_from(["exp", "iat", "nbf", "iss", "sub", "aud", "jti", "x"]), JSON, max_size=8
)


@given(CLAIMS, st.booleans())
def test_any_claims_are_a_user_or_refused(claims, based_on_good):
    text = json.dumps(good() | claims if based_on_good else claims).encode()
    with contextlib.suppress(InvalidCredential):
        assert verified(signed(text)).user_id


@given(
    st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "b64", "x"]), JSON, max_size=5)
)
def test_any_header_is_a_user_or_refused(header):
    claims = json.dumps(good()).encode()
    for told in (header, HEADER | header):
        with contextlib.suppress(InvalidCredential):
            verified(signed(claims, json.dumps(told).encode()))


@given(
    st.text(max_size=50)
    | st.binary(max_size=30).map(lambda data: f"{encoded(data)}.{encoded(data)}.x")
)
def test_any_text_is_refused(text):
    refused(text)


def test_a_deep_header_is_refused():
    refused(signed(json.dumps(good()).encode(), b'{"x":' + b"[" * 2_000))


async def test_without_a_secret_nobody_is_a_user():
    token = jwt.encode(good(), SECRET, algorithm="HS256")
    with pytest.raises(InvalidCredential):
        await UserTokens(AuthSettings()).verify(token)


@pytest.mark.parametrize(
    ("issuer", "works"),
    [
        ({}, False),
        ({"iss": "https://other"}, False),
        ({"iss": ""}, False),
        ({"iss": "https://a"}, True),
    ],
)
async def test_an_issuer_that_is_named_must_be_the_tokens(issuer, works):
    users = UserTokens(AuthSettings(user_jwt_secret=SECRET, user_jwt_issuer="https://a"))
    token = signed(json.dumps(good(**issuer)).encode())
    if works:
        assert (await users.verify(token)).user_id == "u1"
    else:
        with pytest.raises(InvalidCredential):
            await users.verify(token)
