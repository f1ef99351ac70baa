"""Writing out templates, and all that can be wrong with them and their uses (CONTRACT section 9).

Text may grow exponentially by includes: ten templates that each include the next one ten times.
So the lengths are added up before anything is written, and what would be too long never is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from conjure.kernel.diagnostics import Loc
from conjure.kernel.findings import MOST_KEPT
from conjure.kernel.templates import (
    MOST_IN_MEMBER,
    MOST_IN_WORLD,
    Include,
    Slot,
    Template,
    include_groups,
)
from conjure.kernel.wording import Choices, listed, quoted, some_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from conjure.kernel.schema import Place
    from conjure.kernel.values import JsonObject

_TEMPLATES: Final = ("kernel", "templates")
_NAMED = 6


class Unsound(Exception):
    """A world, or a part of it, that does not fit the schema, or whose templates are not in order.

    Raised only inside the kernel, which then reads the whole world to find out what is wrong.
    """


@dataclass(frozen=True, slots=True)
class Defect:
    """A finding of a lint before its place is written as a path."""

    lint: str
    place: Place
    predicate: str
    loc: Loc


@dataclass(slots=True)
class _Text:
    """A template with its includes written out, and the slots that are in it."""

    pieces: list[str | Slot] = field(default_factory=list)
    slots: set[str] = field(default_factory=set)
    slots_hint: str = ""


class Library:
    """The templates of one world. `defects` grows while prose is resolved, up to what is listed of it.

    A `strict` one raises Unsound instead of adding to them.
    """

    __slots__ = ("_choices", "_is_strict", "_left", "_templates", "_texts", "defects", "omitted")

    def __init__(self, raw: JsonObject, *, strict: bool = False) -> None:
        self.defects: list[Defect] = []
        self.omitted = 0  # defects that there was no room for
        self._is_strict = strict
        self._templates = {name: Template.read(name, template) for name, template in raw.items()}
        self._texts: dict[str, _Text] = {}
        self._choices = Choices(self._templates, "template")
        self._left = MOST_IN_WORLD
        readable = {name: found for name, found in self._templates.items() if found is not None}
        for group in include_groups(readable):
            self._check_group(group)

    @property
    def spent(self) -> int:
        """What writing out has cost so far, in characters."""
        return MOST_IN_WORLD - self._left

    def resolve(self, place: Place, member: JsonObject) -> str | None:
        """The words of factored prose; None when it cannot be resolved, which adds to `defects`."""
        name, fills = member.get("template"), member.get("fills", {})
        if not isinstance(name, str) or not _are_fills(fills):
            return None  # `schema` says so
        if name not in self._templates:
            if self._omits():
                return None
            problem = f"has no such template. {self._choices.suggestion(name)}"
            predicate = f"uses the template {quoted(name)}, but the world {problem}"
            self._report("slot-unknown", place, predicate, Loc(template=name))
            return None
        template = self._templates[name]
        if template is None or not template.is_sound or not self._spend(template.weight):
            return None
        words = self._write(place, template, fills)
        if words is None or not self._spend(len(words) - template.weight):
            return None
        return words

    def _write(self, place: Place, template: Template, fills: dict[str, str]) -> str | None:
        text = self._text(template)
        parts: list[str] = []
        length = 0
        missing: set[str] = set()
        wrong: dict[str, Slot] = {}
        for piece in text.pieces:
            if isinstance(piece, str):
                words = piece
            elif (fill := fills.get(piece.name, piece.default)) is None:
                missing.add(piece.name)
                continue
            elif piece.name in fills and not piece.allows(fill):
                wrong.setdefault(piece.name, piece)
                continue
            else:
                words = fill
            parts.append(words)
            length += len(words)
            if length > MOST_IN_MEMBER:
                self._too_long(place, template.name)
                return None
        unknown = [name for name in fills if name not in text.slots]
        if not (missing or wrong or unknown):
            return "".join(parts)
        name = template.name
        if missing and not self._omits():
            self._report(
                "slot-missing",
                place,
                f"leaves {listed(sorted(missing))} of the template {quoted(name)} empty. Fill "
                "every slot, or give the slots a default.",
                Loc(template=name, slot=min(missing)),
            )
        if unknown and not self._omits():
            self._report(
                "slot-unknown",
                place,
                f"fills {listed(sorted(unknown))}, but the template {quoted(name)} {text.slots_hint}",
                Loc(template=name, slot=min(unknown), fill=fills[min(unknown)]),
            )
        if wrong and not self._omits():
            slot = wrong[min(wrong)]
            self._report(
                "slot-fill",
                place,
                f"fills {_with(sorted(wrong), fills)}, which the template {quoted(name)} does not "
                f"allow. For {quoted(slot.name)} {_choose(slot.allowed or ())}",
                Loc(template=name, slot=slot.name, fill=fills[slot.name]),
            )
        return None

    def _text(self, template: Template) -> _Text:
        """Writes out a sound template, in at most as many steps as it weighs."""
        if template.name in self._texts:
            return self._texts[template.name]
        text = _Text()
        stack = [iter(template.pieces)]
        while stack:
            piece = next(stack[-1], None)
            if piece is None:
                stack.pop()
            elif isinstance(piece, Include):
                included = self._templates[piece.name]
                stack.append(iter(included.pieces if included else ()))
            else:
                text.pieces.append(piece)
                if isinstance(piece, Slot):
                    text.slots.add(piece.name)
        some = some_of(map(quoted, nsmallest(_NAMED, text.slots)), len(text.slots))
        text.slots_hint = f"has only {some}." if text.slots else "has no slots."
        self._texts[template.name] = text
        return text

    def _check_group(self, group: list[Template]) -> None:
        """Reports what is wrong with templates themselves. Those they include have been checked."""
        template = min(group, key=lambda member: member.name)
        place: Place = (*_TEMPLATES, template.name, "text")
        for member in group:
            self._defaults(member)
        if len(group) > 1 or template.name in template.includes:
            for member in group:
                member.is_sound = False
            if self._omits():
                return
            others = sorted(member.name for member in group if member is not template)
            circle = f"is in a circle of includes with {listed(others)}" if others else ""
            self._report(
                "kernel-cycle",
                place,
                f"{circle or 'includes itself'}, so it never ends. Remove an include.",
                Loc(template=template.name),
            )
            return
        unknown = sorted(name for name in template.includes if name not in self._templates)
        if unknown:
            template.is_sound = False
            if self._omits():
                return
            predicate = (
                f"includes {listed(unknown)}, but the world has no such template. "
                f"{self._choices.suggestion(unknown[0])}"
            )
            self._report("slot-unknown", place, predicate, Loc(template=template.name))
            return
        included = [self._templates[name] for name in template.includes]
        if not all(member is not None and member.is_sound for member in included):
            template.is_sound = False
            return
        template.weight += sum(
            other.weight
            for piece in template.pieces
            if isinstance(piece, Include) and (other := self._templates[piece.name]) is not None
        )
        if template.weight > MOST_IN_MEMBER:
            template.is_sound = False
            self._too_long(place, template.name)

    def _defaults(self, template: Template) -> None:
        for slot in template.slots.values():
            if slot.default is None or slot.allows(slot.default) or self._omits():
                continue
            self._report(
                "slot-fill",
                (*_TEMPLATES, template.name, "slots", slot.name, "default"),
                f"is {quoted(slot.default)}, which the slot's fills do not allow. As a default "
                f"{_choose(slot.allowed or ())}",
                Loc(template=template.name, slot=slot.name, fill=slot.default),
            )

    def _spend(self, cost: int) -> bool:
        """Whether the characters are within what is left for the world; reports once that none are."""
        was_left = self._left > 0
        self._left -= max(cost, 0)
        if was_left and self._left <= 0 and not self._omits():
            self._report(
                "schema",
                _TEMPLATES,
                f"write more than {MOST_IN_WORLD:,} characters into this world. Use shorter ones, "
                "or fewer.",
                Loc(),
            )
        return self._left > 0

    def _too_long(self, place: Place, template: str) -> None:
        if self._omits():
            return
        predicate = (
            f"comes to more than {MOST_IN_MEMBER:,} characters with all its includes and fills. "
            "Shorten it, or include less."
        )
        self._report("schema", place, predicate, Loc(template=template))

    def _omits(self) -> bool:
        """Whether there is no room for a defect; then it is counted. Asked before it is put into words."""
        if self._is_strict:
            raise Unsound
        if len(self.defects) < MOST_KEPT:
            return False
        self.omitted += 1
        return True

    def _report(self, lint: str, place: Place, predicate: str, loc: Loc) -> None:
        self.defects.append(Defect(lint, place, predicate, loc))


def _are_fills(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(fill, str) for fill in value.values())


def _with(slots: list[str], fills: dict[str, str]) -> str:
    """`'mood' with 'loud'`, for the first few of the slots."""
    return some_of((f"{quoted(slot)} with {quoted(fills[slot])}" for slot in slots), len(slots))


def _choose(allowed: Collection[str]) -> str:
    return f"choose one of: {listed(allowed)}." if allowed else "nothing is allowed: fix its fills."
