"""What the processes of a run tell each other about tests: as little as a summary needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from _pytest.runner import runtestprotocol

if TYPE_CHECKING:
    import pytest

_WORTH_TELLING_S: Final = 0.005  # what --durations leaves out unless it is asked for all


def run_and_report(item: pytest.Item, following: pytest.Item | None) -> None:
    """Runs a test and reports what came of it: one report of a test that passed, where pytest has three.

    Workers send each report to the process that prints: with the names of all fixtures and marks, and with word of
    each beginning and end, that took more time than most tests. What failed, was skipped, was long or has written
    anything is told whole.
    """
    for report in runtestprotocol(item, log=False, nextitem=following):
        if report.passed and not report.sections:
            if report.when != "call" and report.duration < _WORTH_TELLING_S:
                continue
            report.keywords = {}
        item.ihook.pytest_runtest_logreport(report=report)
