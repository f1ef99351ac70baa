"""What every lint fires on, and what it leaves alone."""

import re
from pathlib import Path

import pytest

from conjure.kernel import LINTS, Severity, check, examine
from support.cases import each_of
from support.kernel.doctrine_cases import DOCTRINE
from support.kernel.factored_cases import FACTORED
from support.kernel.structural_cases import STRUCTURAL
from support.kernel.worlds import merged, small_world

CASES = STRUCTURAL | FACTORED | DOCTRINE
FIRING = [
    pytest.param(lint, world, path, id=f"{lint}: {why}")
    for lint, cases in CASES.items()
    for why, world, path in cases
    if path is not None
]
SILENT = [
    pytest.param(lint, world, id=f"{lint}: {why}")
    for lint, cases in CASES.items()
    for why, world, path in cases
    if path is None
]

_SECTION = re.compile(r"^## 9\. .*?(?=^## )", re.DOTALL | re.MULTILINE)
_ROW = re.compile(
    r"^\| (`[^|]+`(?: \*\*\[ours\]\*\*)?) \|(?: (error|warning|info) \|)? ", re.MULTILINE
)


def lints_of_the_contract():
    """By name, the severity that CONTRACT section 9 gives; its first table is of errors, and does not repeat it."""
    text = (Path(__file__).parents[3] / "protos/CONTRACT.md").read_text(encoding="utf-8")
    section = _SECTION.search(text)[0]
    tables = section[section.index("| lint |") :]
    return {
        name: Severity[(severity or "error").upper()]
        for names, severity in _ROW.findall(tables)
        for name in re.findall(r"`([a-z-]+)`", names)
    }


def all_findings(world):
    """What `check` finds, and dead ends."""
    return examine(world, most_situations=100).findings


@each_of(("lint", "world", "path"), FIRING)
def test_fires_once_at(lint, world, path):
    assert [path] == [d.path for d in all_findings(world) if d.lint == lint]


@each_of(("lint", "world"), SILENT)
def test_leaves_alone(lint, world):
    assert [d for d in all_findings(world) if d.lint == lint] == []


@each_of("lint", LINTS, ids=lambda lint: lint.name)
def test_the_documented_example_fires(lint):
    """The catalogue's examples are what the documentation prints, so they have to be true."""
    assert lint.name in {d.lint for d in all_findings(merged(small_world(), lint.example))}


def test_the_lints_are_the_contract():
    assert {lint.name: lint.severity for lint in LINTS} == lints_of_the_contract()
    assert len({lint.name for lint in LINTS}) == len(LINTS)


def test_every_lint_has_a_firing_and_a_silent_case():
    names = {lint.name for lint in LINTS}

    assert names == set(CASES)
    assert names == {param.values[0] for param in FIRING}
    assert names == {param.values[0] for param in SILENT}


@each_of(("lint", "world", "path"), FIRING)
def test_a_message_is_a_sentence_about_its_path(lint, world, path):
    for finding in all_findings(world):
        assert finding.message.startswith(f"{finding.path} ")
        assert finding.message.endswith((".", "?"))


def test_a_dangling_reference_lists_what_there_is():
    world = small_world({"entrance": {"state": "hall"}})

    assert check(world)[0].message == (
        "entrance.state is 'hall', but the world has no such state. "
        "Point it at one of: atrium, cellar, or add state 'hall' first."
    )


def test_a_dangling_reference_guesses_a_typo():
    world = small_world({"entrance": {"state": "artium"}})

    assert "Did you mean 'atrium'?" in check(world)[0].message


def test_every_negation_of_a_field_is_recorded_in_one_finding():
    world = small_world({"scene": {"states": {"atrium": {"base": "No chairs, never a sound."}}}})

    assert [d.message.split(" says ")[1].split(".")[0] for d in check(world)] == ["'no', 'never'"]
