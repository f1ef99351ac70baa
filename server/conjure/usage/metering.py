"""Units of work: held before the work, spent with its result, given back when it fails (CONTRACT 7).

What is bounded: units of work per app, mode and UTC day, by the store's clock. A reservation is a *hold*: it
counts like a spent unit, and lapses by itself after `hold_s`, so that a server that dies between
reserving and finishing leaves nothing taken; long work renews it. The script that stores the result turns the
hold into a spent unit in the same step: it includes `spend.lua`. It cannot be raced: each step is one script
on the tenant's one node. It fails closed: without the store there is no reservation, and without a
reservation no work.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from conjure.core.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    KernelRefused,
    OutcomeUnknown,
    QuotaExceeded,
    StoreUnavailable,
)
from conjure.core.ids import new_id
from conjure.usage.idempotency import FirstAnswer, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from conjure.core.caller import Tenant
    from conjure.core.cleanup import Cleanup
    from conjure.usage.idempotency import Idempotency
    from conjure.usage.store import UsageStore

Taken = TypeVar("Taken")

IMAGE: Final = "image"
"""The unit that a picture costs, whoever asks for it (CONTRACT 7)."""

_NOTHING_HELD: Final = (QuotaExceeded, IdempotencyInProgress, IdempotencyMismatch)
"""Refusals of a reservation after which there is nothing to give back."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A unit that is reserved, to be spent by the script that stores what the work has made.

    `first`: the first answer to the Idempotency-Key; then nothing is held, and nothing to be done.
    """

    id: str
    unit: str
    idempotency: Idempotency | None = None
    first: FirstAnswer | None = None


class Metering:
    """Holds units for work of any domain."""

    def __init__(self, store: UsageStore, cleanup: Cleanup) -> None:
        self._store = store
        self._cleanup = cleanup

    @contextlib.asynccontextmanager
    async def held(
        self,
        tenant: Tenant,
        unit: str,
        idempotency: Idempotency | None = None,
        *,
        again: bool = False,
        is_long: bool = False,
    ) -> AsyncIterator[Hold]:
        """Holds one unit while the body runs, and gives it back when the body fails.

        `is_long`: the body may run for longer than a hold lasts, so it is renewed meanwhile. `again`: also
        when the first call with this Idempotency-Key and body was refused by the kernel; without it that is
        Refused. Raises QuotaExceeded, IdempotencyInProgress, IdempotencyMismatch,
        StoreUnavailable, OutcomeUnknown.
        """
        hold_id = new_id()
        reserving = self._store.reserve(tenant, unit, hold_id, idempotency, again=again)
        hold = Hold(hold_id, unit, idempotency)
        async with self.held_by(
            tenant, hold, reserving, (*_NOTHING_HELD, Refused), is_long=is_long
        ) as first:
            yield Hold(hold_id, unit, idempotency, first)

    @contextlib.asynccontextmanager
    async def held_by(
        self,
        tenant: Tenant,
        hold: Hold,
        taking: Coroutine[Any, Any, Taken],
        nothing_held: tuple[type[BaseException], ...],
        *,
        is_long: bool = False,
    ) -> AsyncIterator[Taken]:
        """Holds a unit that `taking` takes: a script of another domain, which includes `usage.hold`.

        Yields what `taking` returns, and raises what it raises; `nothing_held` are its refusals after which
        there is nothing to give back. The rest is as `held` says.
        """

        async def give_back(*, refused: bool = False) -> None:
            release = self._store.release(
                tenant, hold.unit, hold.id, hold.idempotency, refused=refused
            )
            await self._cleanup.run(release)

        try:
            taken = await taking
        except nothing_held:
            raise
        except BaseException:  # also a caller that went away while the unit was being reserved
            await give_back()
            raise
        renewing = None
        if is_long and not isinstance(taken, FirstAnswer):
            renewing = asyncio.create_task(self._renew(tenant, hold))
        try:
            yield taken
        except BaseException as error:  # whatever it was: what is not spent is given back
            await give_back(refused=isinstance(error, KernelRefused))
            raise
        finally:
            if renewing is not None:
                renewing.cancel()

    async def spend(self, tenant: Tenant, hold: Hold, answer: bytes, *, rev: str = "") -> None:
        """Spends a unit whose work stores nothing else, and remembers what it answers (JSON of a few ids).

        Raises StoreUnavailable (also when the work has taken so long that the hold has lapsed: fail closed
        rather than answer unmetered), OutcomeUnknown.
        """
        if not await self._store.settle(tenant, hold.unit, hold.id, hold.idempotency, answer, rev):
            raise StoreUnavailable("the work took too long; nothing was charged")

    async def spend_anyway(self, tenant: Tenant, hold: Hold) -> None:
        """Spends a unit of a caller who is leaving with what it has had already. It goes on by itself."""
        await self._cleanup.run(self.spend(tenant, hold, b"{}"))

    async def _renew(self, tenant: Tenant, hold: Hold) -> None:
        """Renews a hold until it is cancelled. One that has lapsed stays so: then nothing is stored."""
        while True:
            await asyncio.sleep(self._store.hold_s / 3)
            try:
                if not await self._store.renew(tenant, hold.unit, hold.id, hold.idempotency):
                    return
            except (StoreUnavailable, OutcomeUnknown):
                continue  # there is time for two more tries
