"""`make chaos` ends with a table of all faults; `--table FILE` also writes it there, as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from support.chaos.report import ROWS, table

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--table", metavar="FILE", help="write the table of faults as Markdown")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if not ROWS:
        return
    text = table(ROWS)
    terminalreporter.write_sep("=", "faults")
    terminalreporter.write_line(text)
    file = config.getoption("--table", default=None)
    if file:
        Path(file).write_text(text + "\n")
