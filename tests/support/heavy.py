"""A server whose heavy calls are heavy from a few kilobytes on, and its heavy workers as processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conjure.v1 import document_pb2
from conjure.v1 import graph_service_pb2 as graph_pb
from support.ports import claimed_port
from support.rpc import TIMEOUT_S, metadata
from support.stack import running_server
from support.until import until
from support.worlds import prose_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from conjure.run.child import Child
    from support.rpc import Client

HEAVY = 20_000
"""Bytes of a request or a world that are heavy there, with room for what is not."""

_THRESHOLD = "6000"


def workers_of(pid: int) -> list[int]:
    """The heavy workers of a serving process (Linux)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"conjure.run.heavy" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def is_there(pid: int) -> bool:
    """Whether there is such a process, one that has ended and is not yet reaped included."""
    return Path(f"/proc/{pid}").exists()


@dataclass
class HeavyServer:
    """Where it is."""

    child: Child
    port: int
    metrics_url: str
    log_file: Path

    async def worker(self) -> int:
        """The process id of its worker, once there is one."""
        await until(lambda: len(workers_of(self.child.pid)) == 1)
        return workers_of(self.child.pid)[0]

    @contextlib.asynccontextmanager
    async def stopped_worker(self) -> AsyncIterator[int]:
        """While the body runs the worker computes nothing, as if it did for long."""
        pid = await self.worker()
        with stopped(pid):
            yield pid

    def log(self, event: str) -> list[dict[str, Any]]:
        """Its lines about an event, those of its workers among them."""
        # A process that cannot even start says why in its own way.
        written = self.log_file.read_text().splitlines()
        lines = [json.loads(line) for line in written if line.startswith("{")]
        return [line for line in lines if line.get("event") == event]

    def sockets(self) -> list[Path]:
        """Folders with sockets of workers that are there."""
        return list(self.log_file.parent.glob("conjure-*"))


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Stops a process while the body runs."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@contextlib.asynccontextmanager
async def running_heavy_server(
    directory: Path, store_url: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[HeavyServer]:
    """Starts one on a store."""
    metrics = claimed_port()
    variables = {
        "CONJURE_HEAVY_REQUEST_BYTES": _THRESHOLD,
        "CONJURE_HEAVY_DOCUMENT_BYTES": _THRESHOLD,
        "CONJURE_METRICS_PORT": str(metrics),
        "TMPDIR": str(directory),
        **(environment or {}),
    }
    async with running_server(directory, store_url, variables) as (child, port):
        yield HeavyServer(
            child, port, f"http://127.0.0.1:{metrics}/metrics", directory / "server.log"
        )


def lint(
    client: Client,
    world_id: str,
    document: Any = None,
    *,
    timeout: float = TIMEOUT_S,
    **headers: str,
) -> Any:
    """A heavy call without effects: it brings a world along."""
    text = json.dumps(prose_world(HEAVY) if document is None else document).encode()
    return client.graph.LintGraph(
        graph_pb.LintGraphRequest(id=world_id, data=document_pb2.JsonDocument(json=text)),
        metadata=metadata(client.key, **headers),
        timeout=timeout,
    )
