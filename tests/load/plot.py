"""The charts of RESULTS.md, drawn from its own tables.

`make load` and `make scale` call this when they have written the page; `python tests/load plot` draws again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from load.sections import SECTIONS
from support.chart import Bar, bar_chart
from support.results import bar, block, number, tables, write_block

if TYPE_CHECKING:
    from support.results import Row

RESULTS: Final = Path(__file__).with_name("RESULTS.md")
TARGETS: Final = "targets"
SCALE: Final = "scale"
FAIRNESS: Final = "fairness"
_COST: Final = {"server µs": "server", "Envoy µs": "Envoy", "store µs": "store"}
_CPU: Final = "µs of CPU per request"


def record(name: str, text: str, page: Path = RESULTS) -> None:
    """Writes what was measured into its block of the page, and draws the charts beside it."""
    write_block(page, name, text)
    draw(page)


def draw(page: Path = RESULTS) -> None:
    """Writes every chart of the page beside it."""
    for name, svg in charts(page.read_text()).items():
        (page.parent / name).write_text(svg)


def charts(page: str) -> dict[str, str]:
    """Returns the charts of a page by the names of their files. A table that is not there has none."""
    found: dict[str, str] = {}
    for section in SECTIONS:
        for table in tables(block(page, section.name)):
            found[f"{section.name}.svg"] = _rows(section.title, table)
    for table in tables(block(page, TARGETS)):
        found["targets.svg"] = _targets(table)
    for table in tables(block(page, FAIRNESS)):
        found["fairness.svg"] = _fairness(table)
    for table in tables(block(page, SCALE)):
        if "server µs" in table[0]:
            bars = [bar(row, "what", _COST) for row in table]
            found["scale.svg"] = bar_chart("With a million live sessions", _CPU, bars)
    return found


def _rows(title: str, table: list[Row]) -> str:
    """What each row costs, by process."""
    bars = [Bar(_name(row, table), bar(row, "what", _COST).parts) for row in table]
    return bar_chart(title, _CPU, bars)


def _name(row: Row, table: list[Row]) -> str:
    """A row by what tells it from the others of its table."""
    workers = f", {row['workers']} workers" if any(one["workers"] != "1" for one in table) else ""
    return f"{row['what']}{workers}, {row['connections']} conn."


def _fairness(table: list[Row]) -> str:
    """How much longer a neighbour waits; up to the line it may."""
    bars = [bar(row, "neighbour beside one caller", {"times idle": ""}) for row in table]
    limit = number(table[0]["at most"])
    return bar_chart(
        "What one caller does to another", "p99 ÷ idle p99; met up to the line", bars,
        mark=limit, places=1,
    )  # fmt: skip


def _targets(table: list[Row]) -> str:
    """Each target as a part of what is allowed: up to the line it is met."""
    bars = [
        Bar(
            f"{row['target (CPU per request)']}{', ' * bool(row['connections'])}{row['connections']}",
            {"": number(row["measured"]) / number(row["at most"])},
        )
        for row in table
        if row["measured"]
    ]
    return bar_chart("Targets", "measured ÷ at most; met up to the line", bars, mark=1, places=2)
