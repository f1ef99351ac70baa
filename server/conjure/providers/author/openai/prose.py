"""What is wrong with a text that a model wrote, and how it is mended without the model.

The kernel judges: a text is put where it will stand in a small world that is otherwise sound, and what the
kernel finds there is what is wrong with it. What else makes a text unfit is what no lint looks for: that it
repeats our prompts, holds markup, or is no prose at all.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from typing import Final, Literal

from conjure.kernel import Severity, check
from conjure.providers.author.openai import prompts
from conjure.providers.openai.plain_json import clean

Use = Literal["state", "transition", "override", "label", "spoken"]
"""Where a text stands. A label may come to stand anywhere, within prose; what is spoken in no picture."""

_SPACE: Final = re.compile(r"\s+")
_MARKUP: Final = re.compile(r"[*_`#<>{}\[\]|\\~^]+")
# What ends the turns of a conversation; models write it where the engine does not know it.
_TURNS: Final = re.compile(r"</?s>|<\|[^|<>]{1,40}\|>|</?(?:start|end)_of_turn>")
_ADDRESS: Final = re.compile(r"(?:https?:|www\.)\S*", re.IGNORECASE)
_LONGEST_WORD: Final = 22  # letters of a Latin word: longer ones are codes
_CODE: Final = re.compile(rf"[!-~]{{{_LONGEST_WORD + 1},}}")
_QUOTES: Final = "\"'\u201c\u201d\u2018\u2019\u00ab\u00bb "
_ENDS: Final = re.compile(r"(?<=[.!?…。！？])\s+|(?<=[。！？])")  # noqa: RUF001 - marks of other scripts
_CLAUSES: Final = re.compile(
    r"(?<=[,;:])\s+|\s+(?:and|but|while|where|which)\s+|\s+[\u2013\u2014-]\s+"
)
_LEAST_CLAUSE: Final = 20
_LEAD: Final = re.compile(r"^(?:an?|the)\s+", re.IGNORECASE)

_LOOP: Final = 4  # words
_MOST_LOOPS: Final = 3

# What small models write when they have nothing to say.
_STAND_INS: Final = frozenset(
    (
        "string",
        "text",
        "name",
        "title",
        "description",
        "base",
        "detail",
        "n/a",
        "none",
        "null",
        "tbd",
    )
)


def tidy(text: str, most: int) -> str:
    """One line of prose without markup, cut at a sentence or a word where it is too long."""
    line = _MARKUP.sub(" ", _TURNS.sub(" ", clean(text)))
    line = _SPACE.sub(" ", line).strip(_QUOTES).lstrip(" ,;:.!?")
    if len(line) <= most:
        return line
    head = line[:most]
    whole = _ENDS.split(head)[:-1]
    if whole and len(" ".join(whole)) > most // 3:
        return " ".join(whole)
    at_word = head.rpartition(" ")[0]
    return (at_word if len(at_word) > most // 2 else head).rstrip(" ,;:-")


def label(text: str, most: int) -> str:
    """A name: no article in front, no stop behind."""
    return _LEAD.sub("", tidy(text, most)).rstrip(" .,;:!")


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text as a sentence."""
    text = capital(text.strip())
    return text if text.endswith((".", "!", "?", "…", "。", "！", "？")) else f"{text}."  # noqa: RUF001


@functools.lru_cache(maxsize=1024)
def findings(text: str, use: Use, least: int = 1) -> tuple[str, ...]:
    """What is wrong with a text, in sentences for the model; empty when it can stand as it is."""
    found = list(_of_kernel(text, use))
    if len(text) < least or not any(letter.isalpha() for letter in text):
        found.append(prompts.SAYS_LITTLE)
    elif text.lower().strip(" .") in _STAND_INS:
        found.append(prompts.SAYS_NOTHING)
    if prompts.leaks(text):
        found.append(prompts.REPEATS_US)
    if _goes_in_circles(text):
        found.append(prompts.REPEATS_ITSELF)
    if _ADDRESS.search(text) or _CODE.search(text):
        found.append(prompts.HAS_CODES)
    return tuple(found)


def mended(text: str, use: Use, *, least: int, instead: str) -> str:
    """The text without the clauses and sentences that something is wrong with; else what stands instead."""
    sentences = dict.fromkeys(_ENDS.split(text))  # each once
    kept = [_mended_sentence(part, use) for part in sentences]
    rest = " ".join(dict.fromkeys(part for part in kept if part))
    return instead if findings(rest, use, least) else rest


def _mended_sentence(text: str, use: Use) -> str:
    if not findings(text, use):
        return text
    clauses = _CLAUSES.split(text)
    for end in range(len(clauses) - 1, 0, -1):
        # From the front: what stands behind often needs what stands before.
        head = text[: text.index(clauses[end - 1]) + len(clauses[end - 1])].rstrip(
            " ,;:-\u2013\u2014"
        )
        if len(head) >= _LEAST_CLAUSE and not findings(head, use):
            return sentence(head)
    return ""


def _goes_in_circles(text: str) -> bool:
    """Whether some words come again and again, as small models write once they have begun to."""
    words = text.lower().split()
    runs = Counter(tuple(words[at : at + _LOOP]) for at in range(len(words) - _LOOP + 1))
    return max(runs.values(), default=0) >= _MOST_LOOPS


def _of_kernel(text: str, use: Use) -> list[str]:
    if use == "spoken":
        return []
    uses: tuple[Use, ...] = ("state", "transition", "override") if use == "label" else (use,)
    # Of the path the model knows nothing.
    found = [
        finding.message.removeprefix(finding.path).strip()
        for each in uses
        for finding in check(_small_world(text, each))
        if finding.severity is not Severity.INFO
    ]
    return [f"It {words}" for words in dict.fromkeys(found)]


def _small_world(text: str, use: Use) -> dict[str, object]:
    return {
        "id": "world",
        "name": "World",
        "entrance": {"state": "here", "image": {"src": "data:,"}},
        "scene": {
            "states": {
                "here": {"base": text if use == "state" else "A yard."},
                "there": {"base": "A hall.", "ending": {"kind": "win"}},
            },
            "events": [
                {
                    "name": "Go",
                    "kind": "transition",
                    "from": ["here"],
                    "to": "there",
                    "base": text if use == "transition" else "A step.",
                },
                {
                    "name": "Wave",
                    "kind": "override",
                    "from": ["here"],
                    "base": text if use == "override" else "A wave.",
                },
            ],
        },
    }
