"""No runtime: sessions are refused with 503 before anything is charged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.core.errors import RuntimeNotConfigured

if TYPE_CHECKING:
    from conjure.providers.runtime.port import RuntimeLease, RuntimeToken


class NoRuntime:
    """Refuses every lease."""

    timeout_s = 0.0

    def require(self) -> None:
        """Raises RuntimeNotConfigured."""
        raise RuntimeNotConfigured

    async def token(self, lease: RuntimeLease) -> RuntimeToken:
        """Raises RuntimeNotConfigured."""
        raise RuntimeNotConfigured
