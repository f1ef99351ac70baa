"""The prompts of the author, each a file of its own, and what is sent of them.

A prompt whose words change gets a new version: the number stands in its file's name.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.providers.openai import protocol
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
"""Those of worlds."""
CHARACTERS: Final = "characters.v1.txt"
WHO: Final = "who.v1.txt"
PORTRAIT: Final = "portrait.v1.txt"
LIGHT: Final = "light.v1.txt"
TALK: Final = "talk.v1.txt"
STANCES: Final = "stances.v1.txt"
ALL_OF_CHARACTERS: Final = (CHARACTERS, WHO, PORTRAIT, LIGHT, TALK, STANCES, REPAIR, AGAIN)
"""Those of characters; the first takes the place of SYSTEM."""

SAYS_LITTLE: Final = "It says too little: tell more of what is seen."
SAYS_NOTHING: Final = "It is a stand-in, and says nothing: write the text itself."
REPEATS_US: Final = "It repeats the instructions: tell of the world instead."
REPEATS_PREMISE: Final = "It repeats the premise: tell what is seen in words of your own."
HAS_CODES: Final = "It holds an address or a code: write words instead."
REPEATS_ITSELF: Final = "It goes round in circles: write each thing once."
SAYS_THE_SAME: Final = "Another member says the same: they must differ."
FINDINGS: Final = (
    SAYS_LITTLE, SAYS_NOTHING, REPEATS_US, REPEATS_PREMISE, REPEATS_ITSELF, HAS_CODES, SAYS_THE_SAME,
    "Video models draw what is named: say what is there instead.",  # the kernel's, of negations
)  # fmt: skip
"""What a model is told of its texts. Some write it into the next ones."""

# Of our prompts a run of so many words is in nothing that is written from them by chance; of findings, a
# shorter one.
_RUN: Final = 7
_RUN_OF_FINDINGS: Final = 5
_LEAST_OF_FINDINGS: Final = 3  # of a text that is nothing else
_WORDS: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")


@functools.cache
def prompt(name: str) -> str:
    """The words of a prompt."""
    file = importlib.resources.files(__name__).joinpath(name)
    return file.read_text(encoding="utf-8").strip()


def asked(
    *parts: str, data: dict[str, Any], picture: Image | None = None, system: str = SYSTEM
) -> list[Message]:
    """The messages of a step: what is to be done, and, apart from it, the data.

    The data stand in a message of their own, as JSON: what people typed cannot end it.
    """
    instructions = "\n\n".join(prompt(part) for part in (system, *parts))
    images = () if picture is None else (picture,)
    return [Message("system", instructions), Message("user", encoded(data), images)]


def encoded(data: Any) -> str:
    """Data as JSON, in the order of their members."""
    return orjson.dumps(data).decode()


def leaks(text: str) -> bool:
    """Whether a text repeats a part of our prompts."""
    words = _words(text)
    if len(words) >= _LEAST_OF_FINDINGS and f" {' '.join(words)} " in _findings():
        return True
    return any(runs & _in_runs(words, length) for length, runs in _runs().items())


@functools.cache
def _findings() -> str:
    return "".join(f" {' '.join(_words(finding))} \n" for finding in FINDINGS)


@functools.cache
def _runs() -> dict[int, frozenset[tuple[str, ...]]]:
    # As they are sent: a run may begin in one and end in the next.
    sent = [
        _words(" ".join((prompt(first), prompt(name), protocol.OBJECT)))
        for first, names in ((SYSTEM, ALL), (CHARACTERS, ALL_OF_CHARACTERS))
        for name in names
    ]
    return {
        _RUN: frozenset().union(*(_in_runs(words, _RUN) for words in sent)),
        _RUN_OF_FINDINGS: frozenset().union(
            *(_in_runs(_words(finding), _RUN_OF_FINDINGS) for finding in FINDINGS)
        ),
    }


def _in_runs(words: list[str], length: int) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(words[at : at + length]) for at in range(len(words) - length + 1))


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]
