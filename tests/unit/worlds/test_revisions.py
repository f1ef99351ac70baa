"""What a revision looks like, and what its parts tell."""

import pytest

from conjure.worlds.revisions import is_revision, is_same_incarnation, number_of
from support.cases import each_of


@pytest.mark.parametrize("text", ["1", "12-ab12cd34", "9" * 15, "3-0123456789abcdef"])
def test_revisions(text):
    assert is_revision(text)
    assert number_of(text) == int(text.partition("-")[0])


@each_of(
    "text",
    [
        "",
        "x",
        "-1",
        "1-",
        "1-ab",
        "1-AB12CD34",
        "1-ab12cd34-",
        "9" * 16,
        "1.5",
        " 1",
        "1\n",
        "\u0663",
    ],
)
def test_what_is_none(text):
    assert not is_revision(text)


def test_incarnations():
    assert is_same_incarnation("1-ab12cd34", "2-ab12cd34")
    assert is_same_incarnation("1", "2")
    assert not is_same_incarnation("1-ab12cd34", "1-ab12cd35")
    assert not is_same_incarnation("1", "1-ab12cd34")
