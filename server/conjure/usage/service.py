"""What a tenant uses of its day (CONTRACT 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.core.times import day_text

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.usage.store import UsageStore


@dataclass(frozen=True, slots=True)
class Usage:
    """A day's use: unit to count, and unit to cap."""

    day: str
    used: dict[str, int]
    caps: dict[str, int]


class UsageService:
    """Reads what is used."""

    def __init__(self, store: UsageStore) -> None:
        self._store = store

    async def get(self, tenant: Tenant) -> Usage:
        """Returns today's use. Raises StoreUnavailable."""
        day, used, caps = await self._store.read(tenant)
        return Usage(day=day_text(day), used=used, caps=caps)
