"""What a talk answers, and what is remembered of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.providers.brain import Affect, Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.providers.brain import Action


NEUTRAL: Final = Affect()


@dataclass(frozen=True, slots=True)
class Said:
    """What a character has answered; `stance` is one of its own. `replayed`: as the first time."""

    reply: str
    stance: str
    emotion: str
    affect: Affect
    action: Action | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn that is remembered: what the player said, and what the character answered in which stance."""

    text: str
    reply: str
    stance: str
    time_ms: int

    @property
    def lines(self) -> Iterator[Line]:
        """The same as what a brain reads."""
        yield Line("user", self.text)
        yield Line("character", self.reply)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a character remembers of a player.

    `id` names it: one that was forgotten and begins anew is another. `turns`: those at hand that are not part
    of the summary, the oldest first; `last` is the number of the newest turn there ever was, `folded` of the
    newest that is part of the summary.
    """

    id: str = ""
    player: str = ""
    summary: str | None = None
    welcome: str | None = None
    affect: Affect = NEUTRAL
    last: int = 0
    folded: int = 0
    last_ms: int = 0
    turns: tuple[KeptTurn, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether the two have talked before."""
        return self.last > 0

    @property
    def message_count(self) -> int:
        """How many messages they have exchanged, of both."""
        return 2 * self.last

    @property
    def lines(self) -> tuple[Line, ...]:
        """What was said in `turns`."""
        return tuple(line for turn in self.turns for line in turn.lines)


NOTHING: Final = Memory()
"""What is remembered of a stranger."""
