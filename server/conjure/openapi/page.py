"""The page that shows the document: one file of our own, which may load nothing but the document."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and what it is allowed to do (`content-security-policy`)."""

    html: bytes
    policy: str


@cache
def docs_page() -> Page:
    """Returns the page of `/docs`."""
    text = files(__package__).joinpath("docs.html").read_text(encoding="utf-8")
    policy = (
        "default-src 'none'",
        f"script-src {_hashes(_SCRIPT, text)}",
        f"style-src {_hashes(_STYLE, text)}",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return Page(text.encode(), "; ".join(policy))


def _hashes(pattern: re.Pattern[str], text: str) -> str:
    """What stands in the page itself, and no other: by its SHA-256 (CSP Level 3, 2.3.1)."""
    digests = (hashlib.sha256(inside.encode()).digest() for inside in pattern.findall(text))
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
