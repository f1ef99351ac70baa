"""What the player knows of a picture that was drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

_ENTRY: Final = re.compile(rb"(\d{1,15}):(\d{1,15}):([0-9a-f]{64})\.([a-z]{1,8})")


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a picture is that a world remembers, and when it was drawn (ms).

    `again_ms` is 0 for what a model has drawn. Of a drawing of ours it says when a model may be asked.
    """

    made_ms: int
    again_ms: int
    sha256: str
    extension: str

    @classmethod
    def of(cls, text: bytes) -> Self | None:
        """Reads what the store has; None when that is none, also of another release's."""
        found = _ENTRY.fullmatch(text)
        if found is None:
            return None
        made, again, sha256, extension = found.groups()
        return cls(int(made), int(again), sha256.decode(), extension.decode())

    @property
    def is_ours(self) -> bool:
        """Whether no model has drawn it."""
        return self.again_ms > 0

    @property
    def wait_ms(self) -> int:
        """For how long no model is asked."""
        return max(0, self.again_ms - self.made_ms)
