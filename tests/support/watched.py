"""A server and an edge that tell everything about themselves: numbers, spans, each call in the log."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjure.edge.observe import Insight
from conjure.settings import TracingSettings
from support.collector import Collector, running_collector
from support.ports import claimed_port
from support.stack import running_edge, running_server
from support.until import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conjure.run.child import Child


@dataclass
class Watched:
    """Where it is, and what it tells."""

    directory: Path
    server: Child
    server_target: str
    rest_url: str
    edge_grpc_target: str
    metrics_url: str
    edge_metrics_url: str
    collector: Collector

    def log(self) -> str:
        """All that the server has written."""
        return (self.directory / "server.log").read_text()

    def access_log(self) -> str:
        """All that Envoy has written of requests."""
        return (self.directory / "access.log").read_text()

    def lines(self, request_id: str) -> list[dict[str, Any]]:
        """The server's lines about one request."""
        lines = [json.loads(line) for line in self.log().splitlines()]
        return [line for line in lines if line.get("request_id") == request_id]

    async def access_line(self, request_id: str) -> dict[str, Any]:
        """Envoy's line about one request, which it writes a little later."""
        await until(lambda: request_id in self.access_log().rpartition("\n")[0])
        line = next(line for line in self.access_log().splitlines() if request_id in line)
        found: dict[str, Any] = json.loads(line)
        return found


@contextlib.asynccontextmanager
async def running_watched(directory: Path, store_url: str) -> AsyncIterator[Watched]:
    """Starts both on a store, with a collector of their own."""
    metrics, edge_metrics = claimed_port(), claimed_port()
    async with contextlib.AsyncExitStack() as stack:
        collector = await stack.enter_async_context(running_collector())
        environment = {
            "CONJURE_METRICS_PORT": str(metrics),
            "CONJURE_TRACING_ENDPOINT": collector.url,
            "CONJURE_TRACING_HEADERS": "x-collector-key=collector-secret",
            "CONJURE_LOG_LEVEL": "debug",
            "CONJURE_LOG_CALLS": "true",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        server, port = await stack.enter_async_context(
            running_server(directory, store_url, environment)
        )
        _, rest, rpc = await stack.enter_async_context(
            running_edge(
                directory,
                port,
                insight=Insight(
                    TracingSettings(collector.url, headers="x-collector-key=collector-secret"),
                    metrics_port=edge_metrics,
                ),
            )
        )
        yield Watched(
            directory=directory,
            server=server,
            server_target=f"127.0.0.1:{port}",
            rest_url=f"http://127.0.0.1:{rest}",
            edge_grpc_target=f"127.0.0.1:{rpc}",
            metrics_url=f"http://127.0.0.1:{metrics}/metrics",
            edge_metrics_url=f"http://127.0.0.1:{edge_metrics}/metrics",
            collector=collector,
        )
