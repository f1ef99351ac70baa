"""What our own pages may load and run, and nothing else (Content Security Policy Level 3)."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)

ALONE: Final = (
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)
"""A page that loads nothing, and that nobody frames."""


def hash_of(inside: str) -> str:
    """What names one script or style sheet that stands in a page: its SHA-256."""
    digest = base64.b64encode(hashlib.sha256(inside.encode()).digest())
    return f"'sha256-{digest.decode()}'"


def scripts_of(html: str) -> str:
    """What names the scripts that stand in a page."""
    return _hashes(_SCRIPT, html)


def styles_of(html: str) -> str:
    """What names the style sheets that stand in a page."""
    return _hashes(_STYLE, html)


def _hashes(pattern: re.Pattern[str], text: str) -> str:
    """What stands in the page itself, and no other (2.3.1)."""
    return " ".join(map(hash_of, pattern.findall(text)))
