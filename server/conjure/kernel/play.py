"""How a world is played: which events are possible in a situation, and what comes of one.

The rules (CONTRACT 10, "How it plays"), for terminals, players and searches alike:

- Play begins in the entrance's state, with no flag. It ends in a state with an `ending`: nothing is possible
  there any more.
- An event can be played in the states of its `from`, when all flags of its `requires` are held and it is no
  `oneShot` that was played before. An event that leads to a cutscene also needs what the cutscene requires.
- A transition leads to its `to`: a state, or a cutscene, which is shown and leads on to its own `to`. Every
  other event stays where it is. Either grants its flags; nothing takes a flag away. A cutscene that no event
  leads to is never shown.

Time (`autoAfterMs`, `minPlayMs`), and what a runtime sees in its pictures (`landWhen`, `anchor`), say when an
event happens, not whether it can: here they count for nothing.

The player in a browser has the same rules in JavaScript (`player/web/rules.js`): change both, and the table
that tests both (`tests/support/player/situations.json`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from conjure.kernel.resolve import resolve
from conjure.kernel.values import child, children, strings, text
from conjure.kernel.ways import Ways, leads_on

if TYPE_CHECKING:
    from conjure.kernel.values import JsonObject

_NO_NAMES: frozenset[str] = frozenset()


class Situation(NamedTuple):
    """Where play stands: the state, the flags that are held, the names of the one-shot events played."""

    state: str
    flags: frozenset[str] = _NO_NAMES
    used: frozenset[str] = _NO_NAMES


@dataclass(frozen=True, slots=True)
class Move:
    """An event that leaves from a state, as it looks in a situation."""

    name: str
    event: JsonObject
    to: str
    """The state after it: where it leads, or the one that it stays in."""
    cutscene: str | None
    """The id of the cutscene that it shows on the way."""
    missing: tuple[str, ...]
    """The flags that it needs and that are not held, as the author wrote them."""

    @property
    def is_possible(self) -> bool:
        """Whether it can be played now."""
        return not self.missing

    @property
    def hint(self) -> str | None:
        """What its author says of it while it is locked."""
        return text(self.event, "lockedHint")


class Game:
    """A world as it is played. A value: it keeps no situation, so any number of plays can share it."""

    __slots__ = ("_exits", "_states", "_ways", "start", "world")

    def __init__(self, world: Any) -> None:
        """Takes any JSON; what the gate has an error about plays as if it were not there.

        `world` is kept with its prose in words.
        """
        self.world: JsonObject = resolve(world) if isinstance(world, dict) else {}
        scene = child(self.world, "scene")
        self._states = child(scene, "states")
        self._ways = Ways(self._states, (item for _, item in children(self.world, "cutscenes")))
        self._exits: dict[str, list[JsonObject]] = {}
        names: set[str] = set()
        for _, event in children(scene, "events"):
            name = text(event, "name")
            if name is None or name in names:
                continue
            if leads_on(event) and self._ways.landing(event) is None:
                continue
            names.add(name)
            for source in dict.fromkeys(source for _, source in strings(event, "from")):
                self._exits.setdefault(source, []).append(event)
        self.start = Situation(text(child(self.world, "entrance"), "state") or "")
        """The situation in which play begins."""

    def state(self, situation: Situation) -> JsonObject:
        """The state of a situation, with its prose in words; empty when the world has none of that name."""
        return child(self._states, situation.state)

    def ending(self, situation: Situation) -> JsonObject | None:
        """How play has ended: `{kind?, title?, subtitle?}`; None while it goes on."""
        ending = self.state(situation).get("ending")
        return ending if isinstance(ending, dict) else None

    def cutscene(self, name: str) -> JsonObject:
        """The cutscene of a move; empty when the world has none of that name."""
        return self._ways.cutscene(name)

    def moves(self, situation: Situation) -> tuple[Move, ...]:
        """What leaves from here and is not used up, in the author's order; locked ones too."""
        if self.ending(situation) is not None:
            return ()
        return tuple(
            self._move(event, situation)
            for event in self._exits.get(situation.state, ())
            if event["name"] not in situation.used
        )

    def step(self, situation: Situation, name: str) -> Situation:
        """The situation after an event. Raises ValueError when that is not possible in this one."""
        move = next((move for move in self.moves(situation) if move.name == name), None)
        if move is None:
            raise ValueError(f"{name!r} is no event that can be played here")
        if move.missing:
            raise ValueError(f"{name!r} is locked: it needs {', '.join(move.missing)}")
        flags, used = situation.flags, situation.used
        granted = {flag for _, flag in strings(move.event, "grants")}
        if not granted <= flags:
            flags |= granted
        if move.event.get("oneShot") is True:
            used |= {name}
        return Situation(move.to, flags, used)

    def _move(self, event: JsonObject, situation: Situation) -> Move:
        landing = self._ways.landing(event) if leads_on(event) else None
        return Move(
            event["name"],
            event,
            situation.state if landing is None else landing,
            self._ways.shown(event),
            tuple(flag for flag in self._ways.needs(event) if flag not in situation.flags),
        )
