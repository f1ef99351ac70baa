"""A character in its parts, and how they are written down: what both authors have in common (CONTRACT 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from conjure.providers.author.port import AuthoredCharacter, Effort

if TYPE_CHECKING:
    from conjure.providers.author.port import AuthoredStance
    from conjure.providers.pictures.port import PictureRequest

NEUTRAL: Final = "neutral"
"""The id of the stance that every written character begins in."""
SECRET: Final = "secret: "  # noqa: S105 - not a password
"""Marks a line of lore that the character keeps to itself."""
GUEST: Final = "Guest"
"""Who talks to a character in its examples."""


@dataclass(frozen=True, slots=True)
class CharacterParts:
    """What is written of a character.

    `persona`: sentences of who it is, what it wants, what it fears and how it talks. `examples`: pairs of
    what a guest says and what the character answers.
    """

    name: str
    description: str
    persona: tuple[str, ...]
    scene: str
    greeting: str
    facts: tuple[str, ...]
    secrets: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    stances: tuple[AuthoredStance, ...]
    subject: str
    style: str
    cover: PictureRequest
    effort: Effort = field(default_factory=Effort)
    is_first: bool = True

    def authored(self) -> AuthoredCharacter:
        """The character, as it is stored."""
        return AuthoredCharacter(
            name=self.name,
            description=self.description,
            persona=" ".join(self.persona),
            scene=self.scene,
            greeting=self.greeting,
            lore="\n".join((*self.facts, *(f"{SECRET}{secret}" for secret in self.secrets))),
            examples="\n".join(
                f"{GUEST}: {asked}\n{self.name}: {answer}" for asked, answer in self.examples
            ),
            stances=self.stances,
            subject=self.subject,
            style=self.style,
            cover=self.cover,
            is_first=self.is_first,
            effort=self.effort,
        )
