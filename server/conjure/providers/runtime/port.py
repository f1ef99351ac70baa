"""The port of runtimes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RuntimeLease:
    """What a runtime is asked to serve: until `ends_at_ms`, for `seconds` in all.

    The same lease again is the same credential, where the provider can make one again.
    """

    jti: str
    world_id: str
    player: str
    ends_at_ms: int
    seconds: int


@dataclass(frozen=True, slots=True)
class RuntimeToken:
    """A credential for the runtime. `expires_at_s` (Unix seconds) is None when it does not say."""

    jwt: str = field(repr=False)
    expires_in_s: int
    expires_at_s: int | None


class RuntimeFailed(Exception):
    """The runtime did not give a token. The text is for the log, never for the caller."""


class Runtime(Protocol):
    """Turns an admitted lease into a credential."""

    @property
    def timeout_s(self) -> float:
        """How long `token` may take. 0: it asks nobody, and makes the same credential of the same lease.

        What a runtime that is asked has given is stored with the lease: nobody can make it again.
        """
        ...

    def require(self) -> None:
        """Raises RuntimeNotConfigured when there is no runtime: asked before anything is charged."""
        ...

    async def token(self, lease: RuntimeLease) -> RuntimeToken:
        """Returns a credential for `lease`, bounded in time.

        Raises RuntimeFailed.
        """
        ...
