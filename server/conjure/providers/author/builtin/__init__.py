from conjure.providers.author.builtin.author import BuiltinAuthor
from conjure.providers.author.builtin.setting import setting_of

__all__ = ["BuiltinAuthor", "setting_of"]
