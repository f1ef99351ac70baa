"""What is said to the editing model. A text that changes gets a new number; tests hold it."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import Final

VERSION: Final = 1
"""Of the texts; it stands in logs beside what came of them."""


def _text(name: str) -> str:
    return files(__package__).joinpath(f"{name}-{VERSION}.txt").read_text("utf-8")


RULES: Final = _text("rules").strip()
"""The system message."""

_TASK: Final = Template(_text("task").strip())


def task(*, world: str, objects: str, instruction: str) -> str:
    """The first message: what there is, and what to do; each of them JSON text."""
    return _TASK.substitute(world=world, objects=objects, instruction=instruction)
