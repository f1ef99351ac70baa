"""User sessions: JWTs of an identity provider in the manner of Supabase (CONTRACT 0.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt

from conjure.core.caller import UserCaller
from conjure.core.errors import InvalidCredential

if TYPE_CHECKING:
    from conjure.settings import AuthSettings


class UserTokens:
    """Verifies user JWTs (HS256 with a shared secret)."""

    def __init__(self, settings: AuthSettings) -> None:
        self._secret = settings.user_jwt_secret
        self._audience = settings.user_jwt_audience

    def verify(self, token: str) -> UserCaller:
        """Raises InvalidCredential, also when no secret is configured: then there are no users."""
        if not self._secret:
            raise InvalidCredential
        try:
            claims = jwt.decode(
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
