"""An identity provider: keys that come and go, tokens of theirs, and an address where it publishes them."""

from __future__ import annotations

import base64
import functools
import json
import time
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from support.reactor import Reactor, answers


@functools.cache
def rsa_private_key() -> rsa.RSAPrivateKey:
    """One for the whole run: to make one takes a tenth of a second."""
    return rsa.generate_private_key(65_537, 2_048)


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class Key:
    """A key pair with its id and its algorithm."""

    kid: str
    algorithm: str
    private: Any

    def jwk(self, **other: Any) -> dict[str, Any]:
        """What is published of it."""
        kind = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}[self.algorithm]
        public = kind.to_jwk(self.private.public_key(), as_dict=True)
        public.pop("key_ops", None)
        return public | {"kid": self.kid, "use": "sig", "alg": self.algorithm} | other

    def token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token that it signs; a claim that is None is left out."""
        said = {"sub": "u1", "aud": "authenticated", "exp": int(time.time()) + 600} | claims
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, self.private, self.algorithm, {"kid": self.kid} | (header or {}))


def rsa_key(kid: str = "rsa") -> Key:
    return Key(kid, "RS256", rsa_private_key())


def ec_key(kid: str = "ec") -> Key:
    return Key(kid, "ES256", ec.generate_private_key(ec.SECP256R1()))


def ed_key(kid: str = "ed") -> Key:
    return Key(kid, "EdDSA", ed25519.Ed25519PrivateKey.generate())


@dataclass
class Issuer(Reactor):
    """Use as an async context manager."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/auth/v1/.well-known/jwks.json"

    @property
    def fetches(self) -> int:
        return len(self.requests)

    def publish(self, *keys: Key) -> None:
        """From now on these are its keys."""
        self.publish_jwks({"keys": [key.jwk() for key in keys]})

    def publish_jwks(self, document: Any) -> None:
        self.answer = answers(200, json.dumps(document).encode())
