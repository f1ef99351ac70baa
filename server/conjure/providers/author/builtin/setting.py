"""Where a text plays and in which light: what a drawing without a world needs to know."""

from __future__ import annotations

import unicodedata
from typing import Final

from conjure.providers.author.builtin import plan, premise
from conjure.providers.author.builtin.moods import MOODS

_READ_CHARS: Final = 400


def setting_of(text: str, mood: str, within: str = "") -> tuple[str, str]:
    """Returns the scene and the palette that fit a text, as a world made from it would have them.

    `mood` is words too, and decides the light where it names one. `within` says what the text is a part of:
    that decides the light of all parts, and the scene of those that show no other. All may be any text.
    """
    if within:
        return _part_of(text, within)
    made = plan.make(premise.read(text), "")
    words = set(premise.read(mood).words)
    fitting = [known for known in MOODS if known.realm == made.family.realm]
    asked = max(fitting, key=lambda known: len(known.words & words))
    light = asked if asked.words & words else made.mood
    return made.family.key, light.key


def _part_of(text: str, within: str) -> tuple[str, str]:
    whole = plan.make(premise.read(_opening(within)), "")
    family = plan.shown(premise.read(_opening(text)), besides=whole.family)
    if family.realm == whole.family.realm and family.key not in whole.mood.unfit:
        return family.key, whole.mood.key
    # Another one, but the same for all such parts.
    return family.key, plan.light_of(whole.premise, family, whole.dice.fork("mood")).key


def _opening(text: str) -> str:
    """As much as is read of a part, some ms at worst: whoever plays has parts drawn, one after the other."""
    return unicodedata.normalize("NFKC", text[:_READ_CHARS])[:_READ_CHARS]
