"""Ed25519 (RFC 8032, RFC 8037) by libsodium, as an algorithm of PyJWT.

The curve is most of what a token costs: libsodium takes 17 µs to sign and 42 to verify where OpenSSL, which
PyJWT would use, takes 27 and 88 (measured in one run). All else that is decided about a token stays PyJWT's.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from jwt import InvalidTokenError
from jwt.algorithms import Algorithm
from jwt.utils import base64url_decode, base64url_encode
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from conjure.core.jwts import StrictJWT
from conjure.core.lru import LruCache

NAME: Final = "EdDSA"
_SIGNATURE_BYTES: Final = 64
_MAX_KIDS: Final = 64


class Ed25519(Algorithm):
    """Signs and verifies; keys are libsodium's."""

    def prepare_key(self, key: Any) -> Any:
        """Keys come ready. Raises TypeError for any other kind of key: no text is ever tried as one."""
        if not isinstance(key, SigningKey | VerifyKey):
            raise TypeError("an Ed25519 key is needed")
        return key

    def sign(self, msg: bytes, key: SigningKey) -> bytes:
        """Returns the signature."""
        signed: bytes = key.sign(msg)
        return signed[:_SIGNATURE_BYTES]

    def verify(self, msg: bytes, key: VerifyKey, sig: bytes) -> bool:
        """Whether `sig` is the key's signature of `msg`."""
        if len(sig) != _SIGNATURE_BYTES:
            return False
        try:
            key.verify(msg, sig)
        except CryptoError:
            return False
        return True

    @staticmethod
    def to_jwk(key_obj: SigningKey | VerifyKey, as_dict: bool = False) -> Any:
        """Returns a key as a JWK (RFC 8037, 2); a signing key with its private part."""
        if isinstance(key_obj, SigningKey):
            private = {"d": base64url_encode(bytes(key_obj)).decode()}
            jwk = Ed25519.to_jwk(key_obj.verify_key, as_dict=True) | private
        else:
            jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(bytes(key_obj)).decode()}
        return jwk if as_dict else orjson.dumps(jwk).decode()

    @staticmethod
    def from_jwk(jwk: Any) -> Any:
        """Reads a JWK: a signing key when it has a private part. Raises ValueError."""
        found = orjson.loads(jwk) if isinstance(jwk, str) else jwk
        if found.get("kty") != "OKP" or found.get("crv") != "Ed25519":
            raise ValueError("not an Ed25519 key")
        if "d" in found:
            return SigningKey(base64url_decode(found["d"]))
        return VerifyKey(base64url_decode(found["x"]))


class Tokens(StrictJWT):
    """PyJWT that knows one algorithm, this one."""

    def __init__(self) -> None:
        self._ed25519 = Ed25519()
        super().__init__(NAME, self._ed25519)
        self._written: LruCache[str, bytes] = LruCache(_MAX_KIDS)

    def kid_of(self, token: str) -> str:
        """Returns the id of the key that a token says it is signed with. Raises InvalidTokenError."""
        kid = self._jws.header_of(token).get("kid")
        if not isinstance(kid, str):
            raise InvalidTokenError("a token names its key")
        return kid

    def sign(self, claims: dict[str, Any], key: SigningKey, kid: str) -> str:
        """Returns a token, as the library makes it. All of a key begin with a header that it writes once."""
        header = self._written.get(kid)
        if header is None:
            whole = self._jws.encode(b"", key, NAME, {"kid": kid})  # type: ignore[arg-type]  # our own kind of key
            header = whole.partition(".")[0].encode()
            self._written.put(kid, header)
        signed = b"%b.%b" % (header, base64url_encode(orjson.dumps(claims)))
        signature = base64url_encode(self._ed25519.sign(signed, key))
        return (b"%b.%b" % (signed, signature)).decode()
