"""What a video model is told of a stance, made from a person's own words.

A person says of a character what they like, in any words; what is written for a video model has to pass the
lints. So what would trip one is left out, clause by clause, and what is too long is cut between words. The
words themselves stay in the document as they were said.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from conjure.kernel.lints.prose import negations, whiteouts

if TYPE_CHECKING:
    from collections.abc import Callable

CAMERA: Final = {
    "static": "A medium close-up at eye level, held steady.",
    "dynamic": "The frame stays on the face.",
}
MOVEMENT: Final = {
    "static": "Breathing, blinking and small shifts of weight.",
    "dynamic": "The head turns a little while listening.",
}
"""How every stance is filmed, and how it moves."""

SPEAKS: Final = "The lips move with the words; the eyes and the hands go along with what is said."

# Characters of each part of a base. Together with what is written around them, and the camera, they stay
# within the budget of a prompt (`lints.prose.PROMPT_BUDGET`).
_SUBJECT: Final = 600
_EXPRESSION: Final = 450
_MOOD: Final = 120
_STYLE: Final = 250

_MOST_READ: Final = 4
"""Times as much is read of words as is used: more than anybody may say of a part in a request."""

_UNPRINTABLE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_SENTENCE: Final = re.compile(r"(?<=[.!?;…])\s+")
_CLAUSE: Final = re.compile(r"\s*[,;:\u2013\u2014]\s*")
_ENDS: Final = ".!?…"
_JOINS: Final = ",;:\u2013\u2014 "


def base(
    *, name: str, label: str, mood: str | None, expression: str | None, subject: str | None,
    style: str | None,
) -> str:  # fmt: skip
    """What is to be seen of a stance. It is never empty, trips no lint and stays within the budget."""
    seen = _sentence(_clean(subject, _SUBJECT)) or _sentence(_about("A portrait of", name))
    looks = _sentence(_clean(expression, _EXPRESSION))
    feels = _sentence(_about("The mood is", mood))
    if not looks and not feels:
        looks = _sentence(_about("The expression is", label))
    style_words = _sentence(_clean(style, _STYLE))
    said = " ".join(
        part for part in (seen or "A portrait of one person.", looks, feels, style_words) if part
    )
    # Two parts that are sound apart could only become a negation together where nothing is between them.
    return said if not negations(said) else "A portrait of one person."


def change(mood: str | None) -> str:
    """What is to be seen while a character changes into a stance."""
    words = _clean(mood, _MOOD, _trips_a_change)
    how = f" into a mood that is {words.rstrip(_ENDS)}" if words else ""
    return f"The face and the posture change smoothly{how}; the place stays the same."


def _about(beginning: str, words: str | None) -> str:
    found = _clean(words, _MOOD)
    return f"{beginning} {found}" if found else ""


def _ended(words: str) -> str:
    return words if words[-1] in _ENDS else f"{words.rstrip(_JOINS)}."


def _sentence(words: str) -> str:
    return words[:1].upper() + _ended(words)[1:] if words else ""


def _trips_a_change(words: str) -> bool:
    return bool(negations(words) or whiteouts(words))


def _clean(words: str | None, most: int, trips: Callable[[str], object] = negations) -> str:
    """The words without what trips a lint, at most so many characters; empty when nothing is left."""
    # Of a document that was never checked it may be megabytes.
    return _cleaned(words[: _MOST_READ * most], most, trips) if words else ""


@functools.lru_cache(64)  # subject and style are the same for each stance
def _cleaned(words: str, most: int, trips: Callable[[str], object]) -> str:
    said = _UNPRINTABLE.sub(" ", words).strip()
    if trips(said):
        kept = []
        for sentence in _SENTENCE.split(said):
            if not trips(sentence):
                kept.append(sentence)
                continue
            clauses = [clause for clause in _CLAUSE.split(sentence) if clause and not trips(clause)]
            if clauses:
                kept.append(_ended(", ".join(clauses)))
        said = " ".join(kept)
    if len(said) > most:
        said = said[:most].rpartition(" ")[0] or said[:most]
    # A cut may make another word of one.
    return "" if trips(said) or not any(map(str.isalnum, said)) else said
