"""What the load harness says: tables, and whether a target is met."""

from __future__ import annotations

from typing import Any

import pytest

from load import crowd, talk
from load.capacity import capacity
from load.fairness import IMPORTS, Pair
from load.meters import Cost
from load.report import markdown, rows_table
from load.rows import Result
from load.targets import targets, targets_table
from load.tools import Outcome
from load.turns import Spread, Turns, ratio, together
from load.work import Work, table


def turn(
    name: str, *, server: float, envoy: float = 300, failed: int = 0, trips: float = 1, **more: Any
) -> Result:
    cpu = {"server": server, "envoy": envoy, "store": 100}
    memory = dict.fromkeys(cpu, 50_000_000)
    outcome = Outcome(
        1000, 2.0, 4.0, 9.0, failed, "3 status" if failed else "",
        answer_bytes=more.get("answer_bytes", 17_000),
    )  # fmt: skip
    cost = Cost(cpu, memory, trips, 800)
    return Result(name, more.get("workers", 1), outcome, cost, more.get("connections", 16))


def row(section: str, name: str, *servers: float, **more: Any) -> Turns:
    return Turns(section, tuple(turn(name, server=server, **more) for server in servers))


def test_a_table_is_aligned_and_complete():
    """Each line has each column."""
    assert markdown(("what", "n"), [("a", "1"), ("longer", "10")]).splitlines() == [
        "| what   |  n |",
        "| ------ | -: |",
        "| a      |  1 |",
        "| longer | 10 |",
    ]


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_a_row_shows_the_median_of_its_turns_and_how_far_apart_they_were():
    """And one with errors says so; what was measured once has no range."""
    head, _, *lines = cells(
        rows_table(
            [
                row("connect", "connect", 500, 900, 400),
                row("others", "usage", 300, connections=64),
                row("connect", "peer", 500, 200, failed=3),
            ]
        )
    )
    shown = [dict(zip(head, line, strict=True)) for line in lines]
    assert [one["server µs"] for one in shown] == ["500 (400-900)", "300", "350 (200-500)"]
    assert [one["connections"] for one in shown] == ["16", "64", "16"]
    assert [one["what"] for one in shown] == ["connect", "usage", "peer: FAILED, 3 status"]
    assert shown[0]["req/s"] == "500"
    assert shown[0]["answer bytes"] == "17,000"


def test_turns_of_a_row_come_together_whatever_came_between():
    """By name, connections and workers. An error in any turn is not washed out by the others."""
    found = together(
        "connect",
        [
            turn("connect", server=500),
            turn("connect", server=900, workers=2),
            turn("connect", server=800, connections=64),
            turn("connect", server=400),
            turn("usage", server=200, failed=1),
            turn("connect", server=450),
            turn("usage", server=100),
        ],
    )
    assert [
        (one.key, one.over(lambda turn: turn.cost.cpu_us["server"]).median) for one in found
    ] == [
        (("connect", "connect", 16, 1), 450),
        (("connect", "connect", 16, 2), 900),
        (("connect", "connect", 64, 1), 800),
        (("connect", "usage", 16, 1), 150),
    ]
    assert [one.failed for one in found] == [False, False, False, True]


def test_a_ratio_is_that_of_the_medians_and_its_range_that_of_the_turns():
    """Rows of one turn stand beside each other."""
    assert ratio([2, 4, 9], [4, 4, 3]) == Spread(1.0, 0.5, 3.0)
    assert ratio([], [4]) is None
    assert ratio([4], [0]) is None


def run() -> list[Turns]:
    return [
        row("connect", "peer connect, known", 900, 1000, 1100, envoy=200),
        row("connect", "peer connect, fresh", 1000),
        row("connect", "connect, known", 380, 410, 404, envoy=250),
        row("connect", "connect, fresh", 300),
        row("connect", "connect, known", 1, connections=64),
        row("connect", "peer connect, known", 1, connections=64),
        row("connect", "REST floor", 200, envoy=200),
        row("transport", "connect, fresh", 1),
        row("workers", "entrance, one world", 700, 800),
        row("workers", "entrance, one world", 900, 960, workers=2),
        row("gzip", "connect", 1, answer_bytes=30_000),
        row("gzip", "connect, gzip", 1, answer_bytes=6_000),
    ]


def met(rows: list[Turns], at: int = 16, **more: Any) -> dict[str, Any]:
    return {
        target.what: (target.met, target.measured and round(target.measured.median, 3))
        for target in targets(rows, **more)
        if target.connections in {0, at}
    }


def test_targets_are_ratios_of_rows_of_one_section_and_as_many_connections():
    """Met, not met, and not measured are three things."""
    found = met(run(), per_state=1.31, findings=(1.2, "long names"))
    assert found["REST connect, server, known token"] == (True, 0.404)  # shown as 0.40
    assert found["REST connect, server, fresh token"] == (True, 0.3)
    assert found["REST connect, known, server + Envoy"] == (True, 0.545)
    assert found["REST connect, Envoy"] == (False, 1.25)
    assert found["REST get world, server"] == (None, None)
    assert found["two workers: entrance, one world, server"] == (False, 1.24)
    assert found["two workers: connect, known, server"] == (None, None)
    assert found["connect with gzip, bytes over the wire"] == (True, 0.2)
    assert found["store round trips: connect"] == (True, 1)
    assert found["kernel check per state, 10,000 states + 20,000 events"] == (False, 1.31)
    assert found["bytes of the findings of any world of 1 MiB"] == (True, 1.2)
    assert met(run(), at=64)["REST connect, server, known token"] == (False, 1)


