"""Web origins as browsers write them in `Origin` (WHATWG URL): of tokens, and in settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
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


ANY_ORIGIN: Final = "*"


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """One origin, or those of all subdomains (`https://*.example.com`) or ports (`http://localhost:*`)."""

    scheme: str  # `https://`
    rest: str  # host and port as browsers write them: `play.example:8443`
    is_of_subdomains: bool = False  # not of the domain itself
    is_of_ports: bool = False  # the default port too

    @property
    def source(self) -> str:
        """As a policy of pages writes it (CSP Level 3, 2.3.1)."""
        subdomains = "*." if self.is_of_subdomains else ""
        return f"{self.scheme}{subdomains}{self.rest}{':*' if self.is_of_ports else ''}"


def origin_patterns(text: str) -> tuple[OriginPattern, ...]:
    """Reads a list with commas. Raises ValueError, whose text names what is no origin or pattern."""
    return tuple(_pattern(item.strip()) for item in text.split(",") if item.strip())


def _pattern(text: str) -> OriginPattern:
    bare = text.removesuffix(":*")
    # Any label will do to see how browsers write what is behind it; an address takes none, and is refused.
    sample = bare.replace("://*.", "://x.", 1)
    is_of_subdomains = sample != bare
    origin = web_origin(sample) or ""
    scheme, _, rest = origin.partition("://")
    if is_of_subdomains:
        rest = rest.removeprefix("x.")
    if rest[:1] in {"", ":"} or (bare != text and web_origin(f"{sample}:1") is None):
        raise ValueError(f"{text!r} is no origin such as https://studio.example")
    return OriginPattern(
        f"{scheme}://",
        rest,
        is_of_subdomains=is_of_subdomains,
        is_of_ports=bare != text,
    )
