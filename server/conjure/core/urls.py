"""URLs that something is sent to: in one spelling, and free of what two readers could read in two ways.

Read by the URL standard (WHATWG), as browsers do: an address has the usual form at the end, however it
was written (`127.1`, `0x7f000001`, digits of other scripts, percent-encoded), and an international name is in
ASCII.
Where such a URL leads is not decided here (`providers.addresses`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ada_url import URL

MOST_URL: Final = 2_048
"""Characters of the longest URL that is taken."""

_NO_HOST: Final = "must be a URL with a valid host and port"
_HTTP: Final = ("https", "http")
_PORTS: Final = {"https": 443, "http": 80}
# Browsers repair these (a backslash is a slash, a line break is nothing); other readers do otherwise.
_REPAIRED: Final = re.compile(r"[\x00-\x20\x7f\\]|[\x80-\xa0\u2028\u2029\ufeff]")
_LABEL: Final = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")


class UrlRefused(ValueError):
    """A URL that nothing is sent to. The text is for whoever wrote it, and follows the name of its field."""


@dataclass(frozen=True, slots=True)
class HttpUrl:
    """A URL in parts. `text` is all of it, in its one spelling."""

    text: str
    scheme: str
    host: str
    """A name in ASCII, or an address; an IPv6 address without brackets."""
    port: int
    authority: str
    """Host and port as they stand in `Host`."""
    target: str
    """Path and query."""

    @property
    def origin(self) -> str:
        """As browsers write it in `Origin`."""
        return f"{self.scheme}://{self.authority}"


def http_url(text: str, *, schemes: tuple[str, ...] = _HTTP) -> HttpUrl:
    """Reads an absolute http(s) URL. Raises UrlRefused."""
    if len(text) > MOST_URL:
        raise UrlRefused(f"must not be longer than {MOST_URL} characters")
    if _REPAIRED.search(text):
        raise UrlRefused("must not have spaces, control characters or backslashes")
    begins = tuple(f"{scheme}://" for scheme in schemes)
    if not text.lower().startswith(begins):
        raise UrlRefused(f"must be a URL that begins with {' or '.join(begins)}")
    authority = _authority_of(text)
    if "@" in authority:  # also one without a name: browsers drop `@`, others do not
        raise UrlRefused("must not have a user name or password")
    if not authority:  # browsers take the path for it
        raise UrlRefused(_NO_HOST)
    try:
        url = URL(text)
    except (ValueError, UnicodeError) as error:
        raise UrlRefused(_NO_HOST) from error
    url.hash = ""
    host = url.hostname
    if not host.startswith("[") and not _NAME.fullmatch(host):
        raise UrlRefused(
            "must have a host that is a DNS name (no empty label, no dot at its end) or an address"
        )
    scheme = url.protocol.removesuffix(":")
    port = int(url.port) if url.port else _PORTS[scheme]
    if port == 0:
        raise UrlRefused("must not have the port 0")
    if len(url.href) > MOST_URL:
        raise UrlRefused(f"must not be longer than {MOST_URL} characters, encoded as it is sent")
    return HttpUrl(
        text=url.href,
        scheme=scheme,
        host=host.strip("[]"),
        port=port,
        authority=url.host,
        target=f"{url.pathname}{url.search}",
    )


def _authority_of(text: str) -> str:
    """What stands between the scheme and the path."""
    return re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]
