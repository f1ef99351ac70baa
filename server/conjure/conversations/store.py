"""Talks in the store: each step is one script on the tenant's node.

A turn is two: `begin` (the character is there, the token holds, a unit is held, what is remembered) and
`end_turn` (the unit is spent, the turn is kept). Of the player `anon` no key is touched, but that of an
Idempotency-Key which its page sends.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.conversations.affect import numbers_of, within
from conjure.conversations.model import NOTHING, KeptTurn, Memory, Said
from conjure.core import jsondoc, metrics
from conjure.core.caller import ANONYMOUS
from conjure.core.errors import InvalidCredential, NotFound, QuotaExceeded, StoreUnavailable
from conjure.providers.brain import Action, Affect
from conjure.settings import UNITS
from conjure.store import keyspace
from conjure.store.client import EFFECT_MS, Script
from conjure.usage.idempotency import COUNTED_AS, first_answer

if TYPE_CHECKING:
    from conjure.core.caller import SessionCaller, Tenant
    from conjure.settings import CapSettings
    from conjure.settings.characters import MemorySettings
    from conjure.store.client import Store, Value
    from conjure.usage.idempotency import FirstAnswer, Idempotency

_ADMITS: Final = ["sessions.revoked", "memory"]
_TAKES: Final = ["usage.hold", "usage.idempotency", *_ADMITS]
_BEGIN: Final = Script("conjure.conversations", "begin", includes=_TAKES)
# The same script of a call that takes nothing and changes nothing.
_LOOK: Final = Script("conjure.conversations", "begin", includes=_TAKES, reads_only=True)
_END_TURN: Final = Script(
    "conjure.conversations", "end_turn", includes=["usage.spend", "usage.idempotency", "memory"]
)
_BEGIN_FOLD: Final = Script("conjure.conversations", "begin_fold", includes=_ADMITS)
_FOLD: Final = Script("conjure.conversations", "fold")
_FORGET: Final = Script("conjure.conversations", "forget")
_FORGET_SOME: Final = Script(
    "conjure.conversations", "forget_some", includes=["worlds.forget_players"]
)
_LIST: Final = Script("conjure.conversations", "list", includes=["memory"], reads_only=True)
_PAGE_BYTES: Final = 1_000_000  # a page ends early, as gRPC clients take 4 MB
_FIRST_PAGE: Final = ("+inf", "")
_RECORD: Final = 5  # where the keys of begin.lua have the one of an Idempotency-Key
_DECISIONS: Final = {
    (unit, outcome): metrics.QUOTA.at(unit, outcome)
    for unit in UNITS
    for outcome in ("granted", "refused", "replayed", "in_progress", "mismatch")
}
# The answers of begin.lua after which something was decided about a unit.
_COUNTED_AS: Final = COUNTED_AS | {b"ok": "granted", b"quota": "refused"}


@dataclass(frozen=True, slots=True)
class Found:
    """A character at a revision, and what it remembers of who calls.

    `doc` is empty when the caller has that revision already.
    """

    rev: str
    doc: bytes
    memory: Memory = NOTHING


class Answered(Exception):
    """The Idempotency-Key of a call has a first answer; nothing is held, and nothing to be done."""

    def __init__(self, first: FirstAnswer) -> None:
        super().__init__()
        self.first = first


class TalkStore:
    """Reads and writes what characters remember, and meters turns."""

    def __init__(
        self,
        store: Store,
        caps: CapSettings,
        settings: MemorySettings,
        *,
        hold_s: int,
        idempotency_s: int,
    ) -> None:
        self._store = store
        self._caps = caps
        self._settings = settings
        self._hold_ms = hold_s * 1000
        self._idempotency_ms = idempotency_s * 1000
        self._idle_ms = settings.idle_ms

    async def begin(
        self,
        session: SessionCaller,
        unit: str,
        hold_id: str,
        *,
        known_rev: str,
        most_turns: int,
        idempotency: Idempotency | None = None,
    ) -> Found:
        """Holds a unit for a call about the session's character. Idempotent under `hold_id`.

        Raises NotFound, InvalidCredential (revoked), QuotaExceeded, Answered (the Idempotency-Key has a first
        answer), IdempotencyInProgress, IdempotencyMismatch: then nothing is held; StoreUnavailable,
        OutcomeUnknown.
        """
        keys = _keys(session, unit)
        body = ""
        if idempotency is not None:
            keys.append(idempotency.key(session.tenant))
            body = idempotency.body_hash
        if session.player != ANONYMOUS:
            keys.append(_memory_key(session))
        args: list[Value] = [
            known_rev, unit, self._caps.of(unit), hold_id, self._hold_ms, most_turns, body,
        ]  # fmt: skip
        outcome, *rest = await self._store.effect(_BEGIN, keys, args)
        counted_as = _COUNTED_AS.get(outcome)
        if counted_as is None:
            return _found(outcome, rest, keys[0])
        _DECISIONS[unit, counted_as].add()
        if outcome == b"ok":
            return _found(outcome, rest, keys[0])
        if outcome == b"quota":
            raise QuotaExceeded(unit)
        raise Answered(first_answer(outcome, rest, keys[_RECORD]))

    async def look(self, session: SessionCaller, *, known_rev: str, most_turns: int) -> Found:
        """Returns the session's character and what it remembers of the player.

        Raises NotFound, InvalidCredential (revoked), StoreUnavailable.
        """
        keys = _keys(session)
        if session.player != ANONYMOUS:
            keys.append(_memory_key(session))
        args: list[Value] = [known_rev, "", 0, "", 0, most_turns, ""]
        outcome, *rest = await self._store.query(_LOOK, keys, args)
        return _found(outcome, rest, keys[0])

    async def resume(self, session: SessionCaller, *, known_rev: str, most_turns: int) -> Found:
        """The same of a named player that is back: what is remembered lasts from now on.

        Raises NotFound, InvalidCredential (revoked), StoreUnavailable, OutcomeUnknown.
        """
        tenant = session.tenant
        index = keyspace.memories(tenant, session.world_id)
        keys = [*_keys(session), _memory_key(session), index]
        args: list[Value] = [
            known_rev, "", 0, "", 0, most_turns, "", self._idle_ms, hash_of(session.player),
        ]  # fmt: skip
        outcome, *rest = await self._store.effect(_BEGIN, keys, args)
        return _found(outcome, rest, keys[0])

    async def end_turn(
        self,
        session: SessionCaller,
        unit: str,
        hold_id: str,
        text: str,
        said: Said,
        idempotency: Idempotency | None = None,
    ) -> None:
        """Spends the unit of a turn, and keeps it. Idempotent under `hold_id`.

        With an Idempotency-Key the answer itself is remembered, some KB: it stands nowhere else for as
        long. Raises NotFound (the character was deleted meanwhile), StoreUnavailable (also when it has taken
        so long that the hold has lapsed), OutcomeUnknown.
        """
        tenant, settings = session.tenant, self._settings
        keys = [
            keyspace.effect(tenant, hold_id),
            keyspace.world(tenant, session.world_id),
            keyspace.usage(tenant),
            keyspace.holds(tenant, unit),
        ]
        args: list[Value] = [unit, hold_id, EFFECT_MS]
        if idempotency is None:
            args += ["", "", 0]
        else:
            keys.append(idempotency.key(tenant))
            args += [idempotency.body_hash, _written(said), self._idempotency_ms]
        if session.player != ANONYMOUS:
            turn = {"text": text, "reply": said.reply, "stance": said.stance}
            keys += [_memory_key(session), keyspace.memories(tenant, session.world_id)]
            args += [
                orjson.dumps(turn), orjson.dumps(numbers_of(said.affect)), session.player,
                hash_of(session.player), settings.turns, settings.turn_bytes, self._idle_ms,
                settings.players, keyspace.memory(tenant, session.world_id, ""),
            ]  # fmt: skip
        outcome = await self._store.effect(_END_TURN, keys, args)
        if outcome == b"gone":
            raise NotFound
        if outcome == b"lapsed":
            raise StoreUnavailable("the work took too long; nothing was charged")

    async def begin_fold(
        self, session: SessionCaller, token: str, *, known_rev: str, claim_ms: int
    ) -> tuple[Found, bool]:
        """Returns all turns of a named player that no summary has, and whether they are the caller's to fold.

        They are for `claim_ms`, and for nobody else meanwhile. Idempotent under `token`. Raises NotFound,
        InvalidCredential (revoked), StoreUnavailable, OutcomeUnknown.
        """
        tenant = session.tenant
        keys = [
            keyspace.world(tenant, session.world_id),
            keyspace.lease(tenant, session.jti),
            _memory_key(session),
        ]
        args: list[Value] = [known_rev, token, claim_ms, self._settings.turns]
        outcome, *rest = await self._store.effect(_BEGIN_FOLD, keys, args)
        is_idle = outcome == b"idle"
        return _found(b"ok" if is_idle else outcome, rest, keys[0]), not is_idle

    async def fold(
        self, session: SessionCaller, memory: Memory, summary: str, welcome: str
    ) -> tuple[str | None, int]:
        """Puts the turns of `memory` into the summary, unless somebody has folded since it was read.

        Returns the summary and the number of turns there ever were, as they are now. Raises
        StoreUnavailable, OutcomeUnknown.
        """
        args: list[Value] = [memory.id, memory.folded, memory.last, summary, welcome]
        kept, turns = await self._store.effect(_FOLD, [_memory_key(session)], args)
        return kept.decode() or None, int(turns)

    async def forget(self, tenant: Tenant, character_id: str, player: str) -> None:
        """Forgets a player. Raises NotFound (the character), StoreUnavailable, OutcomeUnknown."""
        player_hash = hash_of(player)
        keys = [
            keyspace.world(tenant, character_id),
            keyspace.memory(tenant, character_id, player_hash),
            keyspace.memories(tenant, character_id),
        ]
        if not await self._store.effect(_FORGET, keys, [player_hash]):
            raise NotFound

    async def forget_some(self, tenant: Tenant, character_id: str) -> bool:
        """Forgets up to a thousand players of a character that was deleted; returns whether there are more.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        keys = [keyspace.world(tenant, character_id), keyspace.memories(tenant, character_id)]
        prefix = keyspace.memory(tenant, character_id, "")
        return bool(await self._store.effect(_FORGET_SOME, keys, [prefix]))

    async def list(
        self,
        tenant: Tenant,
        character_id: str,
        *,
        after: tuple[str, str] | None,
        limit: int,
        player: str | None = None,
    ) -> tuple[list[Memory], tuple[str, str] | None]:
        """Returns up to `limit` memories, the player it talked to last first, and where the next page begins.

        `after`: where this one does: a time in ms and the hash of a player. `player`: of that one alone.
        Raises NotFound, StoreUnavailable.
        """
        keys = [keyspace.world(tenant, character_id), keyspace.memories(tenant, character_id)]
        args: list[Value] = [
            *(after or _FIRST_PAGE), limit, _PAGE_BYTES, keyspace.memory(tenant, character_id, ""),
            self._settings.turns, "" if player is None else hash_of(player),
        ]  # fmt: skip
        found = await self._store.query(_LIST, keys, args)
        if found is None:
            raise NotFound
        next_ms, next_hash, *rows = found
        page = [_memory(members, turns, keys[1]) for _, _, members, turns in rows]
        return page, (next_ms.decode(), next_hash.decode()) if next_ms else None


