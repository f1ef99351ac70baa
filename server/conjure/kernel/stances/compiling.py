"""From what a person says of a character to its document, and back into one that is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.character import KIND
from conjure.kernel.stances import prose
from conjure.kernel.stances.graph import (
    MOST_STANCES,
    SPEAKING,
    connected,
    events_of,
    find_speaking,
    id_of,
    is_speaking,
    is_way,
    name_of,
    speaking,
    stances_of,
    states_of,
)
from conjure.kernel.values import child, elements, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjure.kernel.values import JsonObject

_WORDS: Final = ("subject", "style")
"""Members of a character that the prose of all stances is made from, and its name where it has no subject."""


@dataclass(frozen=True, slots=True)
class NewStance:
    """A stance as a person says it. `label` is the id where it is not said."""

    id: str
    label: str | None = None
    mood: str | None = None
    expression: str | None = None

    @property
    def entry(self) -> JsonObject:
        """What the document has of it. What it looks like is no secret: it is in the prose as well."""
        said = {"mood": self.mood, "expression": self.expression}
        return {"id": self.id, "label": self.label or self.id} | _given(said)


@dataclass(frozen=True, slots=True)
class NewCharacter:
    """What a person says of a character. `members` are those of `character` beside its stances."""

    name: str
    stances: tuple[NewStance, ...]
    description: str = ""
    cover: str | None = None
    members: Mapping[str, Any] = field(default_factory=dict)


def compiled(new: NewCharacter) -> JsonObject:
    """The document of a new character, which passes the gate without a warning.

    It has 1 to MOST_STANCES stances, whose ids differ and can be addressed. Its text stands in `character`
    word for word; the prose for the video model is made of subject, style, expression and mood alone, never
    of the brain. What is missing is for `unstored.completed`: an id, and the picture at the entrance.
    """
    said = _given(new.members)
    entries = {stance.id: stance.entry for stance in new.stances}
    states = {name: _state(new.name, entry, said) for name, entry in entries.items()}
    world: JsonObject = {"name": new.name, "description": new.description, "kind": KIND}
    if new.cover is not None:
        world["cover"] = new.cover
    world["entrance"] = {"state": new.stances[0].id}
    world["scene"] = {
        "states": states,
        "events": [*connected([], entries), speaking(list(entries))],
    }
    world[KIND] = {**said, "stances": list(entries.values())}
    return world


def recompiled(
    world: JsonObject,
    *,
    members: Mapping[str, Any],
    character: Mapping[str, Any],
    stances: Sequence[NewStance] | None,
) -> JsonObject:
    """A character with other members of its document and of `character` (None erases), with other stances.

    Of a stance that stays everything is kept but what was said anew: its prose is made again where it was
    ours, or where other words were said of it. The same object when nothing has changed.
    """
    said = child(world, KIND)
    entries = stances_of(world) if stances is None else _entries(said, stances)
    now = _patched(said, character)
    if stances is not None:
        now = {**now, "stances": entries}
    made = _patched(world, members)
    if not _same(now, said):
        made = {**made, KIND: now}
    if made is world:
        return world
    cover = members.get("cover")
    entrance = child(made, "entrance")
    image = child(entrance, "image")
    if cover is not None and image and image.get("src") == world.get("cover"):
        made = {**made, "entrance": {**entrance, "image": {**image, "src": cover}}}
    if stances is not None:
        return _with_graph(world, made)
    if "name" in members or any(name in character for name in _WORDS):
        return with_prose(world, made)
    return made


def _entries(said: JsonObject, stances: Sequence[NewStance]) -> list[JsonObject]:
    """The entries of other stances; one that stays keeps what nothing was said about."""
    known = {id_of(entry): entry for entry in elements(said, "stances")}
    entries = []
    for stance in stances:
        before = known.get(stance.id) or {}
        kept = {name: value for name, value in before.items() if name != "mood"}
        if stance.label is None and text(before, "label"):
            entries.append({**kept, **stance.entry, "label": before["label"]})
        else:
            entries.append({**kept, **stance.entry})
    return entries


def _with_graph(world: JsonObject, made: JsonObject) -> JsonObject:
    """The character with the graph of the stances that it has now."""
    said = child(made, KIND)
    entries = {entry["id"]: entry for entry in said["stances"]}
    known = {id_of(entry): entry for entry in stances_of(world)}
    present, name = states_of(world), text(made, "name") or ""
    states: JsonObject = {}
    for stance_id, entry in entries.items():
        state = present.get(stance_id)
        if not isinstance(state, dict):
            states[stance_id] = _state(name, entry, said)
            continue
        old = known.get(stance_id)
        is_said_anew = old is not None and not _same(old, entry)
        states[stance_id] = _reworded(world, made, stance_id, old, entry, is_said_anew=is_said_anew)
    events = _events(world, entries, known)
    made = {**made, "scene": {**child(made, "scene"), "states": states, "events": events}}
    entrance = child(made, "entrance")
    if text(entrance, "state") not in states:
        made["entrance"] = {**entrance, "state": next(iter(states))}
    return made


def _events(
    world: JsonObject, entries: Mapping[str, JsonObject], known: Mapping[str | None, Any]
) -> list[Any]:
    """The events that are left when only these stances are, with what is missing between them."""
    kept: list[Any] = []
    cutscenes = {id_of(item) for item in elements(world, "cutscenes")}
    names = {event["name"] for event in events_of(world)}
    for event in events_of(world):
        if event.get("name") == SPEAKING:
            continue
        to = text(event, "to")
        sources = [name for name in elements(event, "from") if name in entries]
        if not sources or not (to is None or to in entries or to in cutscenes):
            continue
        made = event if sources == event["from"] else {**event, "from": sources}
        entry, old = entries.get(to or ""), known.get(to)
        if entry is not None and old is not None and is_way(event):
            made = _renewed(made, old, entry, names)
        kept.append(made)
    spoken = find_speaking(events_of(world))
    if spoken is None or not is_speaking(spoken):
        spoken = speaking(list(entries))
    return [*connected(kept, entries), {**spoken, "from": list(entries)}]


def _renewed(way: JsonObject, old: JsonObject, entry: JsonObject, names: set[str]) -> JsonObject:
    """The way to a stance that stays: what was made of the stance's words is made of those it has now."""
    was, name = name_of(old), name_of(entry)
    if way.get("name") == was != name and name != SPEAKING and name not in names:
        way = {**way, "name": name}
        names.add(name)
    said, says = (prose.change(text(item, "mood")) for item in (old, entry))
    return {**way, "base": says} if way.get("base") == said != says else way


