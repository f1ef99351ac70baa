"""What an issuer publishes: each key is for one algorithm, and what cannot verify is left out (RFC 7517)."""

from __future__ import annotations

import contextlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm

from conjure.apps.jwks import read_jwks
from support.cases import each_of
from support.issuer import ec_key, ed_key, encoded, rsa_key

EC, ED, RSA = ec_key(), ed_key(), rsa_key()


def read(*keys):
    return read_jwks(json.dumps({"keys": keys, "more": {"members": 1}}).encode())


def test_a_key_is_for_the_algorithm_of_its_kind():
    found = read(RSA.jwk(), EC.jwk(), ED.jwk())
    assert set(found.keys) == {("rsa", "RS256"), ("ec", "ES256"), ("ed", "EdDSA")}
    assert not found.unused


@pytest.mark.parametrize("key", [RSA, EC, ED], ids=lambda key: key.kid)
def test_what_a_key_need_not_say(key):
    bare = key.jwk(x5c=["…"], x5t="x", ext=True)
    for name in ("alg", "use"):
        del bare[name]
    assert set(read(bare, bare | {"kid": "b", "key_ops": ["verify"]}).keys) == {
        (key.kid, key.algorithm),
        ("b", key.algorithm),
    }


def without(jwk, name):
    return {member: value for member, value in jwk.items() if member != name}


OTHER_EC = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True)
ED448 = OKPAlgorithm.to_jwk(ed448.Ed448PrivateKey.generate().public_key(), as_dict=True)
WEAK = RSAAlgorithm.to_jwk(rsa.generate_private_key(65_537, 1_024).public_key(), as_dict=True)
ENDLESS = RSA.jwk(n=encoded(b"\xff" * 4_096))
UNUSED = {
    "no kid": without(RSA.jwk(), "kid"),
    "kid null": RSA.jwk(kid=None),
    "kid a number": RSA.jwk(kid=5),
    "kid empty": RSA.jwk(kid=""),
    "kid huge": RSA.jwk(kid="x" * 257),
    "no kty": without(RSA.jwk(), "kty"),
    "kty unknown": RSA.jwk(kty="PQ"),
    "kty a list": RSA.jwk(kty=["RSA"]),
    "no n": without(RSA.jwk(), "n"),
    "n a number": RSA.jwk(n=5),
    "n no base64": RSA.jwk(n="ü"),
    "n empty": RSA.jwk(n=""),
    "e even": RSA.jwk(e="Ag"),
    "e one": RSA.jwk(e="AQ"),
    "weak": WEAK | {"kid": "a"},
    "endless": ENDLESS,
    "for encryption": RSA.jwk(use="enc"),
    "use null": RSA.jwk(use=None),
    "another purpose": RSA.jwk(key_ops=["encrypt"]),
    "purposes no list": RSA.jwk(key_ops="verify"),
    "RSA for PS256": RSA.jwk(alg="PS256"),
    "RSA for RS512": RSA.jwk(alg="RS512"),
    "RSA for HS256": RSA.jwk(alg="HS256"),
    "RSA for none": RSA.jwk(alg="none"),
    "RSA for null": RSA.jwk(alg=None),
    "EC for RS256": EC.jwk(alg="RS256"),
    "another curve": OTHER_EC | {"kid": "a"},
    "another curve by name": EC.jwk(crv="P-384"),
    "secp256k1": EC.jwk(crv="secp256k1"),
    "no curve": without(EC.jwk(), "crv"),
    "a point that is not on it": EC.jwk(x=encoded(b"\1" * 32)),
    "a point at infinity": EC.jwk(x=encoded(bytes(32)), y=encoded(bytes(32))),
    "half a point": without(EC.jwk(), "y"),
    "Ed448": ED448 | {"kid": "a"},
    "Ed25519 too short": ED.jwk(x=encoded(b"\1" * 31)),
    "X25519": ED.jwk(crv="X25519"),
    "symmetric": HMACAlgorithm.to_jwk(b"a secret of more than thirty-two bytes", as_dict=True) | {"kid": "a"},
    "symmetric said to be RSA": RSA.jwk(k="c2VjcmV0"),
    "private RSA": RSAAlgorithm.to_jwk(RSA.private, as_dict=True) | {"kid": "a"},
    "private EC": ECAlgorithm.to_jwk(EC.private, as_dict=True) | {"kid": "a"},
    "private Ed25519": OKPAlgorithm.to_jwk(ED.private, as_dict=True) | {"kid": "a"},
    "no object": "key",
    "null": None,
    "a list": [],
}  # fmt: skip


@each_of("name", UNUSED)
def test_what_cannot_verify_is_left_out_and_the_others_count(name):
    unused = UNUSED[name]
    if (
        isinstance(unused, dict)
        and "key_ops" in unused
        and "key_ops" not in name
        and "purpose" not in name
    ):
        unused = without(unused, "key_ops")
    found = read(unused, ED.jwk())
    assert set(found.keys) == {("ed", "EdDSA")}
    assert len(found.unused) == 1


def test_of_two_keys_with_one_id_the_first_counts_for_each_algorithm():
    other = ed_key("ed")
    found = read(ED.jwk(), other.jwk(), ec_key("ed").jwk())
    assert set(found.keys) == {("ed", "EdDSA"), ("ed", "ES256")}
    assert (
        found.keys["ed", "EdDSA"].public_bytes_raw() == ED.private.public_key().public_bytes_raw()
    )


def test_no_more_keys_are_read_than_anybody_has():
    found = read(*[ED.jwk(kid=str(number)) for number in range(1_000)])
    assert len(found.keys) == 100


@each_of(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"keys":null}',
        b'{"keys":{}}',
        b"<html>",
        b"\xff",
        b'{"keys":' + b"[" * 100_000,
    ],
)
def test_what_is_no_set_of_keys_is_an_error(text):
    with pytest.raises(ValueError):
        read_jwks(text)


VALUES = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)
MEMBERS = st.dictionaries(
    st.sampled_from(["kty", "crv", "x", "y", "n", "e", "kid", "alg", "use", "key_ops", "d"]),
    VALUES,
    max_size=3,
)


@given(st.sampled_from([RSA, EC, ED]), MEMBERS)
def test_any_key_is_read_or_left_out(key, members):
    with contextlib.suppress(UnicodeEncodeError):
        found = read(key.jwk() | members, EC.jwk(kid="other"))
        assert ("other", "ES256") in found.keys
