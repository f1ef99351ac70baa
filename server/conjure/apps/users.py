"""User sessions: JWTs of an identity provider in the manner of Supabase (CONTRACT 0.1).

A token names its algorithm, and that only chooses among what is configured: HS256 is the shared secret's,
RS256, ES256 and EdDSA are the issuer's keys', each with the one algorithm that it is for. With both
configured both work, as while a project moves from the one to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import jwt
from jwt.algorithms import HMACAlgorithm

from conjure.apps.issuer import IssuerKeys
from conjure.apps.jwks import ALGORITHMS, MOST_KID
from conjure.core.caller import UserCaller
from conjure.core.errors import InvalidCredential
from conjure.core.jwts import Compact, StrictJWT

if TYPE_CHECKING:
    from conjure.settings import AuthSettings

HS256: Final = "HS256"
_MAX_TOKEN: Final = 8192  # characters: those of identity providers have one or two thousand
_MOST_SUBJECT: Final = 256


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
    """Verifies user JWTs. Use as an async context manager where there is an issuer: it keeps its keys."""

    def __init__(self, settings: AuthSettings, *, issuer: IssuerKeys | None = None) -> None:
        self._secret = settings.user_jwt_secret
        self._audience = settings.user_jwt_audience
        self._named = settings.user_jwt_issuer or None
        if issuer is None and settings.user_jwks_url:
            issuer = IssuerKeys(
                settings.user_jwks_url,
                timeout_s=settings.user_jwks_timeout_s,
                max_age_s=settings.user_jwks_max_age_s,
            )
        self._issuer = issuer
        self._headers = Compact()
        self._readers = {HS256: StrictJWT(HS256, _OneSecret())}
        if issuer is not None:
            self._readers |= {name: StrictJWT(name, ALGORITHMS[name]) for name in ALGORITHMS}

    async def __aenter__(self) -> Self:
        if self._issuer is not None:
            await self._issuer.__aenter__()
        return self

    async def __aexit__(self, *raised: object) -> None:
        if self._issuer is not None:
            await self._issuer.__aexit__(*raised)

    async def verify(self, token: str) -> UserCaller:
        """Returns who is signed in.

        Raises InvalidCredential, also when nothing is configured: then there are no users; and
        IssuerUnavailable when the keys to verify it with cannot be had.
        """
        if len(token) > _MAX_TOKEN:
            raise InvalidCredential
        try:
            algorithm, key = await self._key_of(token)
            claims = self._readers[algorithm].decode(
                token,
                key,
                algorithms=[
                    algorithm
                ],  # pinned: the reader knows no other one, and the key is for it
                audience=self._audience,
                issuer=self._named,
                options={"require": ["exp", "sub", "aud"], "enforce_minimum_key_length": True},
            )
        except jwt.InvalidTokenError as error:
            raise InvalidCredential from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _MOST_SUBJECT:
            raise InvalidCredential
        return UserCaller(user_id=subject)

    async def _key_of(self, token: str) -> tuple[str, Any]:
        """Returns the algorithm and the key for a token.

        Raises InvalidCredential when nothing is configured for it, and IssuerUnavailable.
        """
        header = self._headers.header_of(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm == HS256 and self._secret:
            return HS256, self._secret
        if self._issuer is None or not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise InvalidCredential
        if not isinstance(kid, str) or not 0 < len(kid) <= MOST_KID:
            raise InvalidCredential
        key = await self._issuer.find(kid, algorithm)
        if key is None:
            raise InvalidCredential
        return algorithm, key
