"""Which language somebody speaks: the one whose small words are in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.providers.brain.builtin.languages import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjure.providers.brain.builtin.language import Language

# Words of which few languages make use say more. What people say often shows a language as small words do.
_KNOWN: dict[str, list[int]] = {}
for _index, _language in enumerate(LANGUAGES):
    for _word in _language.function.union(*(phrase.split() for phrase in _language.cues)):
        _KNOWN.setdefault(_word, []).append(_index)


_NEARLY: Final = 0.34


def votes(words: Iterable[str]) -> list[float]:
    """How much each language speaks for itself."""
    found = [0.0] * len(LANGUAGES)
    for word in words:
        if (known := _KNOWN.get(word)) is not None:
            for index in known:
                found[index] += 1 / len(known)
    return found


def language_of(
    words: Sequence[str], *, otherwise: Language = ENGLISH, least: float = 0.0
) -> Language:
    """Returns the one with the most votes, where they are more than `least`."""
    found = votes(words)
    best = max(range(len(found)), key=found.__getitem__)
    # Where two are nearly as good as each other, what was spoken before decides.
    if found[best] <= least or found[LANGUAGES.index(otherwise)] > found[best] - _NEARLY:
        return otherwise
    return LANGUAGES[best]
