"""Turns of a talk: what a player says, and what a character answers (CONTRACT 5).

A turn is charged in the script that keeps it, so nothing is answered that was not charged. What was held for
a turn that was not answered is given back, or lapses; but who leaves after a part was told is charged, too.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Final, get_args

import structlog

from conjure.conversations import affect
from conjure.conversations.model import Said
from conjure.conversations.requests import MOST_LINE, TURNS, checked, said_in
from conjure.conversations.store import Answered, owner_of, said_before
from conjure.core.caller import ANONYMOUS
from conjure.core.errors import BrainUnavailable, InvalidField
from conjure.providers.brain import Action, BrainError, TurnRequest
from conjure.providers.brain.port import ActionType
from conjure.providers.plain import tidy
from conjure.usage.idempotency import Idempotency

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.conversations.admission import Admission, Admitted
    from conjure.conversations.guard import Guard
    from conjure.conversations.requests import CheckedTurn, NewTurn
    from conjure.conversations.store import TalkStore
    from conjure.core.caller import SessionCaller
    from conjure.kernel.character import Character
    from conjure.providers.brain import Brain, Line, Tell, Turn
    from conjure.providers.moderation import Moderation

log = structlog.get_logger(__name__)

SAY: Final = "say"
"""The unit of usage that a turn costs (CONTRACT 7), and the route of its Idempotency-Keys (CONTRACT 0)."""

_ACTIONS: Final = frozenset(get_args(ActionType))
_EMOTION_CHARS: Final = 40
_TARGET_CHARS: Final = 200
_NO_EMOTION: Final = "neutral"


class TalkService:
    """Rules of turns."""

    def __init__(
        self,
        admission: Admission,
        store: TalkStore,
        brain: Brain,
        moderation: Moderation,
        guard: Guard,
        *,
        summary_chars: int,
    ) -> None:
        self._admission = admission
        self._store = store
        self._brain = brain
        self._moderation = moderation
        self._guard = guard
        self._summary_chars = summary_chars

    async def say(
        self,
        session: SessionCaller,
        new: NewTurn,
        tell: Tell | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Said:
        """Answers what a player says, or as the first time.

        `tell` is told the reply piece by piece, before it is charged; a turn that is told takes no
        `idempotency_key`. Raises InvalidField, MalformedRequest,
        NotFound, InvalidCredential (revoked), QuotaExceeded, IdempotencyInProgress, IdempotencyMismatch,
        BrainUnavailable, TooHeavy, StoreUnavailable, OutcomeUnknown, and what `tell` raises.
        """
        turn = checked(new)
        idempotency = None
        if idempotency_key is not None:
            owner = owner_of(session)
            idempotency = Idempotency.of(SAY, idempotency_key, *said_in(new), owner=owner)
        await self._moderate(turn, turn.history)
        try:
            return await self._said(session, new.character_id, turn, tell, idempotency)
        except Answered as answered:
            return said_before(answered.first)

    async def _said(
        self,
        session: SessionCaller,
        character_id: str,
        turn: CheckedTurn,
        tell: Tell | None,
        idempotency: Idempotency | None,
    ) -> Said:
        telling = None if tell is None else _Telling(tell)
        async with self._admission.held(
            session, character_id, SAY, most_turns=TURNS, idempotency=idempotency
        ) as (admitted, hold):
            request = self._request(session, admitted, turn)
            if not turn.history:
                await self._moderate(turn, request.history)
            try:
                said = _said(await self._thought(request, telling), request)
                await self._check(request.character, said)
                await self._store.end_turn(session, SAY, hold.id, turn.text, said, idempotency)
            except asyncio.CancelledError:
                # Else whoever leaves before the end has heard the reply for nothing.
                if telling is not None and telling.has_told:
                    await self._admission.charge(session, hold)
                raise
        return said

    async def _moderate(self, turn: CheckedTurn, earlier: Iterable[Line]) -> None:
        said = [line.text for line in earlier if line.role == "user"]
        refusal = await self._moderation.refusal(turn.text, said)
        if refusal is not None:
            raise InvalidField(refusal)

    def _request(
        self, session: SessionCaller, admitted: Admitted, turn: CheckedTurn
    ) -> TurnRequest:
        """What the brain is asked: of the page what it gave, else what is remembered."""
        character, memory = admitted.character, admitted.memory
        summary = memory.summary
        if not memory.is_there and turn.summary is not None:
            summary = tidy(turn.summary, self._summary_chars)
        return TurnRequest(
            character=character,
            text=turn.text,
            stance=_stance(character, turn.stance),
            affect=memory.affect if turn.affect is None else turn.affect,
            history=turn.history or memory.lines,
            said=tuple(line.text for line in memory.lines if line.role == "character"),
            summary=summary,
            seed=seed_of(session, memory.last or len(turn.history)),
        )

    async def _thought(self, request: TurnRequest, tell: Tell | None) -> Turn:
        try:
            return await self._brain.turn(request, tell)
        except BrainError as error:
            log.warning("a brain failed", cause=str(error))
            raise BrainUnavailable from error

    async def _check(self, character: Character, said: Said) -> None:
        """Raises BrainUnavailable when an answer gives the brain away."""
        target = None if said.action is None else said.action.target
        if await self._guard.leaks(character, said.reply, said.emotion, target):
            log.error("a brain gave itself away; its answer was not sent")
            raise BrainUnavailable


class _Telling:
    """Tells, and knows whether it did."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.has_told = False

    async def __call__(self, piece: str) -> None:
        self.has_told |= bool(piece)
        await self._tell(piece)


def seed_of(session: SessionCaller, number: int) -> str:
    """What makes a turn repeatable, and each turn of each player another one."""
    player = "" if session.player == ANONYMOUS else session.player
    text = f"{session.world_id}\0{player}\0{number}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _stance(character: Character, name: str | None) -> str:
    palette = [stance.id for stance in character.stances]
    if name in palette:
        return name
    return character.entrance if character.entrance in palette else palette[0]


def _said(turn: Turn, request: TurnRequest) -> Said:
    """What leaves of a brain's turn: in bounds, whatever the brain. Raises BrainUnavailable."""
    reply = turn.reply.strip()[:MOST_LINE]
    if not reply:
        log.warning("a brain answered nothing")
        raise BrainUnavailable
    has_stance = any(stance.id == turn.stance for stance in request.character.stances)
    return Said(
        reply=reply,
        stance=turn.stance if has_stance else request.stance,
        emotion=tidy(turn.emotion, _EMOTION_CHARS) or _NO_EMOTION,
        affect=affect.moved(request.affect, turn.delta),
        action=_action(turn.action),
    )


def _action(action: Action | None) -> Action | None:
    if action is None or action.type not in _ACTIONS:
        return None
    return Action(action.type, tidy(action.target or "", _TARGET_CHARS) or None)
