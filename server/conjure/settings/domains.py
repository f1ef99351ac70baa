"""Settings of the domains: sessions, quotas, worlds, and who may call how often."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conjure.settings.variables import SettingsError

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Session tokens, leases and admission."""

    # Issuer (iss) of session tokens and of runtime tokens of the local provider.
    issuer: str = "conjure"
    # Length of a lease: what a session is charged at a time, and how long at most a player who closes the
    # page keeps the place.
    lease_s: int = 300
    # Live sessions of the whole system (CONTRACT 7).
    global_live_sessions: int = 1000
    # Tolerance for clocks that differ, from 0 to 5 (CONTRACT 6.1).
    clock_skew_s: int = 5

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_positive("lease_s", "global_live_sessions")
        if not 0 <= self.clock_skew_s <= 5:
            raise SettingsError(f"{variables['clock_skew_s']} must be from 0 to 5 (CONTRACT 6.1)")
        if self.lease_s > 3600:
            raise SettingsError(
                f"{variables['lease_s']} must be 3600 or less: runtime tokens must not outlive the"
                " published keys that they are verified with"
            )
        if not self.issuer:
            raise SettingsError(f"{variables['issuer']} must not be empty")


@dataclass(frozen=True, slots=True)
class CapSettings:
    """Default caps of an app and mode per UTC day (CONTRACT 7). `conjure caps` changes those of one app."""

    # Worlds created: generated, imported or forked. 0 turns a feature off, here and below.
    generation: int = 50
    # Sessions minted.
    session: int = 200
    # Seconds of sessions.
    session_seconds: int = 7200
    # Edits by an author.
    edit: int = 100
    # Lines said.
    say: int = 500
    # Texts spoken.
    tts: int = 500
    # Images made.
    image: int = 50
    # Sessions live at the same time; not per day.
    live_sessions: int = 20

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        for item in fields(self):
            if getattr(self, item.name) < 0:
                raise SettingsError(f"{variables[item.name]} must not be negative")

    def of(self, unit: str) -> int:
        """The default cap of a unit."""
        return int(getattr(self, unit))


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """The provider of runtime tokens (CONTRACT 6.2)."""

    # local, reactor or none.
    provider: str = "local"
    # URL of Reactor's API.
    reactor_url: str = "https://api.reactor.inc"
    # API key for Reactor.
    reactor_api_key: str = field(default="", repr=False)
    # The model that renders at Reactor.
    reactor_model: str = ""
    # Time for the provider's answer (CONTRACT 6.2).
    timeout_s: float = 5.0

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_positive("timeout_s")
        if self.provider not in {"local", "reactor", "none"}:
            raise SettingsError(f"{variables['provider']} must be local, reactor or none")
        if self.provider == "reactor" and not (self.reactor_api_key and self.reactor_model):
            raise SettingsError(
                f"{variables['provider']}=reactor needs {variables['reactor_api_key']} and"
                f" {variables['reactor_model']}"
            )
        if urlsplit(self.reactor_url).scheme not in {"http", "https"}:
            raise SettingsError(f"{variables['reactor_url']} must be an http(s) URL")


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """API keys and user sessions."""

    # HS256 secret of user JWTs, as Supabase signs them; 32 bytes or more. Empty: there are no users.
    user_jwt_secret: str = field(default="", repr=False)
    # Audience (aud) of user JWTs (CONTRACT 0.1).
    user_jwt_audience: str = "authenticated"
    # Time between two looks for revoked keys: a revoked key must stop working within 1 s (CONTRACT 0.1).
    revocation_poll_s: float = 0.2
    # Without a successful look for this long, cached keys are not trusted; 0.9 or less.
    revocation_limit_s: float = 0.9
    # API keys cached per worker.
    key_cache_entries: int = 10_000

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_positive("revocation_poll_s", "revocation_limit_s", "key_cache_entries")
        if self.user_jwt_secret and len(self.user_jwt_secret.encode()) < 32:
            raise SettingsError(
                f"{variables['user_jwt_secret']} must have 32 bytes or more (RFC 7518)"
            )
        if self.revocation_limit_s > 0.9:
            raise SettingsError(f"{variables['revocation_limit_s']} must be 0.9 or less")


