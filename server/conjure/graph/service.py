"""Edits: applied to the newest world, checked by the kernel, stored only when it agrees (CONTRACT 3)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from weakref import WeakValueDictionary

from conjure.core import jsondoc
from conjure.core.errors import (
    InapplicableEdit,
    InvalidField,
    KernelRefused,
    NotFound,
    RevisionConflict,
)
from conjure.core.ids import new_id
from conjure.kernel import NotThere, OpError, OpsInvalid, ops, resolve
from conjure.worlds import gate
from conjure.worlds.model import Summary
from conjure.worlds.service import MAX_DESCRIPTION, MAX_NAME, READABLE, checked_id
from conjure.worlds.store import Stale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjure.core.caller import Tenant
    from conjure.core.preconditions import Precondition
    from conjure.kernel import Diagnostic, Examined
    from conjure.worlds.model import Snapshot, WorldInfo
    from conjure.worlds.service import WorldService
    from conjure.worlds.store import WorldStore


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


class GraphService:
    """Rules of graph reads and writes.

    A write is made from the newest snapshot this process knows, and stored by a compare-and-set; when
    another one came first, the store answers with the newer world and the edit is applied again. No
    update is lost, and a warm write is one round trip. Writers of one world in one process take turns:
    they would only make each other's work stale.
    """

    def __init__(self, store: WorldStore, worlds: WorldService) -> None:
        self._store = store
        self._worlds = worlds
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def scene(self, tenant: Tenant, world_id: str) -> Snapshot:
        """Returns the world whose graph is asked for. Raises NotFound, StoreUnavailable."""
        _, _, snapshot = await self._worlds.read(tenant, world_id)
        return snapshot

    async def state(self, tenant: Tenant, world_id: str, state_id: str) -> tuple[Any, str]:
        """Returns a state and the revision. Raises NotFound, StoreUnavailable."""
        snapshot = await self.scene(tenant, world_id)
        found = snapshot.value["scene"]["states"].get(state_id)
        if found is None:
            raise NotFound("there is no such state")
        return found, snapshot.rev

    async def event(self, tenant: Tenant, world_id: str, name: str) -> tuple[Any, str]:
        """Returns an event and the revision. Raises NotFound, StoreUnavailable."""
        snapshot = await self.scene(tenant, world_id)
        for found in snapshot.value["scene"]["events"]:
            if found["name"] == name:
                return found, snapshot.rev
        raise NotFound("there is no such event")

    async def set_entrance(
        self,
        tenant: Tenant,
        world_id: str,
        *,
        state: str,
        image: dict[str, Any] | None,
        expected: Precondition | None,
    ) -> Edited[ops.Applied]:
        """Points the entrance at `state`; no `image` keeps the present one (CONTRACT 3.2).

        Raises as `apply`.
        """

        def change(world: dict[str, Any]) -> ops.Applied:
            return ops.Applied(ops.set_entrance(world, state, image), state)

        def tell(_: ops.Applied) -> tuple[str, ...]:
            return (ops.summarize({"op": "set_entrance", "state": state}),)

        return await self._write(tenant, world_id, change, tell, expected)

    async def apply(
        self,
        tenant: Tenant,
        world_id: str,
        op: dict[str, Any],
        expected: Precondition | None,
        *,
        sent: int = 0,
    ) -> Edited[ops.Applied]:
        """Applies one op, for which the caller has sent so many bytes.

        Raises NotFound (the world, or what the op addresses), RevisionConflict, InapplicableEdit,
        KernelRefused, StoreUnavailable, OutcomeUnknown.
        """

        def change(world: dict[str, Any]) -> ops.Applied:
            return ops.apply(world, op)

        def tell(made: ops.Applied) -> tuple[str, ...]:
            return (ops.summarize(op, made.name),)

        return await self._write(tenant, world_id, change, tell, expected, sent=sent)

    async def apply_all(
        self,
        tenant: Tenant,
        world_id: str,
        batch: Any,
        expected: Precondition | None,
        *,
        sent: int = 0,
    ) -> Edited[ops.Batch]:
        """Applies ops in order as one write; those that cannot apply are skipped and said.

        Raises InvalidField (an op that is none; nothing is applied), InapplicableEdit (not one
        applied), and the rest as `apply`.
        """
        try:
            checked = ops.check_ops(batch)
        except OpsInvalid as error:
            raise InvalidField(*error.errors) from error

        def change(world: dict[str, Any]) -> ops.Batch:
            made = ops.apply_batch(world, checked)
            if not made.applied:
                raise InapplicableEdit("not one op could be applied", errors=made.errors)
            return made

        return await self._write(
            tenant, world_id, change, lambda made: made.applied, expected, sent=sent
        )

    async def describe(
        self,
        tenant: Tenant,
        world_id: str,
        members: dict[str, str | None],
        visibility: str | None,
        expected: Precondition | None,
    ) -> tuple[WorldInfo, str]:
        """Changes name, description, cover (members of the document) and who may read the world.

        None erases a member; the name cannot be.
        The revision moves only when the document changes (CONTRACT 2.2). Returns it with the metadata.
        Raises InvalidField, NotFound, RevisionConflict, KernelRefused, StoreUnavailable,
        OutcomeUnknown.
        """
        _check_description(members, visibility)
        world_id = checked_id(world_id)
        info, snapshot = await self._store.get(tenant, world_id)
        if visibility is not None and visibility not in READABLE:
            # First out of sight: should the rest fail, it is hidden from others already.
            await self._store.unpublish(world_id)
        if any(_differs(snapshot.value, name, text) for name, text in members.items()):

            def change(world: dict[str, Any]) -> ops.Applied:
                kept = {name: value for name, value in world.items() if name not in members}
                given = {name: text for name, text in members.items() if text is not None}
                return ops.Applied(kept | given, None)

            said = tuple(
                f"set {name}" if text is not None else f"erase {name}"
                for name, text in members.items()
            )
            await self._write(
                tenant, world_id, change, lambda _: said, expected, visibility=visibility or ""
            )
        elif expected is not None and not expected.allows(snapshot.rev):
            raise RevisionConflict
        elif visibility is not None and visibility != info.visibility:
            rev = snapshot.rev if expected is not None and not expected.anything else ""
            if not await self._store.set_visibility(tenant, world_id, visibility, rev):
                raise RevisionConflict
        if visibility in READABLE:
            await self._store.publish(tenant, world_id)
        info, snapshot = await self._store.get(tenant, world_id)
        return info, snapshot.rev

    async def validate(
        self, tenant: Tenant, world_id: str, given: bytes | None
    ) -> tuple[bytes, tuple[Diagnostic, ...]]:
        """Passes a world, or the stored one, through the gate; returns it resolved, with advice.

        Raises InvalidField, NotFound, KernelRefused, StoreUnavailable.
        """
        value, size = await self._examined(tenant, world_id, given)
        examined = await gate.passed(value, size)
        return jsondoc.dumps(resolve(value)), examined.findings

    async def lint(
        self, tenant: Tenant, world_id: str, given: bytes | None
    ) -> Sequence[Diagnostic]:
        """Returns all findings about a world, or about the stored one.

        Raises InvalidField, NotFound, StoreUnavailable.
        """
        return (await gate.looked_at(*await self._examined(tenant, world_id, given))).findings

    async def _examined(
        self, tenant: Tenant, world_id: str, given: bytes | None
    ) -> tuple[dict[str, Any], int]:
        snapshot = await self.scene(tenant, world_id)  # also for a given one: 404 comes first
        if given is None:
            return snapshot.value, len(snapshot.text)
        value = await gate.off_loop(jsondoc.loads, given, size=len(given))
        if not isinstance(value, dict):
            raise InvalidField("world must be an object: a complete SMWorld")
        # A world as the API gave it, or one that has no id yet (CONTRACT 0, 2.1).
        examined = {"id": checked_id(world_id)} | value
        examined.pop("schemaVersion", None)
        return examined, len(given)

    async def _write(
        self,
        tenant: Tenant,
        world_id: str,
        change: Callable[[dict[str, Any]], C],
        tell: Callable[[C], Sequence[str]],
        expected: Precondition | None,
        *,
        visibility: str = "",
        sent: int = 0,
    ) -> Edited[C]:
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
                    made, text, examined = await _changed(base, change, sent)
                except (KernelRefused, InapplicableEdit, NotFound):
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
                    tenant, world_id, base, text, Summary.of(made.world), request_id,
                    visibility=visibility,
                    ops=tell(made),
                )  # fmt: skip
                if isinstance(outcome, Stale):
                    base, is_newest = outcome.current, True
                    continue
                snapshot = self._store.remember(
                    tenant, world_id, outcome, text, made.world, examined
                )
                return Edited(made, snapshot, examined.findings)


async def _changed(
    base: Snapshot, change: Callable[[dict[str, Any]], C], sent: int
) -> tuple[C, bytes, Examined]:
    """Applies an edit and passes the result through the gate."""
    # What there is to check is what the caller sent, and what somebody else wrote since the last check.
    fresh = sent if base.is_editable else len(base.text)
    value = await gate.editable(base)
    try:
        made = change(value)
    except NotThere as error:
        raise NotFound(str(error)) from error
    except OpError as error:
        raise InapplicableEdit(str(error)) from error
    text = await gate.off_loop(gate.written, made.world, size=len(base.text) // gate.LIGHT)
    examined = await gate.passed(made.world, len(text), base.examined, fresh=fresh)
    return made, text, examined


def _differs(world: dict[str, Any], name: str, text: str | None) -> bool:
    return name in world if text is None else world.get(name) != text


def _check_description(members: dict[str, str | None], visibility: str | None) -> None:
    problems = []
    if "name" in members and not 1 <= len((members["name"] or "").strip()) <= MAX_NAME:
        problems.append(f"name must have 1 to {MAX_NAME} characters")
    if len(members.get("description") or "") > MAX_DESCRIPTION:
        problems.append(f"description must have at most {MAX_DESCRIPTION} characters")
    if members.get("cover") == "":
        problems.append("cover must be a URL or a data URL")
    if visibility is not None and visibility not in (*READABLE, "private"):
        problems.append("visibility must be private, unlisted or public")
    if problems:
        raise InvalidField(*problems)
