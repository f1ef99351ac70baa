"""`tests/chaos/RESULTS.md`: the table of the last whole run, and its chart."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Final

from support.chart import bar_chart
from support.results import bar, block, tables, write_block

RESULTS: Final = Path(__file__).parents[2] / "chaos" / "RESULTS.md"
BLOCK: Final = "chaos"
STEPS: Final = "steps"
ALERTS: Final = "alerts"
CHART: Final = "recovery.svg"


def record(table: str, steps: str, alerts: str, page: Path = RESULTS) -> None:
    """Writes the tables of faults, steps and alerts into their blocks of the page, and draws the chart beside it."""
    write_block(page, BLOCK, f"{_machine()}\n\n{table}")
    write_block(page, STEPS, steps)
    write_block(page, ALERTS, alerts)
    draw(page)


def draw(page: Path = RESULTS) -> None:
    """Draws the chart of the page."""
    (page.parent / CHART).write_text(chart(page.read_text()))


def chart(page: str) -> str:
    """Returns how soon writes were acknowledged after each fault."""
    (table,) = tables(block(page, BLOCK))
    bars = [bar(row, "fault", {"first success, ms": "first success"}) for row in table]
    return bar_chart("How soon writes are acknowledged again", "ms after the fault has ended", bars)


def _machine() -> str:
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        capture_output=True, text=True, check=False, cwd=RESULTS.parent,
    )  # fmt: skip
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    commit = described.stdout.strip() or "unknown"
    return f"{at}, commit {commit}: {os.cpu_count()} cores, {platform.platform()}."
