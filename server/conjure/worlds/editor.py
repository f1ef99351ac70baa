"""The one way a stored world changes: compare-and-set, with the edit applied again when it lost (CONTRACT 3).

A write is made from the newest snapshot this process knows, checked by the kernel, and stored if the world
still is at that revision; when another write came first, the store answers with the newer world and the edit
is applied again. No update is lost, and a warm write is one round trip. Writers of one world in one process
take turns, each making its write from the one before (`pipeline`): they would only make each other's stale.
"""

from __future__ import annotations

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
from conjure.kernel import NotThere, OpError, ops
from conjure.worlds import validation
from conjure.worlds.model import Overtaken, Snapshot, Summary, Uncounted
from conjure.worlds.pipeline import Attempt, Pipeline
from conjure.worlds.store import Stale
from conjure.worlds.validation import ValidDocument

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from conjure.assets.service import Assets
    from conjure.core.caller import Tenant
    from conjure.core.preconditions import Precondition
    from conjure.kernel import Diagnostic
    from conjure.worlds.model import Replaced
    from conjure.worlds.store import WorldStore


TOUCHED_AT_ONCE: Final = 30_000
"""What a batch may touch (`ops.MOST_TOUCHED`) on the event loop: 3 to 15 ms, and three times what 500 ops on
states of twenty members do."""

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
class Pending(Generic[C]):
    """What is to be stored: made from `base` by a `change`, idempotent under `request_id`.

    `asset_names` are those that the document names, None: the same as `base`.
    """

    base: Snapshot
    document: ValidDocument
    asset_names: frozenset[str] | None
    change: C
    request_id: str


@dataclass(frozen=True, slots=True)
class Edit(Generic[C]):
    """How to change a world.

    `apply` makes the new world from the present one, which it must not change, and may run more than once.
    `summarize` says in a few words each what was done, for those who watch.
    `visibility`: who may read it from then on ('' keeps it). `version_id`: what HEAD becomes.
    `commit` stores it, if more goes with it than a document.
    """

    apply: Callable[[dict[str, Any]], C]
    summarize: Callable[[C], Sequence[str]]
    visibility: str = ""
    version_id: str | None = None
    commit: Callable[[Pending[C]], Awaitable[Replaced | Overtaken | Uncounted]] | None = None


@dataclass(frozen=True, slots=True)
class _Made(Generic[C]):
    """An edit, and what it was made from: `base`, which is what the attempt `after` makes, if any."""

    base: Snapshot
    after: Attempt | None
    change: C
    document: ValidDocument

    @property
    def asset_names(self) -> frozenset[str]:
        """The assets that the document names."""
        return self.document.written.asset_names


