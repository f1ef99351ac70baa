"""Edits: applied to the newest world, checked by the kernel, stored only when it agrees (CONTRACT 3)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from conjure.core.errors import InapplicableEdit, KernelRefused, RevisionConflict
from conjure.core.ids import new_id
from conjure.kernel import OpError, ops
from conjure.worlds import gate
from conjure.worlds.model import Snapshot, Summary
from conjure.worlds.service import checked_id
from conjure.worlds.store import Stale

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.core.caller import Tenant
    from conjure.core.preconditions import Precondition
    from conjure.kernel import Diagnostic
    from conjure.worlds.model import WorldInfo
    from conjure.worlds.store import WorldStore


@dataclass(frozen=True, slots=True)
class Edited:
    """A write that has happened: the world as it is stored, and the kernel's advice about it."""

    snapshot: Snapshot
    advice: tuple[Diagnostic, ...]


class GraphService:
    """Rules of graph writes.

    A write is made from the newest snapshot this process knows, and stored by a compare-and-set; when
    another one came first, the store answers with the newer world and the edit is applied again. No
    update is lost, and a warm write is one round trip. Writers of one world in one process take turns:
    they would only make each other's work stale.
    """

    def __init__(self, store: WorldStore) -> None:
        self._store = store
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def scene(self, tenant: Tenant, world_id: str) -> tuple[WorldInfo, Snapshot]:
        """Returns the world whose graph is asked for. Raises NotFound, StoreUnavailable."""
        return await self._store.get(tenant, checked_id(world_id))

    async def set_entrance(
        self,
        tenant: Tenant,
        world_id: str,
        *,
        state: str,
        image: dict[str, Any] | None,
        expected: Precondition | None,
    ) -> Edited:
        """Points the entrance at `state`; no `image` keeps the present one.

        Raises NotFound, RevisionConflict, InapplicableEdit, KernelRefused, StoreUnavailable,
        OutcomeUnknown.
        """
        return await self._write(
            tenant, world_id, lambda world: ops.set_entrance(world, state, image), expected
        )

    async def _write(
        self,
        tenant: Tenant,
        world_id: str,
        change: Callable[[dict[str, Any]], dict[str, Any]],
        expected: Precondition | None,
    ) -> Edited:
        world_id = checked_id(world_id)
        request_id = new_id()
        turn = self._turns.setdefault(f"{tenant.tag}:{world_id}", asyncio.Lock())
        async with turn:
            base = self._store.cached(tenant, world_id)
            is_newest = False
            if base is None or (expected is not None and not expected.allows(base.rev)):
                _, base = await self._store.get(tenant, world_id)
                is_newest = True
            while True:
                # A conflict is only told from a snapshot that the store just gave: a cached one that
                # does not match may itself be what is stale.
                if expected is not None and not expected.allows(base.rev):
                    raise RevisionConflict
                try:
                    value, text, advice = await _changed(base, change)
                except (KernelRefused, InapplicableEdit):
                    if is_newest:
                        raise
                    # Refused on a cached world: ask whether it still is the newest one.
                    _, current = await self._store.get(tenant, world_id)
                    is_newest = True
                    if current.rev == base.rev:
                        raise
                    base = current
                    continue
                outcome = await self._store.replace(
                    tenant, world_id, base, text, Summary.of(value), request_id
                )
                if isinstance(outcome, Stale):
                    base, is_newest = outcome.current, True
                    continue
                snapshot = self._store.remember(tenant, world_id, outcome, text, value)
                return Edited(snapshot, advice)


async def _changed(
    base: Snapshot, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> tuple[dict[str, Any], bytes, tuple[Diagnostic, ...]]:
    """Applies an edit and passes the result through the gate."""
    try:
        value = change(base.value)
    except OpError as error:
        raise InapplicableEdit(str(error)) from error
    text = await gate.off_loop(gate.written, value, size=len(base.text))
    return value, text, await gate.passed(value, len(text))
