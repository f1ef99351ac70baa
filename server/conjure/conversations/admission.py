"""Letting calls about a character in (CONTRACT 5): who may, about which character, with which unit held.

Each call names a character and comes with a session token; the token's world must be that character. Whether
it still is there, and whether the token was revoked, is asked in the script that takes the unit.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.conversations.store import Answered
from conjure.core import metrics
from conjure.core.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidCredential,
    NotFound,
    QuotaExceeded,
)
from conjure.core.ids import canonical_uuid, new_id
from conjure.usage.metering import Hold
from conjure.worlds import access

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.conversations.model import Memory
    from conjure.conversations.store import Found, TalkStore
    from conjure.core.caller import SessionCaller
    from conjure.kernel.character import Character
    from conjure.usage.idempotency import Idempotency
    from conjure.usage.metering import Metering
    from conjure.worlds.access import VisibleDocument
    from conjure.worlds.model import Snapshot
    from conjure.worlds.service import WorldService

_NOTHING_HELD: Final = (
    NotFound,
    InvalidCredential,
    QuotaExceeded,
    Answered,
    IdempotencyInProgress,
    IdempotencyMismatch,
)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that was let in: its character with its brain, and what is remembered of the player.

    `seen` is the character's document as the player may see it.
    """

    character: Character
    seen: VisibleDocument
    memory: Memory


class Admission:
    """Lets calls in."""

    def __init__(self, store: TalkStore, worlds: WorldService, metering: Metering) -> None:
        self._store = store
        self._worlds = worlds
        self._metering = metering

    @contextlib.asynccontextmanager
    async def held(
        self,
        session: SessionCaller,
        character_id: str,
        unit: str,
        *,
        most_turns: int = 0,
        idempotency: Idempotency | None = None,
    ) -> AsyncIterator[tuple[Admitted, Hold]]:
        """Holds one unit while the body runs, renewed if it takes long; gives it back when the body fails.

        The body has to spend it: `Metering.spend`, or a script of its own. `most_turns`: how many of those
        that are remembered it wants to see. Raises NotFound, InvalidCredential (revoked), QuotaExceeded,
        TooHeavy, StoreUnavailable, OutcomeUnknown; with an Idempotency-Key also Answered,
        IdempotencyInProgress, IdempotencyMismatch.
        """
        known = await self._known(session, character_id)
        hold = Hold(new_id(), unit, idempotency)
        beginning = self._store.begin(
            session,
            unit,
            hold.id,
            known_rev=known.rev,
            most_turns=most_turns,
            idempotency=idempotency,
        )
        async with self._metering.held_by(
            session.tenant, hold, beginning, _NOTHING_HELD, is_long=True
        ) as found:
            yield self.admitted(session, known, found), hold

    async def charge(self, session: SessionCaller, hold: Hold) -> None:
        """Spends the unit of a caller who is leaving. It goes on by itself."""
        await self._metering.spend_anyway(session.tenant, hold)

    async def look(
        self, session: SessionCaller, character_id: str, *, most_turns: int = 0
    ) -> Admitted:
        """Lets a call in that costs nothing and changes nothing. Raises as `held`, but OutcomeUnknown."""
        known = await self._known(session, character_id)
        found = await self._store.look(session, known_rev=known.rev, most_turns=most_turns)
        return self.admitted(session, known, found)

    async def resume(
        self, session: SessionCaller, character_id: str, *, most_turns: int
    ) -> Admitted:
        """Lets a named player in that is back. Raises as `held`."""
        known = await self._known(session, character_id)
        found = await self._store.resume(session, known_rev=known.rev, most_turns=most_turns)
        return self.admitted(session, known, found)

    async def fold(
        self, session: SessionCaller, character_id: str, *, claim_ms: int
    ) -> tuple[Admitted, bool]:
        """Lets a call in that folds turns, if they are its own to fold: as `TalkStore.begin_fold` says."""
        known = await self._known(session, character_id)
        found, is_mine = await self._store.begin_fold(
            session, new_id(), known_rev=known.rev, claim_ms=claim_ms
        )
        return self.admitted(session, known, found), is_mine

    def admitted(self, session: SessionCaller, known: Snapshot, found: Found) -> Admitted:
        """What a script has answered, with the character as it is now. Raises TooHeavy."""
        if found.rev != known.rev:
            metrics.STALE_WORLDS.add()
            known = self._worlds.received(session.tenant, session.world_id, found.rev, found.doc)
        seen = access.visible(session, session.tenant, known)
        return Admitted(access.mind(known), seen, found.memory)

    async def _known(self, session: SessionCaller, character_id: str) -> Snapshot:
        if canonical_uuid(character_id) != session.world_id:
            raise NotFound
        return await self._worlds.warm(session.tenant, session.world_id)
