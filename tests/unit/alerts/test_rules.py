"""What judges the alert rules knows all of them, and compresses their time as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from support.alerting.dashboard import QUERIES, SILENT_UNTIL_A_FAULT
from support.alerting.faults import FAULTS
from support.alerting.rules import LONGEST_S, NAMES, RULES, compressed

CASES = [
    (case, file.name)
    for file in sorted((Path(__file__).parents[2] / "alerts").glob("*.yaml"))
    for case in yaml.safe_load(file.read_text())["tests"]
]


@pytest.mark.parametrize(
    ("case", "file"), CASES, ids=[case["name"].partition(":")[0] for case, _ in CASES]
)
def test_a_case_has_its_alert_fire_and_be_silent_before_and_after(case, file):
    name = case["name"].partition(":")[0]
    expected = [check["exp_samples"] for check in case["promql_expr_test"]]
    fires = [{"labels": f'{{alertname="{name}"}}', "value": 1}]
    assert expected.count(fires) >= 1
    assert expected[0] == expected[-1] == []
    # Who else fires is seen, too.
    assert {check["expr"] for check in case["promql_expr_test"]} == {
        'count by (alertname) (ALERTS{alertstate="firing"})'
    }


def test_each_alert_has_a_case_and_a_fault():
    assert sorted(case["name"].partition(":")[0] for case, _ in CASES) == sorted(NAMES)
    assert {alert for fault in FAULTS.values() for alert in fault.fires} == set(NAMES)
    assert all(fault.companions <= set(NAMES) - fault.fires for fault in FAULTS.values())


def test_windows_and_patience_are_compressed_and_nothing_else():
    before, after = (
        {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"]}
        for rules in (RULES, compressed(factor=60))
    )
    assert after["ConjureCallsFail"]["for"] == "5000ms"
    assert after["ConjureStoreAway"]["expr"].count("[2000ms]") == 1
    assert after["ConjureHeavyCallsWait"]["expr"].endswith("[10000ms]))) > 5")
    assert after["ConjureWorkWaits"]["expr"].endswith("> 2")
    for name, rule in before.items():
        assert set(rule) == set(after[name])
        if name != "ConjureWorkWaits":
            without = (re.sub(r"\[\w+\]", "", each["expr"]) for each in (rule, after[name]))
            assert len(set(without)) == 1
    assert LONGEST_S == 30 * 60


def test_queries_that_are_silent_until_a_fault_are_queries():
    assert set(QUERIES) >= SILENT_UNTIL_A_FAULT


def test_the_pages_say_which_fault_fires_which_alert():
    root = Path(__file__).parents[3]
    table = (root / "tests/chaos/README.md").read_text()
    pages = (root / "server/OPERATIONS.md").read_text()
    for fault in FAULTS.values():
        listed = [
            ", ".join(name.removeprefix("Conjure") for name in NAMES if name in names)
            for names in (fault.fires, fault.companions)
        ]
        assert f"| {fault.text} | {listed[0]} | {listed[1]} |" in table
    for name in NAMES:
        section = re.split(r"\n##", pages.partition(f"\n### {name}\n")[2])[0]
        told = " ".join(section.partition("*Fired in `make chaos` by*: ")[2].split())
        assert told in {f"{fault.text}." for fault in FAULTS.values() if name in fault.fires}
