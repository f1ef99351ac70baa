"""`make chaos` ends with a table of all faults; `--table FILE` also writes it there, as Markdown.

`--results` writes it to RESULTS.md with its chart, when every test has passed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.chaos import results
from support.chaos.report import ALERTS, ROWS, STEPS, alerts_table, steps_table, table
from support.cluster import QUICK_MS, running_cluster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.cluster import StoreCluster


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--table", metavar="FILE", help="write the table of faults as Markdown")
    parser.addoption("--results", action="store_true", help="write RESULTS.md, if all passed")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    if STEPS:
        terminalreporter.write_sep("=", "steps")
        terminalreporter.write_line(steps_table(STEPS))
    if ALERTS:
        terminalreporter.write_sep("=", "alerts")
        terminalreporter.write_line(alerts_table(ALERTS))
    if not ROWS:
        return
    text = table(ROWS)
    terminalreporter.write_sep("=", "faults")
    terminalreporter.write_line(text)
    for row in ROWS:  # said aloud: nothing was found, as nobody looked to the end
        if row.judged is not None and (row.judged.missing or row.judged.undecided()):
            said = row.judged.undecided() or [f"NOT JUDGED: {row.judged.missing}"]
            terminalreporter.write_line(f"{row.fault}: {'; '.join(said)}", red=True)
    file = config.getoption("--table", default=None)
    if file:
        Path(file).write_text(text + "\n")
    if config.getoption("--results", default=False) and exitstatus == 0:
        results.record(text, steps_table(STEPS), alerts_table(ALERTS))
        terminalreporter.write_line(f"written: {results.RESULTS}")


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StoreCluster]:
    """One whose masters are replaced soon; tests of a file hurt the same one."""
    directory = tmp_path_factory.mktemp("cluster")
    async with running_cluster(directory, node_timeout_ms=QUICK_MS) as running:
        yield running


@pytest.fixture
async def whole(cluster: StoreCluster) -> AsyncIterator[StoreCluster]:
    """The cluster, with all its processes and replicas."""
    await cluster.until_whole()
    yield cluster
    for server in cluster.servers:
        if server not in cluster.alive():
            await server.start()
