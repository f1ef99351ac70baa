"""What a temperament is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Temperament:
    """How somebody is.

    `words`: beginnings of words that a premise asks for it with, in its languages; `roles`: who is mostly
    like that. Texts may have `{name}`, `{friend}`, `{thing}` (what it is about, with its article; `{it}`
    after it) and `{place}` (where it is at home, with its article; `{This_is}` before it).
    """

    adjective: str
    words: str
    roles: str
    hooks: tuple[str, ...]
    tempers: tuple[str, ...]
    wants: tuple[str, ...]  # what stands behind "to"
    fears: tuple[str, ...]
    habits: tuple[str, ...]
    greetings: tuple[str, ...]
    on_place: tuple[str, ...]
    on_thing: tuple[str, ...]
    on_secret: tuple[str, ...]
    stances: tuple[str, ...]
