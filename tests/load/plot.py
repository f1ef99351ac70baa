"""The charts of RESULTS.md, drawn from its own tables.

`make load` and `make scale` call this when they have written the page; `python tests/load plot` draws again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from support.chart import Bar, bar_chart
from support.results import bar, block, number, tables, write_block

if TYPE_CHECKING:
    from support.results import Row

RESULTS: Final = Path(__file__).with_name("RESULTS.md")
LOAD: Final = "load"
SCALE: Final = "scale"
FAIRNESS: Final = "fairness"
_COST: Final = {"server µs": "server", "Envoy µs": "Envoy", "store µs": "store"}
_LARGE: Final = "1000 states"
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
    for table in tables(block(page, LOAD)):
        if "workers" in table[0]:
            found |= _rows(table)
        elif "at most" in table[0]:
            found["targets.svg"] = _targets(table)
    for table in tables(block(page, FAIRNESS)):
        found["fairness.svg"] = _fairness(table)
    for table in tables(block(page, SCALE)):
        if "server µs" in table[0]:
            bars = [bar(row, "what", _COST) for row in table]
            found["scale.svg"] = bar_chart("With a million live sessions", _CPU, bars)
    return found


def _rows(table: list[Row]) -> dict[str, str]:
    sections = {
        "cost.svg": ("What a request costs, one worker", "1", False),
        "cost-large.svg": ("What a request costs, a world of 1,000 states", "1", True),
        "cost-two-workers.svg": ("What a request costs, two workers", "2", False),
    }
    found = {}
    for name, (title, workers, is_large) in sections.items():
        rows = [
            row
            for row in table
            if row["workers"] == workers and (_LARGE in row["what"]) == is_large
        ]
        if rows:
            bars = [bar(row, "what", _COST) for row in rows]
            found[name] = bar_chart(title, _CPU, bars)
    rates = [row for row in table if row["workers"] == "1" and _LARGE not in row["what"]]
    if rates:
        bars = [bar(row, "what", {"req/s": "requests"}) for row in rates]
        found["rate.svg"] = bar_chart("How many a second, one worker", "requests per second", bars)
    return found


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
        Bar(row["target (CPU per request)"], {"": number(row["measured"]) / number(row["at most"])})
        for row in table
        if row["measured"]
    ]
    return bar_chart("Targets", "measured ÷ at most; met up to the line", bars, mark=1, places=2)
