"""Every setting is documented, by its own comment, in server/OPERATIONS.md."""

from __future__ import annotations

import re
import typing
from dataclasses import fields
from pathlib import Path

import pytest

from conjure.settings import Settings, variable
from conjure.settings.table import BEGIN, END, PAGE, comments_of, page_with_table, settings_table
from support.cases import each_of

ROOT = Path(__file__).parents[3]
SECTIONS = typing.get_type_hints(Settings)
VARIABLES = {
    variable(name, item.name) for name, section in SECTIONS.items() for item in fields(section)
}
# Variables of commands and of tests, which are no settings of a server.
OTHERS = re.compile(r"CONJURE_(CALL_TLS|DEV|FUZZ|TEST|CHAOS|LOAD)_")


def test_the_page_has_the_table_that_the_code_makes():
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_table(page), "run: python -m conjure.settings.table"


@each_of("name", SECTIONS)
def test_every_setting_has_a_comment_above_it(name):
    comments = comments_of(SECTIONS[name])
    assert set(comments) == {item.name for item in fields(SECTIONS[name])}
    assert not [field for field, text in comments.items() if not text.endswith(".")]


def test_the_table_has_every_variable_once_and_no_secret():
    rows = [line.split("`")[1] for line in settings_table().splitlines() if line[:3] == "| `"]
    assert len(rows) == len(set(rows))
    assert set(rows) == VARIABLES


def test_a_page_without_marks_is_not_written_over():
    with pytest.raises(ValueError, match="settings:begin"):
        page_with_table(f"{END} {BEGIN.replace('begin', 'start')}")


def test_every_variable_that_is_named_anywhere_is_read():
    """In code, documents and files of a deployment: a variable that nobody reads helps nobody."""
    files = [
        *ROOT.glob("*.md"), *ROOT.glob("docker*"), *ROOT.glob("edge/*"), *ROOT.glob("server/*.md"),
        *ROOT.glob("server/conjure/**/*.py"),
    ]  # fmt: skip
    unknown = {
        (str(file.relative_to(ROOT)), name)
        for file in files
        if file.is_file()
        for name in re.findall(r"\bCONJURE_[A-Z]+_[A-Z_]*[A-Z]\b", file.read_text("utf-8"))
        if name not in VARIABLES and not OTHERS.match(name)
    }
    assert not unknown
