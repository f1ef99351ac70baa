"""Moderation that needs nobody: the form of a text, never what it is about."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_CHARS: Final = 2_000
"""Characters of a text (CONTRACT 5)."""
_MOST_SAME_LETTERS: Final = 40
_MOST_SAME_WORDS: Final = 20
_MOST_SAME_TEXTS: Final = 4
"""As often as a player may say the same, one time after the other."""
_MOST_MARKS: Final = 3
"""Marks that a letter may carry: no language needs more."""

_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
# What is drawn as nothing, though Unicode calls it a letter or a sign.
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\u17b4\u17b5\u034f")
_SAME_SIGN: Final = re.compile(rf"(\S)\1{{{_MOST_SAME_LETTERS},}}")
_MARKS: Final = re.compile(
    rf"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{{{_MOST_MARKS + 1},}}"
)


class BuiltinModeration:
    """Refuses what no person would say: it knows nothing of manners, in any language."""

    async def refusal(self, text: str, earlier: Sequence[str]) -> str | None:
        """Returns why a text is refused; None: it is fine."""
        if len(text) > MOST_CHARS:
            return f"text has {len(text):,} characters, of at most {MOST_CHARS:,}"
        if _CONTROLS.search(text) is not None:
            return "text has control characters"
        if not any(map(_is_seen, text)):
            return "text has nothing that can be seen"
        if _MARKS.search(unicodedata.normalize("NFD", text)) is not None:
            return f"text has letters with more than {_MOST_MARKS} marks on them"
        if _SAME_SIGN.search(text) is not None:
            return f"text has the same sign more than {_MOST_SAME_LETTERS} times in a row"
        if _repeats_a_word(text):
            return f"text has the same word more than {_MOST_SAME_WORDS} times in a row"
        plain = _plain(text)
        last = [_plain(said) for said in earlier[-_MOST_SAME_TEXTS:]]
        if len(last) == _MOST_SAME_TEXTS and all(said == plain for said in last):
            return f"text is the same for the {_MOST_SAME_TEXTS + 1}th time in a row; say something else"
        return None


def _is_seen(sign: str) -> bool:
    # Letters, marks, numbers, punctuation and symbols; not the separators, and nothing that only steers.
    return unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK


def _repeats_a_word(text: str) -> bool:
    count, before = 0, ""
    for word in text.casefold().split():
        count = count + 1 if word == before else 1
        before = word
        if count > _MOST_SAME_WORDS:
            return True
    return False


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text[:MOST_CHARS]).casefold().split())
