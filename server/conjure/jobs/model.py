"""A job as its callers see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from conjure.providers.pictures import Picture
    from conjure.worlds.model import Summary

FINAL: Final = frozenset(("succeeded", "failed", "cancelled"))
"""The statuses that a job keeps."""


@dataclass(frozen=True, slots=True)
class Job:
    """What CONTRACT 2.2 says of a job; `phase`, `world_id` and `error` are None where it says null."""

    id: str
    status: str
    phase: str | None
    progress: float
    world_id: str | None = None
    error: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether it will not change any more."""
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class Imported:
    """What a job stores of a world that was given complete, and examined when the job was accepted.

    `asset_names` are the assets that it names; `cover` is the one that we drew for it, not kept yet.
    """

    summary: Summary
    text: bytes
    asset_names: frozenset[str] = frozenset()
    cover: Picture | None = None
