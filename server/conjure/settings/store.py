"""Settings of the Valkey/Redis client."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conjure.settings.bounds import DAY_S, MANY, MOMENT_S, number
from conjure.settings.variables import SettingsError

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The Valkey/Redis client."""

    # URL of the store (redis://, rediss:// or unix://); of a cluster, of one or several of its servers,
    # separated by commas. It may hold a password.
    url: str = field(default="redis://127.0.0.1:6379/0", repr=False)
    # Commands in flight per worker; more are refused with 503.
    max_pending: int = number(10_000, 1, MANY)
    # Time for an answer, which usually takes under 1 ms. Must be below the server's deadline.
    timeout_s: float = number(2.0, MOMENT_S, DAY_S)
    # Time to connect.
    connect_timeout_s: float = number(1.0, MOMENT_S, DAY_S)
    # The store is a cluster: tenants and system-wide counts are on different nodes, and no script spans them.
    cluster: bool = False
    # How long a write without an answer is repeated; a restart of the store takes less.
    recovery_s: float = number(4.0, MOMENT_S, DAY_S)
    # The same on a cluster: a failover takes 3 to 4 s, and a second attempt as long.
    failover_s: float = number(10.0, MOMENT_S, DAY_S)
    # Replicas that must have a write before it is acknowledged. -1: 1 on a cluster, else 0.
    wait_replicas: int = number(-1, -1, 100)
    # Time for the replicas to confirm, which usually takes 1 ms. All writes to a server wait for it.
    wait_timeout_s: float = number(1.0, MOMENT_S, DAY_S)
    # What `serve` does about a store whose configuration loses data: refuse to start, warn, or off (not
    # examine the store).
    check: str = "refuse"

    # Time between two looks of a process at the store's format: once that is newer than it knows, it drains
    # and ends.
    format_poll_s: float = number(5.0, MOMENT_S, DAY_S)

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
        """How long an unanswered write is repeated, in seconds."""
        return self.failover_s if self.cluster else self.recovery_s

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        url = variables["url"]
        if any(urlsplit(one).scheme not in {"redis", "rediss", "unix"} for one in self.urls):
            raise SettingsError(f"{url} must be a redis://, rediss:// or unix:// URL")
        if self.cluster:
            self._verify_cluster(url)
        elif len(self.urls) > 1:
            raise SettingsError(f"{url} must be one URL, unless {variables['cluster']}")
        if self.replicas and self.wait_timeout_s >= self.timeout_s:
            raise SettingsError(
                f"{variables['wait_timeout_s']} must be below {variables['timeout_s']}: a connection"
                " that waits for replicas must not be taken for dead"
            )
        if self.check not in {"refuse", "warn", "off"}:
            raise SettingsError(f"{variables['check']} must be refuse, warn or off")

    def _verify_cluster(self, url: str) -> None:
        for one in map(urlsplit, self.urls):
            if one.scheme == "unix":
                raise SettingsError(f"{url} of a cluster must be redis:// or rediss://")
            if one.path not in {"", "/", "/0"} or "db=" in one.query:
                raise SettingsError(f"{url} of a cluster has no database but 0")
