"""Settings of the processes: the gRPC server, what it agrees on with the edge, and what both report."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from conjure.core.transports import EDGE_IDLE_S, EdgeTransport
from conjure.settings.bounds import DAY_S, HIGHEST_PORT, MANY, MOMENT_S, MOST_BYTES, number
from conjure.settings.limits import MAX_RESPONSE_BYTES
from conjure.settings.variables import SettingsError

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


# A field name (RFC 9110, 5.1) and a value that HTTP/2 and gRPC take.
_HEADER: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+=[\x20-\x7e]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """What edges and servers agree on. `serve` and `edge` must be given the same values."""

    # How edges send unary calls: http1 (gRPC messages over HTTP/1.1, a third of the cost) or grpc (the
    # standard way). Servers listen for both; with http1 they believe edges' unary calls only there.
    # OPERATIONS.md says in which order to change it.
    calls: str = "http1"
    # Folder for the socket files of http1, where edges and servers share a machine. Only who may enter it can
    # call. Empty: a port.
    sockets: str = ""
    # Without such a folder, the port of http1 is the server's port plus this. It has the TLS of the server.
    port_offset: int = number(100, 1, 32_767)
    # Connections of edges to one worker over http1, one call at a time on each. An edge opens 34,816 at most.
    max_connections: int = number(40_000, 1, MANY)
    # An edge has sent a request whole, and taken its answer, within this: both are in its memory before.
    transfer_s: float = number(30.0, MOMENT_S, DAY_S)
    # A connection without a call is closed after this. Above the edge's 60 s, or calls would meet its end.
    idle_s: float = number(300.0, EDGE_IDLE_S + 1, DAY_S)

    # Time between two health checks of one server. A check is a few bytes, so it is frequent enough to keep
    # a drain short.
    health_interval_s: float = number(1.0, 0.01, 300.0)
    # Time for the answer to a health check. A late answer counts as half a failure.
    health_timeout_s: float = number(1.0, 0.01, 300.0)

    @property
    def notice_s(self) -> float:
        """Seconds until every edge has noticed that a server leaves or is back, one lost check included."""
        return 2 * self.health_interval_s + self.health_timeout_s

    @property
    def transport(self) -> EdgeTransport:
        """How edges send unary calls."""
        return EdgeTransport(self.calls)

    def socket_of(self, port: int) -> str:
        """Returns the path of the socket file of the worker with this gRPC port."""
        return f"{self.sockets.rstrip('/')}/{port}"

    def port_of(self, port: int) -> int:
        """Returns the port for edges of the worker with this gRPC port."""
        return port + self.port_offset

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        if self.calls not in set(EdgeTransport):
            raise SettingsError(f"{variables['calls']} must be http1 or grpc")
        if self.sockets and not self.sockets.startswith("/"):
            raise SettingsError(f"{variables['sockets']} must be an absolute path")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The gRPC server."""

    # Address to listen on. By default only programs on the same machine can connect.
    host: str = "127.0.0.1"
    # Port of the first worker; worker n listens on port + n.
    port: int = number(8090, 0, HIGHEST_PORT)
    # Worker processes. With two or more they are supervised, and HUP replaces them one at a time.
    workers: int = number(1, 1, 1024)
    # Calls in progress per worker; more are refused, since a queue would only add latency. One caller alone
    # may have 512 of them, the rest is in reserve (CONJURE_SHARES_RESERVE).
    max_inflight: int = number(640, 1, MANY)
    # Deadline of calls that bring none.
    deadline_s: float = number(15.0, MOMENT_S, DAY_S)
    # The same of calls that wait for a model: worlds written, edits in words, pictures. Edges wait 135 s.
    model_deadline_s: float = number(120.0, MOMENT_S, DAY_S)
    # How long calls may run on after TERM. Those that still wait for a model then are ended and given back.
    drain_s: float = number(10.0, MOMENT_S, DAY_S)
    # How long a worker serves on after it has reported NOT_SERVING: as long as the edges need to notice.
    drain_pause_s: float = number(EdgeSettings().notice_s, 0.0, DAY_S)
    # Open streaming calls per worker. 1000 idle ones take about 30 MB and 12 % of a core.
    max_streams: int = number(1024, 1, MANY)
    # A stream whose caller takes no message for this long is ended.
    stream_write_s: float = number(10.0, MOMENT_S, DAY_S)
    # Time between keep-alive messages on an idle stream. Below the idle timeout of common proxies; the edge's
    # is 90 s.
    stream_keep_alive_s: float = number(15.0, MOMENT_S, DAY_S)
    # HTTP/2 streams on one connection, for server and edge alike. Calls beyond it wait at the caller.
    max_connection_streams: int = number(1024, 1, MANY)
    # Largest request body of methods that state no limit in their proto, for server and edge alike: no
    # document stands in it (CONTRACT 0).
    max_body_bytes: int = number(16_384, 1, MAX_RESPONSE_BYTES)
    # Bytes of large requests (from 1 MiB) per worker, from their arrival over http1 to their answers; more
    # are told to come again (503), and so are those that a limit of the process (`ulimit -d`) leaves no
    # memory for.
    large_bodies_bytes: int = number(268_435_456, 1, MOST_BYTES)
    # PEM file: the server's certificate. A replaced file is used without a restart. Empty: plain text, for
    # loopback and for networks that encrypt by themselves.
    tls_cert: str = ""
    # PEM file: the private key of the certificate.
    tls_key: str = ""
    # PEM file: a CA. With it, only clients with a certificate of this CA can connect (mTLS).
    tls_client_ca: str = ""

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        if self.port > HIGHEST_PORT + 1 - self.workers or (self.workers > 1 and not self.port):
            raise SettingsError(f"{variables['port']} must leave a port up to 65535 per worker")
        if bool(self.tls_cert) != bool(self.tls_key):
            raise SettingsError(f"{variables['tls_cert']} and {variables['tls_key']} go together")
        if self.tls_client_ca and not self.tls_cert:
            raise SettingsError(f"{variables['tls_client_ca']} needs {variables['tls_cert']}")


