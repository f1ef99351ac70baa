"""The built-in runtime: a token that we sign ourselves, for a player that needs no GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.providers.runtime.port import RuntimeToken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conjure.providers.runtime.port import RuntimeLease

AUDIENCE: Final = "conjure-runtime"
"""Not the audience of session tokens: a runtime token opens no session."""


class LocalRuntime:
    """Signs runtime tokens with the deployment's own keys (verify with the JWK set).

    Nothing of a token is stored: EdDSA is deterministic, and `sign` takes the key that signed at `iat`. So
    the same lease is the same token, on every server and also after a new key has taken over.
    """

    timeout_s = 0.0

    def __init__(self, sign: Callable[[dict[str, Any]], Awaitable[str]], *, issuer: str) -> None:
        self._sign = sign
        self._issuer = issuer

    def require(self) -> None:
        """Always there."""

    async def token(self, lease: RuntimeLease) -> RuntimeToken:
        """Returns a token that ends with the lease."""
        ends_at_s = lease.ends_at_ms // 1000
        jwt = await self._sign(
            {
                "iss": self._issuer,
                "aud": AUDIENCE,
                "sub": lease.player,
                "jti": lease.jti,
                "wid": lease.world_id,
                "iat": ends_at_s - lease.seconds,
                "exp": ends_at_s,
            }
        )
        return RuntimeToken(jwt=jwt, expires_in_s=lease.seconds, expires_at_s=ends_at_s)
