"""What a picture looks like in words, and what the built-in author makes of it."""

from __future__ import annotations

import asyncio
import io

from PIL import Image

from conjure.kernel.check import check
from conjure.kernel.unstored import completed
from conjure.providers.author import AuthorRequest, BuiltinAuthor
from conjure.providers.author.bar import misses
from conjure.providers.author.builtin.moods import MOODS
from conjure.providers.author.builtin.places import FAMILIES
from conjure.providers.pictures import PALETTES
from conjure.providers.pictures.frames import read_frame
from conjure.providers.pictures.reading import read, reading_of
from conjure.providers.pictures.scenes import SCENES
from support.author.languages import UNDERSTOOD
from support.cases import each_of
from support.picture_files import landscape, picture


def frame(image):
    to = io.BytesIO()
    image.save(to, "PNG")
    return read_frame(to.getvalue())


def plain(colour, size=(60, 40), mode="RGB"):
    return frame(Image.new(mode, size, colour))


def striped(*rows):
    """Level bands of colour, from the top."""
    image = Image.new("RGB", (90, 60))
    for at, colour in enumerate(rows):
        image.paste(colour, (0, 60 * at // len(rows), 90, 60 * (at + 1) // len(rows)))
    return frame(image)


# Of each next pixel another one, and always the same.
NOISE = frame(
    Image.frombytes("L", (60, 40), bytes(at * 7_919 % 251 for at in range(2_400))).convert("RGB")
)
FRAMES = {
    "black": plain((0, 0, 0)),
    "white": plain((255, 255, 255)),
    "clear": plain((0, 0, 0, 0), mode="RGBA"),
    "dot": plain((200, 30, 30), size=(1, 1)),
    "thin": plain((30, 90, 200), size=(2_000, 1)),
    "tall": plain((30, 160, 70), size=(3, 900)),
    "noise": NOISE,
    "dusk": read_frame(landscape()),
    "sea": striped((150, 200, 240), (20, 70, 120)),
    "wood": striped((120, 180, 110), (30, 90, 40), (20, 60, 30)),
    "dunes": striped((150, 190, 240), (230, 190, 120)),
    "cave": striped((40, 20, 10), (90, 45, 20), (20, 10, 8)),
    "snow": striped((190, 205, 220), (240, 244, 250)),
    "space": striped((4, 5, 14), (10, 10, 30)),
}


@each_of(
    ("name", "said"),
    [
        ("black", {"brightness": "dark", "colours": ("black",), "light_at": ""}),
        ("white", {"brightness": "bright", "colours": ("white",), "texture": "calm"}),
        ("dot", {"colours": ("red",), "warmth": "warm", "shape": "square"}),
        ("tall", {"colours": ("green",), "shape": "tall"}),
        ("noise", {"texture": "busy", "horizon": "", "contrast": "stark"}),
        ("dusk", {"light_at": "upper left", "horizon": "middle", "warmth": "warm"}),
        ("sea", {"colours": ("deep blue", "pale blue"), "warmth": "cool", "horizon": "middle"}),
        ("dunes", {"horizon": "middle"}),
        ("cave", {"brightness": "dark", "warmth": "warm"}),
        ("space", {"brightness": "dark", "warmth": "cool"}),
    ],
)
def test_what_is_measured_is_what_is_seen(name, said):
    seen = read(FRAMES[name])
    assert {member: getattr(seen, member) for member in said} == said


@each_of("name", FRAMES)
def test_a_reading_is_sentences_without_a_finding(name):
    """The same each time, and of any picture."""
    seen = read(FRAMES[name])
    assert seen == read(FRAMES[name])
    assert len(seen.sentences) == 3
    for sentence in seen.sentences:
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert set(seen.palettes) == set(PALETTES)
    assert set(seen.scenes) <= set(SCENES)
    assert asyncio.run(reading_of(FRAMES[name])) == seen


def test_our_palettes_are_found_again():
    """Those of the same bands of colour: what an author picks by them looks alike."""
    for key, palette in PALETTES.items():
        bands = (
            (palette.top, palette.low),
            (palette.low, palette.mid),
            (palette.mid, palette.near),
        )
        rows = [tuple(int(c[at : at + 2], 16) for at in (1, 3, 5)) for band in bands for c in band]
        assert key in read(striped(*rows)).palettes[:3], key


@each_of(
    ("name", "scene"),
    [("wood", "forest"), ("sea", "coast"), ("dunes", "desert"), ("cave", "cavern"),
     ("snow", "peaks"), ("space", "stars")],
)  # fmt: skip
def test_colours_in_their_places_suggest_a_scene(name, scene):
    assert scene in read(FRAMES[name]).scenes


def written(premise, picture_of=None, pov="third_person_shoulder"):
    request = AuthorRequest(premise, pov=pov, frame=picture_of)
    return asyncio.run(BuiltinAuthor().create_world(request)).document


def family_of(document):
    """By the places of its states: no two families share one."""
    labels = {state["arriveLabel"].lower() for state in document["scene"]["states"].values()}
    (found,) = [
        family.key for family in FAMILIES if labels & {place.label for place in family.places}
    ]
    return found


@each_of("name", FRAMES)
def test_a_picture_alone_makes_a_world_that_meets_the_bar(name):
    """Lit as the picture is, and its entrance says what is seen there."""
    seen = read(FRAMES[name])
    for pov in ("third_person_shoulder", "top_down"):
        document = written("", FRAMES[name], pov)
        assert misses(document) == []
        assert check(completed(document)) == ()
        base = document["scene"]["states"][document["entrance"]["state"]]["base"]
        assert seen.sentence in base
        assert len(base) <= 900
    family = family_of(document)
    if seen.scenes:
        assert family in seen.scenes
    realm = next(f.realm for f in FAMILIES if f.key == family)
    lit = {mood.key for mood in MOODS if mood.realm == realm and family not in mood.unfit}
    nearest = next(key for key in seen.palettes if key in lit)
    tint = next(mood.tint for mood in MOODS if mood.key == nearest)
    assert f"in {tint} light" in document["description"]
    assert " and ".join(seen.colours[:2]) in document["styleTail"]


def test_the_picture_seeds_the_world():
    """The same one gives the same, another one another, and none what it was."""
    one, other = FRAMES["sea"], FRAMES["dusk"]
    assert written("", one) == written("", one)
    assert written("", one)["id"] != written("", other)["id"]
    assert written("", one)["scene"] != written("", other)["scene"]
    premise = "a lighthouse keeper who finds a door under the sea"
    assert written(premise, one)["scene"] != written(premise)["scene"]


def test_a_premise_says_where_and_the_picture_how_it_is_lit():
    """A castle in a picture of snow is a castle in snow, whatever time its premise has."""
    document = written("a knight in a castle at noon", FRAMES["snow"])
    assert family_of(document) == "castle"
    assert "in frost-blue light" in document["description"]


@each_of("premise", list(UNDERSTOOD)[::5], ids=range(0, len(UNDERSTOOD), 5))
def test_a_premise_and_a_picture_meet_the_bar(premise):
    for name in ("sea", "noise"):
        assert misses(written(premise, FRAMES[name]), premise) == []


def test_a_file_of_each_kind_reads_alike():
    """What was sent is not what is looked at."""
    readings = {
        read(read_frame(picture(kind, colour=(40, 90, 180)))).sentence
        for kind in ("PNG", "GIF", "JPEG", "WEBP")
    }
    assert len(readings) == 1
