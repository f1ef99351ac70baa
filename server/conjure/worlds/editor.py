"""The one way a stored world changes: compare-and-set, with the edit applied again when it lost (CONTRACT 3).

A write is made from the newest snapshot this process knows, checked by the kernel, and stored if the world
still is at that revision; when another write came first, the store answers with the newer world and the edit
is applied again. No update is lost, and a warm write is one round trip. Writers of one world in one process
take turns: they would only make each other's work stale.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar
from weakref import WeakValueDictionary

from conjure.core.errors import (
    InapplicableEdit,
    KernelRefused,
    MalformedRequest,
    NotFound,
    PayloadTooLarge,
    RevisionConflict,
)
from conjure.core.ids import checked_id, new_id
from conjure.kernel import NotThere, OpError
from conjure.worlds import validation
from conjure.worlds.model import Summary
from conjure.worlds.store import Stale
from conjure.worlds.validation import ValidDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjure.core.caller import Tenant
    from conjure.core.preconditions import Precondition
    from conjure.kernel import Diagnostic
    from conjure.worlds.model import Snapshot
    from conjure.worlds.store import WorldStore


_REFUSED: Final = (KernelRefused, InapplicableEdit, NotFound, PayloadTooLarge, MalformedRequest)
"""What an edit may come to on an old copy of a world, and not on the newest one."""


class Changed(Protocol):
    """What an edit makes: a world, and whatever else its caller wants to know."""

    @property
    def world(self) -> dict[str, Any]:
        """The world after the edit."""
        ...


C = TypeVar("C", bound=Changed)


@dataclass(frozen=True, slots=True)
class Edited(Generic[C]):
    """A write that has happened: what it did, the world as it is stored, the kernel's advice."""

    change: C
    snapshot: Snapshot
    advice: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Edit(Generic[C]):
    """How to change a world.

    `apply` makes the new world from the present one, which it must not change, and may run more than once.
    `summarize` says in a few words each what was done, for those who watch.
    `visibility`: who may read it from then on ('' keeps it). `version_id`: what HEAD becomes.
    """

    apply: Callable[[dict[str, Any]], C]
    summarize: Callable[[C], Sequence[str]]
    visibility: str = ""
    version_id: str | None = None


class WorldEditor:
    """Writes worlds."""

    def __init__(self, store: WorldStore) -> None:
        self._store = store
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def write(
        self, tenant: Tenant, world_id: str, edit: Edit[C], expected: Precondition | None
    ) -> Edited[C]:
        """Applies an edit to the newest world and stores the result, if the kernel finds no error.

        Raises NotFound (the world, or what the edit addresses), RevisionConflict, InapplicableEdit,
        KernelRefused, MalformedRequest (too deep), PayloadTooLarge, TooHeavy, StoreUnavailable,
        OutcomeUnknown.
        """
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
                    change, made = _changed(base, edit)
                except _REFUSED:
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
                    tenant, world_id, base, made.text, Summary.of(made.value), request_id,
                    ops=edit.summarize(change), visibility=edit.visibility,
                    version_id=edit.version_id,
                )  # fmt: skip
                if isinstance(outcome, Stale):
                    base, is_newest = outcome.current, True
                    continue
                snapshot = self._store.remember(
                    tenant, world_id, outcome, made.text, made.value, made.examined,
                    written=made.written,
                )  # fmt: skip
                return Edited(change, snapshot, made.examined.findings)


def _changed(base: Snapshot, edit: Edit[C]) -> tuple[C, ValidDocument]:
    """Applies an edit and passes the result through the gate."""
    try:
        change = edit.apply(base.editable)
    except NotThere as error:
        raise NotFound(str(error)) from error
    except OpError as error:
        raise InapplicableEdit(str(error)) from error
    written = validation.encode(change.world, base.written)
    examined = validation.require_valid(change.world, base.examined)
    return change, ValidDocument(change.world, written, examined)
