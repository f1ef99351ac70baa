"""How the commands that `conjure dev` prints name this program; tests/edge/run runs all of them."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from conjure.run.guide import this_program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environment(tmp_path, monkeypatch) -> Path:
    """An environment below a folder with a space in its name, whose Python runs this."""
    folder = tmp_path / "a folder" / ".venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "conjure").touch()
    monkeypatch.setattr(sys, "executable", str(folder / "python3"))
    return folder


def test_it_is_short_in_a_checkout_and_whole_elsewhere(environment, tmp_path, monkeypatch):
    """Either works in another terminal in that folder, whatever its PATH has."""
    monkeypatch.chdir(environment.parents[1])
    assert this_program() == ".venv/bin/conjure"
    monkeypatch.chdir(environment)
    assert shlex.split(this_program()) == [str(environment / "conjure")]  # not looked up in PATH
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert shlex.split(this_program()) == [str(environment / "conjure")]


def test_without_a_script_it_is_the_module(environment, tmp_path, monkeypatch):
    """As where `python -m conjure dev` runs from a path of its own."""
    (environment / "conjure").unlink()
    monkeypatch.chdir(tmp_path)
    assert shlex.split(this_program())[1:] == ["-m", "conjure"]
