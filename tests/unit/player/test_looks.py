"""What is drawn of a state: its words and those of its world, and of a character nothing of its brain."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.player.looks import look_of
from conjure.player.terminals import told
from conjure.providers.author import setting_of
from conjure.providers.pictures import BuiltinPictures
from support.plays import played_world
from support.worlds import small_world

DRAWINGS = BuiltinPictures(setting_of)


def world_of(state: Any, **members: Any) -> dict[str, Any]:
    world = small_world(id="11111111-2222-4333-8444-555555555555", **members)
    world["scene"]["states"]["hall"] = state
    return world


def drawn(world: dict[str, Any], state: str = "hall") -> str:
    look = look_of(world, state)
    assert look is not None
    return asyncio.run(DRAWINGS.draw(look.request)).picture.content.decode()


def test_all_that_is_seen_is_told() -> None:
    state = {
        "base": "A hall.",
        "ambient": ["rain on the roof", 7],
        "camera": {"static": "At eye level.", "dynamic": "It turns."},
        "narration": "What a player reads.",
    }
    world = world_of(state, subject="A diver", styleTail="ink", pov="first_person")
    look = look_of(world, "hall")
    assert look is not None
    assert look.request.prompt == "A hall. rain on the roof At eye level. A diver"
    assert (look.request.style, look.request.pov, look.request.mood) == (
        "ink",
        "first_person",
        None,
    )


@pytest.mark.parametrize(
    ("change", "is_other"),
    [
        ({"name": "Another", "description": "Else.", "cover": "x"}, False),
        ({"styleTail": "oil"}, True),
        ({"subject": "A cat"}, True),
        ({"pov": "first_person"}, True),
    ],
)
def test_another_picture_is_drawn_where_a_model_is_told_otherwise(
    change: dict[str, str], is_other: bool
) -> None:
    before, after = look_of(played_world(), "hall"), look_of(played_world() | change, "hall")
    assert before is not None
    assert after is not None
    assert (before.name != after.name) is is_other


def test_factored_prose_is_drawn_in_words() -> None:
    templates = {"room": {"text": "A {mood} room.", "slots": {"mood": {"default": "quiet"}}}}
    base = {"template": "room", "fills": {}}
    factored = world_of({"base": base}, kernel={"templates": templates}, styleTail=base)
    plain = world_of({"base": "A quiet room."}, styleTail="A quiet room.")
    assert look_of(factored, "hall") == look_of(plain, "hall")
    # Prose that has no words is left out.
    unsound = look_of(world_of({"base": {"template": "none"}}), "hall")
    assert unsound is not None
    assert unsound.request.prompt == ""


def test_nothing_of_a_brain_is_told() -> None:
    brain = {"persona": "SECRET", "lore": "SECRET", "subject": "SECRET", "style": "SECRET"}
    look = look_of(world_of({"base": "A keeper."}, kind="character", character=brain), "hall")
    assert "SECRET" not in repr(look)


def test_endings_are_brighter_and_darker() -> None:
    pictures = {state: drawn(played_world(), state) for state in ("out", "lost")}
    moods = {state: look_of(played_world(), state).request.mood for state in pictures}  # type: ignore[union-attr]
    assert moods == {"out": "bright and hopeful", "lost": "dark and desolate"}
    assert brightness(pictures["out"]) > brightness(pictures["lost"])


def brightness(svg: str) -> int:
    """Of the top of its sky."""
    colour = svg.partition('stop-color="#')[2][:6]
    return sum(bytes.fromhex(colour))


def test_pictures_of_one_world_have_one_palette() -> None:
    """And two states of the same scene are not the same picture."""
    hall, cellar = (drawn(played_world(), state) for state in ("hall", "cellar"))
    assert hall != cellar
    assert brightness(hall) == brightness(cellar)
    assert hall == drawn(played_world())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("base", "ambient", "camera", "ending"), JSON)
    ),
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("subject", "styleTail", "pov", "description", "kernel"), JSON)
    ),
)
def test_whatever_stands_there(state: dict[str, Any], members: dict[str, Any]) -> None:
    assert drawn(world_of(state, **members)).startswith("<svg")


@pytest.mark.parametrize("state", [None, "text", ["base"], 7])
def test_what_is_no_state(state: Any) -> None:
    assert look_of(world_of(state), "hall") is None
    assert look_of(small_world(), "attic") is None


class TestFacts:
    FACTS = (
        {"text": "open"},
        {"text": "empty", "requires": []},
        {"text": "none", "requires": None},
        {"text": "one", "requires": ["a"]},
        {"text": "two", "requires": ["a", "b"]},
        {"text": "ill", "requires": "a"},
        {"text": "worse", "requires": [["a"]]},
        {"text": 7},
        "text",
    )

    @pytest.mark.parametrize(
        ("flags", "expected"),
        [
            ((), []),
            (("b", "b"), []),
            (("a",), ["one"]),
            (("b", "a", "c"), ["one", "two"]),
        ],
    )
    def test_what_may_be_told(self, flags: tuple[str, ...], expected: list[str]) -> None:
        """What is no list of flags was meant to lock: it stays so."""
        assert told(list(self.FACTS), flags) == ["open", "empty", "none", *expected]

    @pytest.mark.parametrize("facts", [None, {}, "x", 7])
    def test_what_are_no_facts(self, facts: Any) -> None:
        assert told(facts, ("a",)) == []
