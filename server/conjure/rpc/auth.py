"""Credential → caller, for each scheme of `conjure.v1.auth` (CONTRACT 0.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.core.errors import MissingCredential, MissingScope

if TYPE_CHECKING:
    from conjure.apps.keys import ApiKeys
    from conjure.apps.users import UserTokens
    from conjure.core.caller import ApiCaller, SessionCaller, UserCaller
    from conjure.sessions.tokens import SessionTokens


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

    async def session_token(self, credential: str | None, origin: str | None) -> SessionCaller:
        """Raises MissingCredential, InvalidCredential, StoreUnavailable."""
        if credential is None:
            raise MissingCredential("a session token is required, as a Bearer or as token")
        return await self._sessions.verify(credential, origin)

    def has_seen(self, credential: str | None) -> bool:
        """Whether a key or token has worked here before: no stranger's guess."""
        return credential is not None and (
            self._keys.knows(credential) or self._sessions.knows(credential)
        )

    def user(self, credential: str | None) -> UserCaller:
        """Raises MissingCredential, InvalidCredential."""
        if credential is None:
            raise MissingCredential("a user session is required: Authorization: Bearer <user JWT>")
        return self._users.verify(credential)