@dataclass(frozen=True, slots=True)
class RateSettings:
    """How much one caller may call (`rates.limiter`); more is 429. A rate of 0 is no limit."""

    # Calls of one API key. The default is about what one worker serves: a runaway client cannot take more
    # than one worker of a larger deployment, and a load test of one worker with one key is not limited.
    key_per_s: float = 5_000.0
    # Calls of one API key at once.
    key_burst: int = 10_000
    # Calls of one session. A player connects once per lease, so public services want 5 or so; the default is
    # as high as a key's because a load test uses one token.
    session_per_s: float = 5_000.0
    # Calls of one session at once.
    session_burst: int = 10_000
    # Bytes, received and answered, that one call includes; each as many more count as another call. A world
    # of 17 KB imported and answered is one, 170 KB are three, 12 MiB are 192.
    bytes_per_call: int = 65_536
    # Calls that a second of heavy work counts as: parsing, checking and comparing large documents. A key can
    # have a quarter of a processor for long, and half a second at once: imports of 12 MiB back to back are
    # over it with the third or fourth.
    work_calls: int = 20_000
    # No call, however costly, keeps its caller out for longer. A player whose world is large is to come back.
    longest_wait_s: float = 10.0
    # Refused credentials per client address and worker, unreadable bodies of strangers included. None can be
    # guessed, but each costs a read of the store, or a parse.
    failures_per_s: float = 200.0
    # Refused credentials per client address and worker at once.
    failures_burst: int = 2_000
    # Callers remembered per worker, at about 300 bytes each.
    buckets: int = 20_000
    # Time between two reports of a worker to the others about what was spent.
    share_s: float = 0.25

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_positive(
            "key_burst",
            "session_burst",
            "failures_burst",
            "buckets",
            "share_s",
            "bytes_per_call",
            "work_calls",
            "longest_wait_s",
        )
        for name in ("key_per_s", "session_per_s", "failures_per_s"):
            if not 0 <= getattr(self, name) < math.inf:
                raise SettingsError(f"{variables[name]} must be a number from 0 on")


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """Worlds and their cached documents."""

    # Parsed worlds cached per worker; a 17 KB world takes about 100 KB parsed.
    cache_entries: int = 256
    # JSON text of cached worlds per worker, and what the kernel keeps beside it. Parsed documents take about
    # five times their text.
    cache_bytes: int = 64_000_000
    # A reserved generation lapses after this, when the server that reserved it died. Must be above the
    # server's deadline.
    hold_s: int = 60
    # How long an Idempotency-Key is remembered (CONTRACT 0).
    idempotency_s: int = 86_400

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_positive("cache_entries", "cache_bytes", "hold_s", "idempotency_s")


@dataclass(frozen=True, slots=True)
class VersionSettings:
    """Versions of worlds. They are not metered; these caps keep one world from filling the store."""

    # Versions of one world. They are listed as a whole: about 2 MB of JSON.
    per_world: int = 10_000
    # Packed versions of one world. 100 saves of a 200 KB world take about 0.1 MB.
    bytes_per_world: int = 268_435_456
    # Texts cached per worker, against which the next saves are packed.
    cache_bytes: int = 32_000_000

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_positive("per_world", "bytes_per_world", "cache_bytes")


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Watching worlds."""

    # Time between two looks at a watched world: one read of a few bytes, however many watch it.
    poll_s: float = 0.2
    # Changes kept for a watcher that is behind; beyond it the watcher is ended. 100 or more.
    queue: int = 256

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_positive("poll_s")
        if self.queue < 100:
            raise SettingsError(f"{variables['queue']} must be 100 or more: that many come at once")
