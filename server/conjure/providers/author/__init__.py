from conjure.providers.author.builtin import BuiltinAuthor, setting_of
from conjure.providers.author.chosen import author_of
from conjure.providers.author.port import (
    Author,
    AuthoredWorld,
    AuthorError,
    AuthorRequest,
    Effort,
    Report,
)

__all__ = [
    "Author",
    "AuthorError",
    "AuthorRequest",
    "AuthoredWorld",
    "BuiltinAuthor",
    "Effort",
    "Report",
    "author_of",
    "setting_of",
]
