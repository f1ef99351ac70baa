"""What is saved with an edit in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.usage.metering import Hold


@dataclass(frozen=True, slots=True)
class Save:
    """What goes with an edit in words: the version of the world before it, the unit that it costs.

    `answer` is what its Idempotency-Key remembers (JSON), `ops` what watchers are told.
    """

    version_id: str
    title: str
    hold: Hold
    answer: bytes
    ops: Sequence[str]
