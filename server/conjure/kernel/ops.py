"""Edits of a world as pure functions: the old world goes in, a new one comes out.

A new world shares every part that did not change with the old one, which is never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conjure.kernel.document import JsonObject


class OpError(ValueError):
    """The world's shape does not allow the edit; the text says why, for the caller to read."""


def set_entrance(world: JsonObject, state: str, image: JsonObject | None) -> JsonObject:
    """The world with another entrance (CONTRACT section 3.2); no image keeps the present one.

    Whether the state exists is for the gate to say: `dangling-ref` at `entrance.state`.
    """
    if not isinstance(world, dict):
        raise OpError("the world is not an object, so it cannot have an entrance")
    present = world.get("entrance")
    if present is None:
        present = {}
    if not isinstance(present, dict):
        raise OpError("the world's entrance is not an object, so its state cannot be set")
    entrance = {**present, "state": state}
    if image is not None:
        entrance["image"] = image
    return {**world, "entrance": entrance}
