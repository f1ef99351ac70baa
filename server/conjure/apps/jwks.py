"""The public keys of an identity provider, as it publishes them (JWKS, RFC 7517).

Each key is good for one algorithm, which follows from what it is, and from its own `alg` if it names one. A
token's header never decides how it is verified: the public key of RS256 is no secret of HS256.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

if TYPE_CHECKING:
    from jwt.algorithms import Algorithm

    PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

RS256: Final = "RS256"
ES256: Final = "ES256"
EDDSA: Final = "EdDSA"
ALGORITHMS: Final[dict[str, Algorithm]] = {
    RS256: RSAAlgorithm(RSAAlgorithm.SHA256),
    ES256: ECAlgorithm(ECAlgorithm.SHA256, SECP256R1),
    EDDSA: OKPAlgorithm(),
}

MOST_KID: Final = 256
"""Characters of a key's id."""
_MOST_KEYS: Final = 100  # issuers publish two or three
_RSA_BITS: Final = range(2_048, 8_192 + 1)  # RFC 7518, 3.3; longer ones cost milliseconds each time
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys that can verify, by id and algorithm; and for the log, why others cannot."""

    keys: dict[tuple[str, str], PublicKey]
    unused: tuple[str, ...]


class _Unused(Exception):
    """A key that verifies nothing here; the text says why."""


def read_jwks(text: bytes) -> KeySet:
    """Reads what an issuer publishes. Raises ValueError when it is no set of keys at all.

    A key that cannot be used is left out and no fault of the others: issuers publish keys for other purposes,
    and of algorithms to come.
    """
    document = orjson.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JWKS: an object with a list `keys`")  # noqa: TRY004 - of the text
    keys: dict[tuple[str, str], PublicKey] = {}
    unused: list[str] = []
    for position, item in enumerate(document["keys"][:_MOST_KEYS]):
        try:
            kid, algorithm, key = _read_key(item)
        except _Unused as reason:
            unused.append(f"keys[{position}]: {reason}")
            continue
        if keys.setdefault((kid, algorithm), key) is not key:
            unused.append(f"keys[{position}]: its kid stands twice; the first one counts")
    if len(document["keys"]) > _MOST_KEYS:
        unused.append(f"keys[{_MOST_KEYS}] and later: more than anybody has")
    return KeySet(keys, tuple(unused))


def _read_key(item: Any) -> tuple[str, str, PublicKey]:
    if not isinstance(item, dict):
        raise _Unused("no object")
    kid = item.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= MOST_KID:
        raise _Unused("no kid")
    if not _PRIVATE.isdisjoint(item):
        raise _Unused("a private or symmetric key: whoever reads it can sign")
    if item.get("use", "sig") != "sig":
        raise _Unused("its use is not sig")
    purposes = item.get("key_ops", ["verify"])
    if not isinstance(purposes, list) or "verify" not in purposes:
        raise _Unused("its key_ops have no verify")
    algorithm, key = _public_key(item)
    if item.get("alg", algorithm) != algorithm:
        raise _Unused(f"its alg is not {algorithm}, the only one that such a key is used for")
    return kid, algorithm, key


def _public_key(item: dict[str, Any]) -> tuple[str, PublicKey]:
    """Returns a key with its algorithm."""
    kind, curve = item.get("kty"), item.get("crv")
    if kind == "RSA":
        key = _numbers(RSAAlgorithm, item)
        if not isinstance(key, RSAPublicKey) or key.key_size not in _RSA_BITS:
            raise _Unused(f"an RSA key must have {_RSA_BITS[0]} to {_RSA_BITS[-1]} bits")
        return RS256, key
    if kind == "EC" and curve == "P-256":
        key = _numbers(ECAlgorithm, item)
        if isinstance(key, EllipticCurvePublicKey):
            return ES256, key
    if kind == "OKP" and curve == "Ed25519":
        key = _numbers(OKPAlgorithm, item)
        if isinstance(key, Ed25519PublicKey):
            return EDDSA, key
    raise _Unused("none of RSA, EC P-256 and OKP Ed25519")


def _numbers(kind: type[RSAAlgorithm | ECAlgorithm | OKPAlgorithm], item: dict[str, Any]) -> Any:
    try:
        return kind.from_jwk(item)
    except Exception as error:  # of three libraries, for what a stranger may have written
        raise _Unused("its numbers are no key") from error
