"""Settings of the domains: sessions, quotas, worlds, and who may call how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conjure.core.urls import UrlRefused, http_url
from conjure.settings.bounds import DAY_S, MANY, MOMENT_S, MOST_BYTES, MOST_UNITS, number
from conjure.settings.limits import MAX_RESPONSE_BYTES
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
    lease_s: int = number(
        300,
        1,
        3600,
        why="runtime tokens must not outlive the published keys that they are verified with",
    )
    # Live sessions of the whole system (CONTRACT 7).
    global_live_sessions: int = number(1000, 1, MOST_UNITS)
    # Tolerance for clocks that differ (CONTRACT 6.1).
    clock_skew_s: int = number(5, 0, 5, why="CONTRACT 6.1")

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        if not self.issuer:
            raise SettingsError(f"{variables['issuer']} must not be empty")


@dataclass(frozen=True, slots=True)
class CapSettings:
    """Default caps of an app and mode per UTC day (CONTRACT 7). `conjure caps` changes those of one app."""

    # Worlds created: generated, imported or forked. 0 turns a feature off, here and below.
    generation: int = number(50, 0, MOST_UNITS)
    # Sessions minted.
    session: int = number(200, 0, MOST_UNITS)
    # Seconds of sessions.
    session_seconds: int = number(7200, 0, MOST_UNITS)
    # Edits by an author.
    edit: int = number(100, 0, MOST_UNITS)
    # Lines said.
    say: int = number(500, 0, MOST_UNITS)
    # Texts spoken.
    tts: int = number(500, 0, MOST_UNITS)
    # Images made.
    image: int = number(50, 0, MOST_UNITS)
    # Sessions live at the same time; not per day.
    live_sessions: int = number(20, 0, MOST_UNITS)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()

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
    timeout_s: float = number(5.0, MOMENT_S, DAY_S)
    # Failures in a row (no answer, or a status of 500 or more) after which Reactor is not asked for a while:
    # connects are refused at once, and do not wait for the timeout.
    circuit_failures: int = number(10, 1, MANY)
    # How long; then one connect asks for all.
    circuit_open_s: float = number(5.0, MOMENT_S, DAY_S)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        if self.provider not in {"local", "reactor", "none"}:
            raise SettingsError(f"{variables['provider']} must be local, reactor or none")
        if self.provider == "reactor" and not (self.reactor_api_key and self.reactor_model):
            raise SettingsError(
                f"{variables['provider']}=reactor needs {variables['reactor_api_key']} and"
                f" {variables['reactor_model']}"
            )
        try:
            http_url(self.reactor_url)
        except UrlRefused as error:
            raise SettingsError(f"{variables['reactor_url']} {error}") from error


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """API keys and user sessions."""

    # HS256 secret of user JWTs, as Supabase signs them; 32 bytes or more. Empty, and no JWKS: there are no
    # users. With both, tokens of either kind are taken.
    user_jwt_secret: str = field(default="", repr=False)
    # Audience (aud) of user JWTs (CONTRACT 0.1).
    user_jwt_audience: str = "authenticated"
    # Issuer (iss) that user JWTs must have. Empty: whoever has the key.
    user_jwt_issuer: str = ""
    # Where the identity provider publishes its keys (RS256, ES256, EdDSA): Supabase has them at
    # https://PROJECT.supabase.co/auth/v1/.well-known/jwks.json.
    user_jwks_url: str = ""
    # Keys that are older are fetched again: so long a key works that the provider has withdrawn.
    user_jwks_max_age_s: float = number(600.0, 1.0, DAY_S)
    # Time for the provider's answer. Must be below the server's deadline.
    user_jwks_timeout_s: float = number(5.0, MOMENT_S, 60.0)
    # Time between two looks for revoked keys: a revoked key must stop working within 1 s (CONTRACT 0.1).
    revocation_poll_s: float = number(0.2, 0.01, 0.9)
    # Without a successful look for this long, cached keys are not trusted.
    revocation_limit_s: float = number(
        0.9, MOMENT_S, 0.9, why="CONTRACT 0.1: a revoked key ends within a second"
    )
    # API keys cached per worker.
    key_cache_entries: int = number(10_000, 1, 10 * MANY)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        if self.user_jwt_secret and len(self.user_jwt_secret.encode()) < 32:
            raise SettingsError(
                f"{variables['user_jwt_secret']} must have 32 bytes or more (RFC 7518)"
            )
        if self.user_jwt_secret:
            self._verify_secret(variables)
        if self.user_jwt_issuer and not (self.user_jwt_secret or self.user_jwks_url):
            raise SettingsError(
                f"{variables['user_jwt_issuer']} needs {variables['user_jwt_secret']} or"
                f" {variables['user_jwks_url']}: without them there are no users"
            )
        if not self.user_jwt_audience:
            raise SettingsError(f"{variables['user_jwt_audience']} must not be empty")
        if self.user_jwks_url:
            try:
                http_url(self.user_jwks_url)
            except UrlRefused as error:
                raise SettingsError(f"{variables['user_jwks_url']} {error}") from error

    def _verify_secret(self, variables: Variables) -> None:
        """Raises SettingsError for a key: a public one is no secret, and whoever has it would sign tokens."""
        import jwt  # noqa: PLC0415 - a tenth of a second that commands without users do not need
        from jwt.algorithms import HMACAlgorithm  # noqa: PLC0415

        try:
            HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(self.user_jwt_secret)
        except jwt.InvalidKeyError as error:
            raise SettingsError(
                f"{variables['user_jwt_secret']} must be a shared secret (HS256), not a key pair's key, a"
                " certificate or a JWK"
            ) from error


@dataclass(frozen=True, slots=True)
class RateSettings:
    """How much one caller may call (`rates.limiter`); more is 429. A rate of 0 is no limit."""

    # Calls of one API key. The default is about what one worker serves: a runaway client cannot take more
    # than one worker of a larger deployment, and a load test of one worker with one key is not limited.
    key_per_s: float = number(5_000.0, MOMENT_S, 1e6, or_zero=True)
    # Calls of one API key at once.
    key_burst: int = number(10_000, 1, MANY)
    # Calls of one session. A player connects once per lease, so public services want 5 or so; the default is
    # as high as a key's because a load test uses one token.
    session_per_s: float = number(5_000.0, MOMENT_S, 1e6, or_zero=True)
    # Calls of one session at once.
    session_burst: int = number(10_000, 1, MANY)
    # Bytes, received and answered, that one call includes; each as many more count as another call. A world
    # of 17 KB imported and answered is one, 170 KB are three, 12 MiB are 192.
    bytes_per_call: int = number(65_536, 1, MAX_RESPONSE_BYTES)
    # Calls that a second of a heavy worker's CPU counts as. With the rate of keys above, one key can keep one
    # heavy worker busy for long, where apps take turns; several keys of an app, or several workers, no more.
    work_calls: int = number(5_000, 1, MANY)
    # No call, however costly, keeps its caller out for longer. A player whose world is large is to come back.
    longest_wait_s: float = number(10.0, MOMENT_S, DAY_S)
    # Refused credentials per client address and worker, unreadable bodies of strangers included. None can be
    # guessed, but each costs a read of the store, or a parse.
    failures_per_s: float = number(200.0, MOMENT_S, 1e6, or_zero=True)
    # Refused credentials per client address and worker at once.
    failures_burst: int = number(2_000, 1, MANY)
    # Callers remembered per worker, at about 300 bytes each.
    buckets: int = number(20_000, 1, 10 * MANY)
    # Time between two reports of a worker to the others about what was spent.
    share_s: float = number(0.25, 0.01, 60.0)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """Worlds and their cached documents."""

    # Parsed worlds cached per worker; a 17 KB world takes about 100 KB parsed.
    cache_entries: int = number(256, 1, MANY)
    # JSON text of cached worlds per worker, and what the kernel keeps beside it. Parsed documents take about
    # five times their text.
    cache_bytes: int = number(64_000_000, 1, MOST_BYTES)
    # What was reserved lapses after this, when the server that reserved it died; longer work renews
    # it. Must be above the server's deadline.
    hold_s: int = number(60, 1, 86_400)
    # How long an Idempotency-Key is remembered (CONTRACT 0).
    idempotency_s: int = number(86_400, 1, 30 * 86_400)
    # Situations (state, flags, one-shot events played) that a check looks at to find dead ends; where that is
    # not enough to tell, it says nothing of them. They take about half a second and 50 MB, in a heavy worker.
    # 0: nobody looks.
    softlock_situations: int = number(50_000, 0, 1_000_000)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()


@dataclass(frozen=True, slots=True)
class VersionSettings:
    """Versions of worlds. They are not metered; these caps keep one world from filling the store."""

    # Versions of one world, at some 200 bytes each.
    per_world: int = number(10_000, 1, MANY)
    # Packed versions of one world. 100 saves of a 200 KB world take about 0.1 MB.
    bytes_per_world: int = number(268_435_456, 1, MOST_BYTES)
    # Texts cached per worker, against which the next saves are packed.
    cache_bytes: int = number(32_000_000, 1, MOST_BYTES)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Watching worlds."""

    # Time between two looks at a watched world: one read of a few bytes, however many watch it.
    poll_s: float = number(0.2, 0.01, 60.0)
    # Changes kept for a watcher that is behind; beyond it the watcher is ended.
    queue: int = number(256, 100, MANY, why="that many come at once")

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
