"""Reading what a model wrote: JSON wherever it stands in the text, and text that is fit to be kept."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DEPTH: Final = 32
"""Levels of JSON that is read from a model."""

_MOST_STARTS: Final = 32  # braces that are tried as the beginning of the JSON, and fences
_FENCE: Final = re.compile(r"```[A-Za-z0-9_-]*[ \t]*\n(.*?)```", re.DOTALL)
# What thinks aloud does so in front, between tags.
_THOUGHT: Final = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL)

# Characters that are in no text that people write: controls, halves of surrogate pairs, overrides of the
# direction of writing (a text then reads otherwise than it is), invisible tags, and what is no character.
_UNFIT: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200b\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_BREAKS: Final = re.compile("\r\n?|[\u2028\u2029\x85]")


class TooDeep(ValueError):
    """JSON has more levels than anything that was asked for."""


def clean(text: str) -> str:
    """The text composed (NFC), and without characters that no text needs."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNFIT.sub("", _BREAKS.sub("\n", text)))


def cleaned(value: Any, depth: int = MOST_DEPTH) -> Any:
    """A JSON value whose texts are clean. Raises TooDeep."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, (dict, list)):
        if not depth:
            raise TooDeep(f"more than {MOST_DEPTH} levels")
        if isinstance(value, list):
            return [cleaned(item, depth - 1) for item in value]
        return {clean(name): cleaned(item, depth - 1) for name, item in value.items()}
    return value


def loads(text: str | bytes) -> Any:
    """Reads JSON, also such as has halves of surrogate pairs in it. Raises ValueError."""
    try:
        return orjson.loads(text)
    except ValueError:
        try:
            return json.loads(text, parse_constant=_refuse)
        except (RecursionError, UnicodeDecodeError) as error:
            raise ValueError("no JSON") from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a text, clean; the likeliest first: all of it, what is fenced, what is in prose."""
    text = _THOUGHT.sub("", text, count=1)
    fenced = (match[1] for match in itertools.islice(_FENCE.finditer(text), _MOST_STARTS))
    for candidate in itertools.chain((text,), fenced):
        try:
            value = cleaned(loads(candidate.strip()))
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value
    yield from _inside(text)


def _inside(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(parse_constant=_refuse)
    at = -1
    for _ in range(_MOST_STARTS):
        at = text.find("{", at + 1)
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
            value = cleaned(value)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value
        at = end - 1
