"""Names of assets, and where they stand in a document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_NAMES: Final = 1_000
"""How many assets a document can name; what it names beyond is not kept for its sake."""

_PATH: Final = b"/assets/"
_BEHIND_PATH: Final = re.compile(rb"([0-9a-f]{64})\.[a-z]")
_FILE: Final = re.compile(r"([0-9a-f]{64})\.([a-z]{1,8})", re.ASCII)


def names_in(text: bytes, begin: int = 0, end: int | None = None) -> frozenset[str]:
    """The assets whose URLs stand in a document's JSON text, on whatever host.

    Where there are more than MOST_NAMES, the first of them in their order: the answer does not depend on how
    the text is written.
    """
    end = len(text) if end is None else end
    found = set()
    # Not the pattern over all of it: finding the few bytes that it begins with takes a tenth of the time.
    at = text.find(_PATH, begin, end)
    while at >= 0:
        at += len(_PATH)
        match = _BEHIND_PATH.match(text, at, end)
        if match is not None:
            found.add(match[1])
        at = text.find(_PATH, at, end)
    return bounded(name.decode() for name in found)


def bounded(names: Iterable[str]) -> frozenset[str]:
    """As many names as count."""
    found = frozenset(names)
    return found if len(found) <= MOST_NAMES else frozenset(sorted(found)[:MOST_NAMES])


def joined(names: Iterable[str]) -> str:
    """Names as scripts and the store have them (assets/names.lua)."""
    return "".join(sorted(names))


def split(text: str) -> list[str]:
    """The names in what `joined` made."""
    return [text[at : at + 64] for at in range(0, len(text), 64)]


def file_name(sha256: str, extension: str) -> str:
    """What an asset is called at the end of its URL."""
    return f"{sha256}.{extension}"


def read_file_name(name: str) -> tuple[str, str] | None:
    """The hash and the extension in the last part of a URL; None when it is none of an asset."""
    match = _FILE.fullmatch(name)
    return (match[1], match[2]) if match is not None else None


def object_name(sha256: str, extension: str) -> str:
    """Where an engine has an asset: in one of 65,536 folders."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}.{extension}"
