"""A text as its letters alone: what stays the same when it is written in another case, script form or layout.

Two texts have the same letters when they differ in case, diacritics, compatibility forms (such as full
width), white space, punctuation, signs of markup, invisible characters, look-alikes of Latin letters, or the
digits that people write for letters.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ALIKE: Final = str.maketrans(
    "01l3457@$"  # signs that stand for letters
    "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ"  # small capitals
    "аеорсухікмнтвαορυικτνη",  # Cyrillic and Greek
    "oiieastasabcdefghijkimnoprstuvwyzaeopcyxikmhtbaopyiktvn",
)
# Letters in boxes and flags that Unicode does not take apart.
_BOXED: Final = ((0x1F150, 26), (0x1F170, 26), (0x1F1E6, 26))
# What is drawn as nothing, though it is a letter.
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5")
_ROTATED: Final = {
    first + at: first + (at + 13) % 26 for first in (ord("a"), ord("A")) for at in range(26)
}
_MOST_OF_ONE: Final = 3
"""Letters that a sign stands for, at most: one is a sentence of 18, and a text of it 18 times as long."""
_APOSTROPHES: Final = frozenset("'’ʼ`´")  # noqa: RUF001

# Scripts that put no space between words: so many of their letters say about as much as a word.
IDEOGRAPHS: Final = re.compile(
    "[\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
UNSPACED: Final = re.compile("[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf\ua9e0-\ua9fe]")


class _Letters(dict[int, str]):
    """What each character becomes, for `str.translate`. `gap` stands for what is no letter."""

    def __init__(self, gap: str) -> None:
        super().__init__()
        self._gap = gap

    def __missing__(self, code: int) -> str:
        folded = self[code] = self._fold(chr(code))
        return folded

    def _fold(self, char: str) -> str:
        for first, count in _BOXED:
            if 0 <= ord(char) - first < count:
                char = chr(ord("a") + ord(char) - first)
        if (
            char in _APOSTROPHES
            or char in _BLANK
            or unicodedata.category(char) in {"Mn", "Me", "Cf"}
        ):
            return ""
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
        letters = "".join(
            each
            for each in plain
            if each.isalnum()
            or each in "@$"
            or unicodedata.category(each) == "Mc"  # vowels of Indian scripts
        ).translate(_ALIKE)[:_MOST_OF_ONE]
        if not letters:
            return self._gap
        if self._gap and (IDEOGRAPHS.match(letters) or UNSPACED.match(letters)):
            return f"{self._gap}{self._gap.join(letters)}{self._gap}"
        return letters


_JOINED: Final = _Letters("")
_APART: Final = _Letters(" ")


def letters(text: str) -> str:
    """The letters of a text. Those of two texts together are those of their sum."""
    return text.translate(_JOINED)


def words(text: str) -> list[str]:
    """The letters of each word; where a script has no spaces, each letter by itself."""
    return text.translate(_APART).split()


def rotated(text: str) -> str:
    """The text in rot13."""
    return text.translate(_ROTATED)
