"""A world while ops change it: what they touch is copied once, whatever their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from conjure.kernel.library import Library
from conjure.kernel.names import LONGEST_NAME, unaddressable
from conjure.kernel.ops import fields
from conjure.kernel.ops.errors import NotThere, OpError
from conjure.kernel.ops.named_list import NamedList
from conjure.kernel.resolve import templates_of
from conjure.kernel.schema import described
from conjure.kernel.values import child, text
from conjure.kernel.wording import listed, nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping

    from conjure.kernel.values import JsonObject


class _Kind(NamedTuple):
    """A list of named entries: where it is, what its entries go by, and how they refer to states.

    `members` hold ids of states, or objects that have one as their `reference`; `others` hold names
    of something else.
    """

    place: tuple[str, ...]
    key: str
    members: tuple[str, ...]
    reference: str = "state"
    others: tuple[str, ...] = ()


_LISTS: Final = {
    "event": _Kind(("scene", "events"), "name", ("from", "to")),
    "cutscene": _Kind(("cutscenes",), "id", ("from", "to")),
    "sequence": _Kind(("sequences",), "id", ("beats",)),
    "mission": _Kind(("missions",), "id", ("objectives",), "location"),
    "story beat": _Kind(("story", "beats"), "id", ("states",), others=("sequence",)),
}

NAMED_BY: Final = {"state": "id"} | {name: kind.key for name, kind in _LISTS.items()}
"""What the names of each kind of thing are called."""

# An event's `to` may name a state or a cutscene, so these two share their names.
_SHARING: Final = {"state": "cutscene", "cutscene": "state"}

MOST_TOUCHED: Final = 2_000_000
"""Members, items and references that the ops of a batch may go through: about a second.

