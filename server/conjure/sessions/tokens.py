"""Session tokens: what a player's browser holds (CONTRACT 6.1)."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import jwt

from conjure.core import metrics
from conjure.core.caller import SessionCaller, Tenant
from conjure.core.errors import InvalidCredential
from conjure.core.ids import canonical_uuid
from conjure.core.lru import LruCache
from conjure.sessions.ed25519 import NAME as ALGORITHM
from conjure.sessions.ed25519 import Tokens
from conjure.settings import LATE_END_S

if TYPE_CHECKING:
    from nacl.signing import VerifyKey

    from conjure.sessions.signing import SigningKey, SigningKeys
    from conjure.settings import SessionSettings

UNBOUND: Final = "conjure"
"""The audience of a token that any origin may use."""

MAX_TOKEN: Final = 8192
"""Characters; ours have some 500, and 5,500 with the longest of players. No longer one is taken anywhere."""

_MAX_VERIFIED: Final = 10_000  # tokens remembered per process, some 1.5 KB each
_HIT, _MISS = metrics.cache("session_token")
_REQUIRED: Final = ["iss", "aud", "sub", "jti", "iat", "exp"]


@dataclass(frozen=True, slots=True)
class _Verified:
    """What a token's signature vouches for, and the key that made it."""

    caller: SessionCaller
    audience: str
    expires_at_s: int
    public: VerifyKey


@dataclass(frozen=True, slots=True)
class Issued:
    """When (Unix seconds) and with which key a token was signed."""

    at_s: int
    kid: str


class SessionTokens:
    """Issues and verifies session tokens."""

    def __init__(self, settings: SessionSettings, keys: SigningKeys) -> None:
        self._settings = settings
        self._keys = keys
        self._jwt = Tokens()
        self._verified: LruCache[str, _Verified] = LruCache(_MAX_VERIFIED)

    async def issue(
        self,
        tenant: Tenant,
        world_id: str,
        *,
        jti: str,
        player: str,
        origin: str | None,
        ttl_s: int,
        issued: Issued | None = None,
    ) -> tuple[str, Issued]:
        """Signs a token; one that was `issued` before is made again to the letter.

        Raises StoreUnavailable.
        """
        key = await self._keys.current()
        if issued is not None and issued.kid != key.kid:
            # A key that is not published any more signs nothing: its tokens have run out long ago.
            with contextlib.suppress(InvalidCredential):
                key = await self._keys.find(issued.kid)
        now = int(time.time()) if issued is None else issued.at_s
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
        return self._jwt.sign(claims, key.private, key.kid), Issued(now, key.kid)

    async def sign(self, claims: dict[str, Any]) -> str:
        """Signs claims with the key that signed at their `iat`: the same claims are the same text for ever.

        Raises StoreUnavailable.
        """
        key = await self._keys.at(claims["iat"])
        return self._jwt.sign(claims, key.private, key.kid)

    async def verify(
        self,
        token: str,
        origin: str | None,
        *,
        is_own_page: bool = False,
        accepts_expired: bool = False,
    ) -> SessionCaller:
        """Returns who holds `token`, called from `origin` (the browser's header, if any).

        The player's own page may use it wherever it is bound to: only pages of that origin can frame it
        (`player.page`). With `accepts_expired` it may have run out up to `LATE_END_S` ago.

        A token that has been verified before skips only the signature: that its key still is
        published, that it has not expired, and where it may be used from is asked every time.

        Raises InvalidCredential, also when the token is bound to another origin; StoreUnavailable.
        """
        if len(token) > MAX_TOKEN:
            raise InvalidCredential
        late_s = LATE_END_S if accepts_expired else 0
        key = await self._keys.find(self._kid_of(token), late_s=late_s)
        known = self._verified.get(token)
        if known is not None and known.public is key.public:
            _HIT.add()
        else:
            _MISS.add()
            known = self._checked(token, key)
            self._verified.put(token, known)
        if known.expires_at_s + self._settings.clock_skew_s + late_s <= time.time():
            self._verified.drop(token)
            raise InvalidCredential
        if not is_own_page and known.audience not in (UNBOUND, origin):
            raise InvalidCredential
        return known.caller

    def knows(self, token: str) -> bool:
        """Whether this process has verified `token` before."""
        return token in self._verified

    def _checked(self, token: str, key: SigningKey) -> _Verified:
        """Verifies everything but the audience's match and the end, which depend on the call."""
        try:
            claims = self._jwt.decode(
                token,
                key.public,  # type: ignore[arg-type]  # our own algorithm's kind of key
                algorithms=[ALGORITHM],  # pinned: the token's own header decides nothing
                issuer=self._settings.issuer,
                leeway=self._settings.clock_skew_s,
                options={"require": _REQUIRED, "verify_aud": False, "verify_exp": False},
            )
            expires_at_s = int(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError) as error:
            raise InvalidCredential from error
        audience = claims["aud"]
        if not isinstance(audience, str):
            raise InvalidCredential
        return _Verified(_caller(claims, expires_at_s), audience, expires_at_s, key.public)

    def _kid_of(self, token: str) -> str:
        try:
            return self._jwt.kid_of(token)
        except jwt.InvalidTokenError as error:
            raise InvalidCredential from error


def _caller(claims: dict[str, Any], expires_at_s: int) -> SessionCaller:
    texts = [claims.get(name) for name in ("wid", "jti", "app", "mode", "sub")]
    if not all(isinstance(text, str) for text in texts):
        raise InvalidCredential
    world_id, jti, app, mode, player = map(str, texts)
    if canonical_uuid(world_id) != world_id or canonical_uuid(jti) != jti:
        raise InvalidCredential
    return SessionCaller(
        tenant=Tenant(app, mode),
        world_id=world_id,
        jti=jti,
        player=player,
        expires_at_s=expires_at_s,
    )
