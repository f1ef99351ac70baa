"""The vision port: what is to be seen in a frame, and where (CONTRACT 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.providers.pictures.frames import Frame


class VisionError(Exception):
    """The frame could not be looked at; the message is for the log."""


class VisionUnavailable(VisionError):
    """There is none, or it cannot be reached: try again later."""


@dataclass(frozen=True, slots=True)
class Perceived:
    """What is in a frame, in words."""

    summary: str
    visible: tuple[str, ...]
    affordances: tuple[str, ...]
    exits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hotspot:
    """Where a label is: x0, y0, x1, y1 in thousandths of width and height; confidence 0 to 1."""

    label: str
    bbox: tuple[int, int, int, int]
    confidence: float


class Vision(Protocol):
    """Looks at frames."""

    def require(self) -> None:
        """Raises VisionUnavailable when there is nobody who looks: asked before a frame is read."""
        ...

    async def perceive(
        self, frame: Frame, *, room_name: str | None, room_description: str | None
    ) -> Perceived:
        """Says what is to be seen. Raises VisionError."""
        ...

    async def ground(self, frame: Frame, labels: Sequence[str]) -> tuple[Hotspot, ...]:
        """Says where the labels are, each at most once; those that are not to be seen are left out.

        The labels of the answer are those that were asked for, letter by letter. Raises VisionError.
        """
        ...
