"""What a document weighs: like its bytes when it is a world of prose, far more when it is all values."""

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conjure.core.weights import is_heavier, is_heavier_than_a_picture, weight
from support.kernel.worlds import make_world
from support.worlds import prose_world


@pytest.mark.parametrize(
    "world", [make_world(states=50), prose_world(50_000)], ids=["rooms", "prose"]
)
def test_an_ordinary_world_weighs_about_its_bytes(world):
    text = orjson.dumps(world)
    assert len(text) / 3 <= weight(text) < 2 * len(text)


@pytest.mark.parametrize(
    "value", ["no", {}, {"base": ""}, ["x"]], ids=["strings", "objects", "members", "lists"]
)
def test_what_is_all_values_weighs_many_times_its_bytes(value):
    text = orjson.dumps([value] * 10_000)
    assert weight(text) > 2.5 * len(text)


def test_it_needs_no_json():
    assert weight(b"") == 0
    assert weight(b"\xff" * 300) == 100


@given(text=st.binary(max_size=400), limit=st.integers(0, 4_000))
@example(text=b'"' * 100, limit=800)
@example(text=b"{" * 100, limit=1_033)
def test_what_is_told_by_length_alone_is_told_right(text, limit):
    assert is_heavier(text, limit) == (weight(text) > limit)


def test_a_picture_is_light_and_what_hides_behind_one_is_not():
    """12 MiB of base64 are read at once; as many numbers, objects or texts are not."""
    picture = b'{"frame_b64": "' + b"iVBO" * 3_000_000 + b'"}'
    assert not is_heavier_than_a_picture(picture, 32_768)
    for values in (b"1," * 5_000, b"[],[" * 5_000, b'""' * 5_000, b"{}" * 5_000, b"[" * 5_000):
        assert is_heavier_than_a_picture(picture + values, 32_768)
