"""A request's body over HTTP/1.1: one message, however it comes; or none."""

from __future__ import annotations

import os
import random

import pytest

from conjure.core.room import LARGE_BYTES, Room
from conjure.rpc.http1.body import Body
from conjure.rpc.http1.frames import NotAMessage
from support.cases import each_of
from support.http1 import framed

MIB = 1 << 20
MOST = 4 * MIB
SIZES = [
    0,
    1,
    5,
    4_096,
    65_530,
    65_531,
    65_532,
    LARGE_BYTES - 1,
    LARGE_BYTES,
    LARGE_BYTES + 1,
    MOST - 5,
]


def fed(data: bytes, cuts: list[int], room: Room) -> Body:
    body = Body(MOST, room)
    for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        body.add(data[begin:end])
    return body


@each_of("size", SIZES)
def test_a_message_is_what_was_framed_in_whatever_pieces_it_comes(size):
    message, room = os.urandom(size), Room(MOST)
    data = framed(message)
    ways = [
        [],
        [n for n in (1, 2, 3, 4, 5, 6) if n <= len(data)],
        list(range(0, len(data), 60_000))[1:],
    ]
    ways += [sorted(random.sample(range(len(data)), min(len(data), 40))) for _ in range(5)]
    for cuts in ways:
        body = fed(data, cuts, room)
        assert room.bytes == (size if size >= LARGE_BYTES else 0)
        assert body.size == len(data)
        assert body.message() == message
        body.end()
        assert not room.bytes


@each_of(
    "data",
    [
        framed(b"x" * (2 * MIB))[:-1], framed(b"x" * (2 * MIB)) + b"x", framed(b"x" * (2 * MIB), flag=1),
        framed(b"x" * (2 * MIB), size=10), framed(b"x" * (2 * MIB), size=2**32 - 1), framed(b"x" * 70_000) + b"x",
    ],
    ids=["short", "long", "compressed", "small", "huge", "middling"],
)  # fmt: skip
def test_what_is_not_one_message_is_none_and_takes_no_room_for_ever(data):
    room = Room(MOST)
    body = fed(data, list(range(0, len(data), 50_000))[1:], room)
    with pytest.raises(NotAMessage):
        body.message()
    body.end()
    assert not room.bytes


def test_a_large_one_without_room_is_dropped_before_it_has_come():
    room = Room(MOST)
    first, second = Body(MOST, room), Body(MOST, room)
    data = framed(b"x" * (3 * MIB))
    first.add(data[:70_000])
    second.add(data[:70_000])
    assert (first.is_dropped, second.is_dropped) == (False, True)
    second.add(data[70_000:])
    second.end()
    first.add(data[70_000:])
    assert first.message() == b"x" * (3 * MIB)
    assert room.bytes == 3 * MIB  # until its call has been answered
    first.end()
    first.end()
    assert not room.bytes


def test_one_that_is_too_large_gives_its_room_back_at_once():
    room = Room(MOST)
    body = Body(MOST, room)
    body.add(framed(b"x" * (3 * MIB)))
    body.add(b"x" * (2 * MIB))
    assert body.is_too_large
    assert not room.bytes
