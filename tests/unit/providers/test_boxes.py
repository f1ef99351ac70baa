"""Boxes of any kind become those of CONTRACT 11."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.providers.vision.boxes import SCALES, confidence, hotspots
from support.cases import each_of

WIDTH, HEIGHT = 1600, 900
DOOR = (100, 200, 300, 900)
"""In thousandths, as the contract has it."""


def read(*found, labels=("door",), scale="thousandths"):
    return hotspots(list(found), labels, scale=scale, width=WIDTH, height=HEIGHT)


def boxes(*found, **how):
    return [spot.bbox for spot in read(*found, **how)]


def door(*corners, **members):
    named = dict(zip(("x0", "y0", "x1", "y1"), corners, strict=True)) if corners else {}
    return {"label": "door", "confidence": 0.9} | named | members


@pytest.mark.parametrize(
    ("scale", "corners"),
    [
        ("thousandths", (100, 200, 300, 900)),
        ("fractions", (0.1, 0.2, 0.3, 0.9)),
        ("percents", (10, 20.0, 30, 90)),
        ("pixels", (160, 180, 480, 810)),
    ],
)
def test_every_scale_that_is_claimed(scale, corners):
    assert boxes(door(*corners), scale=scale) == [DOOR]


@each_of(
    ("claimed", "corners"),
    [
        ("thousandths", (0.1, 0.2, 0.3, 0.9)),  # nothing else can be that small
        ("pixels", (0.1, 0.2, 0.3, 0.9)),
        ("fractions", (100, 200, 300, 900)),
        ("percents", (100, 200, 300, 900)),
        ("something", (100, 200, 300, 900)),
        (None, (100, 200, 300, 900)),
        ({}, (100, 200, 300, 900)),
    ],
)
def test_a_claim_that_the_numbers_refute_is_not_believed(claimed, corners):
    assert boxes(door(*corners), scale=claimed) == [DOOR]


def test_pixels_that_nobody_claims_are_seen_by_their_size():
    """One box alone may be too small to tell; the answer's others tell."""
    window = {"label": "window", "x0": 1200, "y0": 90, "x1": 1600, "y1": 450}
    found = boxes(door(160, 180, 480, 810), window, labels=("door", "window"))
    assert found == [DOOR, (750, 100, 1000, 500)]


@pytest.mark.parametrize("name", ["bbox_2d", "bbox", "box"])
def test_lists_go_by_their_names(name):
    """Gemini's box has y first."""
    assert boxes(door(**{name: [100, 200, 300, 900]})) == [DOOR]
    assert boxes(door(box_2d=[200, 100, 900, 300])) == [DOOR]


def test_corners_are_put_right_and_kept_inside():
    assert boxes(door(300, 900, 100, 200)) == [DOOR]
    assert boxes(door(-50, -1, 500, 1040)) == [(0, 0, 500, 1000)]
    assert boxes(door("100", "200", "300", "900")) == [DOOR]


@each_of(
    "item",
    [
        door(100, 200, 100, 900), door(100, 200, 300, 200.2), door(-9, -9, -1, -1),
        door(math.nan, 200, 300, 900), door(100, math.inf, 300, 900), door(None, 200, 300, 900),
        door(True, 200, 300, 900), door("x", 200, 300, 900), door([], {}, 300, 900),
        door(10**400, 0, 1, 1), door(bbox=[1, 2, 3]), door(bbox="1234"), door(),
        {"x0": 100, "y0": 200, "x1": 300, "y1": 900}, door(*DOOR, label="doors"), door(*DOOR, label=None),
        None, 7, "door", [], [door(*DOOR)],
    ],
)  # fmt: skip
def test_what_is_no_box_of_a_label_is_dropped(item):
    assert boxes(item) == []
    assert boxes(item, door(*DOOR)) == [DOOR]


def test_labels_are_those_that_were_asked_for():
    """Letter by letter, in their order; models change case and spaces."""
    labels = ("Old  Door", "lamp", "Old  Door")
    found = read(door(*DOOR, label=" old door"), door(1, 2, 3, 4, label="LAMP"), labels=labels)
    assert [spot.label for spot in found] == ["Old  Door", "lamp"]


def test_of_many_boxes_the_surest_counts_and_then_the_largest():
    small = door(0, 0, 10, 10, confidence=0.9)
    assert boxes(door(0, 0, 500, 500, confidence=0.2), small) == [(0, 0, 10, 10)]
    assert boxes(small, door(*DOOR), small) == [DOOR]


@each_of(
    ("said", "meant"),
    [
        (0.25, 0.25), (1, 1.0), (0, 0.0), (85, 0.85), ("0.5", 0.5), (-3, 0.0), (1000, 1.0), (None, 0.5),
        (math.nan, 0.5), (True, 0.5), ("high", 0.5), ([], 0.5),
    ],
)  # fmt: skip
def test_confidence_is_from_0_to_1(said, meant):
    assert confidence(said) == meant


_NUMBERS = st.integers(-(10**30), 10**30) | st.floats() | st.integers(0, 2000)
_ANY = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(("label", "x0", "y0", "x1", "y1", "box_2d", "bbox", "confidence")),
            inner,
        )
    ),
    max_leaves=12,
)
_ITEM = st.fixed_dictionaries(
    {"label": st.sampled_from(("door", "Lamp", "other"))},
    optional=dict.fromkeys(("x0", "y0", "x1", "y1", "confidence"), _NUMBERS)
    | dict.fromkeys(("box_2d", "bbox_2d"), st.lists(_NUMBERS, min_size=3, max_size=5)),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(_ITEM | _ANY, max_size=8) | _ANY,
    st.sampled_from((*SCALES, None)) | _ANY,
    st.integers(1, 4000),
    st.integers(1, 4000),
)
def test_whatever_a_model_says(found, scale, width, height):
    """Every answer is a list of boxes as the contract has them, at most one of a label."""
    labels = ("lamp", "door")
    spots = hotspots(found, labels, scale=scale, width=width, height=height)
    assert [spot.label for spot in spots] in ([], ["lamp"], ["door"], ["lamp", "door"])
    for spot in spots:
        x0, y0, x1, y1 = spot.bbox
        assert 0 <= x0 < x1 <= 1000
        assert 0 <= y0 < y1 <= 1000
        assert 0 <= spot.confidence <= 1


@given(
    st.lists(st.tuples(*[st.integers(0, 1000)] * 4), min_size=1, max_size=4),
    st.sampled_from(SCALES),
)
def test_scales_are_told_from_what_they_are(corners, scale):
    """The same boxes in another scale, and claimed to be in it, are the same boxes."""
    whole = {"thousandths": (1000, 1000), "fractions": (1, 1), "percents": (100, 100)}
    across, down = whole.get(scale, (WIDTH, HEIGHT))
    corners = [(0, 0, 1000, 1000), *corners]
    labels = [f"label {at}" for at in range(len(corners))]

    def items(across, down):
        return [
            {"label": label, "x0": a * across / 1000, "y0": b * down / 1000,
             "x1": c * across / 1000, "y1": d * down / 1000}
            for label, (a, b, c, d) in zip(labels, corners, strict=True)
        ]  # fmt: skip

    plain = read(*items(1000, 1000), labels=labels)
    assert read(*items(across, down), labels=labels, scale=scale) == plain
