"""Examples of the rules about places and endings."""

from __future__ import annotations

from typing import Final

from conjure.providers.editor.builtin.rule import Example

EXAMPLES: Final = {
    "Add a place": (
        Example(
            "add a place called attic: A low attic under the roof.",
            {
                "states.attic": {
                    "base": "A low attic under the roof.",
                    "arriveLabel": "Attic",
                    "camera": {"static": "Eye height, a still frame.", "dynamic": "Follows close."},
                    "movement": {"static": "Calm breathing.", "dynamic": "An even pace."},
                }
            },
            "Added the place “attic”. Note: Nothing leads to “attic”.",
        ),
        Example(
            "create a new room named Wine Store with the description “Racks of bottles.”",
            {
                "states.wine_store": {
                    "base": "Racks of bottles.",
                    "arriveLabel": "Wine Store",
                    "camera": {"static": "Eye height, a still frame.", "dynamic": "Follows close."},
                    "movement": {"static": "Calm breathing.", "dynamic": "An even pace."},
                }
            },
            "Added the place “Wine Store”. Note: Nothing leads to “wine_store”.",
        ),
    ),
    "Add a place without saying enough": (
        Example(
            "add a room called attic",
            {},
            "What does “attic” look like? For example: add a place called attic: A low room under the roof. Nothing is changed.",
        ),
    ),
    "Add a place without a name": (
        Example(
            "add a room",
            {},
            "What shall the new place be called, and what does it look like? For example: add a place called attic: A low room under the roof. Nothing is changed.",
        ),
    ),
    "Add an ending": (
        Example(
            "add a losing ending called Pit: A deep pit.",
            {
                "states.pit": {
                    "base": "A deep pit.",
                    "arriveLabel": "Pit",
                    "camera": {"static": "Eye height, a still frame.", "dynamic": "Follows close."},
                    "movement": {"static": "Calm breathing.", "dynamic": "An even pace."},
                    "ending": {"kind": "lose", "title": "Pit"},
                }
            },
            "Added the place “Pit”, where the player loses. Note: Nothing leads to “pit”.",
        ),
    ),
    "Describe a place or an event": (
        Example(
            "describe the hall as A dark hall.",
            {"states.hall.base": "A dark hall."},
            "“hall” has its new description.",
        ),
        Example(
            "change the description of the cellar to “A dry cellar.”",
            {"states.cellar.base": "A dry cellar."},
            "“cellar” has its new description.",
        ),
        Example(
            "describe “Climb down”: She climbs down the rungs.",
            {"events.Climb down.base": "She climbs down the rungs."},
            "“Climb down” has its new description.",
        ),
    ),
    "Add to a description": (
        Example(
            "add to the description of the cellar: Water drips from the ceiling.",
            {"states.cellar.base": "A cellar full of barrels. Water drips from the ceiling."},
            "Added to the description of “cellar”.",
        ),
        Example(
            "add “Ivy grows on the walls.” to the description of the garden",
            {"states.garden.base": "A walled garden in the sun. Ivy grows on the walls."},
            "Added to the description of “garden”.",
        ),
    ),
    "Say where play starts": (
        Example(
            "start in the cellar",
            {"entrance.state": "cellar"},
            "Play starts in “cellar” now. The picture at the start is still the same.",
        ),
        Example(
            "the player enters at the throne room",
            {"entrance.state": "throne_room"},
            "Play starts in “throne_room” now. The picture at the start is still the same.",
        ),
        Example(
            "make the throne room the entrance",
            {"entrance.state": "throne_room"},
            "Play starts in “throne_room” now. The picture at the start is still the same.",
        ),
    ),
    "Make a place an ending": (
        Example(
            "make the cliff a winning ending titled Flying",
            {"states.cliff.ending.kind": "win", "states.cliff.ending.title": "Flying"},
            "The player wins in “cliff” now. The title is “Flying”.",
        ),
        Example(
            "the cliff is a win",
            {"states.cliff.ending.kind": "win"},
            "The player wins in “cliff” now.",
        ),
        Example(
            "the throne room is a win",
            {},
            "“throne_room” cannot be an ending while “Leave the throne room” and “Go back” lead on from it. Which of them shall go? Delete them first, or choose another place. Nothing is changed.",
        ),
    ),
    "Let play go on in an ending": (
        Example(
            "the cliff is no longer an ending",
            {"states.cliff.ending": None},
            "“cliff” is no ending any more. Note: A player may get stuck: from “cliff” no ending can be reached any more.",
        ),
        Example(
            "remove the ending from the cliff",
            {"states.cliff.ending": None},
            "“cliff” is no ending any more. Note: A player may get stuck: from “cliff” no ending can be reached any more.",
        ),
    ),
    "Change the title of an ending": (
        Example(
            "change the title of the cliff to “Broken”",
            {"states.cliff.ending.title": "Broken"},
            "The title of “cliff” is “Broken” now.",
        ),
        Example(
            "set the subtitle of the garden to “The sun is up.”",
            {"states.garden.ending.subtitle": "The sun is up."},
            "The subtitle of “garden” is “The sun is up.” now.",
        ),
    ),
}
