"""The pages about lints and ops are what the code says."""

from importlib.resources import files

import pytest

from conjure.kernel import LINTS
from conjure.kernel.ops import OPS
from conjure.kernel.reference_pages import PAGES, lints_page, ops_page


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_current(name):
    page = files("conjure.kernel").joinpath(name).read_text(encoding="utf-8")

    assert page == PAGES[name](), "run: python -m conjure.kernel.reference_pages"


def test_every_lint_and_every_op_has_its_paragraph():
    assert [n for n in (lint.name for lint in LINTS) if f"### {n}\n" not in lints_page()] == []
    assert [name for name in OPS if f"### {name}\n" not in ops_page()] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_line_is_endless(name):
    assert all(len(line) < 220 for line in PAGES[name]().splitlines())