An op costs what is in the thing that it changes, or what refers to that. A batch of 500 on one thing
with a hundred thousand members would hold up a server for minutes; no world that is played comes near.
"""

_HINTS = 5  # looking for a near name is slow, and a batch may hold hundreds of wrong ones


class Draft:
    """The newest world of a batch. An op reads it, decides, and only then changes it.

    Members are never changed in place, only replaced: they may be parts of the old world or of an
    op. Used once: what `finish` returned must not change any more.
    """

    __slots__ = (
        "_hints_left",
        "_left",
        "_library",
        "_lists",
        "_members",
        "_most",
        "_numbers",
        "_states",
        "_states_changed",
        "_world",
        "is_beyond",
    )

    def __init__(self, world: Any, most_touched: int = MOST_TOUCHED) -> None:
        if not isinstance(world, dict):
            raise OpError("the world is not an object, so it cannot be changed")
        self._world: JsonObject = world
        self._members: JsonObject | None = None  # our copy of the world's members
        self._states: dict[str, Any] | None = None
        self._states_changed = False
        self._lists: dict[str, NamedList] = {}
        self._numbers: dict[str, int] = {}
        self._hints_left = _HINTS
        self._library: tuple[JsonObject, Library] | None = None  # and the templates it is made of
        self._left = self._most = most_touched
        self.is_beyond = False  # whether an op was refused for what the others touched

    def begin(self) -> None:
        """Raises OpError when the ops before have gone through all that a batch may."""
        if self._left <= 0:
            self.is_beyond = True
            raise OpError(
                "the ops before it went through everything that one batch may "
                f"({self._most:,} members, items and references); send it in a batch of its own"
            )

    def afford(self, touched: int) -> None:
        """Takes note of work that is yet to be done. Raises OpError when it is more than a batch may do."""
        self._left -= touched
        if self._left <= 0:
            self.is_beyond = True
            raise OpError(
                f"it goes through more than is left of what one batch may ({self._most:,} members, items "
                "and references); send it in a batch of its own, or make it smaller"
            )

    def charge(self, touched: int) -> None:
        """Takes note of work that grows with the world; the op that does it is not refused for it."""
        self._left -= touched

    def finish(self) -> JsonObject:
        """The changed world; the old one itself when nothing changed."""
        for kind in list(self._lists):
            self._flush(kind)
        if self._states_changed:
            self._put(("scene", "states"), self._states)
        return self._world if self._members is None else self._members

    # Members of the world

    def member(self, key: str) -> Any:
        """A member of the world, None when it has none; not for `scene`."""
        for kind in _lists_in(key):
            self._flush(kind)
        return self._now().get(key)

    def object_at(self, key: str) -> JsonObject | None:
        """The object that is a member of the world; None when it is none.

        The named list in it may be out of date.
        """
        value = self._now().get(key)
        return value if isinstance(value, dict) else None

    def patch_object(self, key: str, patch: JsonObject) -> None:
        """Replaces members of an object of the world, or makes one; None erases a member.

        Unlike `set_member`, what the draft knows of a list in it stays known.
        """
        present = self.object_at(key) or {}
        self.charge(len(present))
        for kind in _lists_in(key):
            if _LISTS[kind].place[-1] in patch:
                self._lists.pop(kind, None)
        self._own()[key] = fields.patched(present, patch)

    def set_member(self, key: str, value: Any) -> None:
        """Replaces a member of the world; None erases it."""
        if isinstance(value, dict):
            self.charge(len(value))
        for kind in _lists_in(key):
            self._lists.pop(kind, None)
        if value is not None:
            self._own()[key] = value
        elif key in self._now():
            del self._own()[key]

    # States

    @property
    def states(self) -> Mapping[str, Any]:
        """The states by id. Raises OpError when the world has nowhere to keep them."""
        if self._states is None:
            states = self._scene().get("states")
            if not isinstance(states, dict):
                raise OpError(_unreadable("scene.states", states, "an object"))
            self._states = states
        return self._states

    def state(self, state_id: str) -> JsonObject:
        """A state that an op addresses."""
        states = self.states
        if state_id not in states:
            raise self._not_there("state", state_id, states)
        state = states[state_id]
        if not isinstance(state, dict):
            raise OpError(_unreadable(f"the state {quoted(state_id)}", state, "an object"))
        return state

    def set_state(self, state_id: str, state: JsonObject) -> None:
        """Adds or replaces a state."""
        self.charge(len(state))
        self._own_states()[state_id] = state

    def drop_state(self, state_id: str) -> None:
        """Takes a state away, whoever refers to it."""
        del self._own_states()[state_id]
        self._numbers.clear()

    # Lists

    def named_list(self, kind: str) -> NamedList:
        """The list of the events, cutscenes, sequences, missions or story beats."""
        found = self._lists.get(kind)
        if found is None:
            place, key, members, reference, others = _LISTS[kind]
            owner = self._scene() if place[0] == "scene" else self._now()
            if place[0] == "story":
                owner = child(owner, "story")
            entries = owner.get(place[-1])
            if entries is None and place[0] != "scene":
                entries = []
            if not isinstance(entries, list):
                raise OpError(_unreadable(".".join(place), entries, "a list"))
            found = self._lists[kind] = NamedList(entries, key, members, reference, others)
        return found

    def readable(self, kind: str) -> NamedList | None:
        """The list, or None when it is none: what nobody can read refers to nothing."""
        try:
            return self.named_list(kind)
        except OpError:
            return None

    def referring(self, kind: str, name: str) -> list[int]:
        """The places of the entries that refer to something; none of a list that nobody can read."""
        entries = self.readable(kind)
        places = entries.referring(name) if entries is not None else []
        self.charge(len(places))
        return places

    def rename_in(self, kind: str, old: str, new: str) -> None:
        """Lets every entry that refers to one state refer to another."""
        entries = self.readable(kind)
        if entries is not None:
            self.charge(entries.rename(old, new))

    def find(self, kind: str, name: str) -> int:
        """The place of an entry that an op addresses."""
        entries = self.named_list(kind)
        place = entries.find(name)
        if place is None:
            raise self._not_there(kind, name, entries.names())
        return place

    def add(self, kind: str, entry: JsonObject) -> None:
        """Puts an entry at the end of its list."""
        self.named_list(kind).append(entry)

    def replace(self, kind: str, place: int, entry: JsonObject) -> None:
        """Puts another entry in the place of one."""
        entries, key = self.named_list(kind), NAMED_BY[kind]
        if entries.at(place).get(key) != entry.get(key):
            self._numbers.clear()  # a name is free again
        self.charge(len(entry) + entries.replace(place, entry))

    def remove(self, kind: str, place: int) -> None:
        """Takes an entry away, whoever refers to it."""
        self.named_list(kind).remove(place)
        self._numbers.clear()

    # Prose

    def library(self) -> Library:
        """The world's templates, read once as long as they are the same."""
        templates = templates_of(self._now())
        if self._library is None or self._library[0] is not templates:
            words = [text(t, "text") or "" for t in templates.values() if isinstance(t, dict)]
            self.afford(sum(len(item) // 50 + 3 * item.count("{") + 1 for item in words))
            self._library = (templates, Library(templates))
        return self._library[1]

    # Names

    def check_free(self, kind: str, name: str) -> None:
        """Raises OpError when a name is taken, or is none."""
        if not name.strip():
            raise OpError(f"the {NAMED_BY[kind]} of a new {kind} cannot be empty; give it another")
        problem = unaddressable(name)
        if problem is not None:
            raise OpError(
                f"the {NAMED_BY[kind]} {quoted(name)} could not be addressed, for {problem}; choose "
                "another name"
            )
        if len(name) > LONGEST_NAME:
            raise OpError(
                f"the {NAMED_BY[kind]} {quoted(name)} has {len(name):,} characters; "
                f"{LONGEST_NAME} are the limit"
            )
        if name in (self.states if kind == "state" else self.named_list(kind)):
            raise OpError(f"the {kind} {quoted(name)} already exists; choose another name")
        other = _SHARING.get(kind)
        if other is not None and name in self._names(other):
            raise OpError(
                f"the {other} {quoted(name)} already exists, and an event's 'to' could mean either; "
                "choose another name"
            )

    def free_name(self, kind: str) -> str:
        """`state_1`, or the first such name that nothing has."""
        taken: list[Container[object]] = [self.states if kind == "state" else self.named_list(kind)]
        if kind in _SHARING:
            taken.append(self._names(_SHARING[kind]))
        first = number = self._numbers.get(kind, 1)
        while any(f"{kind}_{number}" in names for names in taken):
            number += 1
        self.charge(number - first)
        self._numbers[kind] = number  # all before it are taken, until one is removed
        return f"{kind}_{number}"

    def _names(self, kind: str) -> Container[object]:
        """The names of a kind of things; none of those that nobody can read."""
        return self.states if kind == "state" else self.readable(kind) or ()

    def _not_there(self, kind: str, name: str, names: Collection[str]) -> NotThere:
        near = None
        if self._hints_left:
            self._hints_left -= 1
            near = nearest(name, names)
        if near is not None:
            hint = f". Did you mean {quoted(near)}?"
        else:
            hint = f"; there are {listed(names)}" if names else "; there is none at all"
        return NotThere(f"there is no {kind} {quoted(name)}{hint}")

    # Copies

    def _now(self) -> JsonObject:
        return self._world if self._members is None else self._members

    def _own(self) -> JsonObject:
        if self._members is None:
            self._members = dict(self._world)
        return self._members

    def _own_states(self) -> dict[str, Any]:
        if not self._states_changed:
            self._states = dict(self.states)
            self._states_changed = True
        return self._states or {}

    def _scene(self) -> JsonObject:
        scene = self._now().get("scene")
        if not isinstance(scene, dict):
            raise OpError(_unreadable("scene", scene, "an object"))
        return scene

    def _flush(self, kind: str) -> None:
        entries = self._lists.get(kind)
        if entries is not None and entries.is_changed:
            made = entries.to_list()
            self.charge(len(made))
            self._put(_LISTS[kind].place, made)
            del self._lists[kind]  # its list is the world's now

    def _put(self, place: tuple[str, ...], value: Any) -> None:
        members = self._own()
        if len(place) == 2:
            members[place[0]] = {**child(members, place[0]), place[1]: value}
        else:
            members[place[0]] = value


def _lists_in(key: str) -> list[str]:
    return [name for name, kind in _LISTS.items() if kind.place[0] == key]


def _unreadable(place: str, value: Any, wanted: str) -> str:
    return f"{place} must be {wanted}, but it is {described(value)}; fix that first"
