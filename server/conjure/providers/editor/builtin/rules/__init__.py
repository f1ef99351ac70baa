"""The rules of the grammar, in the order in which they are tried and stand on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.providers.editor.builtin.rules import (
    deeds,
    events,
    locks,
    places,
    scene,
    things,
    ways,
    world,
)

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.rule import Rule

SECTIONS: Final[dict[str, tuple[Rule, ...]]] = {
    "Places and endings": places.RULES,
    "Ways between places": ways.RULES,
    "Locks and keys": locks.RULES,
    "Actions and talks": deeds.RULES,
    "How events show": events.RULES,
    "What is seen and read in a place": scene.RULES,
    "The world": world.RULES,
    "Renaming and deleting": things.RULES,
}
RULES: Final = tuple(rule for section in SECTIONS.values() for rule in section)
