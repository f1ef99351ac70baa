"""A world as a model sees it: what there is, in a few words, within a limit that no world exceeds.

All of it is JSON, so that nothing in a text can pass for the end of it. Of a world that is too large those
things come first that the instruction speaks of, then where play begins and ends, each with its neighbours.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.core.errors import MalformedRequest
from conjure.kernel.values import child, children, elements, text
from conjure.kernel.wording import shortened
from conjure.providers.editor.openai.mentions import Mentions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_VIEW: Final = 8_000
"""Characters of the view: some 2,000 tokens, in every turn. Small models read 8,000 in all."""

MOST_READ: Final = 6_000
"""Characters of one state or event, read whole."""

MOST_OBJECTS: Final = 3_000
"""Characters of the objects that a detector has found."""

_WORDS: Final = 90  # characters of a state's prose
_NAME: Final = 120  # of any text beside it
_LONG: Final = 300  # of the world's description
_LISTED: Final = 20  # entries of other lists
_ITEMS: Final = 8  # of a list in an event

# Members of an event that say what it does in play; the others are read when they are needed.
_OF_EVENT: Final = ("kind", "from", "to", "requires", "grants", "hotkey", "oneShot", "hidden")


class View:
    """What is shown of a world for an instruction."""

    def __init__(self, world: dict[str, Any], instruction: str, most: int = MOST_VIEW) -> None:
        self._world = world
        scene = child(world, "scene")
        self._states = child(scene, "states")
        self._events = {
            name: event
            for _, event in children(scene, "events")
            if (name := text(event, "name")) is not None
        }
        self._mentions = Mentions(instruction)
        self._most = most

    def text(self) -> str:
        """The view as JSON text."""
        shown: dict[str, Any] = self._head()
        room = self._most - len(_json(shown)) - 200
        states: dict[str, Any] = {}
        events: dict[str, Any] = {}
        for kind, name in self._order():
            entry = self._state(name) if kind == "state" else self._event(name)
            size = len(_json({name: entry})) + 1
            if size > room:
                break
            room -= size
            (states if kind == "state" else events)[name] = entry
        shown["states"], shown["events"] = states, events
        left_out = len(self._states) + len(self._events) - len(states) - len(events)
        if left_out:
            shown["leftOut"] = {
                "states": len(self._states) - len(states),
                "events": len(self._events) - len(events),
                "note": "read_state and read_event know them all, by id and by name",
            }
        return _json(shown)

    def _head(self) -> dict[str, Any]:
        world = self._world
        entrance = text(child(world, "entrance"), "state")
        head: dict[str, Any] = {
            "name": _short(text(world, "name") or "", _NAME),
            "entrance": None if entrance is None else _short(entrance, _NAME),
        }
        for member, most in (("description", _LONG), ("pov", _NAME), ("styleTail", _NAME)):
            value = world.get(member)
            if isinstance(value, str) and value:
                head[member] = _short(value, most)
        for member in ("cutscenes", "sequences", "missions"):
            ids = [_short(text(entry, "id") or "", _NAME) for _, entry in children(world, member)]
            if ids:
                head[member] = ids[:_LISTED]
        logline = text(child(world, "story"), "logline")
        if logline:
            head["story"] = _short(logline, _LONG)
        templates = child(child(world, "kernel"), "templates")
        if templates:
            head["templates"] = [_short(name, _NAME) for name in list(templates)[:_LISTED]]
        return head

    def _state(self, name: str) -> dict[str, Any]:
        state = self._states[name]
        if not isinstance(state, dict):
            return {}
        shown: dict[str, Any] = {"words": _first_words(state.get("base"))}
        ending = state.get("ending")
        if isinstance(ending, dict):
            shown["ending"] = {
                key: _short(value, _NAME) for key, value in ending.items() if isinstance(value, str)
            }
        others = [key for key in state if key not in {"base", "ending"}]
        if others:
            shown["has"] = [_short(key, _NAME) for key in others[:_ITEMS]]
        return shown

    def _event(self, name: str) -> dict[str, Any]:
        event = self._events[name]
        shown = {key: _brief(event[key]) for key in _OF_EVENT if event.get(key) not in (None, [])}
        if event.get("base") is not None:
            shown["words"] = _first_words(event["base"])
        others = [key for key in event if key not in {"name", "base", *_OF_EVENT}]
        if others:
            shown["has"] = [_short(key, _NAME) for key in others[:_ITEMS]]
        return shown

    def _order(self) -> Iterator[tuple[str, str]]:
        """All states and events, those first that matter most: each with its neighbours, going outwards."""
        if len(self._states) + len(self._events) <= _ITEMS:
            first: list[tuple[str, str]] = []
        else:
            scored = [
                (score, kind, name)
                for kind, names in (("state", self._states), ("event", self._events))
                for name, score in self._mentions.scores(names).items()
            ]
            scored.sort(key=lambda item: -item[0])
            first = [(kind, name) for _, kind, name in scored]
        entrance = text(child(self._world, "entrance"), "state")
        if entrance in self._states:
            first.append(("state", str(entrance)))
        neighbours = self._neighbours()
        seen: set[tuple[str, str]] = set()
        for begun in (
            first,
            [("state", name) for name, state in self._states.items() if _is_ending(state)],
            [("state", name) for name in self._states],
            [("event", name) for name in self._events],
        ):
            # What is named comes before what is near to it.
            queue = deque(item for item in begun if item not in seen)
            seen.update(queue)
            while queue:
                item = queue.popleft()
                yield item
                for near in neighbours.get(item, ()):
                    if near not in seen:
                        seen.add(near)
                        queue.append(near)

    def _neighbours(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for name, event in self._events.items():
            ends = [*elements(event, "from"), event.get("to")]
            for end in ends:
                if isinstance(end, str) and end in self._states:
                    found.setdefault(("state", end), []).append(("event", name))
                    found.setdefault(("event", name), []).append(("state", end))
        return found


def whole(thing: Any) -> str:
    """A state or an event as JSON text; of a longer one the beginning."""
    return _cut(_json(thing), MOST_READ)


def objects(found: Sequence[dict[str, Any]]) -> str:
    """Objects that a detector has found, as JSON text; the first ones, as far as there is room."""
    room, kept = MOST_OBJECTS, []
    for item in found:
        size = len(_json(item)) + 1
        if size > room:
            break
        room -= size
        kept.append(item)
    return _json(kept)


def _json(value: Any) -> str:
    try:
        return jsondoc.dumps(value).decode()
    except MalformedRequest:  # deeper than anything that is worth reading
        return '"(too deep to be shown)"'


def _cut(value: str, most: int) -> str:
    return value if len(value) <= most else f"{value[:most]}… (cut)"


def _short(value: str, most: int) -> str:
    return shortened(value, most)


def _first_words(prose: Any) -> str:
    if isinstance(prose, dict):  # factored: the template's name says most
        return f"template {_short(str(prose.get('template')), _NAME)}"
    return _cut(prose, _WORDS).removesuffix(" (cut)") if isinstance(prose, str) else ""


def _brief(value: Any) -> Any:
    if isinstance(value, str):
        return _short(value, _NAME)
    if isinstance(value, list):
        return [_brief(item) for item in value[:_ITEMS] if isinstance(item, str)]
    return value if isinstance(value, bool | int | float) else None


def _is_ending(state: Any) -> bool:
    return isinstance(state, dict) and isinstance(state.get("ending"), dict)
