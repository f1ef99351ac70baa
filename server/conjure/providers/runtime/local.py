"""The built-in runtime: a token that we sign ourselves, for a player that needs no GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.core.lru import LruCache
from conjure.providers.runtime.port import RuntimeLease, RuntimeToken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_MAX_SIGNED: Final = 10_000  # tokens remembered per process, some 1.3 KB each

AUDIENCE: Final = "conjure-runtime"
"""Not the audience of session tokens: a runtime token opens no session."""


class LocalRuntime:
    """Signs runtime tokens with the deployment's own keys (verify with the JWK set).

    Nothing of a token is stored: EdDSA is deterministic, and `sign` takes the key that signed at `iat`. So
    the same lease is the same token, on every server and also after a new key has taken over. That is why one
    that was signed need not be signed again for a page that is reloaded, while the ring still says that key.
    """

    timeout_s = 0.0

    def __init__(
        self,
        sign: Callable[[dict[str, Any]], Awaitable[str]],
        kid_at: Callable[[float], Awaitable[str]],
        *,
        issuer: str,
    ) -> None:
        """`kid_at`: the key that `sign` takes for an `iat`."""
        self._sign = sign
        self._kid_at = kid_at
        self._issuer = issuer
        self._signed: LruCache[tuple[RuntimeLease, str], RuntimeToken] = LruCache(_MAX_SIGNED)

    def require(self) -> None:
        """Always there."""

    async def token(self, lease: RuntimeLease) -> RuntimeToken:
        """Returns a token that ends with the lease."""
        ends_at_s = lease.ends_at_ms // 1000
        begins_at_s = ends_at_s - lease.seconds
        signed = lease, await self._kid_at(begins_at_s)
        if (known := self._signed.get(signed)) is not None:
            return known
        jwt = await self._sign(
            {
                "iss": self._issuer,
                "aud": AUDIENCE,
                "sub": lease.player,
                "jti": lease.jti,
                "wid": lease.world_id,
                "iat": begins_at_s,
                "exp": ends_at_s,
            }
        )
        made = RuntimeToken(jwt=jwt, expires_in_s=lease.seconds, expires_at_s=ends_at_s)
        self._signed.put(signed, made)
        return made
