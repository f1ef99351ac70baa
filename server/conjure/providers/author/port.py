"""The author port: from a premise to a whole world."""

from dataclasses import dataclass
from typing import Any, Protocol


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

    async def create_world(self, request: AuthorRequest) -> AuthoredWorld:
        """Write a world for the premise; the document is the caller's to change.

        Raises AuthorError when generation fails. Passing the kernel's gate is the aim, and the
        caller's to check.
        """
        ...
