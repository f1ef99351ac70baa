"""What a character does besides talking, where somebody asks for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.port import Action, ActionType

if TYPE_CHECKING:
    from conjure.providers.brain.builtin.hearing import Heard
    from conjure.providers.brain.builtin.language import Language

_TYPES: Final[dict[str, ActionType]] = {
    "show": "show_image",
    "fetch": "fetch_object",
    "go": "change_location",
}
_MOST_WORDS: Final = 6
_MOST_CHARS: Final = 60
_WORD: Final = re.compile(r"[^\W_]+")
_STOPS: Final = re.compile(r"[.,;:!?¿¡()\"“”«»\n]")
_SPACES: Final = re.compile(r"[^\w'’-]+")


def action_of(heard: Heard, text: str, language: Language) -> Action | None:
    """Returns what is asked for in a visible text, and with what, in the words of whoever asks."""
    action = _TYPES.get(heard.kind)
    if action is None:
        return None
    return Action(action, _target(heard, text, language, heard.cues[heard.kind][1]))


def _target(heard: Heard, text: str, language: Language, start: int) -> str | None:
    """The words after the cue, as far as the next pause."""
    spans = [match.span() for match in _WORD.finditer(text)]
    first, last = start, start
    end = min(len(spans), len(heard.words))
    while last < end and last - first < _MOST_WORDS:
        gap = text[spans[last - 1][1] : spans[last][0]] if last else ""
        if last > first and _STOPS.search(gap) is not None:
            break
        if last > first and heard.folded[last] in _JOINS:
            break
        last += 1
    while first < last and heard.folded[first] in (language.articles | language.courtesy):
        first += 1
    while last > first and heard.folded[last - 1] in (language.courtesy | language.articles):
        last -= 1
    if first >= last:
        return None
    said = _SPACES.sub(" ", text[spans[first][0] : spans[last - 1][1]]).strip()
    return said[:_MOST_CHARS].rstrip() or None


_JOINS: Final = frozenset(
    "and then und dann et puis y e poi depois because weil car porque perche but aber mais".split()
)
