"""Where tests lie: in tests/<kind>/<tag>/, with all that more than one of them needs in tests/support."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.cases import each_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
KINDS = ("unit", "integration", "edge")
FLAT_KINDS = ("abuse", "browser", "chaos")  # each file of these is about the whole deployment
PROGRAMS = (
    "alerts",
    "load",
    "model",
    "audit",
    "containers",
    "release",
)  # run by make; their own tests are in tests/unit
ABOUT_THE_REPOSITORY = {"test_cases.py", "test_documents.py", "test_imports.py", "test_layout.py"}
# One tag, one name: that of the server's part. `store` is what the store itself answers and how it is reached.
SERVER = {path.stem for path in (ROOT / "server/conjure").glob("[a-z]*")}
TAGS = SERVER | {"store", *PROGRAMS}


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((TESTS / folder).rglob("*.py"))]


def imported(source: str) -> Iterator[str]:
    """The full names of all that is imported, whether it is a module or a member of one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_of_a_test(name: str) -> bool:
    """Whether an imported name is a relative one, or one of a folder of tests."""
    return name.split(".", maxsplit=1)[0] in {"", "tests", *KINDS, *FLAT_KINDS}


def test_folders_of_tests_have_only_tests_and_fixtures():
    """Anything else that tests share is in tests/support."""
    others = [
        str(path.relative_to(TESTS))
        for path in python_files(*KINDS, *FLAT_KINDS)
        if path.name != "conftest.py" and not path.name.startswith("test_")
    ]
    assert others == []


def test_support_has_no_tests():
    """What is not collected there would never run."""
    assert [path.name for path in python_files("support") if path.name.startswith("test_")] == []


def test_no_file_imports_a_test():
    """A test that another one needs would have to stay where it is and as it is."""
    found = {
        str(path.relative_to(TESTS)): names
        for path in sorted(TESTS.rglob("*.py"))
        if (names := [name for name in imported(path.read_text()) if is_of_a_test(name)])
    }
    assert found == {}


@each_of(
    ("source", "names"),
    [
        ("from edge.graph.test_ops import WORLD", ["edge.graph.test_ops.WORLD"]),
        ("import unit.kernel.test_check as other", ["unit.kernel.test_check"]),
        ("def f():\n    from tests.chaos import test_kill", ["tests.chaos.test_kill"]),
        ("from . import test_ops", ["..test_ops"]),
        ("from .test_ops import WORLD", [".test_ops.WORLD"]),
    ],
)
def test_an_import_of_a_test_is_seen_however_it_is_written(source, names):
    """The rule above finds what it is there to find."""
    assert list(imported(source)) == names
    assert all(is_of_a_test(name) for name in names)


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_of_tests_is_named_as_the_part_it_tests(kind):
    """So the tests of a part are found by its name, and none lies beside the folders."""
    tests = [path.relative_to(TESTS / kind) for path in python_files(kind)]
    tests = [path for path in tests if path.name != "conftest.py"]
    beside = {str(path) for path in tests if len(path.parts) == 1}

    assert beside == (ABOUT_THE_REPOSITORY if kind == "unit" else set())
    assert {path.parts[0] for path in tests if len(path.parts) > 1} <= TAGS
    assert [path for path in tests if len(path.parts) > 2] == []


def test_every_folder_is_one_that_the_rules_know():
    """A new one is named above, or no rule would hold for it."""
    folders = {path.relative_to(TESTS).parts[0] for path in TESTS.rglob("*/*.py")}

    assert folders == {*KINDS, *FLAT_KINDS, *PROGRAMS, "support"}
