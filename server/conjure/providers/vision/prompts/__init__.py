"""What a vision model is told to do, each a file of its own.

A prompt whose words change gets a new version: the number stands in its file's name.
"""

from __future__ import annotations

import functools
import importlib.resources
from typing import Final

PERCEIVE: Final = "perceive.v1.txt"
GROUND: Final = "ground.v1.txt"


@functools.cache
def prompt(name: str) -> str:
    """The words of a prompt."""
    file = importlib.resources.files(__name__).joinpath(name)
    return file.read_text(encoding="utf-8").strip()
