"""The parts that are attacked: a store, a server and an edge of their own, as caps are out of the way.

With `-v` the run ends with what each attack did to its neighbour.
"""

from __future__ import annotations

import resource
import sys
from typing import TYPE_CHECKING, Final

import pytest

from support.abuse.ground import Ground, ground

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STREAMS: Final = 64  # few, so that it takes few to fill them
MEMORY: Final = 1 << 30  # bytes that the server may use, and each of its heavy workers
PROPERTY: Final = "neighbour"


@pytest.fixture(scope="session")
async def attacked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    async with ground(tmp_path_factory.mktemp("attacked"), streams=STREAMS) as made:
        if sys.platform == "linux":
            resource.prlimit(made.pids["server"], resource.RLIMIT_DATA, (MEMORY, MEMORY))
        yield made


@pytest.fixture
def told(request: pytest.FixtureRequest) -> list[tuple[str, object]]:
    """What a test tells of itself: `(PROPERTY, text)`."""
    return request.node.user_properties


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    if config.get_verbosity() < 1:
        return
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        if getattr(report, "when", "") == "call"
    ]
    for report in reports:
        for name, text in report.user_properties:
            if name == PROPERTY:
                terminalreporter.write_line(f"{report.outcome}: {report.nodeid} {text}")
