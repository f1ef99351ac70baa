"""The prompts of the author, each a file of its own, and what is sent of them.

A prompt whose words change gets a new version: the number stands in its file's name.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.providers.openai.messages import Message

if TYPE_CHECKING:
    from conjure.providers.openai.messages import Image

SYSTEM: Final = "system.v1.txt"
PLAN: Final = "plan.v1.txt"
PICTURE: Final = "picture.v1.txt"
READING: Final = "reading.v1.txt"
PLACES: Final = "places.v1.txt"
THINGS: Final = "things.v1.txt"
STATES: Final = "states.v1.txt"
WAYS: Final = "ways.v1.txt"
REPAIR: Final = "repair.v1.txt"
AGAIN: Final = "again.v1.txt"
ALL: Final = (
    SYSTEM, PLAN, PICTURE, READING, PLACES, THINGS, STATES, WAYS, REPAIR, AGAIN,
)  # fmt: skip

# Of our prompts a run of so many words is in nothing that is written from them by chance.
_RUN: Final = 7
_WORDS: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")


@functools.cache
def prompt(name: str) -> str:
    """The words of a prompt."""
    file = importlib.resources.files(__name__).joinpath(name)
    return file.read_text(encoding="utf-8").strip()


def asked(*parts: str, data: dict[str, Any], picture: Image | None = None) -> list[Message]:
    """The messages of a step: what is to be done, and, apart from it, the data.

    The data stand in a message of their own, as JSON: what people typed cannot end it.
    """
    instructions = "\n\n".join(prompt(part) for part in (SYSTEM, *parts))
    images = () if picture is None else (picture,)
    return [Message("system", instructions), Message("user", encoded(data), images)]


def encoded(data: Any) -> str:
    """Data as JSON, in the order of their members."""
    return orjson.dumps(data).decode()


def leaks(text: str) -> bool:
    """Whether a text repeats a part of our prompts."""
    words = _words(text)
    runs = _runs()
    return any(tuple(words[at : at + _RUN]) in runs for at in range(len(words) - _RUN + 1))


@functools.cache
def _runs() -> frozenset[tuple[str, ...]]:
    found = set()
    for name in ALL:
        words = _words(prompt(name))
        found |= {tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)}
    return frozenset(found)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]
