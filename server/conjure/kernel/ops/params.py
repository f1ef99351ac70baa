"""Reading the members of an op, by all the names that real clients send them under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops.errors import OpError
from conjure.kernel.schema import described
from conjure.kernel.wording import either, quoted

if TYPE_CHECKING:
    from conjure.kernel.values import JsonObject

_ABSENT: Any = object()


def given(op: JsonObject, *names: str) -> Any:
    """The first of some members that is there and not null, else None."""
    return next((op[name] for name in names if op.get(name) is not None), None)


def value_of(op: JsonObject, *names: str) -> Any:
    """The first of some members that is there, be it null. Raises OpError when none is."""
    found = next((op[name] for name in names if name in op), _ABSENT)
    if found is _ABSENT:
        raise OpError(f"{names[0]} is missing; null removes what is there")
    return found


def string(op: JsonObject, *names: str) -> str:
    """A string that has to be there."""
    value = given(op, *names)
    if value is None:
        raise OpError(f"{names[0]} is missing")
    return a_string(value, names[0])


def own_members(op: JsonObject, name: str, *members: str) -> Any:
    """What an op says of a thing: what stands under its name, or the thing's members that stand flat.

    What stands under the name, or as `value`, may be null, or no object at all.
    """
    for key in (name, "value"):
        if key in op:
            return op[key]
    return {member: op[member] for member in members if member in op}


def a_string(value: Any, name: str) -> str:
    """The value, which has to be a string."""
    if not isinstance(value, str):
        raise OpError(f"{name} must be a string, but it is {described(value)}")
    return value


def an_object(value: Any, name: str) -> JsonObject:
    """The value, which has to be an object."""
    if not isinstance(value, dict):
        raise OpError(f"{name} must be an object, but it is {described(value)}")
    return value


def strings(value: Any, name: str) -> list[str]:
    """A list of strings; one string stands for the list of it."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise OpError(f"{name} must be a string or a list of strings")
    return value


def prose(value: Any, name: str) -> Any:
    """Words, or `{"template", "fills"}`."""
    if not isinstance(value, str | dict):
        raise OpError(
            f"{name} must be a string or factored prose (an object), but it is {described(value)}"
        )
    return value


def one_of(value: Any, name: str, choices: tuple[str, ...]) -> str:
    """One of a few strings."""
    if value not in choices:
        actual = quoted(value) if isinstance(value, str) else described(value)
        raise OpError(f"{name} must be {either(choices)}, but it is {actual}")
    return str(value)


@dataclass(frozen=True, slots=True)
class Address:
    """How an op says which state, event or other thing it is about, and what that is to hold."""

    kind: str
    key: str  # what the thing goes by, and where it stands
    names: tuple[str, ...]  # the members that may say it, in the order they are asked
    is_member: bool = False  # whether the name is a member of the thing, as an event's is

    def read(self, op: JsonObject) -> str | None:
        """The name, None when the op gives none."""
        used = self._used(op)
        return None if used is None else a_string(op[used], used)

    def name_in(self, op: JsonObject) -> str | None:
        """The name, be it beside the members of the thing or among them."""
        name = self.read(op)
        return self.split(op)[0] if name is None else name

    def required(self, op: JsonObject) -> str:
        """The name, which has to be there."""
        name = self.read(op)
        if name is None and self._is_nest(op, self.kind):
            a_string(op[self.kind], self.kind)  # raises: this op takes a name, and no thing
        return self.named(name)

    def named(self, name: str | None) -> str:
        """The name, which has to be there."""
        if name is None:
            raise OpError(
                f"{self.key} is missing: say which {self.kind} it is about, by {either(self.names)}"
            )
        return name

    def split(self, op: JsonObject) -> tuple[str | None, JsonObject]:
        """The name, and the members of the thing that the op brings.

        They stand in an object of their own (`{"id", "patch": {…}}`), and then whatever else is in
        the op is ignored, or flat beside the name (`{"id", "base": …}`).
        """
        name = self.read(op)
        nest = next((key for key in ("patch", self.kind) if self._is_nest(op, key)), None)
        if nest is None:
            return name, self._flat(op)
        members = an_object(op[nest], nest)
        if name is not None and self.is_member:
            return name, members  # a name in there is a new one
        # The name once more is no member; anything else that is called so is an open one.
        inner = {*self.names} - {self.kind}
        said = {name}
        if name is None:
            # Its own name before its aliases: an open member may be called like one of those.
            called = [key for key in (self.key, *self.names) if key in inner]
            used = next((key for key in called if members.get(key) is not None), None)
            name = None if used is None else a_string(members[used], used)
            said = {name, None}
        return name, {
            key: value
            for key, value in members.items()
            if key not in inner or isinstance(value, dict | list) or value not in said
        }

    def _flat(self, op: JsonObject) -> JsonObject:
        others = {"op", "patch", *self.names}
        if self.is_member and self._used(op) != self.key:
            others.discard(self.key)
        return {key: value for key, value in op.items() if key not in others}

    def _used(self, op: JsonObject) -> str | None:
        for key in self.names:
            if op.get(key) is not None and not self._is_nest(op, key):
                return key
        return None

    def _is_nest(self, op: JsonObject, key: str) -> bool:
        # `{"state": "attic"}` names a state, `{"state": {"base": …}}` is one.
        if key == self.kind:
            return isinstance(op.get(key), dict)
        return key == "patch" and op.get(key) is not None


STATE: Final = Address("state", "id", ("state", "stateId", "id"))
RENAMED: Final = Address("state", "id", (*STATE.names, "from"))
EVENT: Final = Address("event", "name", ("event", "eventName", "name"), is_member=True)
CUTSCENE: Final = Address("cutscene", "id", ("cutscene", "cutsceneId", "id"))
SEQUENCE: Final = Address("sequence", "id", ("sequence", "sequenceId", "id"))
MISSION: Final = Address("mission", "id", ("mission", "missionId", "id"))
