"""Forgetting the players of a character that was deleted: the handler of that work.

The script that deletes a world forgets the first thousand of its players; what it leaves is an entry of
durable work, put in the same step (worlds/delete.lua).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.core.ids import canonical_uuid
from conjure.queue.handler import Ack, Bury
from conjure.queue.kinds import FORGETTING

if TYPE_CHECKING:
    from conjure.conversations.store import TalkStore
    from conjure.core.caller import Tenant
    from conjure.queue.handler import Entry, Outcome


class ForgettingHandler:
    """Forgets players, a thousand a step. Repeating a step does no harm."""

    kind: Final = FORGETTING
    # Claims that died with their process. A store that is away does not count.
    most_attempts: Final = 20
    batch: Final = 1

    def __init__(self, store: TalkStore) -> None:
        self._store = store

    def most_in_lane(self, tenant: Tenant, lane: str) -> int:
        """Each step holds the tenant's node up for some milliseconds."""
        return 1

    async def handle(self, entry: Entry) -> Outcome:
        """Forgets all. Raises StoreUnavailable, OutcomeUnknown."""
        character_id = canonical_uuid(entry.payload.decode(errors="replace"))
        if character_id is None:
            return Bury("the entry names no character")
        while await self._store.forget_some(entry.tenant, character_id):
            pass
        return Ack()

    async def exhausted(self, entry: Entry) -> Outcome:
        """Memories that nobody can reach: they are gone by their own time, too."""
        return Bury("handled too often in vain")
