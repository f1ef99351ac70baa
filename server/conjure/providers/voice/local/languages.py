"""Which language a text is in, as far as that is easy to see: its script, or its commonest words."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

# First and last letter of a script, and the language that most of its texts are in.
_SCRIPTS: Final = (
    (0x0370, 0x03FF, "el"),
    (0x0400, 0x04FF, "ru"),
    (0x0530, 0x058F, "hy"),
    (0x0590, 0x05FF, "he"),
    (0x0600, 0x06FF, "ar"),
    (0x0900, 0x097F, "hi"),
    (0x0980, 0x09FF, "bn"),
    (0x0B80, 0x0BFF, "ta"),
    (0x0C00, 0x0C7F, "te"),
    (0x0E00, 0x0E7F, "th"),
    (0x10A0, 0x10FF, "ka"),
    (0x3040, 0x30FF, "ja"),
    (0x4E00, 0x9FFF, "cmn"),
    (0xAC00, 0xD7AF, "ko"),
)
# Letters of another language that is written with such a script.
_MARKS: Final = {"ru": ("\u0456\u0457\u0454", "uk"), "ar": ("\u067e\u0686\u06af", "fa")}
_WORDS: Final = {
    "en": "the and you is of to it what that this with have are not my your",
    "de": "der die das und ich nicht ist du ein eine es mit wir sie auf dem",
    "fr": "le les et je est pas vous un une des que qui nous dans il elle",
    "es": "el los y que es no por una como pero con las está yo lo",
    "it": "il che di è non per una sono con gli ma mi come questo della",
    "pt": "o os que não é uma com por para eu você como mas meu do da",
    "nl": "het een en ik niet van dat je is de we met voor maar zijn",
    "pl": "nie jest się to na że i w co jak ale czy tak mnie",
    "sv": "och att det är jag inte en som du har på för med",
    "tr": "bir ve bu ne için ben değil çok da mi sen var",
}
_OF_WORD: Final = {
    word: frozenset(code for code, others in _WORDS.items() if word in others.split())
    for words in _WORDS.values()
    for word in words.split()
}
_WORD: Final = re.compile(r"[^\W\d_]+")
_MOST_LOOKED_AT: Final = 600  # characters


def language_of(text: str) -> str | None:
    """The code of a language; None when it does not show."""
    words = _WORD.findall(text[:_MOST_LOOKED_AT].lower())
    letters = "".join(words)
    scripts = Counter(_script_of(letter) for letter in letters)
    if scripts["ja"]:  # which is written with the signs of cmn, too
        scripts["ja"] += scripts.pop("cmn", 0)
    for code, count in scripts.most_common(1):
        if code is not None and 2 * count > len(letters):
            marks, other = _MARKS.get(code, ("", code))
            return other if any(mark in letters for mark in marks) else code
    common = Counter(code for word in words for code in _OF_WORD.get(word, ()))
    (code, most), (_, next_most) = (*common.most_common(2), (None, 0), (None, 0))[:2]
    return code if most >= 2 and most > next_most else None


def _script_of(letter: str) -> str | None:
    number = ord(letter)
    return next((code for first, last, code in _SCRIPTS if first <= number <= last), None)
