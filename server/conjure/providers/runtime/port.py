"""The port of runtimes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RuntimeLease:
    """What a runtime is asked to serve. `ends_at_ms` is when the lease ends, `seconds` from now."""

    jti: str
    world_id: str
    player: str
    ends_at_ms: int
    seconds: int


@dataclass(frozen=True, slots=True)
class RuntimeToken:
    """A credential for the runtime. `expires_at_s` (Unix seconds) is None when it does not say."""

    jwt: str
    expires_in_s: int
    expires_at_s: int | None


class RuntimeFailed(Exception):
    """The runtime did not give a token. The text is for the log, never for the caller."""


class Runtime(Protocol):
    """Turns an admitted lease into a credential."""

    @property
    def is_remote(self) -> bool:
        """Whether `token` takes long enough for the session to be ended meanwhile."""
        ...

    def require(self) -> None:
        """Raises RuntimeNotConfigured when there is no runtime: asked before anything is charged."""
        ...

    async def token(self, lease: RuntimeLease) -> RuntimeToken:
        """Returns a credential for `lease`, bounded in time.

        Raises RuntimeFailed.
        """
        ...
