"""Characters from word lists and a seed."""

from conjure.providers.author.builtin.characters.writing import written

__all__ = ["written"]
