"""What a draft changes of a world: what came, what went, what has another name, and what is not as it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.kernel.ops.params import EVENT, RENAMED
from conjure.kernel.values import child, children, text
from conjure.kernel.wording import listed, quoted

if TYPE_CHECKING:
    from conjure.providers.editor.draft import Draft

_LISTS: Final = {"cutscenes": "cutscene", "sequences": "sequence", "missions": "mission"}
_PARTS: Final = {
    "story": "story",
    "outro": "outro",
    "introVideo": "intro",
    "introStatic": "intro",
    "subject": "subject",
    "styleTail": "subject",
    "narrate": "narrate",
}
_SHOWN: Final = 5  # names in one sentence


@dataclass(slots=True)
class Kind:
    """The states, or the events: by the names they had, but for `added`."""

    noun: str
    before: dict[str, Any]
    now: dict[str, Any]
    origin: dict[str, str]
    """What of the old ones is still there: the name it had, by the name it has."""
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    """The new name, by the old one."""
    changed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        left = set(self.origin.values())
        self.added = [name for name in self.now if name not in self.origin]
        self.removed = [name for name in self.before if name not in left]
        self.renamed = {old: new for new, old in self.origin.items() if old != new}


class Changes:
    """All of it. The ops tell what was renamed, the worlds tell the rest."""

    def __init__(self, draft: Draft) -> None:
        before, now = draft.start, draft.world
        states, events = _states(before), _events(before)
        state_origin, event_origin = _origins(draft, states, events)
        self.states = Kind("state", states, _states(now), state_origin)
        self.events = Kind("event", events, _events(now), event_origin)
        new_name = {old: new for new, old in state_origin.items()}
        for kind in (self.states, self.events):
            for new, old in kind.origin.items():
                was, is_now = kind.before[old], kind.now.get(new)
                if was is is_now:
                    continue
                if kind is self.events:
                    was, is_now = _led(was, new_name), _led(is_now, {})
                if not _same(was, is_now):
                    kind.changed.append(old)
        self.lost_parts: list[tuple[str, str | None]] = [
            (what, entry)
            for member, what in _LISTS.items()
            for entry in _ids(before, member)
            if entry not in set(_ids(now, member))
        ]
        self.lost_parts += [
            (what, None)
            for member, what in _PARTS.items()
            if before.get(member) is not None and now.get(member) is None
        ]
        if len(child(before, "story").get("beats") or ()) > len(
            child(now, "story").get("beats") or ()
        ):
            self.lost_parts.append(("story", None))
        self.entrance = text(child(before, "entrance"), "state")
        """The state in which play began."""
        self.new_entrance = text(child(now, "entrance"), "state")
        self.others_changed = any(
            not _same(before.get(key), now.get(key)) for key in {*before, *now} - {"scene"}
        )

    @property
    def has_moved_entrance(self) -> bool:
        """Whether play begins in another state, though the one in which it began is there still."""
        was, now = self.entrance, self.new_entrance
        origin = self.states.origin.get(now, now) if now is not None else None
        return was is not None and origin != was and was not in self.states.removed

    @property
    def lost_endings(self) -> list[str]:
        """The states that play ended in, and does not any more; those that went are among them."""
        now = {
            old for new, old in self.states.origin.items() if _is_ending(self.states.now.get(new))
        }
        return [
            name
            for name, state in self.states.before.items()
            if _is_ending(state) and name not in now
        ]

    @property
    def endings(self) -> dict[str, Any]:
        """What kind of ending each of them was, by state."""
        return {
            name: state["ending"].get("kind")
            for name, state in self.states.before.items()
            if _is_ending(state)
        }

    @property
    def has_ending(self) -> bool:
        """Whether play can still end somewhere."""
        return any(_is_ending(state) for state in self.states.now.values())

    def told(self) -> str:
        """What was changed, in plain words."""
        sentences = []
        for verb, part in (("Added", "added"), ("Changed", "changed"), ("Removed", "removed")):
            things = [
                f"the {kind.noun}{'s' if len(names) > 1 else ''} {listed(names, _SHOWN)}"
                for kind in (self.states, self.events)
                if (names := [name for name in getattr(kind, part) if name not in kind.renamed])
            ]
            if things:
                sentences.append(f"{verb} {' and '.join(things)}.")
        sentences += [
            f"Renamed the {kind.noun} {quoted(old)} to {quoted(new)}."
            for kind in (self.states, self.events)
            for old, new in list(kind.renamed.items())[:_SHOWN]
        ]
        if not sentences or self.others_changed:
            sentences.append("Changed the world's own settings.")
        return " ".join(sentences)


def _origins(
    draft: Draft, states: dict[str, Any], events: dict[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """What each thing that was there at the beginning is called now; what was deleted once is not there."""
    of_states, of_events = ({name: name for name in names} for names in (states, events))
    for op, name in zip(draft.ops, draft.names, strict=True):
        match op["op"]:
            case "rename_state":
                _rename(of_states, RENAMED.name_in(op), name)
            case "update_event" | "set_event_field":
                _rename(of_events, EVENT.name_in(op), name)
            case "delete_state" | "remove_state":
                of_states.pop(str(name), None)
            case "delete_event" | "remove_event":
                of_events.pop(str(name), None)
            case _:
                pass
    return of_states, of_events


def _rename(origin: dict[str, str], old: str | None, new: str | None) -> None:
    if old is not None and new is not None and old != new and old in origin:
        origin[new] = origin.pop(old)


def _states(world: dict[str, Any]) -> dict[str, Any]:
    return child(child(world, "scene"), "states")


def _events(world: dict[str, Any]) -> dict[str, Any]:
    return {
        name: event
        for _, event in children(child(world, "scene"), "events")
        if (name := text(event, "name")) is not None
    }


def _ids(world: dict[str, Any], member: str) -> list[str]:
    return [name for _, entry in children(world, member) if (name := text(entry, "id")) is not None]


def _led(event: Any, new_name: dict[str, str]) -> Any:
    """An event without its name, and with other names of the states that it is between."""
    if not isinstance(event, dict):
        return event
    sources = event.get("from")
    if isinstance(sources, list):
        sources = [new_name.get(item, item) if isinstance(item, str) else item for item in sources]
    led = {key: item for key, item in event.items() if key not in {"name", "from", "to"}}
    to = event.get("to")
    if to is not None:
        led["to"] = new_name.get(to, to) if isinstance(to, str) else to
    return {**led, "from": sources}


def _same(one: Any, other: Any) -> bool:
    return one is other or jsondoc.canonical(one) == jsondoc.canonical(other)


def _is_ending(state: Any) -> bool:
    return isinstance(state, dict) and isinstance(state.get("ending"), dict)
