"""Letting calls of a page that plays in: its world is there, and its token was not revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.core import metrics
from conjure.core.errors import StoreUnavailable
from conjure.worlds import access

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.core.caller import SessionCaller
    from conjure.player.store import Found, PlayerStore
    from conjure.worlds.access import VisibleDocument
    from conjure.worlds.service import WorldService

_TRIES: Final = 8


def _nothing(_: VisibleDocument) -> str:
    return ""


class Admission:
    """Lets calls in. No lease is needed: what they get costs no runtime."""

    def __init__(self, store: PlayerStore, worlds: WorldService) -> None:
        self._store = store
        self._worlds = worlds

    async def look(
        self, session: SessionCaller, picture: Callable[[VisibleDocument], str] = _nothing
    ) -> tuple[VisibleDocument, Found]:
        """Returns the session's world as its player may see it, and what it remembers of a picture.

        `picture` says under which name that is, in a world as it is now; '' for none. One round trip where
        this process has the newest revision. Raises NotFound, InvalidCredential (revoked), TooHeavy,
        StoreUnavailable.
        """
        known = await self._worlds.warm(session.tenant, session.world_id)
        seen = access.visible(session, session.tenant, known)
        for _ in range(_TRIES):
            name = picture(seen)
            found = await self._store.look(session, known_rev=known.rev, picture=name)
            if found.rev != known.rev:
                metrics.STALE_WORLDS.add()
                known = self._worlds.received(
                    session.tenant, session.world_id, found.rev, found.doc
                )
                seen = access.visible(session, session.tenant, known)
                if picture(seen) != name:
                    continue  # what is remembered of another prose says nothing of this one
            return seen, found
        raise StoreUnavailable("the world changes faster than it can be read")
