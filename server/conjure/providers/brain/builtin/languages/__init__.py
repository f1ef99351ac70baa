"""The six languages that the built-in brain hears and speaks."""

from conjure.providers.brain.builtin.languages.english import ENGLISH
from conjure.providers.brain.builtin.languages.french import FRENCH
from conjure.providers.brain.builtin.languages.german import GERMAN
from conjure.providers.brain.builtin.languages.italian import ITALIAN
from conjure.providers.brain.builtin.languages.portuguese import PORTUGUESE
from conjure.providers.brain.builtin.languages.spanish import SPANISH

LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN, PORTUGUESE)

__all__ = ["ENGLISH", "LANGUAGES"]
