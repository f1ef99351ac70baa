"""Templates of prose, and how they include each other (CONTRACT section 9).

`{slot}` stands for words that the prose member, or else the slot's default, supplies; `{>name}` for
the whole of another template, which the same fills reach. A slot is there when the text, with its
includes written out, names it, whether or not `slots` says more about it. Braces around nothing, or
without a partner, are ordinary characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.kernel.schema import fits_whole
from conjure.kernel.values import child, elements, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conjure.kernel.values import JsonObject

MOST_IN_MEMBER: Final = 65_536
"""Characters that one prose member may resolve to: some thirty times the prompt budget."""

MOST_IN_WORLD: Final = 4 * 2**20
"""Characters that all of a world's members may resolve to: what a gRPC client takes at once."""

_MARK = re.compile(r"\{(>?+)([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A gap in a text. `allowed` is None when every fill is."""

    name: str
    allowed: dict[str, None] | None
    default: str | None

    def allows(self, fill: str) -> bool:
        """Whether these words may stand in it."""
        return self.allowed is None or fill in self.allowed


@dataclass(frozen=True, slots=True)
class Include:
    """Another template in a text."""

    name: str


@dataclass(slots=True)
class Template:
    """A template as it is written; `Library` completes `weight` and `is_sound` from those it includes."""

    name: str
    pieces: list[str | Slot | Include]
    slots: dict[str, Slot]
    includes: dict[str, None]
    weight: int
    is_sound: bool = True

    @classmethod
    def read(cls, name: str, raw: object) -> Template | None:
        """Takes one apart; None when it does not fit the schema, which says so by itself."""
        if not isinstance(raw, dict) or not fits_whole(raw, "template"):
            return None
        slots = {name: _slot(name, slot) for name, slot in child(raw, "slots").items()}
        pieces: list[str | Slot | Include] = []
        includes: dict[str, None] = {}
        words = text(raw, "text") or ""
        at = 0
        for mark in _MARK.finditer(words):
            if mark.start() > at:
                pieces.append(words[at : mark.start()])
            at = mark.end()
            if mark[1]:
                includes[mark[2]] = None
                pieces.append(Include(mark[2]))
            else:
                pieces.append(slots.get(mark[2]) or Slot(mark[2], None, None))
        if at < len(words):
            pieces.append(words[at:])
        # With the marks as they stand: so a text weighs more than writing it takes steps.
        return cls(name, pieces, slots, includes, len(words))


def _slot(name: str, raw: JsonObject) -> Slot:
    allowed = dict.fromkeys(elements(raw, "fills")) if "fills" in raw else None
    return Slot(name, allowed, text(raw, "default"))


def include_groups(templates: Mapping[str, Template]) -> Iterator[list[Template]]:
    """Groups of templates that include each other, each group after all that it includes.

    Tarjan's algorithm with a stack of its own: a chain of includes may be as long as the world.
    A template that nothing leads back to is a group by itself.
    """
    number: dict[str, int] = {}  # in the order of discovery
    lowest: dict[str, int] = {}  # the first discovered one that is known to be in the same group
    open_ones: list[str] = []
    is_open: set[str] = set()
    for root in templates:
        if root in number:
            continue
        path = [(root, iter(templates[root].includes))]
        number[root] = lowest[root] = len(number)
        open_ones.append(root)
        is_open.add(root)
        while path:
            name, includes = path[-1]
            for included in includes:
                if included not in templates:
                    continue
                if included not in number:
                    number[included] = lowest[included] = len(number)
                    open_ones.append(included)
                    is_open.add(included)
                    path.append((included, iter(templates[included].includes)))
                    break
                if included in is_open:
                    lowest[name] = min(lowest[name], number[included])
            else:
                path.pop()
                if path:
                    parent = path[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[name])
                if lowest[name] == number[name]:
                    group: list[Template] = []
                    while not group or group[-1].name != name:
                        group.append(templates[open_ones.pop()])
                        is_open.discard(group[-1].name)
                    yield group
