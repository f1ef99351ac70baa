"""The examples of the page, by the titles of the rules: what is said, what changes, what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.providers.editor.builtin.examples import (
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
    from conjure.providers.editor.builtin.rule import Example

_SECTIONS: Final = (places, ways, locks, deeds, events, scene, world, things)

EXAMPLES: Final[dict[str, tuple[Example, ...]]] = {
    title: examples for section in _SECTIONS for title, examples in section.EXAMPLES.items()
}
