"""Every knob, read once from the environment and verified before a socket opens.

Units are in the names, the reason stands at each default. `CONJURE_<SECTION>_<NAME>` sets a field, for
example `CONJURE_STORE_URL` or `CONJURE_SESSIONS_LEASE_S`. Secrets stay out of `repr`.
"""

from __future__ import annotations

import math
import os
import typing
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from conjure.edge.health import INTERVAL_S, TIMEOUT_S, notice_s

if TYPE_CHECKING:
    import types
    from collections.abc import Mapping

UNITS: Final = ("generation", "session", "session_seconds", "edit", "say", "tts", "image")
"""What is metered per app, mode and day (CONTRACT 7)."""


class SettingsError(ValueError):
    """A setting that cannot be used; the text names its variable."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The gRPC server."""

    host: str = "127.0.0.1"  # nothing listens beyond the machine unless it is told to
    port: int = 8090
    workers: int = 1
    max_inflight: int = 512  # per worker: beyond it a queue only adds latency
    deadline_s: float = 15.0  # for callers that bring none; also the longest that Envoy waits
    drain_s: float = 10.0  # how long calls may run on after a TERM
    # After NOT_SERVING it serves on for as long as the edges need to notice.
    drain_pause_s: float = notice_s(INTERVAL_S, TIMEOUT_S)
    max_streams: int = 1024  # per worker: 1000 idle ones take some 30 MB and 12 % of a core
    stream_write_s: float = 10.0  # a caller that takes no message for so long is not listening
    stream_keep_alive_s: float = 15.0  # below what proxies wait for, our own Envoy's 90 s included
    max_body_bytes: int = 1_048_576  # CONTRACT 0; methods may say otherwise in their proto
    # PEM files; replaced ones are taken up without a restart. Empty: plain text, for loopback and for
    # networks that encrypt by themselves.
    tls_cert: str = ""
    tls_key: str = ""
    tls_client_ca: str = ""  # with it, only holders of its certificates get through to the port

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(
            self, "workers", "max_inflight", "deadline_s", "drain_s", "max_body_bytes",
            "max_streams", "stream_write_s", "stream_keep_alive_s",
        )  # fmt: skip
        if not 0 <= self.port <= 65_536 - self.workers:
            raise SettingsError("CONJURE_SERVER_PORT must leave a port from 0 to 65535 per worker")
        if bool(self.tls_cert) != bool(self.tls_key):
            raise SettingsError("CONJURE_SERVER_TLS_CERT and CONJURE_SERVER_TLS_KEY go together")
        if self.tls_client_ca and not self.tls_cert:
            raise SettingsError("CONJURE_SERVER_TLS_CLIENT_CA needs CONJURE_SERVER_TLS_CERT")


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """What servers and edges must agree on: how edges find out who serves."""

    health_interval_s: float = INTERVAL_S
    health_timeout_s: float = TIMEOUT_S

    @property
    def notice_s(self) -> float:
        """Seconds after which every edge knows that a server leaves, or is there."""
        return notice_s(self.health_interval_s, self.health_timeout_s)

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(self, "health_interval_s", "health_timeout_s")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The Valkey/Redis client. Of a cluster, `url` names one server or several, with commas between."""

    url: str = field(default="redis://127.0.0.1:6379/0", repr=False)  # may hold a password
    max_pending: int = 10_000  # commands in flight per worker: beyond it the store is drowning
    timeout_s: float = 2.0  # an answer takes under 1 ms; well below the deadline
    connect_timeout_s: float = 1.0
    cluster: bool = False  # tenants and system-wide counts on different nodes: no script spans them
    recovery_s: float = 4.0  # how long an unanswered write is asked for again: a restart takes less
    failover_s: float = (
        10.0  # the same on a cluster: a failover takes 3 to 4 s, a second try as long
    )
    wait_replicas: int = (
        -1
    )  # that must have a write before it is acknowledged; -1: 1 on a cluster, else 0
    wait_timeout_s: float = (
        1.0  # a replica confirms within 1 ms; all writes to a server wait for it
    )

    @property
    def urls(self) -> tuple[str, ...]:
        """The URLs of the servers to begin with."""
        return tuple(url.strip() for url in self.url.split(","))

    @property
    def replicas(self) -> int:
        """How many replicas must have a write before it is acknowledged."""
        return int(self.cluster) if self.wait_replicas < 0 else self.wait_replicas

    @property
    def patience_s(self) -> float:
        """How long an unanswered write is asked for again."""
        return self.failover_s if self.cluster else self.recovery_s

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(
            self, "max_pending", "timeout_s", "connect_timeout_s", "recovery_s", "failover_s",
            "wait_timeout_s",
        )  # fmt: skip
        if any(urlsplit(url).scheme not in {"redis", "rediss", "unix"} for url in self.urls):
            raise SettingsError("CONJURE_STORE_URL must be a redis://, rediss:// or unix:// URL")
        if self.cluster:
            self._verify_cluster()
        elif len(self.urls) > 1:
            raise SettingsError("CONJURE_STORE_URL must be one URL, unless CONJURE_STORE_CLUSTER")
        if self.wait_replicas < -1:
            raise SettingsError("CONJURE_STORE_WAIT_REPLICAS must be -1, 0 or more")
        if self.replicas and self.wait_timeout_s >= self.timeout_s:
            raise SettingsError(
                "CONJURE_STORE_WAIT_TIMEOUT_S must be below CONJURE_STORE_TIMEOUT_S: a connection that"
                " waits for replicas must not be taken for dead"
            )

    def _verify_cluster(self) -> None:
        for url in map(urlsplit, self.urls):
            if url.scheme == "unix":
                raise SettingsError("CONJURE_STORE_URL of a cluster must be redis:// or rediss://")
            if url.path not in {"", "/", "/0"} or "db=" in url.query:
                raise SettingsError("CONJURE_STORE_URL of a cluster has no database but 0")


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Session tokens, leases and admission."""

    issuer: str = "conjure"
    lease_s: int = 300  # a player who closes the page holds the slot at most this long
    global_live_sessions: int = 1000  # CONTRACT 7
    clock_skew_s: int = 5  # CONTRACT 6.1

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(self, "lease_s", "global_live_sessions")
        if not 0 <= self.clock_skew_s <= 5:
            raise SettingsError("CONJURE_SESSIONS_CLOCK_SKEW_S must be from 0 to 5 (CONTRACT 6.1)")
        if self.lease_s > 3600:
            raise SettingsError(
                "CONJURE_SESSIONS_LEASE_S must be 3600 or less: runtime tokens must not outlive the"
                " published keys that they are verified with"
            )
        if not self.issuer:
            raise SettingsError("CONJURE_SESSIONS_ISSUER must not be empty")


