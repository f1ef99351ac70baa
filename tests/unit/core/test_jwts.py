"""Tokens are read as the unmodified library reads them, or more strictly where it is named (CONTRACT 0.1, 6.1).

The tokens come from `support/damaged_tokens.py`. `--tokens=1000000` tries a million, with another seed in each run;
that takes minutes.
"""

from __future__ import annotations

import base64
import json
import math
import random
import time
from collections import Counter
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from conjure.apps.users import UserTokens
from conjure.core import jwts
from conjure.core.jwts import Compact
from conjure.sessions.ed25519 import Ed25519, Tokens
from conjure.settings import AuthSettings
from support.damaged_tokens import AUDIENCE, ISSUER, KEYS, LEEWAY_S, SECRET, Forger, encoded

LIBRARY = jwt.PyJWT()
PUBLIC = {
    kid: Ed25519PublicKey.from_public_bytes(bytes(key.verify_key)) for kid, key in KEYS.items()
}
SESSIONS = Tokens()
USERS = UserTokens(AuthSettings(user_jwt_secret=SECRET, user_jwt_audience=AUDIENCE))._readers[
    "HS256"
]
LATEST_S = 253_402_300_799

# The arguments of sessions/tokens.py and apps/users.py.
SESSION = {
    "algorithms": ["EdDSA"],
    "issuer": ISSUER,
    "leeway": LEEWAY_S,
    "options": {
        "require": ["iss", "aud", "sub", "jti", "iat", "exp"],
        "verify_aud": False,
        "verify_exp": False,
    },
}
USER = {
    "algorithms": ["HS256"],
    "audience": AUDIENCE,
    "options": {"require": ["exp", "sub", "aud"], "enforce_minimum_key_length": True},
}


def theirs(algorithm: str, token: str) -> dict[str, Any] | None:
    """The claims, as the unmodified library with OpenSSL has them; None when it refuses, however it says so."""
    try:
        if algorithm == "HS256":
            return LIBRARY.decode(token, SECRET, **USER)
        return LIBRARY.decode(token, PUBLIC[jwt.get_unverified_header(token)["kid"]], **SESSION)
    except Exception:  # noqa: BLE001 - it has several, also some that are no token's
        return None


def ours(algorithm: str, token: str) -> dict[str, Any] | None:
    """The claims, or None when the token is refused; any error but the one that callers expect fails the test."""
    try:
        if algorithm == "HS256":
            return USERS.decode(token, SECRET, **USER)
        key = KEYS.get(SESSIONS.kid_of(token))
        return None if key is None else SESSIONS.decode(token, key.verify_key, **SESSION)
    except jwt.InvalidTokenError:
        return None


def stricter(token: str, claims: dict[str, Any]) -> str | None:
    """Which of our own rules a token breaks that the library accepts. There are these four."""
    if "=" in token:
        return "padding"  # RFC 7515, 2: base64url without it; so that a token has one spelling
    part = token.split(".")[1]
    if not is_strict(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))):
        return "json"  # RFC 8259: what an answer could not repeat
    for name in ("exp", "iat", "nbf"):
        value = claims.get(name, 0)
        if type(value) not in {int, float} or not 0 <= value <= LATEST_S:
            return "time"  # RFC 7519, 2: a NumericDate is a number
    if not all(isinstance(claims.get(name, ""), str) for name in ("iss", "sub", "jti")):
        return "text"  # RFC 7519, 4.1
    return None


def is_strict(text: bytes) -> bool:
    """Whether claims are JSON in UTF-8 without a mark, their texts Unicode, their numbers finite as doubles."""

    def finite(digits: str) -> int | float:
        value = float(digits)
        if not math.isfinite(value):
            raise ValueError(digits)
        return value

    def each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for pair in pairs:  # also those that a later one of the same name hides
            pending = list(pair)
            while pending:
                value = pending.pop()
                if isinstance(value, str):
                    value.encode()  # a lone surrogate raises
                elif isinstance(value, list):
                    pending += value
        return dict(pairs)

    try:
        json.loads(
            text.decode(),  # strictly: no surrogates, no other encoding; a mark is no JSON then
            parse_constant=finite, parse_int=finite, parse_float=finite, object_pairs_hook=each,
        )  # fmt: skip
    except ValueError:
        return False
    return True


