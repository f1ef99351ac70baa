"""Units of work in the store: each step is one script on the tenant's node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.core import metrics
from conjure.core.errors import QuotaExceeded
from conjure.settings import UNITS
from conjure.store import keyspace
from conjure.store.client import EFFECT_MS, Script
from conjure.usage.idempotency import COUNTED_AS, first_answer

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.settings import CapSettings, WorldSettings
    from conjure.store.client import Store, Value
    from conjure.usage.idempotency import FirstAnswer, Idempotency

_READ: Final = Script("conjure.usage", "read", reads_only=True)
_RESERVE: Final = Script("conjure.usage", "reserve", includes=["hold", "idempotency"])
_RENEW: Final = Script("conjure.usage", "renew")
_SETTLE: Final = Script("conjure.usage", "settle", includes=["spend", "idempotency"])
_RELEASE: Final = Script("conjure.usage", "release")
_DECISIONS: Final = {
    (unit, outcome): metrics.QUOTA.at(unit, outcome)
    for unit in UNITS
    for outcome in ("granted", "refused", "returned", "replayed", "in_progress", "mismatch")
}
# The answers of reserve.lua, by the label that they are counted under.
_COUNTED_AS: Final = COUNTED_AS | {b"held": "granted", b"quota": "refused"}


class UsageStore:
    """Reads, holds and gives back units."""

    def __init__(self, store: Store, caps: CapSettings, settings: WorldSettings) -> None:
        self._store = store
        self._caps = caps
        self._hold_ms = settings.hold_s * 1000
        self._idempotency_ms = settings.idempotency_s * 1000

    async def read(self, tenant: Tenant) -> tuple[int, dict[str, int], dict[str, int]]:
        """Returns the day (days since 1970, UTC), what is used of each unit, and the caps.

        Raises StoreUnavailable.
        """
        keys = [keyspace.usage(tenant), keyspace.caps(tenant)]
        keys += [keyspace.holds(tenant, unit) for unit in UNITS]
        day, *numbers = await self._store.query(_READ, keys, UNITS)
        used = dict(zip(UNITS, numbers[::2], strict=True))
        caps = {
            unit: override if override >= 0 else self._caps.of(unit)
            for unit, override in zip(UNITS, numbers[1::2], strict=True)
        }
        return day, used, caps

    async def reserve(
        self,
        tenant: Tenant,
        unit: str,
        hold_id: str,
        idempotency: Idempotency | None = None,
        *,
        again: bool = False,
    ) -> FirstAnswer | None:
        """Holds one unit; returns the first answer instead when the Idempotency-Key has one.

        `again`: also when the first call with that key and body was refused. Raises QuotaExceeded,
        Refused, IdempotencyInProgress, IdempotencyMismatch, StoreUnavailable, OutcomeUnknown.
        """
        keys = [keyspace.usage(tenant), keyspace.caps(tenant), keyspace.holds(tenant, unit)]
        body = ""
        if idempotency is not None:
            keys.append(idempotency.key(tenant))
            body = idempotency.body_hash
        args: list[Value] = [
            unit, self._caps.of(unit), hold_id, self._hold_ms, body, int(again),
        ]  # fmt: skip
        outcome, *rest = await self._store.effect(_RESERVE, keys, args)
        _DECISIONS[unit, _COUNTED_AS[outcome]].add()
        if outcome == b"held":
            return None
        if outcome == b"quota":
            raise QuotaExceeded(unit)
        return first_answer(outcome, rest, keys[-1])

    @property
    def hold_s(self) -> float:
        """How long a hold lasts that nobody renews."""
        return self._hold_ms / 1000

    async def renew(
        self, tenant: Tenant, unit: str, hold_id: str, idempotency: Idempotency | None = None
    ) -> bool:
        """Lets a hold last for another `hold_s` from now, and its Idempotency-Key; False: it is no more.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        keys = [keyspace.holds(tenant, unit)]
        if idempotency is not None:
            keys.append(idempotency.key(tenant))
        return bool(await self._store.effect(_RENEW, keys, [hold_id, self._hold_ms]))

    async def settle(
        self,
        tenant: Tenant,
        unit: str,
        hold_id: str,
        idempotency: Idempotency | None,
        answer: bytes,
        rev: str,
    ) -> bool:
        """Spends a held unit, and remembers the answer; False: the hold has lapsed.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.effect(tenant, hold_id),
            keyspace.usage(tenant),
            keyspace.holds(tenant, unit),
        ]
        body = ""
        if idempotency is not None:
            keys.append(idempotency.key(tenant))
            body = idempotency.body_hash
        args: list[Value] = [
            unit, hold_id, EFFECT_MS, body, answer, rev, self._idempotency_ms,
        ]  # fmt: skip
        return bool(await self._store.effect(_SETTLE, keys, args))

    async def release(
        self,
        tenant: Tenant,
        unit: str,
        hold_id: str,
        idempotency: Idempotency | None = None,
        *,
        refused: bool = False,
    ) -> None:
        """Gives a held unit back and frees the Idempotency-Key; a `refused` body keeps it to itself.

        Raises StoreUnavailable, OutcomeUnknown; both lapse by themselves then.
        """
        keys = [keyspace.holds(tenant, unit)]
        if idempotency is not None:
            keys.append(idempotency.key(tenant))
        await self._store.effect(_RELEASE, keys, [hold_id, self._idempotency_ms if refused else 0])
        _DECISIONS[unit, "returned"].add()
