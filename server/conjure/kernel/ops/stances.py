"""What an edit of a character's graph does to its stances (CONTRACT 5).

Each stance is a state, every two are connected, and the hidden event `Speaking` comes from all of them. Ops
change states and events and know nothing of that, but for a rename, which only they can tell from a removal,
and for the ways that go with a state. So what an edit has made is compared with what was there (`in_step`),
as the last thing before the gate: what is missing is made, and what cannot be is refused. A character that
never was in step, as an import of a world may be, is left as it is, but for what the edit itself does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjure.kernel.character import KIND, is_character
from conjure.kernel.ops.errors import OpError
from conjure.kernel.stances.graph import (
    MOST_STANCES,
    SPEAKING,
    connected,
    events_of,
    find_speaking,
    id_of,
    ids_of,
    is_hidden_way,
    is_speaking,
    reached,
    stances_of,
    states_of,
)
from conjure.kernel.values import elements
from conjure.kernel.wording import quoted

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject


def in_step(before: JsonObject, after: JsonObject, *, is_restored: bool = False) -> JsonObject:
    """The world that an edit has made, with its stances as its graph is now.

    `after` itself when there is nothing to do. Total, whatever it is: the gate has not seen it.
    `is_restored`: it was not made by ops, but stored once; where nothing was in step it stays as it was.
    Raises OpError when it cannot be.
    """
    if not is_character(after):
        return after
    states, old_states = states_of(after), states_of(before)
    if states is not old_states and not is_restored:
        _check_endings(before, after)
    if (
        after.get(KIND) is before.get(KIND)
        and events_of(after) is events_of(before)
        and states.keys() == old_states.keys()
    ):
        return after  # what most edits come to
    known = {
        name: entry
        for entry in stances_of(before)
        if (name := id_of(entry)) is not None and name in old_states
    }
    if not isinstance(after.get(KIND), dict):
        if known:
            raise OpError("a character that has stances keeps its member 'character'")
        return after
    if is_restored and not known.keys() >= old_states.keys():
        return after
    # One that was renamed and then removed has a name that was never there.
    strange = (
        () if is_restored else set(ids_of(stances_of(after))).difference(ids_of(stances_of(before)))
    )
    had = {*known, *strange}
    entries = [entry for entry in stances_of(after) if not _is_gone(entry, had, states)]
    listed = set(ids_of(entries))
    # A state that was no stance and got another id is the same object still.
    others = {id(state) for name, state in old_states.items() if name not in known}
    added = {
        name: {"id": name, "label": name}
        for name, state in states.items()
        if name not in listed
        and (name in known or (name not in old_states and id(state) not in others))
    }
    if known and not (added or listed):
        raise OpError("a character keeps at least one stance; add another one first")
    _check_added(added, states, len(listed), len(known))
    entries += added.values()
    events = _events(before, after, known, entries, added)
    made = after
    if len(entries) != len(stances_of(after)) or added:
        made = {**made, KIND: {**made[KIND], "stances": entries}}
    if events is not events_of(after):
        made = {**made, "scene": {**made["scene"], "events": events}}
    return made


def release(draft: Draft, state_id: str) -> tuple[list[int], list[int]]:
    """The events that let go of a stance when it is removed: those that end with it, those that only lose it.

    They are the places of the ways that are made for stances, and of `Speaking`. Empty where the state is no
    stance.
    """
    said = draft.object_at(KIND) if draft.member("kind") == KIND else None
    entries = elements(said or {}, "stances")
    draft.charge(len(entries))
    if not any(id_of(entry) == state_id for entry in entries):
        return [], []
    ending: list[int] = []
    losing: list[int] = []
    events = draft.named_list("event")
    for place in draft.referring("event", state_id):
        event = events.at(place)
        if not (is_speaking(event) or is_hidden_way(event)):
            continue
        sources = elements(event, "from")
        draft.afford(len(sources))
        is_only = all(name == state_id for name in sources)
        (ending if event.get("to") == state_id or is_only else losing).append(place)
    return ending, losing


def rename(draft: Draft, old: str, new: str) -> None:
    """Gives the stance of a state its state's new id."""
    said = draft.object_at(KIND) if draft.member("kind") == KIND else None
    entries = elements(said or {}, "stances")
    if said is None or not entries:
        return
    draft.charge(len(entries))
    # An entry of the new id has no state: that id was free.
    made = [entry for entry in entries if id_of(entry) != new]
    made = [{**entry, "id": new} if id_of(entry) == old else entry for entry in made]
    draft.set_member(KIND, {**said, "stances": made})


