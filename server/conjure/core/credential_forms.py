"""What a credential looks like wherever its owner put it by mistake: a path, a user agent, an id.

One list for the edge's access log, its spans, and the servers. Patterns are in the common part of RE2 (Envoy)
and `re`, and hold whatever the case; a character of what marks the form may be percent-encoded, also twice.
"""

from __future__ import annotations

import re
from typing import Final

# The sign itself is spelled so, as `)%` would end a command in Envoy's format strings.
_PERCENT: Final = r"\x25(?:25)*"
_WORD: Final = r"(?:[\w-]|\x25[0-9a-f])"


def _coded(text: str) -> str:
    """Returns a pattern for a text, each character as it is or encoded."""
    found = []
    for character in text:
        codes = "|".join(
            sorted({f"{ord(form):02x}" for form in (character.lower(), character.upper())})
        )
        found.append(f"(?:{re.escape(character)}|{_PERCENT}(?:{codes}))")
    return "".join(found)


def _any_of(*texts: str) -> str:
    return f"(?:{'|'.join(_coded(text) for text in texts)})"


KEY_PREFIX: Final = _any_of("s", "p") + _coded("k_") + _any_of("test", "live") + _coded("_")
"""What an API key begins with: `sk_live_`."""

CODED_FORMS: Final = (
    KEY_PREFIX,
    _coded("whsec_"),
    # A JWT: its header is JSON, so its base64url begins with that of `{"` or of `{` and a blank.
    f"{_coded('e')}{_any_of('y', 'w')}{_WORD}{{8}}{_WORD}*{_coded('.')}{_WORD}+{_coded('.')}",
    rf"(?:bearer|basic)(?:[\s+]|{_PERCENT}20)+\S{{6}}",
    f"(?:token|key|secret|password|signature|credential){_coded('=')}",
    r"://[^\s/@:]*:[^\s/@]+@",  # the password of a URL
)
"""Patterns of which one is found in what holds a credential."""

PLAIN_FORMS: Final = (
    r"\x25",
    "[sp]k_(test|live)_",
    "whsec_",
    r"e[yw][\w-]+\.[\w-]+\.",
    r"(bearer|basic)[\s+]",
    "(token|key|secret|password|signature|credential)=",
    r"://[^\s/@]*:[^\s/@]+@",
)
"""The same for what has no reason to be encoded: short, and anything encoded is suspect."""

_PLAIN: Final = re.compile("|".join(PLAIN_FORMS), re.IGNORECASE)
# Nearly every id is a UUID, and each call has one.
_HARMLESS: Final = re.compile(r"[0-9A-Za-z-]*")


def looks_secret(text: str) -> bool:
    """Whether a text that has no reason to be percent-encoded may hold a credential."""
    return _HARMLESS.fullmatch(text) is None and _PLAIN.search(text) is not None
