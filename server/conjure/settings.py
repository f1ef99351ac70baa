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
    drain_pause_s: float = 1.0  # lets the edge see NOT_SERVING before the socket closes
    max_streams: int = 1024  # per worker: 1000 idle ones take some 30 MB and 12 % of a core
    stream_write_s: float = 10.0  # a caller that takes no message for so long is not listening
    stream_keep_alive_s: float = 15.0  # below what proxies wait for, our own Envoy's 90 s included
    max_body_bytes: int = 1_048_576  # CONTRACT 0; methods may say otherwise in their proto

    def verify(self) -> None:
        """Raises SettingsError."""
        _positive(
            self, "workers", "max_inflight", "deadline_s", "drain_s", "max_body_bytes",
            "max_streams", "stream_write_s", "stream_keep_alive_s",
        )  # fmt: skip
        if not 0 <= self.port <= 65_536 - self.workers:
            raise SettingsError("CONJURE_SERVER_PORT must leave a port from 0 to 65535 per worker")


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
class WorldSettings:
    """Worlds and their working copies."""

    cache_entries: int = 256  # parsed worlds per worker; a 17 KB world takes about 100 KB parsed
    cache_bytes: int = 64_000_000  # of JSON text; parsed documents take some six times as much
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
class Settings:
    """All of it."""

    server: ServerSettings = field(default_factory=ServerSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    sessions: SessionSettings = field(default_factory=SessionSettings)
    caps: CapSettings = field(default_factory=CapSettings)
    runtime: RuntimeSettings = field(default_factory=RuntimeSettings)
    auth: AuthSettings = field(default_factory=AuthSettings)
    worlds: WorldSettings = field(default_factory=WorldSettings)
    versions: VersionSettings = field(default_factory=VersionSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    log_level: str = "info"
    log_format: str = "json"  # json | text

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
        if self.log_level not in {"debug", "info", "warning", "error"}:
            raise SettingsError("CONJURE_LOG_LEVEL must be debug, info, warning or error")
        if self.log_format not in {"json", "text"}:
            raise SettingsError("CONJURE_LOG_FORMAT must be json or text")
        if self.store.timeout_s >= self.server.deadline_s:
            raise SettingsError("CONJURE_STORE_TIMEOUT_S must be below CONJURE_SERVER_DEADLINE_S")
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
    prefix = {"SESSION": "SESSIONS", "WORLD": "WORLDS", "CAP": "CAPS", "VERSION": "VERSIONS"}.get(
        prefix, prefix
    )
    for name in names:
        if not 0 < getattr(section, name) < math.inf:
            raise SettingsError(f"CONJURE_{prefix}_{name.upper()} must be a number above 0")
