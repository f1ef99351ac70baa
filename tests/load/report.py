"""The table, as Markdown and as JSON."""

from __future__ import annotations

import dataclasses
import os
import platform
import re
import subprocess
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conjure.edge.render import envoy_binary
from load.turns import Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import redis

    from load.rows import Result
    from load.turns import Turns

_COLUMNS = (
    "what", "connections", "workers", "req/s", "p50 ms", "p99 ms", "server µs", "Envoy µs", "store µs",
    "round trips", "answer bytes", "store bytes", "MB server", "MB Envoy",
)  # fmt: skip


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that is also readable as it is: the first column left, the others right."""
    widths = [max(len(line[n]) for line in (header, *rows)) for n in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join((first, *others))} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join((line(header), line(rule), *map(line, rows)))


def rows_table(rows: Sequence[Turns]) -> str:
    """A row each: medians over its turns of what callers saw and what a request cost; CPU also least and most."""
    return markdown(_COLUMNS, [_cells(row) for row in rows])


def _cells(row: Turns) -> list[str]:
    def shown(value: Callable[[Result], float], places: int = 0) -> str:
        return f"{row.over(value).median:,.{places}f}"

    memory = row.turns[-1].cost.memory_bytes
    answer = row.over(lambda turn: turn.outcome.answer_bytes).median
    return [
        f"{row.name}: FAILED, {row.failures}" if row.failed else row.name,
        str(row.connections),
        str(row.workers),
        shown(lambda turn: turn.outcome.rate),
        shown(lambda turn: turn.outcome.p50_ms, 1),
        shown(lambda turn: turn.outcome.p99_ms, 1),
        *(_microseconds(row.cpu(process)) for process in ("server", "envoy", "store")),
        shown(lambda turn: turn.cost.round_trips, 2),
        f"{answer:,.0f}" if answer else "",
        shown(lambda turn: turn.cost.store_bytes),
        *(f"{memory[key] / 1e6:,.0f}" if key in memory else "" for key in ("server", "envoy")),
    ]


def _microseconds(turns: Sequence[float]) -> str:
    found = Spread.of(turns)
    if len(turns) == 1:
        return f"{found.median:,.0f}"
    return f"{found.median:,.0f} ({found.least:,.0f}-{found.most:,.0f})"


def plain(result: Result) -> dict[str, Any]:
    """A row for JSON."""
    return dataclasses.asdict(result) | {"rate": result.outcome.rate, "failed": result.failed}


def machine(store: redis.Redis, tools: Sequence[str]) -> dict[str, Any]:
    """What was measured, and on what. `busy` is the load average of the minute before."""
    info = store.info("server")
    versions = {
        "python": platform.python_version(),
        "envoy": _version([str(envoy_binary()), "--version"], r"/(\d+\.\d+\.\d+)/"),
        "store": f"{info.get('server_name', 'redis')} "
        f"{info.get('valkey_version', info['redis_version'])}",
    }
    for package in ("grpcio", "redis", "hiredis", "uvloop", "PyJWT", "fastapi", "uvicorn"):
        versions[package] = _installed(package)
    for tool in tools:
        versions[Path(tool).name] = _version(
            [tool, "--version"], r"(\d+\.\d+\.\d+)"
        ) or _go_version(tool)
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count(),
        "cpu": _cpu_model(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": f"{platform.system()} {platform.release()}",
        "busy": round(os.getloadavg()[0], 2),
        "commit": _version(["git", "describe", "--always", "--dirty"], r"(\S+)"),
        "versions": versions,
    }


def machine_text(found: dict[str, Any]) -> str:
    """One paragraph."""
    versions = ", ".join(
        f"{name} {version}" for name, version in found["versions"].items() if version
    )
    return (
        f"{found['at']}, commit {found['commit']}: {found['cores']} cores {found['cpu']},"
        f" {found['memory_bytes'] / 2**30:.0f} GiB, {found['kernel']};"
        f" load average before: {found['busy']}. {versions}."
    )


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _cpu_model() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _go_version(binary: str) -> str:
    """What `go install` wrote into a program about itself: it knows no version of its own."""
    found = re.search(rb"\nmod\t\S+\t(v[0-9.]+)", Path(binary).read_bytes())
    return found[1].decode() if found else "?"


def _version(command: Sequence[str], pattern: str) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=20,
            cwd=Path(__file__).parent,
        )  # fmt: skip
    except OSError:
        return ""
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else ""
