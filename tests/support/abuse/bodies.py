"""Documents that are made to cost more than they weigh, as JSON text of a given size."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Final

from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import Callable

MIB: Final = 1 << 20
BIG_INTEGER: Final = b"12345678901234567890123"  # 23 digits: no 64 bits hold it
_DEEP: Final = 200
_LETTERS: Final = b"no the gun "


def world(member: bytes = b"", **members: object) -> bytes:
    """The small world, with JSON text for more members."""
    text = json.dumps(small_world(**members)).encode()
    return text[:-1] + (b"," + member if member else b"") + b"}"


def often_named(times: int) -> bytes:
    """The small world, with an event that names its first room so often."""
    made = small_world()
    made["scene"]["events"][0]["from"] = ["hall"] * times
    return json.dumps(made, separators=(",", ":")).encode()


def repeated(piece: bytes, size: int) -> bytes:
    """A JSON array of a piece, of about that size."""
    return b"[" + b",".join([piece] * max(1, size // (len(piece) + 1))) + b"]"


def numbered(form: str, size: int) -> bytes:
    """`form % n` for each n, with commas between, of about that size."""
    each = len(form % 100_000) + 1
    return ",".join([form % n for n in range(max(1, size // each))]).encode()


def structure(size: int) -> bytes:
    """Many small values: what a parser has most work with."""
    return b'"x":' + repeated(b'{"a":[1,2],"b":{}}', size)


def with_big_integer(size: int) -> bytes:
    return world(structure(size) + b',"big":' + BIG_INTEGER)


def floats(size: int) -> bytes:
    """The last one is out of range: found when all others have been read."""
    return world(b'"x":' + repeated(b"1.2345678901234567e-300", size)[:-1] + b",1e400]")


def big_integers(size: int) -> bytes:
    return world(b'"x":' + repeated(BIG_INTEGER, size))


def deep(size: int) -> bytes:
    """Each as deep as a document may be, with a number that costs a second look."""
    return world(b'"x":' + repeated(b"[" * _DEEP + BIG_INTEGER + b"]" * _DEEP, size))


def name_twice(size: int) -> bytes:
    """One object of very many members; the last is the first again."""
    return world(b'"x":{' + numbered('"k%d":0', size) + b',"k0":1}')


def many_names(size: int) -> bytes:
    return world(b'"x":{' + numbered('"k%d":0', size) + b"}")


def states(size: int) -> bytes:
    """Rooms that nothing leads to, without a description."""
    return _with_scene(b'"states":{"hall":{"base":"A hall."},' + numbered('"s%d":{"base":""}', size) + b'},"events":[]')  # fmt: skip


def negations(size: int) -> bytes:
    """Short strings that each break a lint."""
    return _with_scene(b'"states":{"hall":{"base":"A hall.","ambient":' + repeated(b'"no"', size) + b'}},"events":[]')  # fmt: skip


def one_string(size: int) -> bytes:
    """A description of many words that lints look at."""
    return _with_scene(b'"states":{"hall":{"base":"' + _LETTERS * (size // len(_LETTERS)) + b'"}},"events":[]')  # fmt: skip


def templates(size: int) -> bytes:
    """Templates that include what is not there."""
    return world(b'"kernel":{"templates":{' + numbered('"t%d":{"text":"{>a}"}', size) + b"}}")


def requirements(size: int) -> bytes:
    """Events that need many flags which nothing sets: 50 each, 2,900 events in a mebibyte."""
    flags = ",".join(f'"k{n}"' for n in range(50))
    form = '{"name":"e%d","kind":"override","from":["hall"],"requires":[' + flags + "]}"
    return _with_scene(b'"states":{"hall":{"base":"A hall."}},"events":[' + numbered(form, size) + b"]")  # fmt: skip


def locks(_: int) -> bytes:
    """Two rooms and twenty keys that all matter: a million situations, and no dead end is soon found."""
    keys = [f"k{n}" for n in range(20)]
    events: list[dict[str, object]] = [
        {"name": f"take {key}", "kind": "override", "from": ["hall"], "grants": [key]}
        for key in keys
    ]
    rooms = ("hall", "yard", "gate", "road")
    for n, key in enumerate(keys):
        events += [
            {
                "name": f"go {here} {n}",
                "kind": "transition",
                "from": [here],
                "to": there,
                "requires": [key, keys[n - step]],
            }
            for step, (here, there) in enumerate(itertools.pairwise(rooms))
        ]
    states = {name: {"base": "A place."} for name in rooms[:-1]}
    states["road"] = {"base": "A road.", "ending": {}}  # type: ignore[dict-item]
    return _with_scene(json.dumps({"states": states, "events": events}).encode()[1:-1])


def tangle() -> bytes:
    """A graph of 2,000 states whose ways lead home, far away and half way back: a picture full of crossings."""
    names = [f"room {number}" for number in range(2_000)]
    ways = [
        (here, there)
        for here in range(len(names))
        for there in {0, 240, here // 2, min(here + 1, 1_999)} - {here}
    ]
    states: dict[str, object] = {name: {"base": "A room."} for name in ("hall", *names)}
    events = [
        {"name": f"{a} to {b}", "kind": "transition", "from": [names[a]], "to": names[b]}
        for a, b in ways
    ]
    events.append({"name": "in", "kind": "transition", "from": ["hall"], "to": names[0]})
    return _with_scene(json.dumps({"states": states, "events": events}).encode()[1:-1])


def _with_scene(members: bytes) -> bytes:
    """The small world with another scene."""
    whole = small_world()
    whole.pop("scene")
    return json.dumps(whole).encode()[:-1] + b',"scene":{' + members + b"}}"


HOSTILE: Final[dict[str, Callable[[int], bytes]]] = {
    "one integer of 23 digits": with_big_integer,
    "integers of 23 digits": big_integers,
    "floats, the last out of range": floats,
    "arrays 200 deep": deep,
    "a name twice, at the end": name_twice,
    "many names in one object": many_names,
    "states without a way": states,
    "short strings that break a lint": negations,
    "one string": one_string,
    "templates": templates,
    "events that require much": requirements,
}
"""Each makes a document of about so many bytes."""
