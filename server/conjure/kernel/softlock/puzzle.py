"""A world as a search sees it: states, flags and one-shot events as small numbers (`play` has the rules).

What can make no difference to where play can go is left out: states that nothing leads to, events that can
never happen, and those that stay where they are and grant no flag that anything needs. Whether a one-shot
event was played matters only if it leads on: one that stays grants its flags once, and again is nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.kernel.values import strings
from conjure.kernel.ways import Ways, leads_on

if TYPE_CHECKING:
    from conjure.kernel.document import World
    from conjure.kernel.parts import Event

ENTRANCE: Final = 0
"""The number of the state in which play begins."""


class Beyond(Exception):
    """It would take more than its bound. Raised only inside the kernel."""


@dataclass(frozen=True, slots=True)
class Way:
    """An event as it leaves from any of its states. Flags are bit sets."""

    name: str
    needs: int
    grants: int
    to: int | None
    """The state that it leads to; None when it stays."""
    once: int
    """A bit of its own if it leads on and can be played once; else 0."""


class Puzzle:
    """The reachable part of a world. `exits[n]` are the ways out of state n; an ending has none.

    `width` is how many bits its bit sets may have.
    """

    __slots__ = ("endings", "exits", "names", "width")

    def __init__(self, world: World, entrance: str, *, most_bits: int) -> None:
        """`world` is one that passes the gate, and `entrance` one of its states.

        Raises Beyond when the bit sets of all ways together have more than `most_bits`.
        """
        found = _Reached(world, entrance)
        ways = found.possible()
        numbers = {name: number for number, name in enumerate(found.states)}
        flags: dict[str, int] = {}
        needed = {flag for event in ways for flag in found.needs[id(event)]}
        once = bits = 0
        self.names: list[str] = list(numbers)
        self.exits: list[list[Way]] = [[] for _ in numbers]
        self.endings: set[int] = {
            number for name, number in numbers.items() if name in world.states.endings
        }
        for event in ways:
            bit = 0
            to = found.ways.landing(event.raw) if leads_on(event.raw) else None
            if to is not None and event.raw.get("oneShot") is True:
                bit, once = 1 << once, once + 1
            grants = [flag for _, flag in strings(event.raw, "grants") if flag in needed]
            if to is None and not grants:
                continue
            way = Way(
                event.name or "",
                _bits(found.needs[id(event)], flags),
                _bits(grants, flags),
                None if to is None else numbers[to],
                bit,
            )
            bits += way.needs.bit_length() + way.grants.bit_length() + bit.bit_length()
            if bits > most_bits:
                raise Beyond
            for source in dict.fromkeys(event.sources):
                number = numbers.get(source)
                if number is not None and number not in self.endings:
                    self.exits[number].append(way)
        self.width = len(flags) + once


def _bits(names: list[str], flags: dict[str, int]) -> int:
    """The bit set of some flags; a flag that has no number yet is given the next one."""
    numbers = [flags.setdefault(name, len(flags)) for name in names]
    bits = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


class _Reached:
    """What play could get to if every state could be visited again: the states, and the flags."""

    def __init__(self, world: World, entrance: str) -> None:
        self._world = world
        self.ways = Ways(world.state_ids, (entry.raw for entry in world.cutscenes))
        self.needs: dict[int, list[str]] = {}
        self.flags: set[str] = set()
        self.states: dict[str, None] = {entrance: None}
        exits: dict[str, list[Event]] = {}
        for event in world.events.parts:
            self.needs[id(event)] = self.ways.needs(event.raw)
            for source in event.sources:
                exits.setdefault(source, []).append(event)
        waiting: dict[str, list[Event]] = {}  # by a flag that they need
        # What is left of the flags that each needs: those before it are held, and stay so.
        left = {at: iter(needs) for at, needs in self.needs.items()}
        frontier = list(exits.get(entrance, ())) if self._goes_on(entrance) else []
        met = {id(event) for event in frontier}
        while frontier:
            event = frontier.pop()
            missing = next((f for f in left[id(event)] if f not in self.flags), None)
            if missing is not None:
                waiting.setdefault(missing, []).append(event)
                continue
            for _, flag in strings(event.raw, "grants"):
                if flag not in self.flags:
                    self.flags.add(flag)
                    frontier += waiting.pop(flag, ())
            to = self.ways.landing(event.raw) if leads_on(event.raw) else None
            if to is not None and to not in self.states:
                self.states[to] = None
                for other in exits.get(to, ()) if self._goes_on(to) else ():
                    if id(other) not in met:
                        met.add(id(other))
                        frontier.append(other)

    def possible(self) -> list[Event]:
        """The events that can happen at all, in the author's order."""
        return [
            event
            for event in self._world.events.parts
            if all(flag in self.flags for flag in self.needs[id(event)])
            and not self.states.keys().isdisjoint(event.sources)
            and not (leads_on(event.raw) and self.ways.landing(event.raw) is None)
        ]

    def _goes_on(self, state: str) -> bool:
        return state not in self._world.states.endings
