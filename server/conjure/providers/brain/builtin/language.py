"""A language as data: the words that show it, what people say in it, and what characters answer."""

from __future__ import annotations

import re
from typing import Final

from conjure.providers.brain.builtin.text import fold, folded, words

_SWAP: Final = re.compile(r"(\S+)=(.*?)(?=\s+\S+=|\s*$)", re.DOTALL)
_FELT: Final = frozenset(("low", "high"))
_VERY: Final = {
    "en": ("very", "so", "really", "quite"),
    "de": ("sehr", "so", "wirklich", "ganz", "heute"),
    "fr": ("tres", "si", "vraiment", "tellement"),
    "es": ("muy", "tan", "bastante"),
    "it": ("molto", "cosi", "tanto", "davvero"),
    "pt": ("muito", "tao", "bastante"),
}


class Language:
    """One language. Every member is read once, from texts that people can read and mend.

    `cues`: what people say, by what it means, with `|` between the ways to say it. `lines`: what a character
    says, one a line, with `{names}` of what is filled in (`{Topic}`: with a capital). `asides` break up what it
    tells, before words of `boundary` and `verbs`; `namely` does before what is only added. `swaps`: words for
    which another one does. `memory`: the labels of a summary.
    """

    def __init__(
        self,
        *,
        code: str,
        function: str,
        stop: str,
        you: str,
        negation: str,
        cues: dict[str, str],
        articles: str,
        courtesy: str,
        boundary: str,
        verbs: str,
        namely: str,
        asides: str,
        swaps: str,
        feelings: str,
        openers: str,
        lines: dict[str, str],
        memory: str,
    ) -> None:
        self.code = code
        self.function = _set(function)
        self.stop = self.function | _set(stop)
        self.you = _set(you)
        self.negation = _set(negation)
        self.cues: dict[str, tuple[str, ...]] = {}
        self.heads: dict[str, int] = {}
        for kind, said in cues.items():
            self._hear(kind, said)
        self.articles = _set(articles)
        self.courtesy = _set(courtesy)
        self.boundary = _set(boundary)
        self.verbs = _set(verbs)
        self.namely = namely
        self.asides = _rows(asides)
        self.swaps = {fold(old): " ".join(new.split()) for old, new in _SWAP.findall(swaps)}
        self.feelings = _pairs(feelings)
        self.openers = _pairs(openers)
        self.lines = {kind: _rows(text) for kind, text in lines.items()}
        self.memory = {key: texts[0] for key, texts in _pairs(memory).items()}

    def _hear(self, kind: str, said: str) -> None:
        for way in said.split("|"):
            parts = folded(way)
            phrase = " ".join(parts)
            self.cues[phrase] = (*self.cues.get(phrase, ()), kind)
            self.heads[parts[0]] = max(self.heads.get(parts[0], 0), len(parts))
            if kind in _FELT and len(parts) > 1:
                # `I am sad`, `I am very sad`.
                for very in _VERY.get(self.code, ()):
                    strong = " ".join((*parts[:-1], very, parts[-1]))
                    self.cues[strong] = (*self.cues.get(strong, ()), kind)
                    self.heads[parts[0]] = max(self.heads[parts[0]], len(parts) + 1)


def _set(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words(text))


def _rows(text: str) -> tuple[str, ...]:
    return tuple(row.strip() for row in text.splitlines() if row.strip())


def _pairs(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in _rows(text):
        key, _, value = row.partition("=")
        found[key] = (*found.get(key, ()), value)
    return found
