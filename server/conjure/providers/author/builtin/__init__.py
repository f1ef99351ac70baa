from conjure.providers.author.builtin.author import BuiltinAuthor

__all__ = ["BuiltinAuthor"]
