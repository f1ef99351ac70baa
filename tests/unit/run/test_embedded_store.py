"""Where the socket of the embedded store is, and how a URL says it."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest
from redis.asyncio.connection import parse_url

from conjure.run.child import ChildFailed
from conjure.run.embedded_store import locked, socket_for, socket_url
from conjure.settings import Settings
from support.cases import each_of

LONG = "x" * 120


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A short TMPDIR and no XDG_RUNTIME_DIR."""
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        monkeypatch.setattr(tempfile, "tempdir", short)
        yield Path(short)


def test_it_is_in_the_folder_when_its_path_is_short_enough(places):
    """103 bytes: macOS has room for 104 with the zero at the end."""
    folder = places / ("y" * (103 - len(str(places)) - len("//socket")))
    with socket_for(folder) as path:
        assert path == folder / "socket"
        assert len(os.fsencode(path)) == 103
    with socket_for(places / ("y" * (104 - len(str(places)) - len("//socket")))) as path:
        assert path.parent.parent == places


@pytest.mark.parametrize("name", [LONG, "\u00e9" * 55, "\udcff"], ids=["long", "bytes", "no UTF-8"])
def test_else_it_is_in_a_private_folder_that_goes_with_it(places, name):
    with socket_for(places / name) as path:
        assert path.parent.parent == places
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not list(places.iterdir())


def test_the_runtime_folder_of_the_user_comes_first(places, monkeypatch):
    runtime = places / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    with socket_for(places / LONG) as path:
        assert path.parent.parent == runtime
    for useless in (places / "gone", places / LONG, ""):
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(useless))
        with socket_for(places / LONG) as path:
            assert path.parent.parent == places


def test_a_temporary_folder_that_is_too_long_is_passed_over(places, monkeypatch):
    long = places / LONG
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with socket_for(places / LONG) as path:
        assert path.parent.parent == Path("/tmp")


@each_of("name", ["a b", "a,b", "a%2Fb", "a?db=3", "a#b", "\u00e9\U0001f600", "a@b:c"])
def test_a_url_says_any_path(name):
    """To the library, and between the commas of our own setting."""
    path = Path("/tmp") / name / "socket"
    url = socket_url(path)
    assert parse_url(url)["path"] == str(path)
    assert "db" not in parse_url(url)
    assert Settings.from_environment({"CONJURE_STORE_URL": url}).store.urls == (url,)


def test_a_folder_that_is_held_is_refused_and_not_touched(tmp_path):
    folder = tmp_path / "store"
    with locked(folder):
        before = {path.name: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())}
        with pytest.raises(ChildFailed, match="in use"), locked(folder):
            pass
        assert before == {
            path.name: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())
        }
    with locked(folder):
        pass
