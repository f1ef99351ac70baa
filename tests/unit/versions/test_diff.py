"""What differs: by key and by name, as canonical JSON."""

from __future__ import annotations

import pytest

from conjure.core import jsondoc
from conjure.versions.diff import Changes, compare
from support.cases import each_of

NOTHING = Changes([], [], [])


def world(states: bytes, events: bytes = b"[]"):
    return jsondoc.loads(b'{"scene":{"states":' + states + b',"events":' + events + b"}}")


@each_of(
    ("a", "b"),
    [
        (b"1", b"1.0"),
        (b"1", b"true"),
        (b"0.0", b"-0.0"),
        (b"0", b"false"),
        (b"null", b"{}"),
        (b"[1,2]", b"[2,1]"),
        (b"18446744073709551616", b"18446744073709551617"),
        (b'{"x":null}', b"{}"),
    ],
)
def test_values_that_differ(a, b):
    states, events = compare(world(b'{"s":{"x":' + a + b"}}"), world(b'{"s":{"x":' + b + b"}}"))
    assert (states, events) == (Changes([], [], ["s"]), NOTHING)


@pytest.mark.parametrize(
    ("a", "b"),
    [(b'{"x":1,"y":2}', b'{ "y": 2, "x": 1 }'), (b"1e2", b"100.0"), (b'"\\u0041"', b'"A"')],
)
def test_values_that_do_not(a, b):
    changes = compare(world(b'{"s":{"x":' + a + b"}}"), world(b'{"s":{"x":' + b + b"}}"))
    assert changes == (NOTHING, NOTHING)


def test_the_order_of_events_does_not_count_and_their_names_do():
    a = world(b"{}", b'[{"name":"a"},{"name":"b"},{"name":"c"}]')
    b = world(b"{}", b'[{"name":"d"},{"name":"b","x":1},{"name":"a"}]')
    assert compare(a, b) == (NOTHING, Changes(["d"], ["c"], ["b"]))
