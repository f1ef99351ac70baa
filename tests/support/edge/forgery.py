"""Session tokens that the server did not issue: true copies, and forgeries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def claims_of(token: str) -> dict[str, Any]:
    """What a token says of itself."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


async def signed(admin: Any, claims: dict[str, Any], **header: Any) -> str:
    """A token that carries the deployment's own signature, whatever it claims."""
    key = await admin.signing_keys.current()
    private = Ed25519PrivateKey.from_private_bytes(bytes(key.private))
    return jwt.encode(claims, private, algorithm="EdDSA", headers={"kid": key.kid} | header)


def assembled(header: Any, claims: Any, signature: bytes = b"") -> str:
    """A token made of any parts."""
    return ".".join(encoded(part) for part in (_text(header), _text(claims), signature))


def with_hmac(header: Any, claims: Any, secret: bytes) -> str:
    """A token signed with a shared secret."""
    signing_input = ".".join(encoded(_text(part)) for part in (header, claims))
    signature = hmac.new(secret, signing_input.encode(), hashlib.sha256).digest()
    return f"{signing_input}.{encoded(signature)}"


def encoded(data: bytes) -> str:
    """Base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _text(part: Any) -> bytes:
    return part if isinstance(part, bytes) else json.dumps(part).encode()
