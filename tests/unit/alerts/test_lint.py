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
    ("text", "instead", "said"),
    [
        ("sum(rate(", "summ(rate(", "unknown function"),
        ("[2m])) > 0", "[1m])) > 0", "ConjureStoreAway"),
        ("> 120", "> 1200", "ConjureWorkWaits"),
    ],
)
def test_a_rule_that_is_wrong(tmp_path, text, instead, said):
    """One that cannot be read, one that could never fire, one that fires at another number."""
    for part in ("edge/alerts.yaml", *(f"tests/alerts/{name}" for name in _FILES)):
        copy = tmp_path / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text((ROOT / part).read_text())
    (tmp_path / "tests/support").symlink_to(ROOT / "tests/support")
    rules = tmp_path / "edge/alerts.yaml"
    assert text in rules.read_text()
    assert lint(tmp_path / "tests/alerts")[0] == 0
    rules.write_text(rules.read_text().replace(text, instead))
    ended, output = lint(tmp_path / "tests/alerts")
    assert ended == 1
    assert said in output


_FILES = [each.name for each in (ROOT / "tests/alerts").iterdir() if each.is_file()]
