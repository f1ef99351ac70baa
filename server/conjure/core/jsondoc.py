"""Open JSON documents: read and written so that every value keeps its meaning (CONTRACT 0).

Callers' text is read by jiter, in one pass that also finds a member name that stands twice; orjson, which
writes, cannot. jiter keeps integers of any length as integers. What it does not do is done here and nowhere
else: a byte order mark is skipped (RFC 8259, 8.1), and text nested deeper than jiter reads (200 levels) takes
the standard library's slower way up to the limit of documents. jiter makes infinity of `1e309`; that orjson
reads the same text tells that there is none. Both together are cheaper than what else was tried: a second
pass over the parsed value, or a search for exponents, which takes longer than orjson's parse on prose.

In µs, for documents of 12 KB of structure, 17 KB of prose and 1 MB of prose: jiter 45, 17 and 1,160; orjson
20, 11 and 770; what this replaces, orjson with a search for integers over 64 bits, 28, 24 and 1,550.

What is out of the ordinary, in CPU ms for worlds of 12 MiB (a plain one takes 160 to read and 12 to write):
a member of 23 digits 156 and 55, a float of 400 digits 147 and 9, `1e309` 139 to be refused, one spot 250
levels deep 334 and 9 (jiter stops there, wherever it is: at worst a text is read twice), one 10,000 deep 189
to be refused.

Text that the store holds is read by `load_stored`: what is wrong with it is never the caller's fault.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any, Final

import orjson
import structlog
from jiter import from_json

from conjure.core import metrics
from conjure.core.errors import MalformedRequest, StoredDataUnreadable
from conjure.core.room import LARGE_BYTES, PARSING, has_memory

log = structlog.get_logger(__name__)

MAX_DEPTH: Final = 254
"""How deep orjson writes, and so how deep a document may be."""

TOO_DEEP: Final = f"the JSON is nested too deeply; {MAX_DEPTH} levels are the limit"

_LEAST: Final = -(2**63)  # the integers that orjson writes by itself
_MOST: Final = 2**64 - 1
_MAY_HOLD_INTEGERS: Final = frozenset((int, dict, list))

_QUOTES: Final = 1_000  # how far back a name's start is sought: it may be megabytes of quotes
_NOT_JSON: Final = "the JSON is not valid"
_OUT_OF_RANGE: Final = "the JSON has a number out of range"
_SHOWN: Final = 100  # characters of a member's name in a message

# The three things that only the text of an error tells, two of jiter's (the name comes escaped) and one of
# orjson's; tests pin them.
_DUPLICATE: Final = re.compile(
    r'Detected duplicate key "(.*)" at line ([0-9]+) column ([0-9]+)', re.DOTALL
)
_BEYOND_JITER: Final = "recursion limit exceeded"
_NO_MEMORY: Final = "Not enough memory"

_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NOT_A_NUMBER: Final = re.compile(r"NaN|-?Infinity")
_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def loads(data: bytes) -> Any:
    """Parses a caller's JSON text. A byte order mark before it is skipped.

    Raises MalformedRequest, which says what is wrong and where, when it is not JSON (RFC 8259: UTF-8, no
    NaN, no lone surrogates), has a number that no double can hold, or a member name twice in one object.
    Raises MemoryError.
    """
    text = data.removeprefix(codecs.BOM_UTF8)  # RFC 8259, 8.1
    value = _parsed(text, unique=True)
    try:
        # Of what jiter reads it refuses just the numbers that no double can hold.
        _read_again(text)
    except orjson.JSONDecodeError as error:
        raise _refusal(text) from error
    return value


def load_stored(text: bytes, key: str) -> Any:
    """Parses JSON text that the store holds at `key`, by which the log names it.

    Raises StoredDataUnreadable: garbage in the store is no fault of who asks for it.
    """
    try:
        return _parsed(text, unique=False)
    except MalformedRequest as error:
        raise unreadable(key, error.detail or "") from error


def unreadable(key: str, cause: str) -> StoredDataUnreadable:
    """Counts and logs that what the store holds at `key` cannot be read; returns what to raise."""
    metrics.STORED_DATA_UNREADABLE.at().add()
    log.error("stored data cannot be read", key=key, cause=cause)
    return StoredDataUnreadable()


def dumps(value: Any) -> bytes:
    """Writes JSON text. Raises MalformedRequest when it is nested too deeply to be stored."""
    return _written(value, 0)


def canonical(value: Any) -> bytes:
    """Writes JSON text with sorted keys: equal values give equal bytes.

    Raises MalformedRequest when it is nested too deeply.
    """
    return _written(value, orjson.OPT_SORT_KEYS)


def _written(value: Any, option: int) -> bytes:
    try:
        return orjson.dumps(value, option=option)
    except TypeError:
        # orjson.JSONEncodeError: an integer over 64 bits, or deeper than it goes. It takes the integers as
        # text, and is told apart so: what it refuses again is too deep.
        try:
            return orjson.dumps(_long_integers_as_text(value), option=option)
        except (RecursionError, TypeError, ValueError) as error:
            raise MalformedRequest(TOO_DEEP) from error


def _long_integers_as_text(value: Any) -> Any:
    """The same value for orjson to write; whatever holds no such integer is shared."""
    kind = type(value)
    if kind is int:
        return value if _LEAST <= value <= _MOST else orjson.Fragment(str(value))
    if kind is dict:
        members: dict[str, Any] | None = None
        for name, item in value.items():
            if type(item) in _MAY_HOLD_INTEGERS:
                fresh = _long_integers_as_text(item)
                if fresh is not item:
                    members = dict(value) if members is None else members
                    members[name] = fresh
        return value if members is None else members
    if kind is list:
        items: list[Any] | None = None
        for at, item in enumerate(value):
            if type(item) in _MAY_HOLD_INTEGERS:
                fresh = _long_integers_as_text(item)
                if fresh is not item:
                    items = list(value) if items is None else items
                    items[at] = fresh
        return value if items is None else items
    return value


def _parsed(text: bytes, *, unique: bool) -> Any:
    """Raises MalformedRequest, and MemoryError.

    Where there is no memory for a string, orjson ends the process; and jiter, which then says what has
    happened and has no memory for that, waits for itself for ever.
    """
    if len(text) >= LARGE_BYTES and not has_memory(*(times * len(text) for times in PARSING)):
        raise MemoryError
    try:
        return from_json(text, catch_duplicate_keys=unique, allow_inf_nan=False, cache_mode="keys")
    except ValueError as error:
        told = str(error)
        if (twice := _DUPLICATE.fullmatch(told)) is not None:
            place = _name_before(text, int(twice[2]), int(twice[3]))
            raise _stands_twice(twice[1], place) from error
        if not told.startswith(_BEYOND_JITER):
            raise _refusal(text) from error
        return _deep(text, unique=unique)


def _deep(text: bytes, *, unique: bool) -> Any:
    """Reads what is nested deeper than jiter goes, by the same rules."""
    try:
        value = json.loads(text, object_pairs_hook=_only_once if unique else None)
        _read_again(text)  # the standard library accepts more than RFC 8259 does
    except RecursionError as error:
        raise MalformedRequest(TOO_DEEP) from error
    except ValueError as error:
        raise _refusal(text) from error
    return value


def _read_again(text: bytes) -> None:
    """Raises JSONDecodeError, and MemoryError: orjson says of it that the text is wrong."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if error.msg.startswith(_NO_MEMORY):
            raise MemoryError(error.msg) from error
        raise


