"""What a player may ask of a character, and the checks of it (CONTRACT 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.core.errors import InvalidField
from conjure.providers.brain import Affect, Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_TEXT: Final = 2_000  # characters of what is said, spoken or drawn
MOST_LINE: Final = 4_000  # characters of a line of the history
HISTORY: Final = 20
"""How many lines of a history are used (CONTRACT 5)."""

TURNS: Final = 20
"""How many of the turns that are kept a brain is told: within so many it repeats nothing."""

MOST_PLAYER: Final = 256
_ROLES: Final = ("user", "character")
_MOST_NAMED: Final = 20  # problems of a history
_AFFECTS: Final = ("v", "a", "d", "rapport")


@dataclass(frozen=True, slots=True)
class NewTurn:
    """What a player says, as it came. `history` are pairs of role and text; `memory` is JSON text."""

    character_id: str
    text: str
    stance: str | None = None
    history: tuple[tuple[str, str], ...] = ()
    affect: tuple[float, float, float, float] | None = None
    memory: bytes | None = None


@dataclass(frozen=True, slots=True)
class CheckedTurn:
    """The same, checked: the last lines of the history, and the summary that the page remembers."""

    text: str
    stance: str | None
    history: tuple[Line, ...]
    affect: Affect | None
    summary: str | None


def checked(new: NewTurn) -> CheckedTurn:
    """Checks what is said. Raises InvalidField, MalformedRequest (`memory` is no JSON)."""
    problems = [*text_problems(new.text), *_history_problems(new.history)]
    for name, number in zip(_AFFECTS, new.affect or (), strict=False):
        if not -1 <= number <= 1:  # nor NaN, which gRPC can carry
            problems.append(f"affect.{name} must be from -1 to 1")
    if problems:
        raise InvalidField(*problems)
    used: list[Any] = list(new.history[-HISTORY:])
    return CheckedTurn(
        text=new.text,
        stance=new.stance,
        history=tuple(Line(role, text) for role, text in used),
        affect=None if new.affect is None else Affect(*new.affect),
        summary=_summary_in(new.memory),
    )


def said_in(new: NewTurn) -> tuple[Any, ...]:
    """All that it says, as JSON values. Raises MalformedRequest (`memory` is no JSON)."""
    memory = None if new.memory is None else [jsondoc.loads(new.memory)]
    return new.text, new.stance, new.history, new.affect, memory


def text_problems(text: str) -> Sequence[str]:
    """What is wrong with a text that a player says or has spoken."""
    if not text.strip():
        return ("text must have at least one character that is no white space",)
    if len(text) > MOST_TEXT:
        return (f"text must have at most {MOST_TEXT} characters",)
    return ()


def checked_player(player: str) -> str:
    """Returns the identity of a player that was named. Raises InvalidField."""
    if not 1 <= len(player) <= MOST_PLAYER:
        raise InvalidField(f"playerIdentity must have 1 to {MOST_PLAYER} characters")
    return player


def _history_problems(history: Iterable[tuple[str, str]]) -> Sequence[str]:
    problems: list[str] = []
    for at, (role, text) in enumerate(history):
        if role not in _ROLES:
            problems.append(f"history[{at}].role must be user or character")
        if not 1 <= len(text) <= MOST_LINE:
            problems.append(f"history[{at}].text must have 1 to {MOST_LINE} characters")
        if len(problems) >= _MOST_NAMED:
            break
    return problems


def _summary_in(memory: bytes | None) -> str | None:
    """The summary in what a page remembers: a text, or an object with the text `summary`; else none."""
    if memory is None:
        return None
    found = jsondoc.loads(memory)
    if isinstance(found, dict):
        found = found.get("summary")
    return found if isinstance(found, str) and found.strip() else None
