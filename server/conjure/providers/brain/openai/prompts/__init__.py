"""What a model is told that thinks for characters, each prompt a file of its own.

A prompt whose words change gets a new version: the number stands in its file's name.
"""

from __future__ import annotations

import functools
import importlib.resources
from string import Template
from typing import TYPE_CHECKING, Final

from conjure.providers.openai.failures import AnswerCut, ModelRefused

if TYPE_CHECKING:
    from conjure.providers.openai.failures import ModelError

TURN: Final = "turn.v1.txt"
REMEMBER: Final = "remember.v1.txt"
AGAIN: Final = "again.v1.txt"
ALL: Final = (TURN, REMEMBER, AGAIN)

EMPTY: Final = "it said nothing"
DECLINED: Final = "it was no answer of the character"
LEAKED: Final = "it told what is for you alone"
UNFIT: Final = "it was not that JSON object"
TOO_LONG: Final = "it was too long"


def prompt(name: str, **values: str) -> str:
    """The words of a prompt, with these values in it."""
    return Template(prompt_as_written(name)).substitute(values)


@functools.cache
def prompt_as_written(name: str) -> str:
    """The words of a prompt."""
    file = importlib.resources.files(__name__).joinpath(name)
    return file.read_text(encoding="utf-8").strip()


def why(error: ModelError) -> str:
    """What was wrong with an answer, for the next try."""
    if isinstance(error, ModelRefused):
        return DECLINED
    return TOO_LONG if isinstance(error, AnswerCut) else UNFIT