def _keys(session: SessionCaller, unit: str = "say") -> list[str]:
    """The keys of begin.lua without those of a memory."""
    tenant = session.tenant
    return [
        keyspace.world(tenant, session.world_id),
        keyspace.lease(tenant, session.jti),
        keyspace.usage(tenant),
        keyspace.caps(tenant),
        keyspace.holds(tenant, unit),
    ]


def _written(said: Said) -> bytes:
    """What is remembered of an answer; `said_before` reads it."""
    action = None if said.action is None else [said.action.type, said.action.target]
    return orjson.dumps({
        "reply": said.reply,
        "stance": said.stance,
        "emotion": said.emotion,
        "affect": numbers_of(said.affect),
        "action": action,
    })  # fmt: skip


def said_before(first: FirstAnswer) -> Said:
    """The answer of a turn that was ended with an Idempotency-Key."""
    kept = first.members
    return Said(
        reply=kept["reply"],
        stance=kept["stance"],
        emotion=kept["emotion"],
        affect=Affect(*kept["affect"]),
        action=None if kept["action"] is None else Action(*kept["action"]),
        replayed=True,
    )


def owner_of(session: SessionCaller) -> str:
    """Whose the Idempotency-Keys of a session are: of a named player's with its character, else its own."""
    if session.player == ANONYMOUS:
        return session.jti
    return f"{session.world_id} {hash_of(session.player)}"