@dataclass(frozen=True, slots=True)
class CapSettings:
    """The default caps of an app and mode per UTC day (CONTRACT 7); `conjure caps` changes one app's."""

    generation: int = 50
    session: int = 200
    session_seconds: int = 7200
    edit: int = 100
    say: int = 500
    tts: int = 500
    image: int = 50
    live_sessions: int = 20  # at the same time, not per day

    def verify(self) -> None:
        """Raises SettingsError."""
        for item in fields(self):
            if getattr(self, item.name) < 0:  # 0 turns a feature off
                raise SettingsError(f"CONJURE_CAPS_{item.name.upper()} must not be negative")

    def of(self, unit: str) -> int:
        """The default cap of a unit."""
        return int(getattr(self, unit))


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """Who renders: the provider of runtime tokens (CONTRACT 6.2)."""

    provider: str = "local"  # local | reactor | none
    reactor_url: str = "https://api.reactor.inc"
    reactor_api_key: str = field(default="", repr=False)
    reactor_model: str = ""
    timeout_s: float = 5.0  # CONTRACT 6.2

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(self, "timeout_s")
        if self.provider not in {"local", "reactor", "none"}:
            raise SettingsError("CONJURE_RUNTIME_PROVIDER must be local, reactor or none")
        if self.provider == "reactor" and not (self.reactor_api_key and self.reactor_model):
            raise SettingsError(
                "CONJURE_RUNTIME_PROVIDER=reactor needs CONJURE_RUNTIME_REACTOR_API_KEY and"
                " CONJURE_RUNTIME_REACTOR_MODEL"
            )
        if urlsplit(self.reactor_url).scheme not in {"http", "https"}:
            raise SettingsError("CONJURE_RUNTIME_REACTOR_URL must be an http(s) URL")


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """Who callers are."""

    user_jwt_secret: str = field(
        default="", repr=False
    )  # HS256, as Supabase signs; empty: no users
    user_jwt_audience: str = "authenticated"  # CONTRACT 0.1
    revocation_poll_s: float = 0.2  # a revoked key must stop working within 1 s (CONTRACT 0.1)
    revocation_limit_s: float = 0.9  # past this without a poll, cached keys are not trusted
    key_cache_entries: int = 10_000

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(self, "revocation_poll_s", "revocation_limit_s", "key_cache_entries")
        if self.user_jwt_secret and len(self.user_jwt_secret.encode()) < 32:
            raise SettingsError(
                "CONJURE_AUTH_USER_JWT_SECRET must have 32 bytes or more (RFC 7518)"
            )
        if self.revocation_limit_s > 0.9:
            raise SettingsError("CONJURE_AUTH_REVOCATION_LIMIT_S must be 0.9 or less")


