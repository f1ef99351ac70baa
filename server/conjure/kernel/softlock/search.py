"""Looks for a situation from which no ending can be reached any more.

A situation is a state with the flags that are held and the one-shot events that were played, so there may be
as many as 2 to the number of flags for each state. Most flags matter to few of them, and the search finds out
which: it is a search in abstractions that get finer (counterexample-guided abstraction refinement, Clarke et
al., CAV 2000).

- An *abstract* situation knows only some flags, the *tracked* ones, and some one-shot events. Walking on,
  what is not known is taken to be as good as can be: such a flag is held, such an event is unused. So what
  can really be reached is reached here too.
- Looking whether it leads to an ending, what is not known is taken to be as bad as can be. So from whatever
  leads to an ending here, one can really be reached.
- Flags are never lost, and more of them never hurt. So a state that leads to an ending with no flag at hand,
  whichever are collected on the way, does so in every situation: it is *safe*, and as good as an ending.
- What is left are suspects, the nearest one first. Its way is played by the rules. If a lock stops that, its
  flags are tracked from now on; if an ending can be reached from where it leads, what that takes is; and the
  search begins again. Otherwise it is the shortest way into a dead end.

Each round tracks more than the one before, so it ends; and it is exact: every dead end is a suspect in every
round, at no greater distance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from conjure.kernel.softlock.puzzle import ENTRANCE, Beyond, Puzzle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.kernel.document import World
    from conjure.kernel.softlock.puzzle import Way

_STEPS_PER_SITUATION = 20
"""How many ways out may be tried for each situation of the bound: time is bounded too, and by counting, so
that the same world gets the same answer on every machine."""


_BITS_PER_SITUATION = 4_096
"""How many bits the bit sets of a world may have, for each situation of the bound: 25 MB by default."""

_BITS_PER_STEP = 8_192
"""Where bit sets are longer, a step counts for more."""


class DeadEnd(NamedTuple):
    """A state in which play is stuck, and the shortest way into that: the names of the events."""

    state: str
    way: tuple[str, ...]


class _Place(NamedTuple):
    """A situation of the game itself; flags and used one-shot events are bit sets."""

    state: int
    flags: int
    used: int


def find_dead_end(world: World, entrance: str, most: int) -> DeadEnd | None:
    """The nearest situation that no ending can be reached from; None when there is none.

    `world` is one that passes the gate, and `entrance` one of its states. `most` bounds the situations of one
    round, and the work and the memory of all in proportion. Raises Beyond.
    """
    puzzle = Puzzle(world, entrance, most_bits=most * _BITS_PER_SITUATION)
    return _Search(puzzle, most).run()


class _Search:
    def __init__(self, puzzle: Puzzle, most: int) -> None:
        self._puzzle = puzzle
        self._most = most
        self._steps_left = most * _STEPS_PER_SITUATION
        self._step = 1 + puzzle.width // _BITS_PER_STEP
        self._flags = 0  # the tracked ones
        self._used = 0
        self._safe = set(puzzle.endings)
        self._asked: set[int] = set()  # whether they are safe

    def run(self) -> DeadEnd | None:
        """Rounds, until one leaves no suspect or a suspect that is one."""
        start = _Place(ENTRANCE, 0, 0)
        while True:
            round_ = self._explored(start, self._flags, self._used)
            suspect = self._first_suspect(round_)
            if suspect is None:
                return None
            way = round_.way_to(suspect)
            place = start
            for step in way:
                if step.needs & ~place.flags or step.once & place.used:
                    self._flags |= step.needs & ~place.flags
                    self._used |= step.once & place.used
                    break
                place = _after(place, step)
            else:
                escape = self._escape(place)
                if escape is None:
                    state = self._puzzle.names[place.state]
                    return DeadEnd(state, tuple(step.name for step in way))
                for step in escape:
                    self._flags |= step.needs
                    self._used |= step.once

    def _first_suspect(self, round_: _Round) -> int | None:
        """The first situation of a round that is not known to lead to an ending."""
        nodes_of: dict[int, list[int]] = {}
        for node, state in enumerate(round_.states):
            nodes_of.setdefault(state, []).append(node)
        for state in self._safe & nodes_of.keys():
            round_.mark_live(nodes_of[state])
        for node, state in enumerate(round_.states):
            if node in round_.live:
                continue
            if state in self._asked:
                return node
            self._asked.add(state)
            if not self._is_safe(state):
                return node
            self._safe.add(state)
            round_.mark_live(nodes_of[state])
        return None

    def _explored(
        self, start: _Place, flags: int, used: int, goals: set[int] | None = None
    ) -> _Round:
        """All abstract situations that can be reached; up to the first goal, if there are goals."""
        round_ = _Round()
        exits, most, steps, step = self._puzzle.exits, self._most, self._steps_left, self._step
        states, node_of = round_.states, round_.node_of
        held, played = [start.flags & flags], [start.used & used]
        states.append(start.state)
        node_of[start.state, held[0], played[0]] = 0
        for node, state in enumerate(states):  # it grows on the way
            if goals is not None and state in goals:
                round_.goal = node
                break
            here, before = held[node], played[node]
            ways = exits[state]
            steps -= len(ways) * step
            if steps < 0:
                raise Beyond
            for way in ways:
                if way.needs & flags & ~here or way.once & before:
                    continue
                to = state if way.to is None else way.to
                key = to, here | (way.grants & flags), before | (way.once & used)
                arrival = node_of.get(key)
                if arrival is None:
                    arrival = node_of[key] = len(states)
                    if arrival >= most:
                        raise Beyond
                    states.append(to)
                    held.append(key[1])
                    played.append(key[2])
                    round_.came.append((node, way))
                if not way.needs & ~flags and not way.once & ~used:
                    round_.sure.setdefault(arrival, []).append(node)
        self._steps_left = steps
        return round_

    def _escape(self, place: _Place) -> list[Way] | None:
        """A way that really leads from a situation to safety; None when there is none."""
        flags, used = self._flags, self._used
        while True:
            round_ = self._explored(place, flags, used, self._safe)
            if round_.goal is None:
                return None
            way = round_.way_to(round_.goal)
            at = place
            for step in way:
                if step.needs & ~at.flags or step.once & at.used:
                    flags |= step.needs & ~at.flags
                    used |= step.once & at.used
                    break
                at = _after(at, step)
            else:
                return way

    def _is_safe(self, state: int) -> bool:
        """Whether an ending is surely reached from a state with no flag, and no one-shot event that leads on.

        Collects what it can come back with, again and again, and what it cannot come back with last.
        """
        flags = 0
        while True:
            there, back = self._reached(state, flags)
            if not there.isdisjoint(self._safe):
                return True
            gained = 0
            onward: tuple[int, int] | None = None  # where to, and with what
            for node in there:
                for way in self._open(node, flags):
                    if not way.grants & ~flags:
                        continue
                    to = node if way.to is None else way.to
                    if to in back:
                        gained |= way.grants
                    elif onward is None:
                        onward = to, flags | way.grants
            if gained:
                flags |= gained
            elif onward is not None:
                state, flags = onward
            else:
                return False

    def _reached(self, state: int, flags: int) -> tuple[set[int], set[int]]:
        """The states that one can get to with these flags, and those of them that lead back."""
        there, order = {state}, [state]
        entries: dict[int, list[int]] = {}
        for node in order:  # it grows on the way
            for way in self._open(node, flags):
                if way.to is not None:
                    entries.setdefault(way.to, []).append(node)
                    if way.to not in there:
                        there.add(way.to)
                        order.append(way.to)
        back, order = {state}, [state]
        for node in order:
            for source in entries.get(node, ()):
                if source not in back:
                    back.add(source)
                    order.append(source)
        return there, back

    def _open(self, state: int, flags: int) -> list[Way]:
        ways = self._puzzle.exits[state]
        self._steps_left -= len(ways) * self._step
        if self._steps_left < 0:
            raise Beyond
        return [way for way in ways if not way.needs & ~flags and not way.once]


def _after(place: _Place, way: Way) -> _Place:
    to = place.state if way.to is None else way.to
    return _Place(to, place.flags | way.grants, place.used | way.once)


class _Round:
    """The abstract situations of one exploration, by number, in the order of their distance."""

    __slots__ = ("came", "goal", "live", "node_of", "states", "sure")

    def __init__(self) -> None:
        self.states: list[int] = []
        self.node_of: dict[tuple[int, int, int], int] = {}
        self.came: list[tuple[int, Way] | None] = [None]
        """From which situation each was reached first, and how."""
        self.sure: dict[int, list[int]] = {}
        """From which situations one surely gets to each."""
        self.live: set[int] = set()
        """Those that surely lead to an ending."""
        self.goal: int | None = None

    def way_to(self, node: int) -> list[Way]:
        """The shortest way to a situation."""
        way: list[Way] = []
        came = self.came[node]
        while came is not None:
            way.append(came[1])
            came = self.came[came[0]]
        return way[::-1]

    def mark_live(self, nodes: Iterable[int]) -> None:
        """Adds situations that lead to an ending, and all that surely lead to those."""
        live, sure = self.live, self.sure
        frontier = [node for node in nodes if node not in live]
        live.update(frontier)
        while frontier:
            for node in sure.get(frontier.pop(), ()):
                if node not in live:
                    live.add(node)
                    frontier.append(node)
