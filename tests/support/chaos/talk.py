"""Talks with characters, compared with what callers were told: turns that are kept, units that were spent.

As `checker.py`, a function from two records to a list of sentences; `test_checker_talk.py` tells it lies.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.store import keyspace
from support.chaos.ledger import Fate
from support.chaos.observe import count_live
from support.talks import list_memories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.core.caller import Tenant
    from conjure.store.client import Store
    from support.chaos.ledger import Attempt, Ledger
    from support.rpc import Client

VOICE: Final = {"CONJURE_VOICE_PROVIDER": "local", "CONJURE_MEMORY_TURNS": "2000"}
"""A voice that needs nobody, and memories that keep all that is said here."""

PLAYERS: Final = 5
"""Fewer than callers: some of them say something to one character, as one player, at the same time."""

SPOKEN: Final = "Good evening."


@dataclass(frozen=True, slots=True)
class Visitor:
    """A player with a session of a character."""

    player: str
    character_id: str
    token: str


@dataclass(slots=True)
class TalkSeen:
    """What is there once the run is over, and every hold must have ended.

    `turns`: of each player what was said and answered, in order. `messages`: how many there are, as players are told.
    `used` and `held`: by unit.
    """

    turns: dict[str, list[tuple[str, str]]]
    messages: dict[str, int]
    used: dict[str, int]
    held: dict[str, int]
    one_day: bool = True


def talk_violations(ledger: Ledger, seen: TalkSeen) -> list[str]:
    """Returns a sentence for each promise that was broken; empty when all were kept."""
    return [*_turns(ledger, seen), *_units(ledger, seen)]


def _turns(ledger: Ledger, seen: TalkSeen) -> Iterator[str]:
    """Each answered turn is kept, once, with the answer that was given; none is that was refused."""
    said = {attempt.mark: attempt for attempt in ledger.of("say")}
    kept = Counter(text for turns in seen.turns.values() for text, _ in turns)
    for attempt in said.values():
        if attempt.fate is Fate.DONE and not kept[attempt.mark]:
            yield f"an answered turn is lost: {attempt}"
        if attempt.fate is Fate.REFUSED and kept[attempt.mark]:
            yield f"a refused turn is kept: {attempt}"
    for player, turns in seen.turns.items():
        if seen.messages.get(player) != 2 * len(turns):
            yield f"{player} has {len(turns)} turns, and {seen.messages.get(player)} messages"
        newest = 0.0
        for text, reply in turns:
            attempt = said.get(text)
            if attempt is None or attempt.subject != player:
                yield f"{player} never said {text!r}"
                continue
            if kept[text] > 1:
                yield f"a turn is kept {kept[text]} times: {attempt}"
            if attempt.fate is Fate.DONE and attempt.answer != reply:
                yield f"a turn is kept with {reply!r}, which is not what was answered: {attempt}"
            if attempt.ended < newest:
                yield f"a turn is kept after one that began when it had been answered: {attempt}"
            newest = max(newest, attempt.begun)


def _units(ledger: Ledger, seen: TalkSeen) -> Iterator[str]:
    """A turn that is kept is charged, and no other; a speech is from its first byte on. Nothing stays held."""
    for unit, held in seen.held.items():
        if held:
            yield f"{held} {unit} are held for nobody"
    if not seen.one_day:
        return
    kept = sum(map(len, seen.turns.values()))
    if seen.used["say"] != kept:
        yield f"{seen.used['say']} say charged for {kept} turns"
    heard = len(ledger.of("speak", Fate.DONE))
    unsure = len(ledger.of("speak", Fate.UNKNOWN))
    if not heard <= seen.used["tts"] <= heard + unsure:
        yield f"{seen.used['tts']} tts charged for {heard} speeches (+ {unsure} unknown)"


async def see_talk(
    caller: Client, store: Store, tenant: Tenant, character_id: str, *, day: str
) -> TalkSeen:
    """Reads all of it; every hold must have ended."""
    found = (await list_memories(caller, character_id, limit=100)).memories
    usage = await caller.get_usage()
    return TalkSeen(
        turns={
            one.player_identity: [(turn.text, turn.reply) for turn in one.turns] for one in found
        },
        messages={one.player_identity: one.message_count for one in found},
        used={unit: usage.usage[unit] for unit in ("say", "tts")},
        held={
            unit: await count_live(store, keyspace.holds(tenant, unit)) for unit in ("say", "tts")
        },
        one_day=usage.day == day,
    )


def first_heard(attempt: Attempt) -> None:
    """Notes that the first piece of a speech has come: whatever comes after, it is charged."""
    attempt.fate, attempt.status = Fate.DONE, 200