@dataclass(frozen=True, slots=True)
class RateSettings:
    """How often one caller may call (`rates.limiter`). A rate of 0 is no limit."""

    # About what one worker serves: a runaway client cannot take more than one worker's worth of a larger
    # deployment, and a load test of one worker with one key is not cut off. Public services want less.
    key_per_s: float = 5_000.0
    key_burst: int = 10_000
    # A player connects once per lease. As high as a key's because a load test uses one token; public
    # services set it to 5 or so.
    session_per_s: float = 5_000.0
    session_burst: int = 10_000
    # Credentials refused per client address and worker: none can be guessed, but each costs the store a read.
    failures_per_s: float = 200.0
    failures_burst: int = 2_000
    buckets: int = 20_000  # callers remembered per worker, some 300 bytes each
    share_s: float = 0.25  # how often a worker tells the others what was spent

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(
            self, "key_burst", "session_burst", "failures_burst", "buckets", "share_s",
        )  # fmt: skip
        for name in ("key_per_s", "session_per_s", "failures_per_s"):
            if not 0 <= getattr(self, name) < math.inf:
                raise SettingsError(f"CONJURE_RATES_{name.upper()} must be a number from 0 on")


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """Worlds and their working copies."""

    cache_entries: int = 256  # parsed worlds per worker; a 17 KB world takes about 100 KB parsed
    # Of JSON text, and of what the kernel keeps beside it; parsed documents take some five times their text.
    cache_bytes: int = 64_000_000
    hold_s: int = 60  # a reserved generation lapses after this when its server died
    idempotency_s: int = 86_400  # CONTRACT 0

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(self, "cache_entries", "cache_bytes", "hold_s", "idempotency_s")


@dataclass(frozen=True, slots=True)
class VersionSettings:
    """Versions of worlds. Snapshots are not metered: caps keep one world from filling the store."""

    per_world: int = 10_000  # they are listed whole: some 2 MB of JSON
    bytes_per_world: int = 268_435_456  # packed; 100 saves of a 200 KB world take about 0.1 MB
    cache_bytes: int = 32_000_000  # of the texts that the next saves are packed against, per worker

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(self, "per_world", "bytes_per_world", "cache_bytes")


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Watching worlds."""

    poll_s: float = 0.2  # one read of a few bytes for each world that somebody watches
    queue: int = 256  # changes kept for a watcher that is behind; beyond it the watcher is ended

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(self, "poll_s")
        if self.queue < 100:
            raise SettingsError("CONJURE_WATCH_QUEUE must be 100 or more: that many come at once")


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Where Prometheus scrapes a worker."""

    host: str = "127.0.0.1"  # numbers tell about tenants in sum: not for the public
    port: int = 0  # 0: nobody listens. Worker n is at port + n: each is scraped by itself

    def verify(self) -> None:
        """Raises SettingsError."""
        if not 0 <= self.port <= 65_535:
            raise SettingsError("CONJURE_METRICS_PORT must be from 0 to 65535")


