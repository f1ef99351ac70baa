"""Web origins as browsers write them in `Origin` (WHATWG URL): what a token is bound to must match that."""

from __future__ import annotations

import re
from typing import Final

from ada_url import URL

_LONGEST: Final = 1_000  # characters, before an internationalised name is written in ASCII
# Scheme and authority, and nothing that a URL can have besides: no user, path, query, fragment or space.
_FORM: Final = re.compile(r"https?://[^\s/\\?#@]+", re.IGNORECASE)
# The URL standard lets pass what is no host of any web page, such as `*.example`.
_SERIALIZED: Final = re.compile(r"https?://(?:[a-z0-9._-]{1,253}|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


def web_origin(text: str) -> str | None:
    """Returns an http or https origin in the one spelling that browsers send; None for anything else.

    Lower case, no default port, IDNs in ASCII, IP addresses in their shortest form.
    """
    if len(text) > _LONGEST or not _FORM.fullmatch(text):
        return None
    try:
        origin = str(URL(text).origin)
    except ValueError:
        return None
    return origin if _SERIALIZED.fullmatch(origin) else None
