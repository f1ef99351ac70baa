"""A world that is not stored yet is checked with what the server will fill in."""

import copy

from conjure.kernel import check, has_errors
from conjure.kernel.unstored import completed
from support.cases import each_of
from support.kernel.worlds import small_world

ID = "0198c5d6-6a1e-7c3b-9f55-0d7a4e1b2c33"


def without(*names, **members):
    return {key: value for key, value in small_world().items() if key not in names} | members


INCOMPLETE = {
    "no id": without("id"),
    "an id that is none": without("id", id=5),
    "no cover": without("cover"),
    "a cover that is null": without(cover=None),
    "a cover that is empty": without(cover=""),
    "no picture at the entrance": without(entrance={"state": "atrium"}),
    "a picture that is null": without(entrance={"state": "atrium", "image": None}),
    "a picture with a label alone": without(entrance={"state": "atrium", "image": {"label": "x"}}),
    "neither picture nor cover": without("cover", entrance={"state": "atrium"}),
    "a body as the API gave it": without(schemaVersion="1.0"),
    "none of it": without("id", "cover", entrance={"state": "atrium"}, schemaVersion=1),
}


@each_of("world", INCOMPLETE.values(), ids=INCOMPLETE)
def test_what_the_server_fills_in_is_not_missing(world):
    before = copy.deepcopy(world)

    assert not has_errors(check(completed(world)))
    assert "schemaVersion" not in completed(world)
    assert world == before


def test_what_is_there_is_kept():
    world = small_world({"cover": "c.jpg", "entrance": {"image": {"src": "e.jpg", "x": [1.0]}}})

    assert completed(world, ID, lambda title: title) == world


def test_a_cover_is_drawn_for_the_title_and_stands_at_the_entrance():
    world = completed(without("cover", entrance={"state": "atrium"}), ID, lambda t: f"cover of {t}")

    assert world["cover"] == "cover of The old library"
    assert world["entrance"]["image"] == {"src": "cover of The old library"}


@each_of(
    "world",
    [
        without("name"),
        without("entrance"),
        without(entrance={}),
        without(entrance=5),
        without(entrance={"state": "atrium", "image": 5}),
        without(entrance={"state": "atrium", "image": {"src": 5}}),
        without(cover=5, entrance={"state": "atrium"}),
        {},
    ],
    ids=str,
)
def test_what_is_wrong_stays_wrong(world):
    assert has_errors(check(completed(world)))