def with_prose(world: JsonObject, made: JsonObject) -> JsonObject:
    """The character `made`, with prose of its stances from its words as they are now, not as in `world`."""
    present, entries = states_of(world), stances_of(world)
    if len(entries) > MOST_STANCES:
        return made  # none of its prose is ours
    states = dict(present)
    for entry in entries:
        stance_id = id_of(entry)
        if stance_id is not None and isinstance(present.get(stance_id), dict):
            states[stance_id] = _reworded(world, made, stance_id, entry, entry)
    if all(states[name] is state for name, state in present.items()):
        return made
    return {**made, "scene": {**child(made, "scene"), "states": states}}


def _reworded(
    world: JsonObject,
    made: JsonObject,
    stance_id: str,
    old: JsonObject | None,
    entry: JsonObject,
    *,
    is_said_anew: bool = False,
) -> JsonObject:
    """The state of a stance that stays: with a new base, if the one it has was ours or the words changed."""
    state: JsonObject = states_of(world)[stance_id]
    was = None if old is None else _base(text(world, "name") or "", old, child(world, KIND))
    if not (is_said_anew or state.get("base") == was):
        return state
    base = _base(text(made, "name") or "", entry, child(made, KIND))
    return state if base == was else {**state, "base": base}


def _state(name: str, entry: JsonObject, said: JsonObject) -> JsonObject:
    return {
        "base": _base(name, entry, said),
        "camera": dict(prose.CAMERA),
        "movement": dict(prose.MOVEMENT),
    }


def _base(name: str, entry: JsonObject, said: JsonObject) -> str:
    return prose.base(
        name=name.replace(" (fork)", ""),  # it is to be seen as what it is a fork of
        label=text(entry, "label") or text(entry, "id") or "",
        mood=text(entry, "mood"),
        expression=text(entry, "expression"),
        subject=text(said, "subject"),
        style=text(said, "style"),
    )


def _given(members: Mapping[str, Any]) -> JsonObject:
    return {name: value for name, value in members.items() if value is not None}


def _patched(node: JsonObject, patch: Mapping[str, Any]) -> JsonObject:
    """The object with other members; the same one when they are no others."""
    if all(
        (name in node and _same(node[name], value)) if value is not None else name not in node
        for name, value in patch.items()
    ):
        return node
    kept = {name: value for name, value in node.items() if patch.get(name, 0) is not None}
    return {**kept, **_given(patch)}


def _same(value: Any, other: Any) -> bool:
    """Whether two values are equal, of the same types: `True == 1`."""
    if type(value) is not type(other):
        return False
    if isinstance(value, dict):
        return value.keys() == other.keys() and all(
            _same(value[name], other[name]) for name in value
        )
    if isinstance(value, list):
        return len(value) == len(other) and all(map(_same, value, other))
    return bool(value == other)
