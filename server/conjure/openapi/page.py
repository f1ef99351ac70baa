"""The page that shows the document: one file of our own, which may load nothing but the document."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from conjure.core.policies import ALONE, scripts_of, styles_of


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
        *ALONE,
        f"script-src {scripts_of(text)}",
        f"style-src {styles_of(text)}",
        "connect-src 'self'",
        "img-src data:",
    )
    return Page(text.encode(), "; ".join(policy))
