"""The name of a fork is one that a world may have (CONTRACT 2.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.kernel.names import LONGEST_WORLD_NAME, with_suffix
from support.cases import each_of

SUFFIX = " (fork)"
ROOM = LONGEST_WORLD_NAME - len(SUFFIX)


def forked(name):
    return with_suffix(name, SUFFIX)


def test_a_name_that_fits_is_kept_whole():
    assert forked("Two rooms") == "Two rooms (fork)"
    assert forked("x" * ROOM) == "x" * ROOM + SUFFIX


@pytest.mark.parametrize("letter", ["x", "\u6f22", "\U0001f30d"])
def test_a_long_one_is_cut_by_characters(letter):
    assert forked(letter * LONGEST_WORLD_NAME) == letter * ROOM + SUFFIX


@each_of(
    "seen_as_one",
    [
        "e\u0301",
        "\U0001f469\u200d\U0001f680",
        "\U0001f44d\U0001f3fd",
        "\U0001f1eb\U0001f1ee",
        "\u2764\ufe0f",
    ],
)
def test_it_is_not_cut_inside_of_what_is_seen_as_one(seen_as_one):
    for before in range(ROOM - len(seen_as_one) + 1, ROOM):
        name = "x" * before + seen_as_one + "x" * LONGEST_WORLD_NAME
        assert forked(name) == "x" * before + SUFFIX


def test_no_space_is_left_where_it_was_cut():
    assert forked("x" * (ROOM - 1) + " " + "y" * 50) == "x" * (ROOM - 1) + SUFFIX


@given(st.text(min_size=1, max_size=3 * LONGEST_WORLD_NAME))
def test_any_name_makes_one_that_a_world_may_have(name):
    assert 1 <= len(forked(name).strip()) <= LONGEST_WORLD_NAME
