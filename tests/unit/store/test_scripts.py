"""Lua scripts are read by their names: KEYS and ARGV are numbers only where they are given names."""

from __future__ import annotations

import re
from pathlib import Path

import conjure
from support.cases import each_of

ROOT = Path(conjure.__file__).parent
SCRIPTS = sorted(ROOT.rglob("*.lua"))
# `local world, effect = KEYS[1], KEYS[2]`, and what follows it up to the first line of another kind.
NAMING = re.compile(r"^(local [\w, ]+ = .*)?(--.*)?$")
# Scripts over as many keys or arguments as there are, in a loop.
COUNTED = re.compile(
    r"\bipairs\(ARGV\)|\bunpack\((?:KEYS|ARGV), \w+\)|#KEYS|#ARGV|KEYS\[i\]|KEYS\[first_\w+ \+ i - 1\]"
)


def stray(text: str) -> list[str]:
    """The lines that use a number behind the names."""
    lines = iter(text.splitlines())
    rest: list[str] = []
    for line in lines:
        if not NAMING.match(line):
            rest = [line, *lines]
    return [line for line in rest if re.search(r"\b(KEYS|ARGV)\b", COUNTED.sub("", line))]


@each_of("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_script_names_its_arguments_in_its_first_lines(path):
    assert stray(path.read_text()) == []


def test_a_number_behind_the_names_is_seen():
    assert stray("local world = KEYS[1]\nif ARGV[9] then\n  return 1\nend\n") == ["if ARGV[9] then"]
