"""The two load tools: found or installed, run, and read.

ghz drives gRPC, wrk drives REST. Both are closed loops: a caller sends when it has its answer, so a slow
server is asked less often, and p99 says nothing about a queue that a fixed arrival rate would build.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from support.programs import ProgramMissing, go_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 16
_HUNG_S = 120  # beyond what a run was given
Part = TypeVar("Part", str, bytes)


class ToolMissing(Exception):
    """A tool is not there; the text says how to get it."""


class LoadFailed(Exception):
    """A tool ended with an error, or did not say what it measured."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One kind of REST request. Where there are several of a part they take turns, each in its own time.

    An empty credential is none.
    """

    verb: str
    paths: Sequence[str]
    credentials: Sequence[str] = ()
    bodies: Sequence[bytes] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_credentials(self, credentials: Sequence[str]) -> Ask:
        """The same request, by others."""
        return replace(self, credentials=credentials)

    def nth(self, number: int) -> tuple[str, dict[str, str], bytes]:
        """Path, headers and body of one request, counted from 0."""
        headers = {"content-type": "application/json", **self.headers}
        if self.credentials and (credential := _turn(self.credentials, number)):
            headers["authorization"] = f"Bearer {credential}"
        return (
            _turn(self.paths, number),
            headers,
            _turn(self.bodies, number) if self.bodies else b"",
        )

    def files(self) -> dict[str, bytes]:
        """What wrk.lua reads, by name: a line each, or the one body as it is."""
        heads = [f"{name}: {value}" for name, value in self.headers.items()]
        found = {
            "paths": _lines(self.paths),
            "credentials": _lines(self.credentials),
            "headers": _lines(heads),
        }
        if len(self.bodies) == 1:
            found["body"] = self.bodies[0]
        elif self.bodies:
            found["bodies"] = b"".join(body + b"\n" for body in self.bodies)
        return {name: content for name, content in found.items() if content}


def _turn(parts: Sequence[Part], number: int) -> Part:
    return parts[number % len(parts)]


def _lines(texts: Sequence[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool measured. `failed` counts answers that were errors, and calls without an answer."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failed: int
    failures: str
    worst_ms: float = 0.0  # of wrk alone, as are the bytes
    answer_bytes: float = 0.0  # of one answer as it comes over the wire, its head too

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def wrk_binary() -> str:
    """Finds wrk: $WRK, then PATH. Raises ToolMissing."""
    found = os.environ.get("WRK") or shutil.which("wrk")
    if not found:
        raise ToolMissing("wrk is not there: apt-get install wrk, brew install wrk, or set WRK")
    return found


def ghz_binary() -> str:
    """Finds ghz: $GHZ, or one that is installed with Go. Raises ToolMissing."""
    try:
        return go_program("ghz")
    except ProgramMissing as missing:
        raise ToolMissing(
            f"ghz is not there, and cannot be installed ({missing}): take the program from"
            " https://github.com/bojand/ghz/releases, and set GHZ"
        ) from missing


async def run_wrk(
    binary: str,
    url: str,
    ask: Ask,
    *,
    seconds: float,
    connections: int = CONNECTIONS,
    once: bool = False,
    rest_ms: int = 0,
) -> Outcome:
    """Drives one kind of REST request; each connection rests for `rest_ms` between two. Raises LoadFailed.

    With `once` it ends when each credential was used.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, content in ask.files().items():
            _file(folder, name, content)
        text = await _output(
            [
                binary, "--threads", "1", "--connections", str(connections),
                "--duration", f"{max(1, round(seconds))}s", "--timeout", "20s",
                "--script", str(Path(__file__).with_name("wrk.lua")), url, "--",
                ask.verb, folder, "once" if once else "again", str(rest_ms),
            ],
            seconds,
        )  # fmt: skip
    return read_wrk(text)


def read_wrk(text: str) -> Outcome:
    """Reads the line that wrk.lua writes at the end. Raises LoadFailed."""
    lines = [line for line in text.splitlines() if line.startswith("{")]
    if not lines:
        raise LoadFailed(f"wrk said nothing: {text[-500:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    failures = {
        name: found[name]
        for name in ("status", "connect", "read", "write", "timeout")
        if found[name]
    }
    return Outcome(
        found["requests"],
        found["duration"] / 1e6,
        found["p50"] / 1e3,
        found["p99"] / 1e3,
        sum(failures.values()),
        ", ".join(
            f"{count} {name}" for name, count in (failures | found.get("refusals", {})).items()
        ),
        found.get("max", 0) / 1e3,
        found.get("bytes", 0) / max(1, found["requests"]),
    )


async def run_ghz(
    binary: str,
    protoset: Path,
    target: str,
    method: str,
    *,
    count: int,
    messages: Sequence[dict[str, Any]] = ({},),
    credential: str = "",
    connections: int = CONNECTIONS,
) -> Outcome:
    """Makes `count` calls of one RPC; the messages are sent in turn. Raises LoadFailed."""
    with tempfile.TemporaryDirectory() as folder:
        sent: Any = messages[0] if len(messages) == 1 else list(messages)
        metadata = {"authorization": f"Bearer {credential}"} if credential else {}
        said = _file(folder, "report", b"")
        await _output(
            [
                binary, "--insecure", "--protoset", str(protoset), "--call", method,
                "--data-file", _file(folder, "data", json.dumps(sent).encode()),
                "--metadata-file", _file(folder, "metadata", json.dumps(metadata).encode()),
                "--concurrency", str(connections), "--connections", str(connections),
                "--total", str(count), "--count-errors",
                "--format", "json", "--output", said, target,
            ],
            60.0,
        )  # fmt: skip
        return read_ghz(_report(said))


def _file(folder: str, name: str, content: bytes) -> str:
    path = Path(folder, name)
    path.write_bytes(content)
    return str(path)


def _report(path: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(Path(path).read_bytes())
    except ValueError as error:
        raise LoadFailed("ghz wrote no report") from error
    return found


def read_ghz(report: dict[str, Any]) -> Outcome:
    """Reads ghz's JSON report. Raises LoadFailed."""
    statuses: dict[str, int] = report.get("statusCodeDistribution") or {}
    latencies = {
        item["percentage"]: item["latency"] / 1e6
        for item in report.get("latencyDistribution") or ()
    }
    if not statuses or not latencies:
        raise LoadFailed(f"ghz made no calls: {report.get('errorDistribution')}")
    failures = {name: count for name, count in statuses.items() if name != "OK"}
    missing = report["count"] - sum(statuses.values())
    if missing:
        failures["unanswered"] = missing
    return Outcome(
        report["count"],
        report["total"] / 1e9,
        latencies[50],
        latencies[99],
        sum(failures.values()),
        ", ".join(f"{count} {name}" for name, count in failures.items()),
    )


async def _output(command: Sequence[str], seconds: float) -> str:
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(seconds + _HUNG_S):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise LoadFailed(
            f"{Path(command[0]).name} ended with {process.returncode}: {output[-500:]!r}"
        )
    return output.decode(errors="replace")
