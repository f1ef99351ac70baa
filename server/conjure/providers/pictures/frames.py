"""Frames: pictures that callers send (CONTRACT 2.1, 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conjure.providers.pictures.port import Picture


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture that was decoded, is in bounds, and was encoded again without metadata; pixels."""

    picture: Picture
    width: int
    height: int