def _only_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(members)
    if len(made) != len(members):
        seen: set[str] = set()
        for name, _ in members:
            if name in seen:
                raise _stands_twice(json.dumps(name, ensure_ascii=False)[1:-1])
            seen.add(name)
    return made


def _stands_twice(escaped: str, place: str = "") -> MalformedRequest:
    shown = escaped if len(escaped) <= _SHOWN else f"{escaped[:_SHOWN]}…"
    return MalformedRequest(f'the member "{shown}" stands twice in one object{place}')


def _refusal(text: bytes) -> MalformedRequest:
    """Says in our words what is wrong with a text that has been refused, and where."""
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        before = text[: error.start].decode()
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        return MalformedRequest(f"{_NOT_JSON}: it is not UTF-8{_at(line, column)}")
    try:
        _read_again(text)
    except orjson.JSONDecodeError as error:
        cause = _cause(decoded, error.pos)
        return MalformedRequest(f"{cause}{_at(error.lineno, error.colno)}")
    return MalformedRequest(_OUT_OF_RANGE)  # all that orjson reads and jiter does not: 4,301 digits


def _cause(text: str, at: int) -> str:
    """What is wrong at a place where reading had to stop. No library's words are handed on."""
    if at >= len(text):
        return f"{_NOT_JSON}: it ends too early"
    number = _NUMBER.match(text, at)
    if number is not None and math.isinf(float(number[0])):
        return _OUT_OF_RANGE
    if _NOT_A_NUMBER.match(text, at):
        return f"{_NOT_JSON}: NaN and Infinity are no JSON"
    if _ESCAPE.match(text, at):
        return f"{_NOT_JSON}: half of a surrogate pair"
    if text[at] < " ":
        return f"{_NOT_JSON}: a control character that is not escaped"
    return f"{_NOT_JSON}: unexpected text"


def _name_before(text: bytes, line: int, column: int) -> str:
    """Where the member name stands behind whose colon jiter stopped. It counts columns in bytes."""
    before = text[: _start_of(text, line) + column - 1]
    quote = before.rfind(b'"', 0, before.rfind(b'"'))
    for _ in range(_QUOTES):
        if not _is_escaped(before, quote):
            break
        quote = before.rfind(b'"', 0, quote)
    place = before[: max(quote, 0)].decode()
    return _at(place.count("\n") + 1, len(place.rpartition("\n")[2]) + 1)


def _start_of(text: bytes, line: int) -> int:
    """Where a line begins, by halving: splitting at millions of line breaks would take a second."""
    low, high, breaks = 0, len(text), line - 1
    if not breaks:
        return 0
    while high - low > 1:
        middle = (low + high) // 2
        found = text.count(b"\n", low, middle)
        if found >= breaks:
            high = middle
        else:
            low, breaks = middle, breaks - found
    return high


def _is_escaped(text: bytes, quote: int) -> bool:
    prefix = text[max(0, quote - _QUOTES) : max(0, quote)]
    return (len(prefix) - len(prefix.rstrip(b"\\"))) % 2 == 1


def _at(line: int, column: int) -> str:
    """A place in characters, both from 1, as text editors count."""
    return f", at line {line} column {column}"
