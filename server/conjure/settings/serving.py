"""Settings of the processes: the gRPC server, what it agrees on with the edge, and what both report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conjure.settings.variables import SettingsError

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """Health checks of the servers by the edges. `serve` and `edge` must be given the same values."""

    # Time between two health checks of one server. A check is a few bytes, so it is frequent enough to keep
    # a drain short.
    health_interval_s: float = 1.0
    # Time for the answer to a health check. A late answer counts as half a failure.
    health_timeout_s: float = 1.0

    @property
    def notice_s(self) -> float:
        """Seconds until every edge has noticed that a server leaves or is back, one lost check included."""
        return 2 * self.health_interval_s + self.health_timeout_s

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_positive("health_interval_s", "health_timeout_s")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The gRPC server."""

    # Address to listen on. By default only programs on the same machine can connect.
    host: str = "127.0.0.1"
    # Port of the first worker; worker n listens on port + n.
    port: int = 8090
    # Worker processes. With two or more they are supervised, and HUP replaces them one at a time.
    workers: int = 1
    # Unary calls in progress per worker; more are refused with 503, since a queue would only add latency.
    max_inflight: int = 512
    # Deadline of calls that bring none.
    deadline_s: float = 15.0
    # How long calls may run on after TERM.
    drain_s: float = 10.0
    # How long a worker serves on after it has reported NOT_SERVING: as long as the edges need to notice.
    drain_pause_s: float = EdgeSettings().notice_s
    # Open streaming calls per worker. 1000 idle ones take about 30 MB and 12 % of a core.
    max_streams: int = 1024
    # A stream whose caller takes no message for this long is ended.
    stream_write_s: float = 10.0
    # Time between keep-alive messages on an idle stream. Below the idle timeout of common proxies; the edge's
    # is 90 s.
    stream_keep_alive_s: float = 15.0
    # HTTP/2 streams on one connection, for server and edge alike. Calls beyond it wait at the caller.
    max_connection_streams: int = 1024
    # Largest request body (CONTRACT 0), for server and edge alike. A method may have its own limit in its
    # proto.
    max_body_bytes: int = 1_048_576
    # PEM file: the server's certificate. A replaced file is used without a restart. Empty: plain text, for
    # loopback and for networks that encrypt by themselves.
    tls_cert: str = ""
    # PEM file: the private key of the certificate.
    tls_key: str = ""
    # PEM file: a CA. With it, only clients with a certificate of this CA can connect (mTLS).
    tls_client_ca: str = ""

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_positive(
            "workers", "max_inflight", "deadline_s", "drain_s", "max_body_bytes", "max_streams",
            "stream_write_s", "stream_keep_alive_s", "max_connection_streams",
        )  # fmt: skip
        if not 0 <= self.port <= 65_536 - self.workers:
            raise SettingsError(f"{variables['port']} must leave a port from 0 to 65535 per worker")
        if bool(self.tls_cert) != bool(self.tls_key):
            raise SettingsError(f"{variables['tls_cert']} and {variables['tls_key']} go together")
        if self.tls_client_ca and not self.tls_cert:
            raise SettingsError(f"{variables['tls_client_ca']} needs {variables['tls_cert']}")


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Where Prometheus scrapes a worker."""

    # Address to listen on. The numbers are sums over all tenants: not for the public.
    host: str = "127.0.0.1"
    # Port of the first worker's /metrics; worker n is at port + n, as each is scraped by itself. 0: off.
    port: int = 0

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        if not 0 <= self.port <= 65_535:
            raise SettingsError(f"{variables['port']} must be from 0 to 65535")


@dataclass(frozen=True, slots=True)
class TracingSettings:
    """Where server and edge send spans. The SDK's OTEL_* variables refine queue, batch, TLS and resource."""

    # URL of an OTLP/gRPC collector, for example http://127.0.0.1:4317. Empty: no traces.
    endpoint: str = ""
    # Headers for the collector, its credentials among them: name=value, separated by commas.
    headers: str = field(default="", repr=False)
    # Part of the calls to trace, of those whose caller has not decided. Lower it where calls are many.
    ratio: float = 1.0

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        parts = urlsplit(self.endpoint)
        if self.endpoint and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise SettingsError(f"{variables['endpoint']} must be an http(s) URL of a collector")
        if "@" in parts.netloc:  # gRPC would take it for a part of the host name, and log it
            raise SettingsError(
                f"{variables['endpoint']} must not hold a credential: use {variables['headers']}"
            )
        if not 0 <= self.ratio <= 1:
            raise SettingsError(f"{variables['ratio']} must be from 0 to 1")
        if any("=" not in pair for pair in self.headers.split(",") if pair):
            raise SettingsError(f"{variables['headers']} must be name=value, separated by commas")


@dataclass(frozen=True, slots=True)
class HeavySettings:
    """Calls that would hold the event loop up, and the processes that answer them (`conjure.rpc.heavy`)."""

    # Heavy workers per serving process, each about 90 MB when idle. 0: there are none, and one caller's
    # large world holds up all others.
    workers: int = 1
    # Requests from this weight on go to a heavy worker: reading, checking and writing one takes some 5 ms.
    # A weight is a number of bytes, more where they are dense with values.
    request_bytes: int = 65_536
    # The same of stored worlds. More, as a world at hand is not read again, and only its edits are checked.
    document_bytes: int = 262_144
    # CPU time that one call may take; then its process is ended and the caller is told 503 (504 of a write).
    # 12 MiB of prose take half a second, 3 million nested lists six.
    cpu_s: float = 10.0
    # Memory (data segment, which counts what is reserved) of one heavy worker; it ends beyond it. In use are
    # 250 MB after 12 MiB of prose, and 1.1 GB at most, after two worlds of 12 MiB that are made of empty
    # objects.
    memory_bytes: int = 3_221_225_472
    # Calls that wait for heavy workers or are worked on, per serving process. One app has at most half.
    queue_calls: int = 64
    # Bytes of their requests; what makes up most of the memory of a serving process under attack.
    queue_bytes: int = 134_217_728

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_positive(
            "request_bytes", "document_bytes", "cpu_s", "memory_bytes", "queue_calls", "queue_bytes"
        )
        if self.workers < 0:
            raise SettingsError(f"{variables['workers']} must not be negative")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The log of the server, on standard error."""

    # debug, info, warning or error.
    level: str = "info"
    # json or text.
    format: str = "json"
    # Also write a line per call. It costs about 40 µs, a twelfth of a connect, and the edge's access log has
    # one already, with the same request id. Failures of the server itself are always logged.
    calls: bool = False

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        if self.level not in {"debug", "info", "warning", "error"}:
            raise SettingsError(f"{variables['level']} must be debug, info, warning or error")
        if self.format not in {"json", "text"}:
            raise SettingsError(f"{variables['format']} must be json or text")
