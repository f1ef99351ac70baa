"""`make lint` without promtool says aloud that nothing was checked; with it, a rule that is wrong fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.programs import program_at_hand

ROOT = Path(__file__).parents[3]


def lint(program=ROOT / "tests/alerts", **variables):
    done = subprocess.run(
        [sys.executable, program], env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize(("strict", "code"), [("", 0), ("strict", 1)])
def test_without_promtool(tmp_path, strict, code):
    nowhere = {"HOME": str(tmp_path), "PATH": str(tmp_path), "PROMTOOL": ""}
    ended, said = lint(ALERTS=strict, **nowhere)
    assert "SKIPPED, NOT CHECKED" in said
    assert ended == code


@pytest.mark.skipif(program_at_hand("promtool") is None, reason="NOT TESTED: promtool is not here")
@pytest.mark.parametrize(
    ("text", "instead", "alert", "said"),
    [
        ("", "", "ConjureStoreAway", ""),
        ("sum(rate(", "summ(rate(", "ConjureStoreAway", "unknown function"),
        ("[2m])) > 0", "[1m])) > 0", "ConjureStoreAway", "ConjureStoreAway"),
        ("> 120", "> 1200", "ConjureWorkWaits", "ConjureWorkWaits"),
    ],
)
def test_a_rule_that_is_wrong(tmp_path, text, instead, alert, said):
    """One that cannot be read, one that could never fire, one that fires at another number; and none is.

    Only the cases of the file that has the alert are tried: they are most of the time.
    """
    alerts = ROOT / "tests/alerts"
    cases = next(file for file in alerts.glob("*.yaml") if f"name: '{alert}:" in file.read_text())
    for part in (ROOT / "edge/alerts.yaml", alerts / "__main__.py", cases):
        copy = tmp_path / part.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(part.read_text())
    (tmp_path / "tests/support").symlink_to(ROOT / "tests/support")
    rules = tmp_path / "edge/alerts.yaml"
    assert text in rules.read_text()
    rules.write_text(rules.read_text().replace(text, instead) if text else rules.read_text())
    ended, output = lint(tmp_path / "tests/alerts")
    assert ended == (1 if said else 0), output
    assert said in output