def _is_gone(entry: Any, had: set[str], states: JsonObject) -> bool:
    """Whether an entry was of a state that is not there any more."""
    name = id_of(entry)
    return name is not None and name in had and name not in states


def _has_ending(state: Any) -> bool:
    return isinstance(state, dict) and state.get("ending") is not None


def _check_endings(before: JsonObject, after: JsonObject) -> None:
    """That no stance becomes an ending; the gate does not see that of an only one, as no way leads out."""
    states, old_states = states_of(after), states_of(before)
    ended = [name for name in ids_of(stances_of(after)) if _has_ending(states.get(name))]
    if not ended or not any(name in old_states for name in ids_of(stances_of(before))):
        return  # None is one, or it never was in step.
    # Also of one that is named otherwise now: it is the same object.
    known = {id(state) for state in old_states.values() if _has_ending(state)}
    for name in ended:
        if not (id(states[name]) in known or _has_ending(old_states.get(name))):
            raise OpError(f"the state {quoted(name)} is a stance, and a stance is no ending")


def _check_added(added: JsonObject, states: JsonObject, listed: int, before: int) -> None:
    for name in added:
        if _has_ending(states[name]):
            raise OpError(
                f"the state {quoted(name)} would be a stance, and a stance is no ending; leave its ending "
                "out"
            )
    if added and listed + len(added) > max(MOST_STANCES, before):
        raise OpError(f"a character has at most {MOST_STANCES} stances; remove one first")


def _events(
    before: JsonObject,
    after: JsonObject,
    known: JsonObject,
    entries: list[Any],
    added: JsonObject,
) -> list[Any]:
    """The events after an edit, with the ways of stances that are new; the same list if none is missing."""
    events, states = events_of(after), states_of(after)
    # Those without a state are none: nothing can lead there.
    stances = {
        name: entry for entry in entries if (name := id_of(entry)) is not None and name in states
    }
    # One that was renamed is new by its name, and has its ways unless the same batch has taken them.
    new = {name for name in stances if name in added or name not in known}
    kept = [name for name in stances if name not in new]
    if events is not events_of(before) and len(kept) <= MOST_STANCES:
        _check_ways(reached(events_of(before)), reached(events), kept)
    made = events
    if new and len(stances) <= MOST_STANCES:
        ways = connected(events, stances, lambda source, to: source in new or to in new)
        made = ways if ways != events else events
    return _spoken(before, made, kept, new)


def _check_ways(before: dict[str, set[str]], after: dict[str, set[str]], kept: list[str]) -> None:
    for to in kept:
        lost = (before.get(to, set()) - after.get(to, set())).intersection(kept) - {to}
        if lost:
            source = min(lost)
            raise OpError(
                f"stances stay connected, and no way would lead from {quoted(source)} to {quoted(to)}; "
                "add another transition between them, without 'requires' and 'oneShot', in one batch"
            )


def _spoken(before: JsonObject, events: list[Any], kept: list[str], new: set[str]) -> list[Any]:
    """The events with `Speaking` from all stances, if it was as it has to be."""
    spoken = find_speaking(events_of(before))
    if not is_speaking(spoken) or spoken is None:
        return events
    now = find_speaking(events)
    if now is None:
        raise OpError(f"the event {quoted(SPEAKING)} of a character cannot be deleted or renamed")
    if not is_speaking(now):
        raise OpError(
            f"the event {quoted(SPEAKING)} of a character stays a hidden override, without "
            "'requires' and 'oneShot'"
        )
    sources = elements(now, "from")
    there, stays = {name for name in sources if isinstance(name, str)}, frozenset(kept)
    lost = [name for name in elements(spoken, "from") if name in stays and name not in there]
    if lost:
        raise OpError(
            f"the event {quoted(SPEAKING)} of a character comes from all of its stances, also from "
            f"{quoted(lost[0])}"
        )
    missing = sorted(new - there)
    if not missing:
        return events
    return [{**event, "from": [*sources, *missing]} if event is now else event for event in events]