def test_a_row_with_errors_meets_no_target():
    """A refusal is cheap."""
    rows = [*run()[:3], row("connect", "connect, fresh", 100, failed=3)]
    assert met(rows)["REST connect, server, fresh token"] == (None, None)


def test_scale_is_recorded_with_its_time():
    """It was measured in another run."""
    scale = {"leases": 1_000_000, "connect_ratio": 1.04, "machine": {"at": "2026-11-22T00:00:00Z"}}
    name = "connect, server + store, 1,000,000 live leases"
    assert met(run())[name] == (None, None)
    assert met(run(), scale=scale)[name] == (True, 1.04)
    assert met(run(), scale={**scale, "leases": 2_000})[name] == (None, None)
    table = targets_table(targets(run(), scale=scale))
    assert "met; make scale, 2026-11-22T00:00:00Z" in table


def test_the_wait_beside_imports_is_a_target_too():
    """A neighbour that was refused has not waited; without an attack nobody knows."""

    def judged(beside_ms: float, *, failed: int = 0, answered: int = 5) -> bool | None:
        idle, beside = Outcome(9, 1, 1, 5, 0, ""), Outcome(9, 1, 1, beside_ms, failed, "")
        attacker = Outcome(answered, 1, 1, 1, 0, "")
        pair = Pair("connect", IMPORTS, [idle], [beside], [attacker])
        (found,) = (t for t in targets([], pairs=[pair]) if t.compared_with == "idle")
        return found.met

    assert judged(20) is True
    assert judged(21) is False
    assert judged(20, failed=1) is False
    assert judged(20, answered=0) is None


def test_a_target_for_each_line_of_the_design():
    """Fewer would be met more easily; two are beside two peers. Every one of a row is there for both numbers of connections."""
    found = targets([])
    assert {target.met for target in found} == {None}
    compared = [target.what for target in found if target.connections]
    assert {what: compared.count(what) for what in compared if "gzip" in what} == {
        "connect with gzip, server + Envoy": 2,
        "connect with gzip, bytes over the wire": 2,
    }
    assert len({target.what for target in found}) == 11 + 2 + 5 + 1 + 4 + 3 + 1 + 2


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


def test_what_is_done_over_all_apps_is_told_in_commands_and_the_stores_time():
    """Not in seconds alone, which a busy machine makes longer."""
    few, many = (
        crowd.Step("sweep", beside, commands, us, 0.25)
        for beside, commands, us in (("an app", 10.0, 310.0), ("10,000 apps", 20_157.4, 94_350.0))
    )
    assert cells(crowd.table((few, many)))[2:] == [
        ["sweep", "an app", "10", "0.31", "0.250"],
        ["sweep", "10,000 apps", "20,157", "94.35", "0.250"],
    ]


def test_a_worker_is_judged_by_what_it_uses_idle_and_by_its_rate():
    """The target is of the slowest; a part of a per cent too much, or a delivery too few a second, is not met."""
    works = [
        Work("nothing due", 60.0, {"worker": 0.0101, "store": 0.002}),
        Work("to one", 10.0, {"worker": 0.9, "store": 0.1, "receiver": 0.05}, 10_000),
        Work("to many", 20.1, {"worker": 0.9, "store": 0.1, "receiver": 0.05}, 10_000),
    ]
    found = {target.what: target for target in targets([], works=works) if target.measured}
    assert [round(one.measured.median, 2) for one in found.values()] == [1.01, 20.1]
    assert [one.met for one in found.values()] == [False, False]
    assert [row[-1] for row in cells(table(works))[2:]] == ["NOT met", "met", "NOT met"]
    assert cells(table(works))[3][2] == "1,000"


def test_a_turn_may_ask_the_store_twice_and_speeches_say_when_they_begin():
    """Costs of speeches are for a second of what is heard, however long they are."""
    turns = {trips: row(talk.NAME, talk.SAY, 700, trips=trips) for trips in (2, 2.5)}
    for trips, met in ((2, True), (2.5, False)):
        (found,) = [one for one in targets([turns[trips]]) if one.measured]
        assert (found.what, found.met) == ("store round trips: say", met)
    speeches = talk.Speeches(
        4, [40.4, 20, 90], [150, 100, 200], 20.0, {"server": 120, "envoy": 5, "store": 3}
    )
    first, second = talk.table([turns[2]], [speeches]).split("\n\n")
    assert cells(first)[2][0] == talk.SAY
    assert cells(second)[2] == ["4", "40 (20-90)", "150 (100-200)", "6.7", "6.00", "0.25", "0.15"]
    assert talk.table([], [speeches]) == second
