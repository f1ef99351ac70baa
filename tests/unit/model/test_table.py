"""The table of `make model` says what the server's log said, and the page keeps it."""

from __future__ import annotations

from model import run, works
from model.cases import EDITS, PREMISES, names_of
from support.editor import manor
from support.results import tables, with_block


def finished(event, **numbers):
    return {
        "event": event,
        "level": "info",
        "calls": 7,
        "read": 6_000,
        "written": 700,
        "repairs": 1,
    } | numbers


def test_all_that_was_logged_about_a_work_is_counted():
    """A job that was tried again has cost both tries; the last warning says why."""
    work = works.Work("English")
    lines = [
        finished("author finished", mended=2),
        {"event": "the author failed", "level": "warning", "error": "BudgetSpent"},
        finished("editor finished"),
        finished("author finished", mended=1),
    ]
    work.counted(lines, "author finished")
    assert (work.calls, work.read, work.written, work.repairs, work.mended) == (
        14,
        12_000,
        1_400,
        2,
        3,
    )
    assert work.why == "the author failed: BudgetSpent"


def test_the_page_keeps_the_table():
    made = [
        works.Work("English", "accepted", 60.4, 7, 6_000, 700),
        works.Work("German", "refunded", 9.0, 1, 800, 90),
    ]
    edits = [works.Work("vague", "asked", 3.0, 1, 4_000, 60)]
    table = run._table("a-model", made, edits)
    page = with_block(
        "# Authors\n\n<!-- model:begin -->\nold\n<!-- model:end -->\n", "model", table
    )
    (rows,) = tables(page)
    assert [row["outcome"] for row in rows] == ["accepted", "refunded", "asked"]
    assert rows[0]["tokens read"] == "6,000"
    assert "2 worlds: 1 accepted, 1 refunded; the median 4 calls" in page
    assert "1 edits: 1 asked" in page
    assert "old" not in page
    assert run._summary("edits", []) == "No edits."


def test_there_are_ten_of_each_and_each_edit_is_about_its_world():
    names = names_of(manor())
    assert names[0] == "hall"
    asked = [ask(names) for _, ask in EDITS]
    assert len(set(asked)) == len(EDITS) == len(PREMISES) == len(dict(PREMISES)) == 10
    assert sum(any(name in text for name in names) for text in asked) >= 6
