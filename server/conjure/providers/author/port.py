"""The author port: from a premise or a picture to a whole world."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from conjure.providers.pictures.frames import Frame
from conjure.providers.pictures.port import PictureRequest

Step = Literal["planning", "writing"]
"""What an author does, in this order."""

Report = Callable[[Step, float], Awaitable[None]]
"""Is told how far an author has come: its step, and the part of it that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a world has cost, for those who operate this: no caller is told (CONTRACT 3.4).

    `repairs`: how often findings went back to a model. `findings`: what the kernel found in the drafts, each
    as `lint: path`. `mended`: how many of them were mended without a model.
    """

    calls: int = 0
    tokens_read: int = 0
    tokens_written: int = 0
    repairs: int = 0
    findings: tuple[str, ...] = ()
    mended: int = 0


class AuthorError(Exception):
    """The world could not be written; the message is for the log, and the caller refunds."""

    def __init__(self, message: str, effort: Effort | None = None) -> None:
        super().__init__(message)
        self.effort = effort or Effort()


@dataclass(frozen=True, slots=True)
class AuthorRequest:
    """What a world is made from: a premise, which is what a person typed, a frame, or both.

    With a frame the premise may be empty.
    """

    premise: str
    name: str | None = None
    pov: str = "third_person_shoulder"
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class AuthoredWorld:
    """A complete SMWorld 1.0, but for its pictures, and what its cover is to show.

    `document["id"]` is a placeholder: the caller overwrites it with the id it stores under, and puts a
    picture's address into `cover` and `entrance.image.src`, which the document lacks. `is_first`: the first
    draft was fit, and nothing had to be repaired (CONTRACT 2.1 `ok`).
    """

    document: dict[str, Any]
    cover: PictureRequest
    is_first: bool = field(default=True)
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True, slots=True)
class CharacterRequest:
    """What a character is made from: a premise, which is what a person typed, a frame, or both."""

    premise: str
    name: str | None = None
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class AuthoredStance:
    """A stance: `id` is a short word in lower case, `expression` is what is to be seen of it."""

    id: str
    label: str
    mood: str
    expression: str


@dataclass(frozen=True, slots=True)
class AuthoredCharacter:
    """A character, but for its graph and its pictures, and what its cover is to show.

    Whoever asked for it may have said some of it: what a person said wins.
    """

    name: str
    description: str
    persona: str
    scene: str
    greeting: str
    lore: str
    examples: str
    stances: tuple[AuthoredStance, ...]
    subject: str
    style: str
    cover: PictureRequest
    is_first: bool = field(default=True)
    effort: Effort = field(default_factory=Effort)


class Author(Protocol):
    """Writes worlds and characters."""

    async def create_character(
        self, request: CharacterRequest, report: Report | None = None
    ) -> AuthoredCharacter:
        """Writes a character for the request: 4 to 6 stances, the first of which it begins in.

        Raises as `create_world`.
        """
        ...

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        """Write a world for the request; the document is the caller's to change.

        Raises AuthorError when generation fails, and what `report` raises: nobody wants the world any
        more. Passing the kernel's gate is the aim, and the caller's to check. A caller that is cancelled ends
        whatever costs.
        """
        ...
