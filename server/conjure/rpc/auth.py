"""Credential → caller, for each scheme of `conjure.v1.auth` (CONTRACT 0.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from conjure.core.errors import MissingCredential, MissingScope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.core.caller import ApiCaller, SessionCaller, UserCaller

_SITE: Final = "sec-fetch-site"
"""Where a page is that calls, as its browser says it: no script can (Fetch Metadata)."""


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
        self,
        token: str,
        origin: str | None,
        /,
        *,
        is_own_page: bool = False,
        accepts_expired: bool = False,
    ) -> SessionCaller:
        """Returns who holds it, called from `origin`; of a token that has run out only if that is accepted.

        The player's own page may use it wherever it is bound to.

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

    def __init__(
        self,
        keys: ApiKeys,
        sessions: SessionTokens,
        users: UserTokens,
        *,
        own_origin: str | None = None,
    ) -> None:
        """`own_origin`: where browsers reach this deployment."""
        self._keys = keys
        self._sessions = sessions
        self._users = users
        self._own_origin = own_origin

    async def api_key(self, credential: str | None, scope: str) -> ApiCaller:
        """Raises MissingCredential, InvalidCredential, MissingScope, StoreUnavailable."""
        if credential is None:
            raise MissingCredential("an API key is required: Authorization: Bearer sk_… or pk_…")
        caller = await self._keys.verify(credential)
        if scope not in caller.scopes:
            raise MissingScope(scope)
        return caller

    async def session_token(
        self,
        credential: str | None,
        headers: Mapping[str, str],
        *,
        accepts_expired: bool = False,
    ) -> SessionCaller:
        """Raises MissingCredential, InvalidCredential, StoreUnavailable."""
        if credential is None:
            raise MissingCredential("a session token is required, as a Bearer or as token")
        return await self._sessions.verify(
            credential,
            headers.get("origin"),
            is_own_page=self._is_own_page(headers),
            accepts_expired=accepts_expired,
        )

    def _is_own_page(self, headers: Mapping[str, str]) -> bool:
        """Whether a page of this deployment calls: the player's (CONTRACT 12).

        What the browser says decides. It says so only to what it trusts (HTTPS, and this machine); elsewhere
        the page's origin has to be the one that is set. That may be a CDN's, which has pages of others, too.
        """
        site = headers.get(_SITE)
        if site is not None:
            return site == "same-origin"
        origin = headers.get("origin")
        return origin is not None and origin == self._own_origin

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
