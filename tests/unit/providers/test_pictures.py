"""The built-in pictures: drawings from words, and their pixels."""

from __future__ import annotations

import asyncio
import itertools
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.providers.author import setting_of
from conjure.providers.pictures import BuiltinPictures, Picture, PictureRequest, PicturesError, png
from conjure.providers.pictures.raster import LARGEST
from conjure.providers.pictures.scenes import SCENES
from support.cases import each_of

PICTURES = BuiltinPictures(setting_of)


def drawn(prompt="A lighthouse above a stormy sea", **members):
    return asyncio.run(PICTURES.draw(PictureRequest(prompt, **members)))


def size(picture):
    """Width and height, as the first chunk of a PNG says them."""
    assert picture.media_type == "image/png"
    assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")
    return tuple(int.from_bytes(picture.content[at : at + 4]) for at in (16, 20))


def test_words_choose_what_is_drawn():
    """As they choose the places of a world; the mood decides the light."""
    assert setting_of("a lighthouse on the coast", "")[0] == "coast"
    assert setting_of("a castle of knights", "rain")[1] == "rain"
    assert setting_of("a castle of knights", "xyzzy")[0] == "castle"


def test_a_part_is_lit_as_its_whole():
    """Its scene is its own only where it clearly shows one; then the light is one that fits there."""
    whole = "A lighthouse keeper on the coast at dusk."
    assert setting_of("A door.", "", whole) == setting_of("A lamp.", "", whole)
    assert setting_of("A door.", "", whole) == ("coast", "dusk")
    city = "A street of the city between tall towers and neon."
    assert setting_of(city, "", whole) == ("city", "dusk")
    stars = {
        setting_of(f"{name} of a space station among stars", "", whole) for name in ("Deck", "Hull")
    }
    assert {scene for scene, _ in stars} == {"stars"}
    assert len(stars) == 1
    assert setting_of("\ufdfa" * 4_000, "", "\ufdfa" * 4_000)
    assert "rain" in drawn(mood="a rainy day, rain").art_style
    assert drawn(scene="works", palette="ember") == drawn(scene="works", palette="ember")
    assert "ember" in drawn(scene="works", palette="ember").art_style


def test_every_member_of_a_request_counts():
    """The same request is the same drawing, another one another."""
    requests = ({}, {"mood": "dusk"}, {"pov": "first_person"}, {"style": "noir"}, {"title": "T"})
    pictures = [drawn(**members).picture.content for members in requests]
    assert pictures == [drawn(**members).picture.content for members in requests]
    assert all(one != other for one, other in itertools.combinations(pictures, 2))


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=300),
    st.none() | st.text(max_size=60),
    st.none() | st.text(max_size=60),
    st.none() | st.sampled_from((*sorted(SCENES), "moonbase", "")),
)
def test_any_words_are_drawn(prompt, mood, title, scene):
    answer = drawn(prompt, mood=mood, pov=mood, style=mood, title=title, scene=scene, palette=mood)
    ET.fromstring(answer.picture.content)


def test_a_drawing_without_a_title_has_no_lettering():
    assert b"<text" in drawn(title="The Light").picture.content
    assert b"<text" not in drawn().picture.content
    assert b"<text" not in drawn(title=" ").picture.content


def test_pixels_do_not_depend_on_the_fonts_of_a_machine():
    """Servers have none: lettering is left out, and nothing else."""
    titled = drawn(title="日本 The Light 😀").picture
    text = titled.content.partition(b"<text")[0] + b"</svg>"
    assert png(titled, 160) == png(Picture(text, "image/svg+xml"), 160)


def test_pixels_are_as_wide_as_asked_within_bounds():
    picture = drawn().picture
    assert size(png(picture, 320)) == (320, 180)
    assert size(png(picture, -5)) == (16, 9)
    assert size(png(picture, 1_000_000))[0] == LARGEST


@pytest.mark.parametrize("content", [b"", b"<svg", b"\xff", b"x" * 9_999])
def test_what_is_no_drawing_is_a_failure_and_no_crash(content):
    with pytest.raises(PicturesError):
        png(Picture(content, "image/svg+xml"), 100)
    with pytest.raises(PicturesError):
        png(Picture(content, "image/png"), 100)


@each_of("scene", SCENES)
def test_every_scene_becomes_pixels(scene):
    assert size(png(drawn(scene=scene).picture, 64)) == (64, 36)
