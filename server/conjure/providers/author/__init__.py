from conjure.providers.author.builtin import BuiltinAuthor, setting_of
from conjure.providers.author.chosen import author_of
from conjure.providers.author.port import (
    Author,
    AuthoredCharacter,
    AuthoredStance,
    AuthoredWorld,
    AuthorError,
    AuthorRequest,
    CharacterRequest,
    Effort,
    Report,
)

__all__ = [
    "Author",
    "AuthorError",
    "AuthorRequest",
    "AuthoredCharacter",
    "AuthoredStance",
    "AuthoredWorld",
    "BuiltinAuthor",
    "CharacterRequest",
    "Effort",
    "Report",
    "author_of",
    "setting_of",
]