@dataclass(frozen=True, slots=True)
class TracingSettings:
    """Where spans go. The SDK's own OTEL_* variables refine queue, batch, TLS and resource."""

    endpoint: str = (
        ""  # an OTLP/gRPC collector, for example http://127.0.0.1:4317; empty: no traces
    )
    headers: str = field(default="", repr=False)  # name=value,… for the collector: credentials
    ratio: float = 1.0  # of the calls whose caller has not decided; lower it where calls are many

    def verify(self) -> None:
        """Raises SettingsError."""
        parts = urlsplit(self.endpoint)
        if self.endpoint and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise SettingsError("CONJURE_TRACING_ENDPOINT must be an http(s) URL of a collector")
        if "@" in parts.netloc:  # gRPC would take it for a part of the name, and tell it
            raise SettingsError(
                "CONJURE_TRACING_ENDPOINT must not hold a credential: use CONJURE_TRACING_HEADERS"
            )
        if not 0 <= self.ratio <= 1:
            raise SettingsError("CONJURE_TRACING_RATIO must be from 0 to 1")
        if any("=" not in pair for pair in self.headers.split(",") if pair):
            raise SettingsError("CONJURE_TRACING_HEADERS must be name=value, separated by commas")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the log says, and how."""

    level: str = "info"
    format: str = "json"  # json | text
    # A line per call costs some 40 µs, a twelfth of a connect, and the edge writes one already, with the
    # same request id. Failures of the server's own are always told.
    calls: bool = False

    def verify(self) -> None:
        """Raises SettingsError."""
        if self.level not in {"debug", "info", "warning", "error"}:
            raise SettingsError("CONJURE_LOG_LEVEL must be debug, info, warning or error")
        if self.format not in {"json", "text"}:
            raise SettingsError("CONJURE_LOG_FORMAT must be json or text")


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    server: ServerSettings = field(default_factory=ServerSettings)
    edge: EdgeSettings = field(default_factory=EdgeSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    sessions: SessionSettings = field(default_factory=SessionSettings)
    caps: CapSettings = field(default_factory=CapSettings)
    runtime: RuntimeSettings = field(default_factory=RuntimeSettings)
    auth: AuthSettings = field(default_factory=AuthSettings)
    rates: RateSettings = field(default_factory=RateSettings)
    worlds: WorldSettings = field(default_factory=WorldSettings)
    versions: VersionSettings = field(default_factory=VersionSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    tracing: TracingSettings = field(default_factory=TracingSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Reads and verifies. Raises SettingsError."""
        hints = typing.get_type_hints(cls)
        values: dict[str, Any] = {}
        for item in fields(cls):
            kind = hints[item.name]
            if isinstance(kind, type) and hasattr(kind, "verify"):
                values[item.name] = _section(kind, item.name, environment)
            elif (text := environment.get(f"CONJURE_{item.name.upper()}")) is not None:
                values[item.name] = text
        settings = cls(**values)
        settings.verify()
        return settings

    def verify(self) -> None:
        """Raises SettingsError on a value or a combination that cannot work."""
        for item in fields(self):
            section = getattr(self, item.name)
            if hasattr(section, "verify"):
                section.verify()
        if self.metrics.port + self.server.workers > 65_536:
            raise SettingsError("CONJURE_METRICS_PORT must leave a port up to 65535 per worker")
        if self.store.timeout_s >= self.server.deadline_s:
            raise SettingsError("CONJURE_STORE_TIMEOUT_S must be below CONJURE_SERVER_DEADLINE_S")
        if self.server.workers > 1 and self.server.drain_pause_s < self.edge.notice_s:
            raise SettingsError(
                "CONJURE_SERVER_DRAIN_PAUSE_S must be 2 * CONJURE_EDGE_HEALTH_INTERVAL_S +"
                " CONJURE_EDGE_HEALTH_TIMEOUT_S or more: a worker must not leave before edges know"
            )
        if self.worlds.hold_s <= self.server.deadline_s:
            raise SettingsError("CONJURE_WORLDS_HOLD_S must be above CONJURE_SERVER_DEADLINE_S")


def _section(kind: type, name: str, environment: Mapping[str, str]) -> Any:
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for item in fields(kind):
        variable = f"CONJURE_{name.upper()}_{item.name.upper()}"
        if (text := environment.get(variable)) is not None:
            values[item.name] = _parse(variable, text, hints[item.name])
    return kind(**values)


def _parse(variable: str, text: str, kind: type | types.UnionType) -> Any:
    if kind is bool:
        if text.lower() not in {"0", "1", "false", "true"}:
            raise SettingsError(f"{variable} must be true or false")
        return text.lower() in {"1", "true"}
    try:
        if kind is int:
            return int(text)
        if kind is float:
            return float(text)
    except ValueError as error:
        raise SettingsError(f"{variable} must be a number") from error
    return text


def _positive(section: Any, *names: str) -> None:
    prefix = type(section).__name__.removesuffix("Settings").upper()
    # The sections are named in the plural where the class is not.
    prefix = {
        "SESSION": "SESSIONS", "WORLD": "WORLDS", "CAP": "CAPS", "VERSION": "VERSIONS", "RATE": "RATES",
    }.get(prefix, prefix)  # fmt: skip
    for name in names:
        if not 0 < getattr(section, name) < math.inf:
            raise SettingsError(f"CONJURE_{prefix}_{name.upper()} must be a number above 0")
