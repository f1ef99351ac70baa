"""Examples of the rules about what is seen and read in a place."""

from __future__ import annotations

from typing import Final

from conjure.providers.editor.builtin.rule import Example

EXAMPLES: Final = {
    "Set the camera or the movement in motion": (
        Example(
            "set the moving camera of the hall to “A tracking shot.”",
            {"states.hall.camera.dynamic": "A tracking shot."},
            "The camera of “hall” in motion is set.",
        ),
    ),
    "Set the camera or the movement at rest": (
        Example(
            "set the camera of the hall to “A low angle.”",
            {"states.hall.camera.static": "A low angle."},
            "The camera of “hall” is set.",
        ),
        Example(
            "set the movement of the cellar to “Slow breathing.”",
            {"states.cellar.movement": {"dynamic": "", "static": "Slow breathing."}},
            "The movement of “cellar” is set.",
        ),
    ),
    "Add an ambient line": (
        Example(
            "add an ambient line to the cellar: Water drips.",
            {"states.cellar.ambient": ["Water drips."]},
            "“cellar” has one more ambient line.",
        ),
    ),
    "Remove ambient lines": (
        Example(
            "remove the ambient lines of the hall",
            {"states.hall.ambient": None},
            "Removed 1 ambient line of “hall”.",
        ),
    ),
    "Say what a player reads": (
        Example(
            "narrate the cellar with “It smells of wine.”",
            {"states.cellar.narration": "It smells of wine."},
            "“cellar” has its narration.",
        ),
        Example(
            "when the player enters the cellar, say “It is cold.”",
            {"states.cellar.narration": "It is cold."},
            "“cellar” has its narration.",
        ),
    ),
    "Remove a narration": (
        Example(
            "remove the narration of the hall",
            {"states.hall.narration": None},
            "“hall” has no narration any more.",
        ),
    ),
    "Say what tells that the player has arrived": (
        Example(
            "set the arrival label of the hall to “Long hall”",
            {"states.hall.arriveLabel": "Long hall"},
            "The player has arrived in “hall” when “Long hall” is seen.",
        ),
    ),
    "Hold the view on something": (
        Example(
            "keep the throne in the middle in the throne room",
            {"states.throne_room.autopilot": {"keepCentered": {"label": "throne"}}},
            "The view is held on “throne” in “throne_room” now.",
        ),
    ),
    "Add another look of a place": (
        Example(
            "add a variant of the cellar called flooded: The cellar under water.",
            {"states.cellar.variants": [{"label": "flooded", "base": "The cellar under water."}]},
            "“cellar” has another look, “flooded”.",
        ),
    ),
    "Remove a look of a place": (
        Example(
            "remove the look dusk of the hall",
            {"states.hall.variants": None},
            "Removed the look “dusk” of “hall”.",
        ),
    ),
}
