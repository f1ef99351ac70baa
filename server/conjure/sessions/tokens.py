"""Session tokens: what a player's browser holds (CONTRACT 6.1)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import jwt

from conjure.core.caller import SessionCaller, Tenant
from conjure.core.errors import InvalidCredential
from conjure.core.ids import canonical_uuid

if TYPE_CHECKING:
    from conjure.sessions.signing import SigningKeys
    from conjure.settings import SessionSettings

ALGORITHM: Final = "EdDSA"
UNBOUND: Final = "conjure"
"""The audience of a token that any origin may use."""

ANONYMOUS: Final = "anonymous"
_MAX_TOKEN: Final = 4096  # characters: ours have some 500; nobody makes us hash a megabyte
_REQUIRED: Final = ["iss", "aud", "sub", "jti", "iat", "exp"]


class SessionTokens:
    """Issues and verifies session tokens."""

    def __init__(self, settings: SessionSettings, keys: SigningKeys) -> None:
        self._settings = settings
        self._keys = keys

    async def issue(
        self,
        tenant: Tenant,
        world_id: str,
        *,
        jti: str,
        player: str,
        origin: str | None,
        ttl_s: int,
    ) -> str:
        """Signs a token. Raises StoreUnavailable."""
        now = int(time.time())
        claims = {
            "iss": self._settings.issuer,
            "aud": origin or UNBOUND,
            "sub": player,
            "jti": jti,
            "iat": now,
            "exp": now + ttl_s,
            "app": tenant.app,
            "mode": tenant.mode,
            "wid": world_id,
        }
        return await self.sign(claims)

    async def sign(self, claims: dict[str, Any]) -> str:
        """Signs any claims with the current key. Raises StoreUnavailable."""
        key = await self._keys.current()
        return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.kid})

    async def verify(self, token: str, origin: str | None) -> SessionCaller:
        """Returns who holds `token`, called from `origin` (the browser's header, if any).

        Raises InvalidCredential, also when the token is bound to another origin; StoreUnavailable.
        """
        if len(token) > _MAX_TOKEN:
            raise InvalidCredential
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if not isinstance(kid, str):
                raise InvalidCredential
            key = await self._keys.find(kid)
            claims = jwt.decode(
                token,
                key.public,
                algorithms=[ALGORITHM],  # pinned: the token's own header decides nothing
                issuer=self._settings.issuer,
                audience=[UNBOUND] if origin is None else [UNBOUND, origin],
                leeway=self._settings.clock_skew_s,
                options={"require": _REQUIRED, "strict_aud": False},
            )
        except (jwt.InvalidTokenError, ValueError) as error:
            raise InvalidCredential from error
        return _caller(claims)


def _caller(claims: dict[str, Any]) -> SessionCaller:
    texts = [claims.get(name) for name in ("wid", "jti", "app", "mode", "sub")]
    if not all(isinstance(text, str) for text in texts):
        raise InvalidCredential
    world_id, jti, app, mode, player = map(str, texts)
    if canonical_uuid(world_id) is None or canonical_uuid(jti) is None:
        raise InvalidCredential
    return SessionCaller(
        tenant=Tenant(app, mode),
        world_id=world_id,
        jti=jti,
        player=player,
        expires_at_s=int(claims["exp"]),
    )
