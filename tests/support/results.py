"""Pages of results (`RESULTS.md`): blocks that a program writes, and the tables in them.

A block stands between `<!-- name:begin -->` and `<!-- name:end -->`; what is around it people write. Charts are
drawn from the tables of the page, so that they never show other numbers than it does.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final

from support.chart import Bar

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, str]
"""A row of a table: its cells by the names of their columns."""

_COLUMNS: Final = 116
_RULE: Final = re.compile(r"\|[\s:|-]+\|")


def block(page: str, name: str) -> str:
    """Returns what stands in a block. Raises ValueError when there is no such block."""
    begin, end = _bounds(page, name)
    return page[begin:end].strip()


def with_block(page: str, name: str, text: str) -> str:
    """Returns the page with another text in a block. Raises ValueError when there is no such block."""
    begin, end = _bounds(page, name)
    return f"{page[:begin]}\n{_wrapped(text.strip())}\n{page[end:]}"


def write_block(page: Path, name: str, text: str) -> None:
    """Writes a block of a page. Raises ValueError when there is no such block."""
    page.write_text(with_block(page.read_text(), name, text))


def tables(markdown: str) -> list[list[Row]]:
    """Returns the tables of a text, each as its rows."""
    found: list[list[Row]] = []
    lines = markdown.splitlines()
    for at in range(1, len(lines)):
        if not _RULE.fullmatch(lines[at]):
            continue
        head = _cells(lines[at - 1])
        rows = []
        for line in lines[at + 1 :]:
            if not line.startswith("|"):
                break
            rows.append(dict(zip(head, _cells(line), strict=True)))
        found.append(rows)
    return found


def number(cell: str) -> float:
    """Returns the number that a cell begins with, `2,334` and `503: 12` alike; 0 where there is none."""
    found = re.match(r"-?[\d,]*\.?\d+", cell)
    return float(found[0].replace(",", "")) if found else 0.0


def bar(row: Row, name: str, columns: dict[str, str]) -> Bar:
    """Returns a row as a bar: `columns` has the series by the columns whose numbers they show."""
    return Bar(row[name], {series: number(row[column]) for column, series in columns.items()})


def _bounds(page: str, name: str) -> tuple[int, int]:
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        raise ValueError(f"the page has no block {begin} … {end}")
    return page.index(begin) + len(begin), page.index(end)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _wrapped(text: str) -> str:
    """Breaks long lines of prose; tables and lists stay as they are."""
    lines: list[str] = []
    for line in text.splitlines():
        is_prose = line[:1] not in {"|", "-", " ", ""}
        lines += textwrap.wrap(line, _COLUMNS, break_on_hyphens=False) if is_prose else [line]
    return "\n".join(lines)
