"""Which states play can get to from the entrance, remembered as long as that cannot have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from conjure.kernel.scene import Names, Routes, States


class Reached:
    """The states that no chain of `to` leads to, and all that this depends on.

    `destinations` says in which state a cutscene ends, by its id; None where it does not say.
    """

    __slots__ = ("_destinations", "_entrance", "_names", "_routes", "unreachable")

    def __init__(
        self,
        entrance: str,
        states: States,
        routes: Routes,
        destinations: Mapping[str, str | None],
    ) -> None:
        self._entrance = entrance
        self._names = states.names
        self._routes = routes
        self._destinations = destinations
        reached = _reached(entrance, states.written, routes, destinations)
        self.unreachable = [state_id for state_id in states.parts if state_id not in reached]

    def holds(
        self,
        entrance: str,
        names: Names,
        routes: Routes,
        destinations: Mapping[str, str | None],
    ) -> bool:
        """Whether a world with these comes to the same answer."""
        return (
            self._routes is routes
            and self._names is names
            and self._entrance == entrance
            and self._destinations == destinations
        )


def _reached(
    entrance: str,
    states: Collection[str],
    routes: Routes,
    destinations: Mapping[str, str | None],
) -> set[str]:
    """Walks the graph from the entrance, each edge once."""
    exits = routes.exits
    reached = {entrance}
    frontier = [entrance]
    while frontier:
        for to in exits.get(frontier.pop(), ()):
            if to in reached:
                continue
            arrival = to if to in states else destinations.get(to)  # as `World.lands`
            if arrival is not None and arrival not in reached:
                reached.add(arrival)
                frontier.append(arrival)
    return reached