def hash_of(player: str) -> str:
    """What stands for a player in names of keys: an identity is any text."""
    return hashlib.sha256(player.encode("utf-8", "surrogatepass")).hexdigest()


def _memory_key(session: SessionCaller) -> str:
    return keyspace.memory(session.tenant, session.world_id, hash_of(session.player))


def _found(outcome: bytes, rest: list[Any], key: str) -> Found:
    if outcome == b"gone":
        raise NotFound
    if outcome == b"revoked":
        raise InvalidCredential
    rev, doc, *remembered = rest
    memory = _memory(remembered[0], remembered[1], key) if remembered else NOTHING
    return Found(rev.decode(), doc, memory)


def _memory(members: list[bytes | None], turns: list[bytes], key: str) -> Memory:
    """Reads the answer of `recall` (memory.lua). Raises StoredDataUnreadable."""
    name, player, last, folded, affect, summary, welcome, last_ms, _ = members
    if name is None:
        return NOTHING
    return Memory(
        id=name.decode(),
        player=_text(player) or "",
        summary=_text(summary),
        welcome=_text(welcome),
        affect=within(Affect(*jsondoc.load_stored(affect or b"[]", key))),
        last=int(last or 0),
        folded=int(folded or 0),
        last_ms=int(last_ms or 0),
        turns=tuple(_turn(entry, key) for entry in turns if entry is not None),
    )


def _turn(entry: bytes, key: str) -> KeptTurn:
    ms, _, text = entry.partition(b":")
    turn: dict[str, str] = jsondoc.load_stored(text, key)
    return KeptTurn(turn["text"], turn["reply"], turn["stance"], int(ms))


def _text(found: bytes | None) -> str | None:
    return found.decode() if found else None
