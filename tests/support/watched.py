"""A server and an edge that tell everything about themselves: numbers, spans, each call in the log."""

from __future__ import annotations

import contextlib
import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from conjure.edge.observe import Insight
from conjure.settings import TracingSettings
from support.collector import Collector, running_collector
from support.edge.raw_http import send_bytes
from support.ports import claimed_port
from support.stack import running_edge, running_server
from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
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

    async def written(self) -> dict[str, str]:
        """All that was written of what has been asked so far, by where: logs, spans, numbers."""
        await all_is_written(self.collector, self.rest_url, self.access_log)
        async with httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as plain:
            numbers = [
                (await plain.get(url)).text for url in (self.metrics_url, self.edge_metrics_url)
            ]
        return {
            "server.log": self.log(),
            "access.log": self.access_log(),
            "envoy.log": (self.directory / "envoy.log").read_text(),
            "spans": repr(self.collector.spans),
            "metrics": "".join(numbers),
        }

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


async def all_is_written(
    collector: Collector, rest_url: str, log: Callable[[], str], *, status: int = 200
) -> None:
    """Waits for the line and the span of a last request."""
    trace, request_id = uuid.uuid4().hex, str(uuid.uuid4())
    headers = f"x-request-id: {request_id}\r\ntraceparent: 00-{trace}-{'cd' * 8}-01\r\n"
    request = f"GET /healthz HTTP/1.1\r\nhost: edge\r\n{headers}\r\n".encode()
    assert (await send_bytes(rest_url, request)).status_code == status
    await collector.having(bool, trace)
    await until(lambda: request_id in log().rpartition("\n")[0])


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
