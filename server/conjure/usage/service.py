"""Quotas: reserve before work, spend with the result, give back on failure (CONTRACT 7).

What is bounded: units of work per app, mode and UTC day, by the store's clock. A reservation is a *hold*: it
counts like a spent unit, and lapses by itself after `hold_s`, so that a server that dies between
reserving and finishing leaves nothing taken. The script that stores the result turns the hold into a spent
unit in the same step. It cannot be raced: each step is one script on the tenant's one node. It fails
closed: without the store there is no reservation, and without a reservation no work.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from conjure.core import keyspace, metrics
from conjure.core.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidField,
    QuotaExceeded,
)
from conjure.core.store import Script
from conjure.core.times import day_text
from conjure.settings import UNITS

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.core.store import Store, Value
    from conjure.settings import CapSettings

_READ: Final = Script("conjure.usage", "read", reads_only=True)
_RESERVE: Final = Script("conjure.usage", "reserve")
_RELEASE: Final = Script("conjure.usage", "release")
_DECISIONS: Final = {
    (unit, outcome): metrics.QUOTA.at(unit, outcome)
    for unit in UNITS
    for outcome in ("granted", "refused", "returned", "replayed", "in_progress", "mismatch")
}
_IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Idempotency:
    """An `Idempotency-Key` with the hash of the body it came with (CONTRACT 0)."""

    route: str
    key_hash: str
    body_hash: str

    @classmethod
    def of(cls, route: str, key: str, body: bytes) -> Self:
        """Reads the header. Raises InvalidField."""
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise InvalidField("Idempotency-Key must have 1 to 255 visible ASCII characters")
        return cls(
            route, hashlib.sha256(key.encode()).hexdigest(), hashlib.sha256(body).hexdigest()
        )

    def key(self, tenant: Tenant) -> str:
        """Its key in the store: scoped to app, mode and route."""
        return keyspace.idempotency(tenant, self.route, self.key_hash)


@dataclass(frozen=True, slots=True)
class Usage:
    """A day's use: unit to count, and unit to cap."""

    day: str
    used: dict[str, int]
    caps: dict[str, int]


class UsageService:
    """Reads and reserves units."""

    def __init__(self, store: Store, caps: CapSettings, *, hold_s: int, idempotency_s: int) -> None:
        self._idempotency_ms = idempotency_s * 1000
        self._store = store
        self._caps = caps
        self._hold_ms = hold_s * 1000

    async def get(self, tenant: Tenant) -> Usage:
        """Returns today's use. Raises StoreUnavailable."""
        keys = [keyspace.usage(tenant), keyspace.caps(tenant)]
        keys += [keyspace.holds(tenant, unit) for unit in UNITS]
        day, *numbers = await self._store.query(_READ, keys, UNITS)
        used = dict(zip(UNITS, numbers[::2], strict=True))
        caps = {
            unit: int(override) if override else self._caps.of(unit)
            for unit, override in zip(UNITS, numbers[1::2], strict=True)
        }
        return Usage(day=day_text(day), used=used, caps=caps)

    async def reserve(
        self, tenant: Tenant, unit: str, hold_id: str, idempotency: Idempotency | None = None
    ) -> bytes | None:
        """Holds one unit. Returns the first response instead when the Idempotency-Key has one.

        Raises QuotaExceeded, IdempotencyInProgress, IdempotencyMismatch, StoreUnavailable,
        OutcomeUnknown.
        """
        keys = [keyspace.usage(tenant), keyspace.caps(tenant), keyspace.holds(tenant, unit)]
        if idempotency is not None:
            keys.append(idempotency.key(tenant))
        body = idempotency.body_hash if idempotency is not None else ""
        args: list[Value] = [unit, self._caps.of(unit), hold_id, self._hold_ms, body]
        outcome, *rest = await self._store.effect(_RESERVE, keys, args)
        match outcome:
            case b"held":
                _DECISIONS[unit, "granted"].add()
                return None
            case b"replay":
                _DECISIONS[unit, "replayed"].add()
                response: bytes = rest[0]
                return response
            case b"running":
                _DECISIONS[unit, "in_progress"].add()
                raise IdempotencyInProgress
            case b"mismatch":
                _DECISIONS[unit, "mismatch"].add()
                raise IdempotencyMismatch
            case _:
                _DECISIONS[unit, "refused"].add()
                raise QuotaExceeded(unit)

    async def release(
        self,
        tenant: Tenant,
        unit: str,
        hold_id: str,
        idempotency: Idempotency | None = None,
        *,
        refused: bool = False,
    ) -> None:
        """Gives a held unit back and frees the Idempotency-Key; a refused body keeps it to itself.

        Raises StoreUnavailable, OutcomeUnknown; both lapse by themselves then.
        """
        keys = [keyspace.holds(tenant, unit)]
        if idempotency is not None:
            keys.append(idempotency.key(tenant))
        keep_ms = self._idempotency_ms if refused else 0
        await self._store.effect(_RELEASE, keys, [hold_id, keep_ms])
        _DECISIONS[unit, "returned"].add()
