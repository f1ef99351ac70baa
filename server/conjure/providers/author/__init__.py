from conjure.providers.author.builtin import BuiltinAuthor, setting_of
from conjure.providers.author.port import Author, AuthoredWorld, AuthorError, AuthorRequest, Report

__all__ = [
    "Author",
    "AuthorError",
    "AuthorRequest",
    "AuthoredWorld",
    "BuiltinAuthor",
    "Report",
    "setting_of",
]
