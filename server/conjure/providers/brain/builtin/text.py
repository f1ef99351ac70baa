"""Words as they are compared: whatever signs, marks and letters somebody wrote them with."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

MOST_CHARS: Final = 4_000
"""Of a text, as it is read: compatibility forms make some letters many."""

_WORD: Final = re.compile(r"[^\W_]+")
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000e0000-\U000e0fff]+"
)
_MARKS: Final = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")
# Letters of other alphabets that look like Latin ones, and stand for them where somebody hides a word.
_LOOKALIKES: Final = str.maketrans(
    "аеорсхуіјѕкмнтвԁԛԝһѵεορχυικαντɑɡɩʟոսցօ", "aeopcxyijskmhtbdqwhveopxuikavtagilnugo"
)
# What a light hand takes off: endings of six languages, the longest first.
_ENDINGS: Final = (
    *("ungen", "mente", "ments", "ings"),
    *("ido", "ado", "ito", "ato", "ida", "ada"),
    *("ung", "ing", "ers", "est", "ern", "ies", "aba", "ava"),
    *("st", "ed", "er", "es", "en", "em", "ly", "as", "os", "ez", "ar", "ir", "ie"),
    *("s", "e", "n", "a", "o", "i", "y"),
)
_IRREGULAR: Final = {
    "built": "build", "kept": "keep", "lost": "lose", "found": "find", "bought": "buy", "told": "tell",
    "dead": "di", "died": "di", "dies": "di", "die": "di", "death": "di", "went": "go", "knew": "know",
    "made": "make", "wrote": "write", "written": "write", "came": "come", "stole": "steal", "stolen": "steal",
    "fell": "fall", "children": "child", "men": "man", "women": "woman", "wives": "wife", "gave": "give",
    "took": "take", "taken": "take", "sang": "sing", "sung": "sing", "songs": "sing", "song": "sing",
    "sank": "sink", "sunk": "sink", "left": "leave", "won": "win", "fought": "fight", "taught": "teach",
    "brothers": "brother", "sisters": "sister", "eaten": "eat", "ate": "eat", "drank": "drink", "broke": "break",
    "broken": "break", "hid": "hide", "hidden": "hide", "slept": "sleep", "ran": "run", "mice": "mouse",
    "gebaut": "bau", "bauen": "bau", "baute": "bau", "gestorben": "sterb", "starb": "sterb", "mer": "mar",
    "construyo": "constru", "construiu": "constru", "construit": "constru", "construite": "constru",
    "ojos": "ojo", "food": "eat", "meal": "eat", "dish": "eat", "dishes": "eat", "occupation": "work",
    "profession": "work", "job": "work", "essen": "isst", "speise": "isst",
}  # fmt: skip


def visible(text: str, most: int = MOST_CHARS) -> str:
    """One form for every way to write a letter, without what nobody sees, as far as `most` characters."""
    if text.isascii():
        return _INVISIBLE.sub("", text[:most])
    plain = unicodedata.normalize("NFKC", text[:most])[:most]
    return _INVISIBLE.sub("", plain)


def words(text: str) -> list[str]:
    """The words of a visible text, as they are spelled."""
    return _WORD.findall(text if text.isascii() else _MARKS.sub("", text))


def fold(word: str) -> str:
    """A word without case, accents and letters that only look like it."""
    if word.isascii():
        return word.lower()
    return _folded(word[:64])


def folded(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return [fold(word) for word in words(visible(text))]


@functools.lru_cache(maxsize=4_096)
def _folded(word: str) -> str:
    lower = unicodedata.normalize("NFD", word.casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", lower)).translate(_LOOKALIKES)


@functools.lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """What a folded word has in common with its other forms, roughly."""
    word = word[:64]
    if (known := _IRREGULAR.get(word)) is not None:
        return known
    if len(word) < 4:
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            short = word[: -len(ending)]
            doubled = len(short) > 3 and short[-1] == short[-2] and ending in {"ing", "ed", "er"}
            return short[:-1] if doubled else short
    return word
