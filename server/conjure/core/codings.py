"""Which coding of an answer its caller accepts: `Accept-Encoding` (RFC 9110, 12.5.3)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

GZIP: Final = "gzip"
"""The one coding that there is besides `identity`."""

_LONGEST: Final = 512  # browsers send some 30 characters; a list of all registered codings has 150
_SAME_AS_GZIP: Final = "x-gzip"  # RFC 9110, 8.4.1.3

# One element of the list, with its weight (RFC 9110, 12.4.2).
_ELEMENT: Final = re.compile(
    r"([!#$%&'*+.^`|~\w-]+)(?:[ \t]*;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?",
    re.ASCII | re.IGNORECASE,
)


def accepts_gzip(header: str | None) -> bool:
    """Whether a caller takes gzip at least as gladly as the answer as it is.

    Nobody gets it who has not asked for it: without the header, or with one that cannot be read or is longer
    than anybody's, the answer goes out as it is.
    """
    return header is not None and len(header) <= _LONGEST and _reads_as_gzip(header)


@lru_cache(256)  # a browser sends one text all its life
def _reads_as_gzip(header: str) -> bool:
    weights: dict[str, float] = {}
    for element in header.split(","):
        text = element.strip(" \t")
        if not text:
            continue  # an empty element counts for nothing (RFC 9110, 5.6.1)
        found = _ELEMENT.fullmatch(text)
        if found is None:
            return False
        coding, weight = found[1].lower(), float(found[2] or 1)
        coding = GZIP if coding == _SAME_AS_GZIP else coding
        weights[coding] = max(weight, weights.get(coding, 0.0))
    gzip = weights.get(GZIP, weights.get("*", 0.0))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)
