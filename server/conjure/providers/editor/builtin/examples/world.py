"""Examples of the rules about the world."""

from __future__ import annotations

from typing import Final

from conjure.providers.editor.builtin.rule import Example

EXAMPLES: Final = {
    "Say whom the world is about": (
        Example(
            "change the subject to “a boy in a green hat”",
            {"subject": "a boy in a green hat"},
            "The world is about “a boy in a green hat” now.",
        ),
    ),
    "Set the style of the pictures": (
        Example(
            "change the style to “Oil paint.”",
            {"styleTail": "Oil paint."},
            "The style of the pictures is set.",
        ),
    ),
    "Set the logline": (
        Example(
            "set the logline to “A boy finds his way out.”",
            {"story.logline": "A boy finds his way out."},
            "The logline of the story is set.",
        ),
    ),
    "Add a beat to the story": (
        Example(
            "add a story beat: She finds the cellar.",
            {"story.beats.0": {"summary": "She finds the cellar."}},
            "The story has one more beat.",
        ),
    ),
    "Set the video before or after play": (
        Example(
            "set the intro to https://example.test/intro.mp4",
            {"introVideo": "https://example.test/intro.mp4"},
            "The video before play is set.",
        ),
    ),
    "Remove the video before or after play": (
        Example("remove the outro", {"outro": None}, "The video after play is removed."),
    ),
    "Add a cutscene": (
        Example(
            "add a cutscene called slide from the throne room to the cellar with https://example.test/slide.mp4",
            {
                "cutscenes.slide": {
                    "video": "https://example.test/slide.mp4",
                    "from": "throne_room",
                    "to": "cellar",
                    "id": "slide",
                }
            },
            "Added the cutscene “slide”. It is shown when an event leads to it.",
        ),
    ),
    "What is not changed here: the world's name, description, cover": (
        Example(
            "rename the world to “The new house”",
            {},
            "The name, the description and the cover of a world are not changed here, nor who may see it: that is done beside its places and events. Is there a place or an event to change? Nothing is changed.",
        ),
    ),
    "What is not done here: undo": (
        Example(
            "undo that",
            {},
            "An edit is not undone here: each edit keeps the world before it as a version, and that can be checked out. What shall be changed instead? Nothing is changed.",
        ),
    ),
    "What is not done here: pictures": (
        Example(
            "draw a new picture of the hall",
            {},
            "Pictures are not made or changed here. Shall the description of a place change instead? Which one, and to what? Nothing is changed.",
        ),
    ),
}
