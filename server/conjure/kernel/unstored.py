"""A world that is not stored yet: what may be missing from it, because the server fills it in.

An import stores what `completed` makes of a document, `validate` and `lint` check the same of a given
one, and so does `conjure lint` of a file: what one of them accepts, the others accept (CONTRACT 2.1, 10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.values import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.kernel.values import JsonObject

_NO_ID: Final = "00000000-0000-0000-0000-000000000000"


def completed(
    document: JsonObject,
    world_id: str = _NO_ID,
    draw: Callable[[str], str] = lambda _title: "data:,",
) -> JsonObject:
    """The document with what the server owns: an id, a cover, the picture at the entrance.

    `world_id` is for a document without an id of its own, `draw` makes the address of a cover for a
    title; without them stand-ins take their place, for a world that is only to be checked. Everything
    else is kept, and what has the wrong shape is left for the gate to name. `document` does not change.
    """
    world = {**document}
    # It says of which version a body is, not something about the world; every answer adds it.
    world.pop("schemaVersion", None)
    if not isinstance(world.get("id"), str):
        world["id"] = world_id
    cover = world.get("cover")
    if cover is None or cover == "":
        cover = world["cover"] = draw(text(world, "name") or "")
    entrance = world.get("entrance")
    if isinstance(entrance, dict) and isinstance(cover, str):
        image = entrance.get("image")
        if image is None:
            world["entrance"] = {**entrance, "image": {"src": cover}}
        elif isinstance(image, dict) and image.get("src") is None:
            world["entrance"] = {**entrance, "image": {**image, "src": cover}}
    return world
