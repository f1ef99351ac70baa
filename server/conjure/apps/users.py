"""User sessions: JWTs of an identity provider in the manner of Supabase (CONTRACT 0.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jwt
from jwt.algorithms import HMACAlgorithm

from conjure.core.caller import UserCaller
from conjure.core.errors import InvalidCredential
from conjure.core.jwts import StrictJWT

if TYPE_CHECKING:
    from conjure.settings import AuthSettings

_ALGORITHM: Final = "HS256"
_MAX_TOKEN: Final = 8192  # characters: those of identity providers have one or two thousand


class _OneSecret(HMACAlgorithm):
    """HS256 that examines its secret once. Whether it is a public key is a question of 11 µs each time."""

    def __init__(self) -> None:
        super().__init__(self.SHA256)
        self._prepared: tuple[str | bytes, bytes] | None = None

    def prepare_key(self, key: str | bytes) -> bytes:
        """Raises InvalidKeyError for what is a key of another kind."""
        if self._prepared is None or self._prepared[0] is not key:
            self._prepared = key, super().prepare_key(key)
        return self._prepared[1]


class UserTokens:
    """Verifies user JWTs (HS256 with a shared secret)."""

    def __init__(self, settings: AuthSettings) -> None:
        self._secret = settings.user_jwt_secret
        self._audience = settings.user_jwt_audience
        self._jwt = StrictJWT(_ALGORITHM, _OneSecret())

    def verify(self, token: str) -> UserCaller:
        """Raises InvalidCredential, also when no secret is configured: then there are no users."""
        if not self._secret or len(token) > _MAX_TOKEN:
            raise InvalidCredential
        try:
            claims = self._jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],  # pinned: the token's own header decides nothing
                audience=self._audience,
                options={"require": ["exp", "sub", "aud"], "enforce_minimum_key_length": True},
            )
        except jwt.InvalidTokenError as error:
            raise InvalidCredential from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 256:
            raise InvalidCredential
        return UserCaller(user_id=subject)
