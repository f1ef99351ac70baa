"""What a character remembers of a player (CONTRACT 5): resumed, read, folded, forgotten, listed.

Of the player `anon` nothing is kept, so nothing is found, and nothing folded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import structlog

from conjure.conversations.requests import TURNS, checked_player
from conjure.core.caller import ANONYMOUS
from conjure.core.errors import InvalidCursor, OutcomeUnknown, StoreUnavailable
from conjure.core.ids import checked_id
from conjure.core.paging import page_size
from conjure.providers.brain import (
    BrainError,
    BuiltinBrain,
    MemoryRequest,
    Remembered,
    WelcomeRequest,
)

if TYPE_CHECKING:
    from conjure.conversations.admission import Admission, Admitted
    from conjure.conversations.guard import Guard
    from conjure.conversations.model import Memory
    from conjure.conversations.store import TalkStore
    from conjure.core.caller import SessionCaller, Tenant
    from conjure.core.cleanup import Cleanup
    from conjure.providers.brain import Brain
    from conjure.settings.characters import MemorySettings

log = structlog.get_logger(__name__)

_WELCOME_CHARS: Final = 500
_CLAIM_SLACK_S: Final = 10.0
_CURSOR: Final = re.compile(r"([0-9]{1,15})\.([0-9a-f]{64})")


class MemoryService:
    """Rules of memories. `think_s`: how long a brain may take to fold."""

    def __init__(
        self,
        admission: Admission,
        store: TalkStore,
        brain: Brain,
        guard: Guard,
        cleanup: Cleanup,
        settings: MemorySettings,
        *,
        think_s: float,
    ) -> None:
        self._admission = admission
        self._store = store
        self._brain = brain
        self._plain = BuiltinBrain()
        self._guard = guard
        self._cleanup = cleanup
        self._most_chars = settings.summary_chars
        self._claim_ms = int((think_s + _CLAIM_SLACK_S) * 1000)

    async def resume(self, session: SessionCaller, character_id: str) -> tuple[Memory, str]:
        """Returns what is remembered of the player, and a line of welcome. It asks no model.

        Raises NotFound, InvalidCredential (revoked), TooHeavy, StoreUnavailable.
        """
        if session.player == ANONYMOUS:
            admitted = await self._admission.look(session, character_id)
        else:
            try:
                admitted = await self._admission.resume(session, character_id, most_turns=TURNS)
            except OutcomeUnknown as error:  # at most it is remembered for longer
                raise StoreUnavailable from error
        memory = admitted.memory
        welcome = await self._brain.welcome(
            WelcomeRequest(
                character=admitted.character,
                affect=memory.affect,
                summary=memory.summary,
                welcome=memory.welcome,
                turns=memory.lines,
                seed=f"{session.world_id}\0{session.player}\0{memory.last}",
            )
        )
        if memory.is_there and await self._guard.leaks(admitted.character, welcome):
            log.error("a welcome gave a brain away; it was not sent")
            welcome = admitted.character.greeting or ""
        return memory, welcome

    async def read(self, session: SessionCaller, character_id: str) -> Memory:
        """Returns what is remembered of the player.

        Raises NotFound, InvalidCredential (revoked), TooHeavy, StoreUnavailable.
        """
        return (await self._admission.look(session, character_id)).memory

    async def consolidate(
        self, session: SessionCaller, character_id: str
    ) -> tuple[str | None, int]:
        """Folds the player's turns into the summary; returns it, and how many messages there were ever.

        It goes on when the caller leaves, as a page does that sends this. One call folds at a time; to the
        others it is as if there were no turns. Raises NotFound, InvalidCredential (revoked), TooHeavy,
        StoreUnavailable, OutcomeUnknown.
        """
        if session.player == ANONYMOUS:
            await self._admission.look(session, character_id)
            return None, 0
        return await self._cleanup.finish(self._fold(session, character_id))

    async def _fold(self, session: SessionCaller, character_id: str) -> tuple[str | None, int]:
        admitted, is_mine = await self._admission.fold(
            session, character_id, claim_ms=self._claim_ms
        )
        memory = admitted.memory
        if not is_mine:
            return memory.summary, memory.message_count
        made = await self._remembered(session, admitted)
        summary, turns = await self._store.fold(session, memory, made.summary, made.welcome)
        return summary, 2 * turns

    async def _remembered(self, session: SessionCaller, admitted: Admitted) -> Remembered:
        """The new summary: by the brain, else from the very words: a page that leaves must not fail."""
        memory = admitted.memory
        request = MemoryRequest(
            character=admitted.character,
            summary=memory.summary,
            turns=memory.lines,
            most_chars=self._most_chars,
            seed=f"{session.world_id}\0{session.player}\0{memory.last}",
        )
        for brain in (self._brain, self._plain):
            try:
                made = await brain.remember(request)
            except BrainError as error:
                log.warning("a brain did not remember", cause=str(error))
                continue
            summary = made.summary.strip()[: self._most_chars]
            welcome = made.welcome.strip()[:_WELCOME_CHARS]
            if not summary and brain is not self._plain:
                continue
            if not await self._guard.leaks(admitted.character, summary, welcome):
                return Remembered(summary, welcome)
            log.error("a summary gave a brain away; it was not kept")
        return Remembered(memory.summary or "", memory.welcome or "")

    async def forget(self, tenant: Tenant, character_id: str, player: str) -> str:
        """Forgets a player of the caller's own character; returns who that is.

        Raises InvalidField, NotFound, StoreUnavailable, OutcomeUnknown.
        """
        character_id, player = checked_id(character_id), checked_player(player)
        await self._store.forget(tenant, character_id, player)
        return player

    async def list(
        self,
        tenant: Tenant,
        character_id: str,
        *,
        limit: int | None,
        cursor: str | None,
        player: str | None = None,
    ) -> tuple[list[Memory], str | None]:
        """Returns a page of what the caller's own character remembers, and the cursor of the next one.

        `player`: of that one alone. Raises InvalidField, InvalidCursor, NotFound, StoreUnavailable.
        """
        character_id, size = checked_id(character_id), page_size(limit)
        after = None if cursor is None else _read_cursor(cursor)
        if player is not None:
            checked_player(player)
        page, following = await self._store.list(
            tenant, character_id, after=after, limit=size, player=player
        )
        return page, None if following is None else ".".join(following)


def _read_cursor(cursor: str) -> tuple[str, str]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidCursor
    return found[1], found[2]
