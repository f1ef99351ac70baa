"""The release before this one, as its own source and contract, so that its real programs run beside ours.

`CHAOS_FROM` names it (a git ref). Else it is the newest tag `v*` before HEAD; in a clone without tags the
newest commit of another version.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
_KEPT: Final = ROOT / "build" / "releases"
_LOCK: Final = "requirements.lock"
_INSTALL_S: Final = 500


class NoRelease(Exception):
    """There is none here, or it cannot be made to run; the text says why."""


@dataclass(frozen=True)
class Release:
    """A source tree with generated code, and the Python that has what it needs."""

    name: str
    root: Path
    python: str

    def environment(self, root: Path | None = None) -> dict[str, str]:
        """What makes `python -m conjure` that of this release, by way of `root` where it is a link to it."""
        # What is compiled once is kept: else each start would compile all of it.
        return {
            "PYTHONPATH": str((root or self.root) / "server"),
            "PYTHONDONTWRITEBYTECODE": "",
        }


def this_release() -> Release:
    """The tree that is tested."""
    return Release("this", ROOT, sys.executable)


def release_before() -> Release:
    """Finds it and prepares it, once for all runs in this clone. Raises NoRelease."""
    name, commit = _found()
    root = _KEPT / commit
    if not root.exists():
        _KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_KEPT) as folder:
            made = Path(folder) / "tree"
            made.mkdir()
            archive = _git("archive", commit, binary=True)
            subprocess.run(["tar", "-x", "-C", str(made)], input=archive, check=True)
            _run([_python(made), "protos/generate.py"], made)
            made.rename(root)
    return Release(name, root, _python(root))


def _found() -> tuple[str, str]:
    """The name and commit of the release before."""
    if shutil.which("git") is None:
        raise NoRelease("git is not there")
    given = os.environ.get("CHAOS_FROM")
    if given:
        return given, _git("rev-parse", f"{given}^{{commit}}")
    head = _git("rev-parse", "HEAD")
    for tag in _git("tag", "--merged", "HEAD", "--list", "v*", "--sort=-v:refname").split():
        if (commit := _git("rev-parse", f"{tag}^{{commit}}")) != head:
            return tag, commit
    ours = _version((ROOT / "pyproject.toml").read_text())
    for commit in _git("log", "--format=%H", "--", "pyproject.toml").split():
        if (version := _version(_git("show", f"{commit}:pyproject.toml"))) != ours:
            return version, commit
    raise NoRelease(
        "no tag, and no other version in the history (a shallow clone?): set CHAOS_FROM"
    )


def _version(text: str) -> str:
    return str(tomllib.loads(text).get("project", {}).get("version", "?"))


def _python(root: Path) -> str:
    """A Python with what the release locks: ours where that is the same, else one of its own beside its tree."""
    lock = (root / _LOCK).read_bytes()
    if lock == (ROOT / _LOCK).read_bytes():
        return sys.executable
    digest = re.sub(r"\W", "", str(hash(lock)))
    place = _KEPT / f"venv-{digest}"
    python = place / "bin" / "python"
    if not (place / ".ready").exists():
        _run([sys.executable, "-m", "venv", "--clear", str(place)], root)
        wheels = Path.home() / ".cache" / "conjure" / "wheels"
        _run(
            [
                str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                "--find-links", str(wheels), "--only-binary", ":all:", "--require-hashes", "-r", _LOCK,
            ],
            root,
        )  # fmt: skip
        (place / ".ready").touch()
    return str(python)


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False,
        timeout=_INSTALL_S,
    )  # fmt: skip
    if done.returncode:
        raise NoRelease(f"{' '.join(command)}: {(done.stderr or done.stdout)[-500:]}")


def _git(*arguments: str, binary: bool = False):  # type: ignore[no-untyped-def]
    """What git says. Raises NoRelease."""
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)
    if done.returncode:
        raise NoRelease(
            f"git {arguments[0]}: {done.stderr.decode(errors='replace')[-300:].strip()}"
        )
    return done.stdout if binary else done.stdout.decode().strip()
