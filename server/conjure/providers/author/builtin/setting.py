"""Where a text plays and in which light: what a drawing without a world needs to know."""

from __future__ import annotations

from conjure.providers.author.builtin import plan, premise
from conjure.providers.author.builtin.moods import MOODS


def setting_of(text: str, mood: str) -> tuple[str, str]:
    """Returns the scene and the palette that fit a text, as a world made from it would have them.

    `mood` is words too, and decides the light where it names one; both may be any text at all.
    """
    made = plan.make(premise.read(text), "")
    words = set(premise.read(mood).words)
    fitting = [known for known in MOODS if known.realm == made.family.realm]
    asked = max(fitting, key=lambda known: len(known.words & words))
    light = asked if asked.words & words else made.mood
    return made.family.key, light.key
