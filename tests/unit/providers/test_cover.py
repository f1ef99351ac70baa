"""Covers: small, well-formed pictures of their own."""

import itertools
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.providers.author import setting_of
from conjure.providers.pictures import PALETTES, BuiltinPictures, cover
from conjure.providers.pictures.cover import view_of
from conjure.providers.pictures.scenes import SCENES
from conjure.providers.pictures.shapes import HEIGHT, WIDTH
from support.cases import each_of

MAX_BYTES = 4_608


def svg(picture):
    assert picture.media_type == "image/svg+xml"
    return picture.content.decode()


@each_of("scene", SCENES)
def test_every_scene_is_small_and_well_formed(scene):
    """In each kind of light."""
    for key, palette in PALETTES.items():
        picture = cover(f"{scene} {key}", title="&" * 60, scene=scene, palette=palette)
        assert len(picture.content) <= MAX_BYTES
        ET.fromstring(svg(picture))


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=120), st.text(max_size=200), st.sampled_from(sorted(SCENES)))
def test_any_title_is_drawn_safely(seed, title, scene):
    """Markup stays text, and the drawing holds nothing that runs or loads."""
    text = svg(cover(seed, title=title, scene=scene))
    root = ET.fromstring(text)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"script", "image", "foreignObject", "use", "a", "style"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not any(name.startswith("on") or "href" in name for name in names)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "") or "http" in title


def test_a_title_is_shown_as_typed():
    """Escaped once, broken into lines at a space, cut where it is endless."""
    root = ET.fromstring(svg(cover("x", title='Salt & <Sea>, "Door" of the Deep Ones')))
    lines = [element.text for element in root.iter("{http://www.w3.org/2000/svg}tspan")]
    assert " ".join(lines) == 'Salt & <Sea>, "Door" of the Deep Ones'
    assert len(lines) == 2
    assert "…" in svg(cover("x", title="A" * 500))


def test_a_cover_by_a_title_alone_is_of_what_it_says():
    drawings = BuiltinPictures(setting_of)
    title = "The Lighthouse at Skarn Head"
    coast = cover("seed", title=title, scene="coast", palette=PALETTES["dusk"])
    assert drawings.of_title(title, "seed") == coast
    for strange in ("", "\x00", "A" * 1_000_000):
        ET.fromstring(svg(drawings.of_title(strange, "seed")))


def test_covers_differ():
    """Each seed has its own picture, and the same seed the same one."""
    for scene in SCENES:
        drawn = [cover(f"seed {at}", title="T", scene=scene) for at in range(6)]
        assert all(one != other for one, other in itertools.combinations(drawn, 2))
        assert drawn[0] == cover("seed 0", title="T", scene=scene)


def test_an_unknown_scene_is_drawn_all_the_same():
    """A picture is never the reason that a world fails."""
    ET.fromstring(svg(cover("x", title="T", scene="moonbase")))


@given(st.text(max_size=40))
def test_a_view_is_a_part_of_the_drawing_with_its_ground(seed):
    left, top, width, height = map(int, view_of(seed).split())
    assert 0 <= left <= left + width <= WIDTH
    assert top >= 0
    assert top + height == HEIGHT
    assert width >= 0.6 * WIDTH
    assert abs(width / height - WIDTH / HEIGHT) < 0.02


def test_drawings_of_one_tint_have_one_sky():
    """Whatever their seed; of another they have another one."""

    def sky(seed, tint):
        return svg(cover(seed, title="", tint=tint)).partition('stop-color="')[2][:7]

    assert len({sky(f"seed {at}", "a world") for at in range(5)}) == 1
    assert len({sky("seed", f"world {at}") for at in range(5)}) > 1


@each_of("palette", PALETTES)
def test_a_light_is_between_sun_and_dark(palette):
    usual = PALETTES[palette]
    assert usual.lit(0.0) is usual
    assert usual.lit(7.0).top == usual.orb
    assert usual.lit(-7.0).top == "#000000"
    assert usual.lit(0.5).lamp == usual.lamp  # windows and lanterns are as bright as they are
