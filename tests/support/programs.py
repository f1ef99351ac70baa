"""Programs of other languages that tests and measurements run: found, or installed once for all clones.

They are built with Go, or come by npm, at the versions below. A machine without these does without them, and says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHE: Final = Path.home() / ".cache" / "conjure" / "programs"
GO_PROGRAMS: Final = {
    "ghz": "github.com/bojand/ghz/cmd/ghz@v0.93.0",
    "grpcurl": "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4",
    "prometheus": "github.com/prometheus/prometheus/cmd/prometheus@v0.316.0",
    "promtool": "github.com/prometheus/prometheus/cmd/promtool@v0.316.0",
    "protoc-gen-go": "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12",
    "protoc-gen-go-grpc": "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2",
}
CLIENTS: Final = Path(__file__).with_name("clients")
# Prometheus without what finds targets in clouds (Kubernetes, AWS, …): half of what it is made of.
_TAGS: Final = {"prometheus": "netgo,remove_all_sd", "promtool": "netgo,remove_all_sd"}
_INSTALL_S: Final = 500
# On two cores Prometheus takes a minute or two by itself, and many beside other work.
_LARGE_S: Final = 1_500


class ProgramMissing(Exception):
    """A program is not there and cannot be installed; the text says how to get it."""


def go() -> str:
    """Where Go is. Raises ProgramMissing."""
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if found is None:
        raise ProgramMissing("Go is not there")
    return found


def go_program(name: str) -> str:
    """Where a program is: $GHZ for ghz, this cache, or made with Go now. Raises ProgramMissing."""
    given = _given(name)
    if given is not None:
        return given
    package, kept = GO_PROGRAMS[name], _kept(name)
    if not kept.exists():
        with _made(kept.parent) as folder:
            print(f"· go install {package} (once, takes minutes)", flush=True)  # noqa: T201
            environment = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-mod=mod"}
            tags = [f"-tags={_TAGS[name]}"] if name in _TAGS else []
            limit_s = _LARGE_S if name in _TAGS else _INSTALL_S
            _install([go(), "install", *tags, package], environment, limit_s=limit_s)
    return str(kept)


def program_at_hand(name: str) -> str | None:
    """Where a program of Go is, if that takes no time: $GHZ for ghz, this cache, or PATH. None: not here."""
    kept = _kept(name)
    return _given(name) or (str(kept) if kept.exists() else shutil.which(name))


def _given(name: str) -> str | None:
    given = os.environ.get(name.upper().replace("-", "_"))
    return given if given and os.access(given, os.X_OK) else None


def _kept(name: str) -> Path:
    return CACHE / GO_PROGRAMS[name].rpartition("/")[2] / name


def download_modules(project: Path) -> None:
    """Fetches what a project of Go imports, if this machine has not got it. Raises ProgramMissing."""
    _install([go(), "mod", "download"], dict(os.environ), project)


def go_built(project: Path) -> str:
    """Where the program is that a project of Go in this repository makes, built once. Raises ProgramMissing."""
    sources = sorted(file for file in project.iterdir() if file.suffix in {".go", ".mod", ".sum"})
    made_of = hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()[:12]
    kept = CACHE / f"{project.name}-{made_of}" / project.name
    if not kept.exists():
        with _made(kept.parent) as folder:
            command = [go(), "build", "-o", str(folder / project.name), "."]
            _install(command, {**os.environ, "GOFLAGS": "-mod=readonly -buildvcs=false"}, project)
    return str(kept)


def node_modules(package: Path) -> Path:
    """Where what a folder's package-lock.json names is installed. Raises ProgramMissing."""
    npm = shutil.which("npm")
    if npm is None:
        raise ProgramMissing("npm is not there")
    lock = (package / "package-lock.json").read_bytes()
    kept = CACHE / f"npm-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not kept.exists():
        with _made(kept) as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(package / name, folder)
            command = [npm, "ci", "--engine-strict", "--ignore-scripts", "--no-audit", "--no-fund"]
            _install([*command, "--prefix", str(folder)], dict(os.environ))
    return kept / "node_modules"


@contextlib.contextmanager
def needed() -> Iterator[None]:
    """Around what looks for programs: a test says it aloud when one is not there."""
    try:
        yield
    except ProgramMissing as missing:
        pytest.skip(f"NOT TESTED: {missing}")


@contextlib.contextmanager
def _made(kept: Path) -> Iterator[Path]:
    """A folder that becomes `kept` in one step when all has gone well: another process may make it, too."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as temporary:
        folder = Path(temporary, "made")
        folder.mkdir()
        yield folder
        with contextlib.suppress(OSError):  # the other one was quicker
            folder.rename(kept)


def _install(
    command: list[str],
    environment: dict[str, str],
    folder: Path | None = None,
    limit_s: float = _INSTALL_S,
) -> None:
    try:
        done = subprocess.run(
            command, env=environment, cwd=folder, check=False, timeout=limit_s,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise ProgramMissing(f"`{' '.join(command[-3:])}` takes too long") from late
    if done.returncode != 0:
        raise ProgramMissing(f"`{' '.join(command[-3:])}` failed: {done.stdout[-300:].strip()}")
