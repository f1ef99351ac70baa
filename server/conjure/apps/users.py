"""User sessions: JWTs of an identity provider in the manner of Supabase (CONTRACT 0.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jwt

from conjure.core.caller import UserCaller
from conjure.core.errors import InvalidCredential
from conjure.core.jwts import StrictJWT, is_compact

if TYPE_CHECKING:
    from conjure.settings import AuthSettings

_MAX_TOKEN: Final = 8192  # characters: those of identity providers have one or two thousand


class UserTokens:
    """Verifies user JWTs (HS256 with a shared secret)."""

    def __init__(self, settings: AuthSettings) -> None:
        self._secret = settings.user_jwt_secret
        self._audience = settings.user_jwt_audience
        self._jwt = StrictJWT()

    def verify(self, token: str) -> UserCaller:
        """Raises InvalidCredential, also when no secret is configured: then there are no users."""
        if not self._secret or len(token) > _MAX_TOKEN or not is_compact(token):
            raise InvalidCredential
        try:
            claims = self._jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],  # pinned: the token's own header decides nothing
                audience=self._audience,
                options={"require": ["exp", "sub", "aud"], "enforce_minimum_key_length": True},
            )
        except jwt.InvalidTokenError as error:
            raise InvalidCredential from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 256:
            raise InvalidCredential
        return UserCaller(user_id=subject)
