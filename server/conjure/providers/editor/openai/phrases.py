"""What people say when they want things gone, or all of them changed: the words of phrases.toml."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

from conjure.providers.editor.openai.mentions import any_of

_WORDS: Final = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text("utf-8"))

REMOVING: Final = any_of(**_WORDS["removing"])
ALL: Final = any_of(**_WORDS["all"])
WORLD: Final = any_of(**_WORDS["world"])
ENDING: Final = any_of(**_WORDS["ending"])
WINNING: Final = any_of(**_WORDS["winning"])
LOSING: Final = any_of(**_WORDS["losing"])
ENTRANCE: Final = any_of(**_WORDS["entrance"])
CLAIMS: Final = any_of(**_WORDS["claims"])
DONE: Final = any_of(**_WORDS["done"])
PARTS: Final = {name: any_of(**words) for name, words in _WORDS["parts"].items()}
