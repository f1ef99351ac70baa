"""The release before this one, as its own source and contract, so that its real programs run beside ours.

`CHAOS_FROM` names it (a git ref). Else it is the newest tag `v*` before HEAD; in a clone without tags the
newest commit of another version.
"""

from __future__ import annotations

import hashlib
import os
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
_PROJECT: Final = "pyproject.toml"
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
    name, commit = found()
    root = _KEPT / commit
    if not root.exists():
        _KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_KEPT) as folder:
            made = Path(folder) / "tree"
            made.mkdir()
            archive = _git(ROOT, "archive", commit)
            subprocess.run(["tar", "-x", "-C", str(made)], input=archive, check=True)
            _run([_python(made), "protos/generate.py"], made)
            made.rename(root)
    return Release(name, root, _python(root))


def found(clone: Path = ROOT) -> tuple[str, str]:
    """The name and commit of the release before that a clone has. Raises NoRelease."""
    if shutil.which("git") is None:
        raise NoRelease("git is not there")
    given = os.environ.get("CHAOS_FROM")
    if given:
        return given, _said(clone, "rev-parse", f"{given}^{{commit}}")
    head = _said(clone, "rev-parse", "HEAD")
    for tag in _said(clone, "tag", "--merged", "HEAD", "--list", "v*", "--sort=-v:refname").split():
        if (commit := _said(clone, "rev-parse", f"{tag}^{{commit}}")) != head:
            return tag, commit
    ours = _version((clone / _PROJECT).read_text())
    for commit in _said(clone, "log", "--format=%H", "--", _PROJECT).split():
        if (version := _version(_said(clone, "show", f"{commit}:{_PROJECT}"))) != ours:
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
    place = _KEPT / f"venv-{hashlib.sha256(lock).hexdigest()[:16]}"
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


def _git(clone: Path, *arguments: str) -> bytes:
    """What git writes. Raises NoRelease."""
    done = subprocess.run(["git", "-C", str(clone), *arguments], capture_output=True, check=False)
    if done.returncode:
        raise NoRelease(
            f"git {arguments[0]}: {done.stderr.decode(errors='replace')[-300:].strip()}"
        )
    return done.stdout


def _said(clone: Path, *arguments: str) -> str:
    return _git(clone, *arguments).decode().strip()
