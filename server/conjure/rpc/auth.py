"""Credential → caller, for each scheme of `conjure.v1.auth` (CONTRACT 0.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from conjure.core.errors import MissingCredential, MissingScope

if TYPE_CHECKING:
    from conjure.core.caller import ApiCaller, SessionCaller, UserCaller


class ApiKeys(Protocol):
    """Verifies API keys (`apps.keys`)."""

    async def verify(self, credential: str, /) -> ApiCaller:
        """Returns who holds it. Raises InvalidCredential, StoreUnavailable."""
        ...

    def knows(self, credential: str, /) -> bool:
        """Whether it has worked in this process before."""
        ...


class SessionTokens(Protocol):
    """Verifies session tokens (`sessions.tokens`)."""

    async def verify(
        self, token: str, origin: str | None, /, *, accepts_expired: bool = False
    ) -> SessionCaller:
        """Returns who holds it, called from `origin`; of a token that has run out only if that is accepted.

        Raises InvalidCredential, StoreUnavailable.
        """
        ...

    def knows(self, token: str, /) -> bool:
        """Whether it has worked in this process before."""
        ...


class UserTokens(Protocol):
    """Verifies user sessions (`apps.users`)."""

    async def verify(self, token: str, /) -> UserCaller:
        """Returns who is signed in. Raises InvalidCredential, IssuerUnavailable."""
        ...


class Authenticator:
    """Verifies credentials. Every refusal is a 401 that does not say why; a lacking scope is a 403."""

    def __init__(self, keys: ApiKeys, sessions: SessionTokens, users: UserTokens) -> None:
        self._keys = keys
        self._sessions = sessions
        self._users = users

    async def api_key(self, credential: str | None, scope: str) -> ApiCaller:
        """Raises MissingCredential, InvalidCredential, MissingScope, StoreUnavailable."""
        if credential is None:
            raise MissingCredential("an API key is required: Authorization: Bearer sk_… or pk_…")
        caller = await self._keys.verify(credential)
        if scope not in caller.scopes:
            raise MissingScope(scope)
        return caller

    async def session_token(
        self, credential: str | None, origin: str | None, *, accepts_expired: bool = False
    ) -> SessionCaller:
        """Raises MissingCredential, InvalidCredential, StoreUnavailable."""
        if credential is None:
            raise MissingCredential("a session token is required, as a Bearer or as token")
        return await self._sessions.verify(credential, origin, accepts_expired=accepts_expired)

    def has_seen(self, credential: str | None) -> bool:
        """Whether a key or token has worked here before: no stranger's guess."""
        return credential is not None and (
            self._keys.knows(credential) or self._sessions.knows(credential)
        )

    async def user(self, credential: str | None) -> UserCaller:
        """Raises MissingCredential, InvalidCredential, IssuerUnavailable."""
        if credential is None:
            raise MissingCredential("a user session is required: Authorization: Bearer <user JWT>")
        return await self._users.verify(credential)
