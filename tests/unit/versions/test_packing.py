"""Snapshots come back as they were, and a delta is small wherever the change is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core import jsondoc
from conjure.settings import MAX_DOCUMENT_BYTES
from conjure.versions.packing import Keyframe, address_of, pack, unpack
from support.cases import each_of
from support.worlds import prose_world

A, B = "a" * 64, "b" * 64


@given(st.binary(max_size=5_000), st.binary(max_size=5_000), st.booleans())
def test_whatever_is_packed_comes_back(first, second, related):
    text = first + second + first if related else second
    keyframe = pack(A, first, None)
    packed = pack(B, text, Keyframe(A, first))
    assert unpack(keyframe.blob, b"") == first
    assert unpack(packed.blob, b"" if packed.is_keyframe else keyframe.blob) == text


@each_of("size", [3_000, 200_000, 2_000_000])
@each_of("where", [0.0, 0.5, 1.0])
def test_a_small_change_makes_a_small_delta(size, where):
    before = jsondoc.dumps(prose_world(size))
    at = int(where * len(before))
    after = before[:at] + b"something else" + before[at + 40 :]
    packed = pack(B, after, Keyframe(A, before))
    assert not packed.is_keyframe
    assert len(packed.blob) < 600
    assert unpack(packed.blob, pack(A, before, None).blob) == after


def test_the_largest_documents_reach_all_of_their_keyframe():
    """The hardest case: nothing compresses, and what matches is as far away as can be."""
    before = random.Random(1).randbytes(MAX_DOCUMENT_BYTES // 2).hex().encode()
    half = len(before) // 2
    after = before[half:] + before[:half]
    packed = pack(B, after, Keyframe(A, before))
    assert len(packed.blob) < len(before) / 100
    assert unpack(packed.blob, pack(A, before, None).blob) == after


def test_an_unrelated_document_is_a_keyframe():
    first = random.Random(1).randbytes(1_000)
    second = random.Random(2).randbytes(1_000)
    packed = pack(B, second, Keyframe(A, first))
    assert packed.is_keyframe
    assert unpack(packed.blob, b"") == second


def test_key_order_and_spacing_do_not_count_and_numbers_do():
    def address(text: bytes) -> str:
        return address_of(jsondoc.loads(text))

    assert address(b'{"a":1,"b":[2]}') == address(b'{ "b": [2], "a": 1 }')
    different = [b'{"a":1}', b'{"a":1.0}', b'{"a":true}', b'{"a":"1"}', b'{"a":[1]}', b'{"a":null}']
    assert len(set(map(address, different))) == len(different)


@each_of(
    ("blob", "keyframe"),
    [
        (b"", b""), (b"x", b""), (b"K", b""), (b"Kgarbage", b""), (b"D", b""), (b"D" + b"0" * 80, b""),
        (b"D" + b"0" * 80, b"D" + b"0" * 80), (b"D" + b"0" * 80, b"Kgarbage"),
        # A frame that says it holds 2**64 - 1 bytes.
        (b"K\x28\xb5\x2f\xfd\xc0\x00" + b"\xff" * 8, b""),
    ],
)  # fmt: skip
def test_what_is_no_blob_is_a_value_error(blob, keyframe):
    with pytest.raises(ValueError, match="it "):
        unpack(blob, keyframe)
