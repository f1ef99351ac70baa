"""Bad values, and JSON text that a JSON library would not write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

UUID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Raw:
    """Text that stands in JSON as it is."""

    text: str


NASTY: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 0.5, 1e308, -0.0,
    Raw("1e400"), Raw("NaN"), Raw("-Infinity"), Raw("01"), Raw("1."), Raw("0x10"), Raw("'x'"),
    Raw("undefined"), Raw(""), Raw("tru"), Raw('"\\ud800"'), Raw('"\\u0000"'), Raw('"\x01"'),
    Raw('"\\x41"'), Raw('"unfinished'), Raw("[" * 300 + "]" * 300), Raw('{"a":' * 200 + "1" + "}" * 200),
    Raw('{"a":1,"a":2}'), Raw("[1,]"), Raw("{}{}"), Raw("/* c */ 1"), "", " ", "x", "x" * 300,
    "x" * 70_000, "\x00", "\x1b[31m", "null", "../../etc/passwd", "{{7*7}}", "%s%n", "' OR 1=1 --",
    "\u202etxet", "\ufeff", "😀" * 50, "a\r\nb: c", "*", '"', 'W/"1"', UUID, "constructor", "__proto__",
    [], {}, [None], [[]], [{}], {"": ""}, {"__class__": {}}, {"$ref": "#"}, list(range(600)),
    {str(number): number for number in range(600)},
)  # fmt: skip

NAMES = (
    UUID, "x", "%00", "%2e%2e", "..", "%2F", "a%2Fb", "%ff", "%C3%28", "%", "%zz", "%u0041", "a b",
    "a" * 3000, "%F0%9F%98%80", "\xe9", "*", "{id}", "-", "0", "null", "a;b", "a?b", "a#b", ":", "~", "'\"<>",
)  # fmt: skip


def mutated(value: Any, random: random.Random) -> Any:
    """A copy of a JSON value with one thing changed somewhere."""
    if isinstance(value, dict) and value and random.random() < 0.8:
        key = random.choice(list(value))
        copy = dict(value)
        kind = random.random()
        if kind < 0.12:
            del copy[key]
        elif kind < 0.2:
            copy[random.choice(("x", "", key.upper(), key + " ", "schemaVersion"))] = copy[key]
        elif kind < 0.26:
            copy[key] = [copy[key]]
        else:
            copy[key] = mutated(copy[key], random)
        return copy
    if isinstance(value, list) and value and random.random() < 0.7:
        copy_ = list(value)
        place = random.randrange(len(copy_))
        if random.random() < 0.2:
            return copy_ * random.choice((0, 2, 40))
        copy_[place] = mutated(copy_[place], random)
        return copy_
    return random.choice(NASTY)


def dump(value: Any) -> str:
    """JSON text; `Raw` stands as it is."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        return (
            "{" + ",".join(f"{json.dumps(key)}:{dump(item)}" for key, item in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value)


def broken(data: bytes, random: random.Random) -> bytes:
    """Bytes that were changed without knowing what they mean."""
    kind = random.randrange(9)
    at = random.randrange(len(data) + 1)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + random.randbytes(random.choice((1, 4, 100))) + data[at:]
    if kind == 2:
        return data[:at] + random.choice((b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00")) + data[at:]
    if kind == 3:
        return data[at:]
    if kind == 4:
        return b"\xef\xbb\xbf" + data
    if kind == 5:
        return data * 2
    if kind == 6:
        return data.decode("latin-1").encode("utf-16")
    if kind == 7 and data:
        spoilt = bytearray(data)
        for _ in range(random.choice((1, 3, 20))):
            spoilt[random.randrange(len(spoilt))] ^= 1 << random.randrange(8)
        return bytes(spoilt)
    return random.randbytes(random.choice((0, 1, 16, 1000)))
