"""How the states of a world hang together: where its events lead, and which states play can get to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.kernel.scene import Routes, States

    Destinations = Mapping[str, str | None]


class Graph:
    """The ids of states, where events lead, and in which state each cutscene ends (None: it does not say).

    Revisions in which none of these has changed share the object, and with it what was found out. Asked about
    one of them it is given its states: it keeps none itself, which would be those of an old revision.
    """

    __slots__ = ("_destinations", "_home", "_names", "_routes", "has_dangling_routes")

    def __init__(self, states: States, routes: Routes, destinations: Destinations) -> None:
        self._names = states.names
        self._routes = routes
        self._destinations = destinations
        self._home: _Home | None = None
        ids = states.written
        self.has_dangling_routes = bool(
            routes.sources.difference(ids) or routes.targets.difference(ids, destinations)
        )

    def is_of(self, states: States, routes: Routes, destinations: Destinations) -> bool:
        """Whether a world with these has the same graph."""
        return (
            self._routes is routes
            and self._names is states.names
            and self._destinations == destinations
        )

    def unreachable(self, entrance: str, states: States) -> list[str]:
        """The states that no chain of `to` leads to from one of them."""
        home = self._home
        if home is None:
            reached = self._reached(entrance, states)
            self._home = home = _Home(entrance, reached, _outside(reached, states))
        elif entrance != home.entrance and entrance not in self._loop(home, states):
            return _outside(self._reached(entrance, states), states)
        return home.unreachable

    def _loop(self, home: _Home, states: States) -> set[str]:
        """The states that lead home, and that one gets to from there: the same states as from home."""
        if not home.is_loop_known:
            # Not earlier: most worlds never have another entrance.
            home.reached &= self._leading_to(home.entrance, states)
            home.is_loop_known = True
        return home.reached

    def _reached(self, entrance: str, states: States) -> set[str]:
        """Walks the graph from the entrance, each edge once."""
        ids, destinations, exits = states.written, self._destinations, self._routes.exits
        reached = {entrance}
        frontier = [entrance]
        while frontier:
            for to in exits.get(frontier.pop(), ()):
                arrival = to if to in ids else destinations.get(to)  # as `World.lands`
                if arrival is not None and arrival not in reached:
                    reached.add(arrival)
                    frontier.append(arrival)
        return reached

    def _leading_to(self, target: str, states: States) -> set[str]:
        """Walks the graph backwards, each edge once."""
        ids, destinations = states.written, self._destinations
        entries: dict[str, list[str]] = {}
        for source, leads in self._routes.exits.items():
            for to in leads:
                arrival = to if to in ids else destinations.get(to)
                if arrival is not None:
                    entries.setdefault(arrival, []).append(source)
        leading = {target}
        frontier = [target]
        while frontier:
            for source in entries.get(frontier.pop(), ()):
                if source not in leading:
                    leading.add(source)
                    frontier.append(source)
        return leading


class _Home:
    """The first entrance that was asked about, and what it reaches; later only those that lead back to it."""

    __slots__ = ("entrance", "is_loop_known", "reached", "unreachable")

    def __init__(self, entrance: str, reached: set[str], unreachable: list[str]) -> None:
        self.entrance = entrance
        self.reached = reached
        self.unreachable = unreachable
        self.is_loop_known = False


def _outside(reached: set[str], states: States) -> list[str]:
    return [state_id for state_id in states.parts if state_id not in reached]
