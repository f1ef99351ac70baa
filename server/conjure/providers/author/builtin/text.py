# ruff: noqa: RUF001 (premises come in many scripts, and so do their marks)
"""Cleaning what people type, and the small grammar that our sentences need."""

import re

from conjure.providers import plain

tidy = plain.tidy


def word_set(text: str) -> frozenset[str]:
    """Read a word list written as one string."""
    return frozenset(text.split())


# Words that the kernel's doctrine lints fire on (CONTRACT.md, section 9). One list for all fields:
# a word of the premise may land anywhere.
_DOCTRINE = re.compile(
    r"""\b(?:no|not|never|without|none|nothing|do(?:es)?n['’]?t|[cw](?:a|o)n['’]?t
    |whiteout|blinding|bloom\w*|blown|over-?exposed|washed|kill\w*|shoot\w*|gunn?\w*
    |execut\w*|lying)\b""",
    re.IGNORECASE | re.VERBOSE,
)

_VOWEL = re.compile(r"(?:[aeiou]|hour|heir|honest)", re.IGNORECASE)
_SOUNDS_LIKE_CONSONANT = re.compile(r"(?:uni|use|usu|eu|one\b|once|ufo)", re.IGNORECASE)
_MANY = word_set("people children men women mice feet geese sheep twins police")
_SINGLE_S = word_set(
    "lens paris mars venus chaos cosmos atlas compass genius circus canvas oasis colossus bus gas "
    "christmas texas kansas james thomas jones news species series physics mathematics"
)


def breaks_doctrine(word: str) -> bool:
    """Whether the word would trip a doctrine lint somewhere."""
    return _DOCTRINE.search(word) is not None


def capital(text: str) -> str:
    """The text with its first letter large and the rest left alone."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text as a sentence: large first letter, a mark at its end."""
    text = capital(text.strip())
    return text if text.endswith((".", "!", "?", "…", "。", "！", "？", "؟")) else f"{text}."


_SMALL = word_set("a an the of in on at to and for with by from")


def title_case(text: str) -> str:
    """Title case that leaves small words small and inner capitals alone."""
    words = text.split(" ")
    return " ".join(
        word if at and word in _SMALL else capital(word) for at, word in enumerate(words)
    )


def article(text: str) -> str:
    """The text after its indefinite article."""
    vowel = _VOWEL.match(text) and not _SOUNDS_LIKE_CONSONANT.match(text)
    return f"{'an' if vowel else 'a'} {text}"


def is_plural(phrase: str) -> bool:
    """Whether the head of an English noun phrase names many ("letters of a king")."""
    head = phrase.partition(" of ")[0].rpartition(" ")[2].lower()
    if head in _MANY:
        return True
    return (
        head.endswith("s")
        and head not in _SINGLE_S
        and not head.endswith(("ss", "us", "is", "'s", "’s"))
    )


def listed(items: list[str]) -> str:
    """Join as English does: a, b and c."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def third_person(imperative: str, *, plural: bool = False) -> str:
    """Turn "Cross the bridge" into "crosses the bridge"."""
    verb, space, rest = imperative.partition(" ")
    verb = verb.lower()
    if not plural:
        if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
            verb += "es"
        elif verb.endswith("y") and verb[-2:-1] not in "aeiou":
            verb = f"{verb[:-1]}ies"
        else:
            verb += "s"
    return f"{verb}{space}{rest}"


def slug(text: str) -> str:
    """A state id or flag from an English label."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower().replace("'", "")).strip("_")
