"""The author port: from a premise to a whole world."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Step = Literal["planning", "writing"]
"""What an author does, in this order."""

Report = Callable[[Step, float], Awaitable[None]]
"""Is told how far an author has come: its step, and the part of it that is done, 0 to 1."""


class AuthorError(Exception):
    """The world could not be written; the message is for the log, and the caller refunds."""


@dataclass(frozen=True, slots=True)
class AuthorRequest:
    """What a world is made from. The premise is what a person typed: any text at all."""

    premise: str
    name: str | None = None
    pov: str = "third_person_shoulder"


@dataclass(frozen=True, slots=True)
class AuthoredWorld:
    """A complete SMWorld 1.0 and its cover, a URL or data URL.

    `document["id"]` is a placeholder: the caller overwrites it with the id it stores under.
    """

    document: dict[str, Any]
    cover: str


class Author(Protocol):
    """Writes worlds."""

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        """Write a world for the premise; the document is the caller's to change.

        Raises AuthorError when generation fails, and what `report` raises: nobody wants the world any
        more. Passing the kernel's gate is the aim, and the caller's to check.
        """
        ...
