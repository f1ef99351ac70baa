"""What of a model's words reaches a person: plain text that gives away nothing of how it was made.

CONTRACT 3.4: prompts, traces of ops and ids of models never leave the server. A reply that holds any of it
is not mended but left out; the caller then says what was changed in words of its own.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from conjure.providers.editor.openai import phrases
from conjure.providers.editor.openai.mentions import normal, words

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_REPLY: Final = 2_000
"""Characters of a reply."""

_RUN: Final = 7  # words in a row that nobody but the prompt says
_MOST_READ: Final = 20_000  # characters of a reply that are looked at

_DEEPEST: Final = 8  # markup in markup

_HIDDEN: Final = frozenset(
    ("Cc", "Cf", "Cs", "Co", "Cn")
)  # controls, overrides, halves, no characters
_JOINERS: Final = frozenset("\u200c\u200d")  # which scripts and pictures of people need
_BLANKS: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r"\n{3,}")
_TAG: Final = re.compile(r"</?[A-Za-z!][^<>]{0,500}>")
_THOUGHT: Final = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL)

# Code, JSON, addresses that nobody asked for, and long words that may be a text in another writing (base64).
_DUMP: Final = re.compile(
    r"```|[{\[]\s*[\"'{\[]|[\"']\s*:\s*[\[{\"'\d]|=>|\b(?:function|tool)s?\.\w"
)
_ADDRESS: Final = re.compile(r"\b(?:https?|ftp|javascript|data|file)\s*:|\bwww\.", re.IGNORECASE)
_CODED: Final = re.compile(r"[A-Za-z0-9+/=_-]{48,}")
# Families of models, which are named with numbers.
_FAMILY: Final = re.compile(
    r"\b(?:gpt|llama|qwen|gemma|gemini|mistral|mixtral|claude|phi|deepseek)[\s_-]*v?\d|\bchatgpt\b|\bopenai\b",
    re.IGNORECASE,
)


class ReplyFilter:
    """Knows what must not be said: names of ops and tools, of the model, and the words of the prompts."""

    def __init__(self, *, names: Iterable[str], model: str, prompts: Iterable[str]) -> None:
        # Names of one word (`ask`) are words that people use.
        secret = {normal(name) for name in names if "_" in name}
        self._names = re.compile(
            "|".join(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])" for name in sorted(secret))
            or "(?!)"
        )
        self._models = tuple(
            part for part in {normal(model), normal(model.rpartition("/")[2])} if len(part) > 2
        )
        self._runs: set[tuple[str, ...]] = set()
        for prompt in prompts:
            self._runs.update(_runs(words(prompt)))

    def clean(self, text: str, instruction: str = "") -> str | None:
        """The reply as it may be said; None when there is none, or it gives something away.

        What the person has said themselves may be said again.
        """
        plain = plain_text(text)
        compared, said = normal(plain), normal(instruction)
        if not plain or self._names.search(compared.replace("\\_", "_")):
            return None
        if any(model in compared and model not in said for model in self._models):
            return None
        if _FAMILY.search(compared) and not _FAMILY.search(said):
            return None
        if any(pattern.search(plain) for pattern in (_DUMP, _CODED)):
            return None
        if _ADDRESS.search(plain) and not _ADDRESS.search(instruction):
            return None
        if not self._runs.isdisjoint(_runs(words(plain))):
            return None
        return shortened(plain)


def plain_text(text: str) -> str:
    """The text without markup, thoughts, controls, and characters that are not seen."""
    text = _THOUGHT.sub("", text[:_MOST_READ]).replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(
        " " if char == "\t" else char
        for char in unicodedata.normalize("NFC", text)
        if char in "\n\t" or char in _JOINERS or unicodedata.category(char) not in _HIDDEN
    )
    text = _without_tags(text.replace("\u2028", "\n").replace("\u2029", "\n"))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


def _without_tags(text: str) -> str:
    """The text without markup, also such as only stands there when other markup has gone."""
    for _ in range(_DEEPEST):
        fewer = _TAG.sub("", text)
        if fewer == text:
            return text
        text = fewer
    return text.replace("<", "")


def shortened(text: str) -> str:
    """The text in as many characters as a reply may have, ended at a word."""
    if len(text) <= MOST_REPLY:
        return text
    head = text[: MOST_REPLY - 1]
    at_word = head.rfind(" ")
    return (head[:at_word] if at_word > MOST_REPLY // 2 else head).rstrip() + "…"


def claims_change(text: str) -> bool:
    """Whether a reply says that something was changed, as far as that can be told."""
    said = normal(text)
    return bool(phrases.CLAIMS.search(said) or phrases.DONE.match(said))


def is_question(text: str) -> bool:
    """Whether a text asks something."""
    return any(mark in text for mark in "?\uff1f\u061f\u037e")


def _runs(said: list[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(said[at : at + _RUN]) for at in range(len(said) - _RUN + 1))
