"""What the load harness says: tables, and whether a target is met."""

from __future__ import annotations

from typing import Any

import pytest

from load.capacity import capacity
from load.meters import Cost
from load.report import load_table, markdown
from load.rows import Result, cheapest
from load.targets import targets, targets_table
from load.tools import Outcome


def row(
    name: str, *, server: float, envoy: float = 300, failed: int = 0, trips: float = 1, **more: Any
) -> Result:
    cpu = {"server": server, "envoy": envoy, "store": 100}
    memory = dict.fromkeys(cpu, 50_000_000)
    outcome = Outcome(1000, 2.0, 4.0, 9.0, failed, "3 status" if failed else "")
    return Result(
        name, more.get("workers", 1), outcome, Cost(cpu, memory, trips, 800), more.get("floor", "")
    )


def test_a_table_is_aligned_and_complete():
    """Each line has each column."""
    assert markdown(("what", "n"), [("a", "1"), ("longer", "10")]).splitlines() == [
        "| what   |  n |",
        "| ------ | -: |",
        "| a      |  1 |",
        "| longer | 10 |",
    ]


def test_a_row_is_compared_with_its_floor():
    """And a row with errors says so."""
    table = load_table(
        [
            row("floor", server=200, floor="floor"),
            row("connect", server=500, floor="floor"),
            row("connect", server=700, floor="floor", workers=2),
            row("usage", server=500, failed=3),
        ]
    ).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    ratio = cells[0].index("/ floor")
    assert [line[ratio] for line in cells[2:]] == ["1.0", "2.5", "3.5", ""]
    assert cells[3][:7] == ["connect", "1", "500", "4.0", "9.0", "500", "2.5"]
    assert cells[5][0] == "usage: FAILED, 3 status"


def test_of_several_turns_the_cheapest_counts_unless_one_failed():
    """Noise only adds. An error in any turn is not washed out by the others."""
    turns = [
        row("connect", server=500),
        row("connect", server=900, workers=2),
        row("usage", server=300),
        row("connect", server=400),
        row("usage", server=200, failed=1),
        row("connect", server=450),
        row("usage", server=100),
    ]
    kept = cheapest(turns)
    assert [(one.name, one.workers, one.cost.cpu_us["server"]) for one in kept] == [
        ("connect", 1, 400),
        ("connect", 2, 900),
        ("usage", 1, 200),
    ]
    assert [one.failed for one in kept] == [False, False, True]


def run() -> list[Result]:
    return [
        row("peer connect, known token", server=1000),
        row("peer connect, fresh token", server=1000),
        row("REST connect, known token", server=640, envoy=350),
        row("REST connect, fresh token", server=900),
        row("REST connect, fresh token", server=1, workers=2),
        row("REST floor", server=200, envoy=200),
    ]


def met(results: list[Result], scale: dict[str, Any] | None = None) -> dict[str, Any]:
    found = targets(results, per_state=1.31, scale=scale)
    return {target.what: (target.met, target.measured) for target in found}


def test_targets_are_ratios_of_rows_with_one_worker():
    """Met, not met, and not measured are three things."""
    found = met(run())
    assert found["REST connect, server, known token"] == (True, 0.64)
    assert found["REST connect, server, fresh token"] == (False, 0.9)
    assert found["REST connect, server + Envoy, known token"] == (True, 0.99)
    assert found["REST connect, Envoy"] == (False, 1.75)
    assert found["gRPC connect, server"] == (None, None)
    assert found["kernel check per state, 10,000 states + 20,000 events"] == (False, 1.31)


def test_a_row_with_errors_meets_no_target():
    """A refusal is cheap."""
    results = [*run()[:3], row("REST connect, fresh token", server=100, failed=3)]
    assert met(results)["REST connect, server, fresh token"] == (None, None)


def test_scale_is_recorded_with_its_time():
    """It was measured in another run."""
    scale = {"connect_ratio": 1.04, "machine": {"at": "2026-11-22T00:00:00Z"}}
    name = "connect, server + store, 1,000,000 live leases"
    assert met(run())[name] == (None, None)
    assert met(run(), scale)[name] == (True, 1.04)
    table = targets_table(targets(run(), per_state=1.0, scale=scale))
    assert "met; make scale, 2026-11-22T00:00:00Z" in table


def test_a_node_ends_where_a_resource_does():
    """The arithmetic of the paper."""
    report = {
        "sizes": [
            {"what": "world, 17 KB, 40 states", "memory": 20_000},
            {"what": "version of a 17 KB world, one edit after the other", "memory": 1_000},
        ],
        "rows": [
            {
                "name": "connect, fresh token, 1,000 live sessions",
                "cost": {"cpu_us": {"store": 100.0, "server": 500.0, "envoy": 300.0}},
            }
        ],
        "fill": {"memory_per_session": 800.0, "file_per_session": 1000.0},
    }
    found = {what: much for what, much, _ in capacity(report)}
    assert found["connects a second"] == pytest.approx(7_000)
    assert found["server cores for as many"] == pytest.approx(5)
    assert found["live sessions, renewed every 300 s"] == pytest.approx(2_100_000)
    assert found["live sessions in memory, nothing else"] == pytest.approx(10_000_000)
    assert found["worlds of 17 KB with 20 versions each"] == pytest.approx(200_000)
