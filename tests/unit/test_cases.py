"""Many cases in one test: all are tried, and those that fail are named."""

from __future__ import annotations

import inspect

import pytest

from support.cases import each_of


async def test_all_are_tried_and_the_one_that_fails_is_raised_as_it_is():
    tried = []

    @each_of(("first", "second"), [(1, 1), (2, 1), pytest.param(3, 3)], ids=["a", "b", "c"])
    async def equal(fixture, first, second):
        tried.append((fixture, first))
        assert first == second

    assert list(inspect.signature(equal).parameters) == ["fixture"]
    with pytest.raises(AssertionError) as raised:
        await equal(fixture="f")
    assert raised.value.__notes__ == ["with b"]
    assert tried == [("f", 1), ("f", 2), ("f", 3)]


def test_several_are_raised_together_with_those_of_each_list():
    @each_of("x", [1, 2])
    @each_of("y", [1, 2, 3])
    def less(x, y):
        assert x < y

    with pytest.raises(BaseExceptionGroup) as raised:
        less()
    assert [error.__notes__ for error in raised.value.exceptions] == [
        ["with 1", "with 1"],
        ["with 2"],
    ]


def test_what_pytest_raises_counts():
    @each_of("value", ["1", "none"])
    def refused(value):
        with pytest.raises(ValueError, match="invalid"):
            int(value)

    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE") as raised:
        refused()
    assert raised.value.__notes__ == ["with '1'"]


@pytest.mark.parametrize(
    ("cases", "names"), [([], "x"), ([1], "z"), ([pytest.param(1, marks=pytest.mark.chaos)], "x")]
)
def test_what_would_test_nothing_is_refused(cases, names):
    with pytest.raises(AssertionError):

        @each_of(names, cases)
        def some(x):
            pass