def is_same(mine: Any, their: Any) -> bool:
    """Whether claims are equal, also in types. Integers beyond 64 bits are the nearest double (RFC 8259, 6)."""
    pending = [(mine, their)]
    while pending:
        one, other = pending.pop()
        if isinstance(other, int) and not -(2**63) <= other < 2**64:
            other = float(other)
        if type(one) is not type(other):
            return False
        if isinstance(one, dict):
            if list(one) != list(other):
                return False
            pending += [(one[name], other[name]) for name in one]
        elif isinstance(one, list):
            if len(one) != len(other):
                return False
            pending += zip(one, other, strict=True)
        elif one != other:
            return False
    return True


def compared(algorithm: str, token: str) -> str:
    """Fails unless both say the same of a token, or one of our rules says why not. Returns what was said."""
    expected, found = theirs(algorithm, token), ours(algorithm, token)
    if expected is None:
        assert found is None, f"accepted, and the library does not: {token!r}"
        return "refused"
    rule = stricter(token, expected)
    if rule is not None:
        assert found is None, f"accepted against our rule of {rule}: {token!r}"
        return rule
    assert found is not None, f"refused, and the library accepts: {token!r}"
    assert is_same(found, expected), f"{found} is not {expected}: {token!r}"
    return "accepted"


@pytest.mark.parametrize("algorithm", ["EdDSA", "HS256"])
def test_any_token_has_the_verdict_and_the_claims_of_the_library(algorithm, pytestconfig):
    """The library decides; what is refused besides is refused by a rule that has a name."""
    count = pytestconfig.getoption("--tokens")
    seed = 1 if count is None else random.randrange(2**32)
    forger = Forger(random.Random(seed), algorithm, int(time.time()))
    said: Counter[str] = Counter()
    for n in range((count or 10_000) // 2):
        if n % 100 == 0:
            forger.now_s = int(time.time())
        said[compared(algorithm, forger.token())] += 1
    print(f"{algorithm}, seed {seed}: {dict(said)}")  # noqa: T201 - for `-rP`, after a million
    assert set(said) == {"accepted", "refused", "padding", "json", "time", "text"} - (
        {"text"}
        if algorithm == "EdDSA"
        else set()  # the library has that rule when it looks at the issuer
    )
    assert min(said["accepted"], said["refused"]) > said.total() / 10


def test_a_part_has_one_spelling():
    """Every last character that a part of any length can have: 64 for each, and only one of them is canonical."""
    alphabet = base64.urlsafe_b64encode(bytes(range(256))).decode()
    characters = sorted(set(alphabet) - {"="} | {"+", "/", "=", " "})
    for length in range(9):
        for last in characters:
            segment = (encoded(b"\xfb\xff" * 8)[:length][:-1] + last).encode() if length else b""
            try:
                plain = jwt.PyJWS._decode_base64url_segment(segment, "part")
            except jwt.DecodeError:
                plain = None
            try:
                found = Compact._decode_base64url_segment(segment, "part")
            except jwt.DecodeError:
                found = None
            assert found == (None if b"=" in segment else plain), segment


def test_claims_that_nest_too_deep_for_the_library_are_refused():
    """What it reads depends on the stack of whoever asks, so the depths around that are looked at here."""
    verdicts = set()
    for depth in range(850, 1_040):
        claims = f'{{"sub":"u","aud":"{AUDIENCE}","exp":{LATEST_S},"x":{"[" * depth}{"]" * depth}}}'
        token = jwt.PyJWS().encode(claims.encode(), SECRET, "HS256")
        expected, found = theirs("HS256", token), ours("HS256", token)
        assert expected is not None or found is None, depth
        verdicts.add((expected is not None, found is not None))
    assert {(True, True), (False, False)} <= verdicts


def test_a_token_that_is_signed_is_the_librarys_to_the_letter():
    """Its header is written by the library once per key; the claims are JSON in UTF-8."""
    tokens = Tokens()
    library = jwt.PyJWS()
    library.unregister_algorithm("EdDSA")
    library.register_algorithm("EdDSA", Ed25519())
    for n, (kid, key) in enumerate([*KEYS.items(), ('a "key" é', KEYS["key-1"])] * 2):
        claims = {"sub": f"größe {n}", "iat": n, "x": [None, 1.5, {"y": True}]}
        text = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
        made = tokens.sign(claims, key, kid)
        assert made == library.encode(text, key, "EdDSA", {"kid": kid})
        assert tokens.kid_of(made) == kid


def test_a_key_writes_its_header_once(monkeypatch):
    written = []
    plain = jwt.PyJWS.encode

    def encode(self, *args, **kwargs):
        written.append(args)
        return plain(self, *args, **kwargs)

    monkeypatch.setattr(jwt.PyJWS, "encode", encode)
    tokens = Tokens()
    for n in range(6):
        tokens.sign({"iat": n}, KEYS["key-1"], "key-1")
    assert len(written) == 1
    for n in range(3 * 64):
        tokens.sign({}, KEYS["key-1"], f"kid-{n}")
    assert len(tokens._written) == 64, "bounded, whatever happens to keys"


def test_strangers_headers_are_not_kept():
    """A few short ones at most; and what its reader got, nobody else sees changed."""
    tokens = Tokens()
    token = tokens.sign({}, KEYS["key-1"], "key-1")
    tokens.kid_of(token)
    tokens._jws.get_unverified_header(token)["kid"] = "key-2"
    assert tokens.kid_of(token) == "key-1"
    for header in ('{"kid":"k","x":[]}', '{"kid":"k","b64":false}', f'{{"kid":"{"k" * 500}"}}'):
        before = len(tokens._jws._headers)
        payload = "" if "b64" in header else "e30"
        tokens._jws._load(f"{encoded(header.encode())}.{payload}.AA")
        assert len(tokens._jws._headers) == before, header
    for n in range(200):
        tokens.kid_of(f"{encoded(json.dumps({'kid': str(n)}).encode())}.e30.AA")
    assert len(tokens._jws._headers) == 64


def test_a_header_is_read_once(monkeypatch):
    """By the library. Fails too when a release takes tokens apart elsewhere: that costs time, and no strictness."""
    read = []
    plain = jwt.PyJWS._load

    def load(self, token):
        read.append(token)
        return plain(self, token)

    tokens = Tokens()
    monkeypatch.setattr(jwt.PyJWS, "_load", load)
    for n in range(5):
        token = tokens.sign({"n": n}, KEYS["key-1"], "key-1")
        assert tokens.kid_of(token) == "key-1"
        assert tokens.decode(token, KEYS["key-1"].verify_key, ["EdDSA"]) == {"n": n}
    assert len(read) == 1


def test_a_release_that_reads_tokens_elsewhere_does_not_start(monkeypatch):
    """What is extended is not public. As long as the library calls it, tokens are read strictly."""
    # As good as a library that does not call it.
    monkeypatch.delattr(Compact, "_decode_base64url_segment")
    with pytest.raises(RuntimeError, match=f"PyJWT {jwt.__version__} does not read tokens"):
        Tokens()


def test_a_release_that_reads_claims_elsewhere_does_not_start(monkeypatch):
    monkeypatch.delattr(jwts.StrictJWT, "_decode_payload")
    with pytest.raises(RuntimeError, match="does not read tokens"):
        Tokens()


def test_a_release_that_wants_other_parts_does_not_start(monkeypatch):
    def more(self, token):
        return (*Compact._load(self, token), b"another")

    class Other(Compact):
        _load = more

    monkeypatch.setattr(jwts, "Compact", Other)
    with pytest.raises(RuntimeError, match="does not read tokens"):
        Tokens()


def test_the_library_itself_takes_what_the_check_at_the_start_looks_for():
    """Otherwise that check would tell nothing of whose reading it was."""
    for token in ("e30.e30=.AA", "eyJ4IjoieSJ9.e30=.AA", "e30.eyJ4IjpOYU59.AA"):
        assert isinstance(LIBRARY.decode(token, options={"verify_signature": False}), dict)