@dataclass(frozen=True, slots=True)
class ShareSettings:
    """The part of a worker's calls in progress and open streams that a caller has when others come."""

    # Of one address (IPv6: one /64). 32 calls in progress of 640: at 5 ms each 6,400 a second, more than a
    # worker serves. 0: no share of its own, for where all callers come from one address, as behind a proxy
    # that does not say who calls.
    address: float = number(0.05, 0.0, 1.0)
    # Of one API key, or one user. Half of an app's, so that a key in a web page leaves room for the app's own
    # backend. 0: no share of its own.
    key: float = number(0.1, 0.0, 1.0)
    # Of one app: both of its modes, its keys and the sessions of its players. 0: no share of its own.
    app: float = number(0.2, 0.0, 1.0)
    # Kept free of callers beyond their shares: as much as an app's share, so that an app that comes to a busy
    # worker has its own at once. Of streams nothing is kept, as they are ended for others.
    reserve: float = number(0.2, 0.0, 1.0)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()

    def of(self, total: int) -> dict[Literal["address", "key", "app"], int]:
        """The share of each kind of holder of so many places; 0 is no share."""
        return {
            "address": self._part(self.address, total),
            "key": self._part(self.key, total),
            "app": self._part(self.app, total),
        }

    def reserve_of(self, total: int) -> int:
        """How many of so many places are kept free; never all."""
        return min(round(self.reserve * total), total - 1)

    def _part(self, part: float, total: int) -> int:
        return max(1, round(part * total)) if part else 0


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Where Prometheus scrapes a worker."""

    # Address to listen on. The numbers are sums over all tenants: not for the public.
    host: str = "127.0.0.1"
    # Port of the first worker's /metrics; worker n is at port + n, as each is scraped by itself. 0: off.
    port: int = number(0, 0, HIGHEST_PORT)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()


@dataclass(frozen=True, slots=True)
class TracingSettings:
    """Where server and edge send spans. The SDK's OTEL_* variables refine queue, batch, TLS and resource."""

    # URL of an OTLP/gRPC collector, for example http://127.0.0.1:4317. Empty: no traces.
    endpoint: str = ""
    # Headers for the collector, its credentials among them: name=value, separated by commas.
    headers: str = field(default="", repr=False)
    # Part of the calls to trace, of those whose caller has not decided. Lower it where calls are many.
    ratio: float = number(1.0, 0.0, 1.0)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        parts = urlsplit(self.endpoint)
        if self.endpoint and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise SettingsError(f"{variables['endpoint']} must be an http(s) URL of a collector")
        if "@" in parts.netloc:  # gRPC would take it for a part of the host name, and log it
            raise SettingsError(
                f"{variables['endpoint']} must not hold a credential: use {variables['headers']}"
            )
        if not all(_HEADER.fullmatch(pair) for pair in self.headers.split(",") if pair):
            raise SettingsError(f"{variables['headers']} must be name=value, separated by commas")


@dataclass(frozen=True, slots=True)
class HeavySettings:
    """Calls that would hold the event loop up, and the processes that answer them (`conjure.rpc.heavy`)."""

    # Heavy workers per serving process, and as many again for players (connects to large worlds); each takes
    # about 90 MB from its first call on. 0: there are none, and one caller's large world holds up all others.
    workers: int = number(1, 0, 64)
    # Requests from this weight on (core/weights.py: about the bytes of an ordinary world) go to a heavy
    # worker, and so do checks of whole stored worlds: to read and check one inline takes 1 ms, and up to 12
    # where a world is made to break rules.
    request_bytes: int = number(32_768, 1, MOST_BYTES)
    # The same of stored worlds for every call about them. More, as a world at hand is not read again, and
    # only its edits are checked.
    document_bytes: int = number(327_680, 1, MOST_BYTES)
    # CPU time that one call may take; then its process is ended and the caller is told 503 (504 of a write).
    # 12 MiB of prose take half a second, 3 million nested lists six.
    cpu_s: float = number(10.0, MOMENT_S, DAY_S)
    # Memory (data segment, which counts what is reserved) of one heavy worker; it ends beyond it. In use are
    # 250 MB after 12 MiB of prose, and 1.1 GB at most, after two worlds of 12 MiB that are made of empty
    # objects.
    memory_bytes: int = number(3_221_225_472, 1, MOST_BYTES)
    # Calls that wait for heavy workers or are worked on, per serving process. One app has at most half.
    queue_calls: int = number(64, 1, MANY)
    # Bytes of their requests; what makes up most of the memory of a serving process under attack.
    queue_bytes: int = number(134_217_728, 1, MOST_BYTES)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()


@dataclass(frozen=True, slots=True)
class GzipSettings:
    """Answers in gzip, for clients that accept it (`conjure.rpc.compression`)."""

    # Answers below this go out as they are: a few packets either way.
    least_bytes: int = number(1_024, 1, MOST_BYTES)
    # Documents up to this are compressed when they are first asked for, which takes 0.4 ms for 17 KB and 3 at
    # most. Larger ones are compressed by a thread, and go out as they are until it is done.
    at_once_bytes: int = number(32_768, 1, MOST_BYTES)
    # Compressed documents per worker, with the documents, by which they are found.
    cache_bytes: int = number(32_000_000, 1, MOST_BYTES)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()


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
