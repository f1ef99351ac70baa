"""The little grammar that sentences of ours need around words of a model."""

from __future__ import annotations

import re
from typing import Final

from conjure.providers.author.builtin.text import article

_ARTICLE: Final = re.compile(r"^(an?|the)\s+(.+)$", re.IGNORECASE | re.DOTALL)
_POSSESSIVE: Final = re.compile(
    r"^(?:his|her|their|its|my|our|your|\S+['\u2019]s)\s", re.IGNORECASE
)
_NOT_IN_IDS: Final = re.compile(r"[^a-z0-9]+")


def definite(phrase: str) -> str:
    """The phrase after "the": names of people, and what somebody has, stay as they are."""
    found = _ARTICLE.match(phrase)
    if found is not None:
        return f"the {found[2]}"
    if _POSSESSIVE.match(phrase) or not phrase[:1].isascii():
        return phrase
    return f"the {phrase}"


def person(phrase: str) -> str:
    """Somebody who was named before; without an article and with a capital it is a name."""
    if _ARTICLE.match(phrase) is None and phrase[:1] != phrase[:1].lower():
        return phrase
    return definite(phrase)


def indefinite(phrase: str) -> str:
    """The phrase after its article, if it has none."""
    if _ARTICLE.match(phrase) or _POSSESSIVE.match(phrase) or not phrase[:1].isascii():
        return phrase
    return article(phrase)


def slug(phrase: str, instead: str) -> str:
    """An id made of a name; of a name in another script there is none."""
    return _NOT_IN_IDS.sub("_", phrase.lower().replace("'", "")).strip("_") or instead
