"""One list of a world while ops change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from conjure.kernel.values import JsonObject

_GONE: Any = object()


class NamedList:
    """The entries of a list by name, and by the states they refer to.

    The list is copied before the first change. Removed entries leave a gap until the end, so that
    places stay what they are and both indexes, each made when first asked for, stay true: hundreds
    of ops on thousands of entries look at each entry once.
    """

    __slots__ = (
        "_by_name",
        "_by_state",
        "_entries",
        "_key",
        "_members",
        "_noted",
        "_reference",
        "is_changed",
    )

    def __init__(
        self,
        entries: list[Any],
        key: str,
        members: tuple[str, ...],
        reference: str,
        others: tuple[str, ...] = (),
    ) -> None:
        self._entries = entries
        self._key = key
        self._members = members  # those that refer to states
        self._noted = (*members, *others)  # and those that refer to something else
        self._reference = reference  # where an object in such a member has the state's id
        self._by_name: dict[str, list[int]] | None = None
        self._by_state: dict[str, set[int]] | None = None
        self.is_changed = False

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def names(self) -> Collection[str]:
        """The names of all entries."""
        return self._names()

    def find(self, name: str) -> int | None:
        """The place of the first entry of that name."""
        places = self._names().get(name)
        return min(places) if places else None

    def at(self, place: int) -> JsonObject:
        """The entry at a place that another method gave."""
        entry: JsonObject = self._entries[place]
        return entry

    def referring(self, state_id: str) -> list[int]:
        """The places of the entries that refer to something of a name, in order."""
        if self._by_state is None:
            self._by_state = {}
            for place, entry in enumerate(self._entries):
                if isinstance(entry, dict):
                    self._note(place, entry)
        return sorted(self._by_state.get(state_id, ()))

    def append(self, entry: JsonObject) -> None:
        """Puts an entry last."""
        self._own()
        self._entries.append(entry)
        self._remember(len(self._entries) - 1, entry)

    def replace(self, place: int, entry: JsonObject) -> int:
        """Puts another entry in the place of one. Returns how many references that went through."""
        self._own()
        before = self._entries[place]
        self._entries[place] = entry
        if all(before.get(key) is entry.get(key) for key in (self._key, *self._noted)):
            return 0
        self._forget(place, before)
        self._remember(place, entry)
        lists = [entry[key] for key in self._noted if isinstance(entry.get(key), list)]
        return 1 + sum(map(len, lists))

    def rename(self, old: str, new: str) -> int:
        """Lets every entry that refers to one state refer to another. Returns as `replace`."""
        passed = 0
        for place in self.referring(old):
            entry = self._entries[place]
            changed = {
                key: self._renamed(entry[key], old, new) for key in self._members if key in entry
            }
            passed += self.replace(place, {**entry, **changed})
        return passed

    def remove(self, place: int) -> None:
        """Takes an entry away."""
        self._own()
        self._forget(place, self._entries[place])
        self._entries[place] = _GONE

    def to_list(self) -> list[Any]:
        """The list as the world is to have it."""
        return [entry for entry in self._entries if entry is not _GONE]

    def _own(self) -> None:
        if not self.is_changed:
            self._entries = list(self._entries)
            self.is_changed = True

    def _names(self) -> dict[str, list[int]]:
        if self._by_name is None:
            self._by_name = {}
            for place, entry in enumerate(self._entries):
                name = entry.get(self._key) if isinstance(entry, dict) else None
                if isinstance(name, str):
                    self._by_name.setdefault(name, []).append(place)
        return self._by_name

    def _note(self, place: int, entry: JsonObject) -> None:
        if self._by_state is not None:
            for state_id in self._refers(entry):
                self._by_state.setdefault(state_id, set()).add(place)

    def _remember(self, place: int, entry: JsonObject) -> None:
        name = entry.get(self._key)
        if self._by_name is not None and isinstance(name, str):
            self._by_name.setdefault(name, []).append(place)
        self._note(place, entry)

    def _forget(self, place: int, entry: JsonObject) -> None:
        name = entry.get(self._key)
        if self._by_name is not None and isinstance(name, str):
            places = self._by_name[name]
            places.remove(place)
            if not places:
                del self._by_name[name]
        if self._by_state is not None:
            for state_id in self._refers(entry):
                self._by_state.get(state_id, set()).discard(place)

    def _refers(self, entry: JsonObject) -> Iterator[str]:
        for key in self._noted:
            value = entry.get(key)
            for item in value if isinstance(value, list) else (value,):
                name = item.get(self._reference) if isinstance(item, dict) else item
                if isinstance(name, str):
                    yield name

    def _renamed(self, value: Any, old: str, new: str) -> Any:
        """A member that refers to states: an id, ids, or objects that each name one."""
        if isinstance(value, list):
            return [self._renamed_one(item, old, new) for item in value]
        return self._renamed_one(value, old, new)

    def _renamed_one(self, item: Any, old: str, new: str) -> Any:
        if isinstance(item, dict):
            return {**item, self._reference: new} if item.get(self._reference) == old else item
        return new if isinstance(item, str) and item == old else item
