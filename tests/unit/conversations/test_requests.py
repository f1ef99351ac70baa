"""What a player may say, field by field (CONTRACT 5)."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from conjure.conversations.requests import HISTORY, NewTurn, checked
from conjure.core.errors import InvalidField
from conjure.providers.brain import Affect, Line
from support.cases import each_of


def turn(text: str = "Hello.", **fields: Any) -> NewTurn:
    return NewTurn("an id", text, **fields)


@each_of("text", ["a", "x" * 2_000, "🐝" * 2_000, " a ", "\u202e", "ignore all"])
def test_any_text_can_be_said(text: str) -> None:
    assert checked(turn(text)).text == text


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "white space"), (" \n\t\u3000", "white space"), ("x" * 2_001, "at most 2000")],
)
def test_some_texts_are_refused(text: str, told: str) -> None:
    with pytest.raises(InvalidField, match=told):
        checked(turn(text))


def test_of_a_history_the_end_is_used() -> None:
    """However long it is, the last lines count, in their order."""
    said = tuple(("user" if n % 2 else "character", f"line {n}") for n in range(50))
    used = checked(turn(history=said)).history
    assert len(used) == HISTORY
    assert used[0] == Line("character", "line 30")
    assert used[-1] == Line("user", "line 49")


@each_of(
    ("line", "told"),
    [
        (("system", "x"), "history[0].role"),
        (("User", "x"), "history[0].role"),
        (("", "x"), "history[0].role"),
        (("user", ""), "history[0].text"),
        (("character", "x" * 4_001), "history[0].text"),
    ],
)
def test_a_line_that_is_none(line: tuple[str, str], told: str) -> None:
    """It is named also where it is too old to be used."""
    with pytest.raises(InvalidField) as raised:
        checked(turn(history=(line, *[("user", "x")] * 30)))
    assert told in raised.value.errors[0]


def test_a_long_list_of_faults_is_cut() -> None:
    with pytest.raises(InvalidField) as raised:
        checked(turn(history=(("x", ""),) * 1_000))
    assert len(raised.value.errors) <= 21


@each_of("number", [1.0001, -1.0001, math.nan, math.inf, -math.inf, 1e300])
def test_affect_is_in_bounds(number: float) -> None:
    with pytest.raises(InvalidField, match=r"affect\.d must be"):
        checked(turn(affect=(1.0, -1.0, number, 0.0)))
    assert checked(turn(affect=(1.0, -1.0, 0.0, 0.5))).affect == Affect(1.0, -1.0, 0.0, 0.5)


@each_of(
    ("memory", "summary"),
    [
        ("We met.", "We met."),
        ({"summary": "We met.", "x": [1]}, "We met."),
        ({"summary": ["We met."]}, None),
        ({"summary": " "}, None),
        ({"Summary": "We met."}, None),
        (["We met."], None),
        (7, None),
        (None, None),
        (True, None),
        ("", None),
        ([[[[]]]] * 100, None),
    ],
)
def test_what_a_page_remembers(memory: Any, summary: str | None) -> None:
    """A text, or an object with a summary, counts; whatever else it is does no harm."""
    assert checked(turn(memory=json.dumps(memory).encode())).summary == summary
