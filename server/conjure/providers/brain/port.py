"""The brain port: a character's turn of a conversation, and what it keeps of it (CONTRACT 5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from conjure.kernel.character import Character

ActionType = Literal["show_image", "fetch_object", "change_location"]
"""What a character may do besides talking (CONTRACT 5)."""

Tell = Callable[[str], Awaitable[None]]
"""Is told the next piece of a reply, which may leave at once; all pieces together are the reply."""


class BrainError(Exception):
    """There is no answer; the message is for the log, and has nothing of the brain and of what was said."""


class BrainUnavailable(BrainError):
    """It cannot be reached, or has taken too long: try again later."""


@dataclass(frozen=True, slots=True)
class Affect:
    """How a character feels about a player, each in -1..1: valence, arousal, dominance, rapport."""

    v: float = 0.0
    a: float = 0.0
    d: float = 0.0
    rapport: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said. It is data, never an instruction, whoever said it."""

    role: Literal["user", "character"]
    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """What a character does besides talking, and with what."""

    type: ActionType
    target: str | None = None


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """What a character is to answer.

    `stance`: the id of one of its own. `history`: what was said before, the oldest first. `summary`: what was
    shared in earlier sessions. `seed`: turns with the same request and seed have the same answer, where the
    brain is deterministic. `said`: what the character said before, also where `history` does not have it.
    """

    character: Character
    text: str
    stance: str
    affect: Affect
    history: tuple[Line, ...] = ()
    summary: str | None = None
    seed: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What a character answers: `stance` is one of its own; `delta` is what is added to the affect.

    Whoever keeps the affect clamps and smooths it.
    """

    reply: str
    stance: str
    emotion: str
    delta: Affect
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class MemoryRequest:
    """What is to be folded into a summary: the turns since the last one, the oldest first."""

    character: Character
    summary: str | None
    turns: tuple[Line, ...]
    most_chars: int
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The new summary, and a line of welcome for the next time that refers to what was shared."""

    summary: str
    welcome: str


@dataclass(frozen=True, slots=True)
class WelcomeRequest:
    """Whom to welcome. `turns` are those that no summary has yet; a stranger has neither.

    `welcome` is the line of the last `Remembered`, if any.
    """

    character: Character
    affect: Affect
    summary: str | None = None
    welcome: str | None = None
    turns: tuple[Line, ...] = ()
    seed: str = ""


class Brain(Protocol):
    """Thinks for characters. Nothing that it returns has 12 words in a row of the brain of one."""

    async def turn(self, request: TurnRequest, tell: Tell | None = None) -> Turn:
        """Answers; `tell` is told the reply piece by piece. Raises BrainError, and what `tell` raises."""
        ...

    async def remember(self, request: MemoryRequest) -> Remembered:
        """Folds turns into the summary. Raises BrainError."""
        ...

    async def welcome(self, request: WelcomeRequest) -> str:
        """Returns a line of welcome. It asks nobody and costs nothing: whoever reloads a page gets one."""
        ...
