"""What models write is read: JSON wherever it stands, texts without what no text needs, and no more than that."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.providers.openai.plain_json import MOST_DEPTH, clean, objects
from conjure.providers.openai.protocol import turn
from support.cases import each_of
from support.cost import assert_cheap

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@each_of(
    "text",
    [
        '{"a": "b"}',
        '  {"a": "b"}\n',
        '```json\n{"a": "b"}\n```',
        '```\n{"a": "b"}\n```',
        'Sure! Here is {the} JSON:\n{"a": "b"}\nLet me know [if] it fits {you}.',
        '<think>Is it {"x": 1}? {}</think>{"a": "b"}',
        'Two braces {{ and then {"a": "b"}',
    ],
)
def test_json_is_found_where_it_stands(text):
    assert next(objects(text)) == {"a": "b"}


def test_many_fences_cost_no_more_than_other_text():
    assert_cheap(lambda: list(objects("```\n" * 60_000)), most=1)


def test_all_objects_are_found_so_that_the_one_that_fits_can_be_taken():
    assert list(objects('{"x": 1} or rather {"a": "b"}')) == [{"x": 1}, {"a": "b"}]


def test_fences_without_end_cost_little():
    text = "```\n" * 100_000
    assert_cheap(lambda: list(objects(text)), most=10)


@each_of(
    "text",
    [
        "",
        "no JSON at all",
        '{"a": ',
        "[1, 2]",
        '"a"',
        '{"a": NaN}',
        "{" * 5_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "[" * 100_000,
        '{"a": ' + "9" * 10_000 + "}",
    ],
)
def test_what_is_no_object_gives_none(text):
    assert [found for found in objects(text) if found] == []


def test_what_is_deeper_than_anything_asked_for_is_none():
    deep = '{"a":' * MOST_DEPTH + "{}" + "}" * MOST_DEPTH
    assert next(objects(deep), None) != orjson.loads(deep)


def test_texts_lose_what_no_text_needs():
    said = (
        '{"a": "x\\ud800y\\u0000 \\u202eabc\\u202c z\\u200b \\ufeff\\uffff \\u001b[31m e\\u0301"}'
    )
    assert next(objects(said)) == {"a": "xy abc z  [31m \u00e9"}


@given(st.text())
def test_a_clean_text_is_clean(text):
    once = clean(text)
    assert clean(once) == once
    once.encode()
    assert not set(once) & set("\x00\u202e\ufeff\u2066\x7f")


@given(st.dictionaries(st.text("abc", min_size=1), JSON, max_size=3), st.text("abc {}[]:,\"\\'"))
def test_reading_never_raises(value, around):
    list(objects(around + orjson.dumps(value).decode() + around))


def test_a_turn_in_words_is_read():
    said = turn('I will.\n{"say": "Done", "calls": [{"tool": "add", "arguments": {"x": 1}}]}')
    assert said.text == "Done"
    assert [(call.name, call.arguments) for call in said.calls] == [("add", {"x": 1})]


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        ("Only words.", []),
        ('{"say": 5, "calls": {}}', []),
        ('{"calls": [null, 1, {"tool": 3}, {"tool": "add"}]}', [("add", None)]),
        ('{"calls": [{"tool": "add", "arguments": [1]}]}', [("add", None)]),
    ],
)
def test_a_turn_of_any_shape_is_read(said, calls):
    assert [(call.name, call.arguments) for call in turn(said).calls] == calls
