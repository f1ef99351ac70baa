"""Assets as the rest of Conjure knows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredAsset:
    """A picture that is kept. `sha256` is of its content, in hex; `url` is absolute."""

    sha256: str
    extension: str
    media_type: str
    bytes: int
    url: str