class WorldEditor:
    """Writes worlds."""

    def __init__(self, store: WorldStore, assets: Assets) -> None:
        self._store = store
        self._assets = assets
        self._pipelines: WeakValueDictionary[str, Pipeline] = WeakValueDictionary()

    async def write(
        self, tenant: Tenant, world_id: str, edit: Edit[C], expected: Precondition | None
    ) -> Edited[C]:
        """Applies an edit to the newest world and stores the result, if the kernel finds no error.

        Raises NotFound (the world, or what the edit addresses), RevisionConflict, InapplicableEdit,
        KernelRefused, MalformedRequest (too deep), PayloadTooLarge, TooHeavy, StoreUnavailable,
        OutcomeUnknown.
        """
        world_id = checked_id(world_id)
        pipeline = self._pipelines.setdefault(f"{tenant.tag}:{world_id}", Pipeline())
        # What asks for more than the world before it is made from a revision that is known.
        alone = expected is not None or edit.version_id is not None or edit.commit is not None
        told: Snapshot | None = None  # the newest world, where the store has told it
        while True:
            async with pipeline.turn:
                await pipeline.room(alone=alone)
                after = None if alone else pipeline.last
                made = await self._made(tenant, world_id, edit, expected, after, told)
                added = made.asset_names - made.base.asset_names
                if added:  # before the script that names them
                    await self._assets.claim(tenant, world_id, added)
                attempt = Attempt(new_id(), made.document.unstored(), made.after)
                pipeline.sent(attempt)
            has_happened = False
            try:
                # It is handed over before the next one has been made: nothing here waits until then.
                outcome = await self._replace(tenant, world_id, edit, made, attempt.request_id)
                if isinstance(outcome, Stale):
                    told = outcome.current
                    continue
                has_happened = True
                document = made.document
                snapshot = self._store.remember(
                    tenant, world_id, outcome.rev, document.text, document.value, document.examined,
                    written=document.written,
                )  # fmt: skip
            finally:
                pipeline.ended(attempt, has_happened=has_happened)
            if outcome.dropped:
                await self._assets.dropped(outcome.dropped)
            return Edited(made.change, snapshot, document.examined.findings)

    async def _replace(
        self, tenant: Tenant, world_id: str, edit: Edit[C], made: _Made[C], request_id: str
    ) -> Replaced | Stale:
        names = made.asset_names

        async def replaced(named: frozenset[str] | None) -> Replaced | Stale | Uncounted:
            if edit.commit is not None:
                pending = Pending(made.base, made.document, named, made.change, request_id)
                outcome = await edit.commit(pending)
                if isinstance(outcome, Overtaken):
                    return Stale(self._store.received(tenant, world_id, outcome.rev, outcome.text))
                return outcome
            return await self._store.replace(
                tenant, world_id, made.base, made.document.text, Summary.of(made.document.value),
                request_id, asset_names=named,
                ops=edit.summarize(made.change), visibility=edit.visibility, version_id=edit.version_id,
                after="" if made.after is None else made.after.request_id,
            )  # fmt: skip

        outcome = await replaced(None if names == made.base.asset_names else names)
        while isinstance(outcome, Uncounted):  # once, after an earlier release has written it
            await self._assets.claim(tenant, world_id, names)
            outcome = await replaced(names)
        return outcome

    async def _made(
        self,
        tenant: Tenant,
        world_id: str,
        edit: Edit[C],
        expected: Precondition | None,
        after: Attempt | None,
        told: Snapshot | None,
    ) -> _Made[C]:
        """Applies an edit to what `after` makes, else to the newest world that is known."""
        known = self._store.cached(tenant, world_id)
        base = after.made if after is not None else known or told
        is_newest = base is not None and base is told
        while True:
            if base is None or not (is_newest or _allows(expected, base)):
                _, base = await self._store.get(tenant, world_id)
                is_newest = True
            # A conflict is only told from a snapshot that the store just gave: a cached one that does not
            # match may itself be what is stale.
            if not _allows(expected, base):
                raise RevisionConflict
            try:
                change, document = _changed(base, edit)
            except _REFUSED:
                if is_newest:
                    raise
                # Refused on a cached world, or on what may never be: ask for the newest one.
                _, current = await self._store.get(tenant, world_id)
                is_newest = True
                if current.rev == base.rev:
                    raise
                base, after = current, None
                continue
            return _Made(base, after, change, document)


def _allows(expected: Precondition | None, base: Snapshot) -> bool:
    return expected is None or expected.allows(base.rev)


def _changed(base: Snapshot, edit: Edit[C]) -> tuple[C, ValidDocument]:
    """Applies an edit and passes the result through the gate."""
    before = base.editable
    try:
        change = edit.apply(before)
        # Of all else than characters this is one look at `kind`.
        world = ops.in_step(before, change.world, is_restored=edit.version_id is not None)
    except NotThere as error:
        raise NotFound(str(error)) from error
    except OpError as error:
        raise InapplicableEdit(str(error)) from error
    written = validation.encode(world, base.written)
    examined = validation.require_valid(world, base.examined)
    return change, ValidDocument(world, written, examined)
