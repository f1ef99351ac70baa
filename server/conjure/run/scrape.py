"""The `/metrics` endpoint for Prometheus: an HTTP listener in the process of the gRPC server.

Each worker has a port of its own, one after the other: a scrape then shows which worker is unlike the others,
and processes share nothing while they serve calls (the library's multiprocess mode writes to mapped files at
each count). Gauges are read on the event loop; the text, some milliseconds of work, is made in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from conjure import __version__
from conjure.core import metrics
from conjure.core.cells import Count
from conjure.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from prometheus_client import Metric

    from conjure.core.cells import Distribution, Family

_PATH: Final = "/metrics"
_TIMEOUT_S: Final = 5.0  # for a request to arrive and its answer to be sent
_MAX_HEAD_BYTES: Final = 8_192
_MAX_CONNECTIONS: Final = 4  # a pair of Prometheus servers, and a person with curl
_LAG_EVERY_S: Final = 0.025  # 40 timers a second cost 0.1 % of a core
_HOLD_S: Final = 0.05
"""A timer this late was held up by something. No hold of this and an interval more falls between two."""

_Readings = dict[str, dict[tuple[str, ...], float]]


@contextlib.asynccontextmanager
async def metrics_listener(host: str, port: int) -> AsyncIterator[int]:
    """Answers `GET /metrics` while the body runs; yields the port, which for port 0 is any free one.

    Raises SettingsError when the address cannot be bound.
    """
    scrape = _Scrape()
    try:
        server = await asyncio.start_server(scrape.serve, host, port, limit=_MAX_HEAD_BYTES)
    except OSError as error:
        raise SettingsError(
            f"CONJURE_METRICS_PORT: {host}:{port} cannot be used: {error}"
        ) from error
    lag = asyncio.create_task(_watch_lag(), name="loop-lag")
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        lag.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await lag
        server.close()
        await server.wait_closed()


async def _watch_lag() -> None:
    loop, lag = asyncio.get_running_loop(), metrics.LOOP_LAG.at()
    while True:
        due = loop.time() + _LAG_EVERY_S
        await asyncio.sleep(_LAG_EVERY_S)
        late = max(0.0, loop.time() - due)
        lag.observe(late)
        if late > _HOLD_S:
            metrics.LOOP_HOLDS.at().add()


class _Scrape:
    """Serves the connections: one request each, few at the same time, bounded in time."""

    def __init__(self) -> None:
        self._open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                writer.write(await self._answer(reader))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client has gone, or does not speak HTTP
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request, *lines = head.split("\r\n")
        verb, _, rest = request.partition(" ")
        if rest.split(" ")[0].partition("?")[0] != _PATH:
            return _http("404 Not Found", "text/plain", f"metrics are at {_PATH}\n".encode())
        if verb != "GET":
            return _http("405 Method Not Allowed", "text/plain", b"", "allow: GET\r\n")
        if self._open > _MAX_CONNECTIONS:
            return _http("503 Service Unavailable", "text/plain", b"", "retry-after: 1\r\n")
        headers = dict(line.lower().split(":", 1) for line in lines if ":" in line)
        readings: _Readings = {gauge.name: gauge.values() for gauge in metrics.GAUGES}
        kind, body = await asyncio.to_thread(exposition, headers.get("accept", ""), readings)
        return _http("200 OK", kind, body)


def _http(status: str, kind: str, body: bytes, headers: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
        f"{headers}connection: close\r\n\r\n"
    )
    return head.encode() + body


def exposition(accept: str, readings: _Readings) -> tuple[str, bytes]:
    """Returns content type and text: OpenMetrics if `accept` names it, else the Prometheus text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_ConjureCollector(readings))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    PlatformCollector(registry=registry)
    encode, kind = choose_encoder(accept)
    return kind, encode(registry)


class _ConjureCollector(Collector):
    """Everything in `core.metrics`, as metric families of the Prometheus library."""

    def __init__(self, readings: _Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        for family in metrics.FAMILIES:
            yield from _family(family)
        for gauge in metrics.GAUGES:
            found = GaugeMetricFamily(gauge.name, gauge.text, labels=gauge.labels)
            for labels, value in self._readings[gauge.name].items():
                found.add_metric(labels, value)
            yield found
        build = InfoMetricFamily("conjure_build", "What runs here.")
        build.add_metric((), {"version": __version__})
        yield build


def _family(
    family: Family[Count] | Family[Distribution],
) -> Iterator[Metric]:
    counts = CounterMetricFamily(family.name, family.text, labels=family.labels)
    spread = HistogramMetricFamily(family.name, family.text, labels=family.labels)
    for labels, cell in family.cells():
        if isinstance(cell, Count):
            counts.add_metric(labels, cell.value)
        else:
            spread.add_metric(labels, cell.buckets(), cell.sum)
    yield spread if spread.samples else counts
