"""Reading and programming the graph of a world (CONTRACT 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjure.core import jsondoc
from conjure.core.errors import InapplicableEdit, InvalidField, NotFound
from conjure.core.ids import checked_id
from conjure.kernel import OpsInvalid, ops, resolve, unstored
from conjure.worlds import validation
from conjure.worlds.editor import Edit

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.core.preconditions import Precondition
    from conjure.kernel import Diagnostic, Examined
    from conjure.worlds.editor import Edited, WorldEditor
    from conjure.worlds.model import Snapshot
    from conjure.worlds.service import WorldService


class GraphService:
    """Rules of graph reads and writes."""

    def __init__(self, worlds: WorldService, editor: WorldEditor) -> None:
        self._worlds = worlds
        self._editor = editor

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

        def summarize(_: ops.Applied) -> tuple[str, ...]:
            return (ops.summarize({"op": "set_entrance", "state": state}),)

        return await self._editor.write(tenant, world_id, Edit(change, summarize), expected)

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

        def summarize(made: ops.Applied) -> tuple[str, ...]:
            return (ops.summarize(op, made.name),)

        return await self._editor.write(tenant, world_id, Edit(change, summarize, sent), expected)

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

        return await self._editor.write(
            tenant, world_id, Edit(change, lambda made: made.applied, sent), expected
        )

    async def validate(
        self, tenant: Tenant, world_id: str, given: bytes | None
    ) -> tuple[bytes, tuple[Diagnostic, ...]]:
        """Passes a world, or the stored one, through the gate; returns it resolved, with advice.

        Raises InvalidField, NotFound, KernelRefused, StoreUnavailable.
        """
        value, size = await self._examined(tenant, world_id, given)
        examined = await validation.require_valid(unstored.completed(value), size)
        return jsondoc.dumps(resolve(value)), examined.findings

    async def lint(self, tenant: Tenant, world_id: str, given: bytes | None) -> Examined:
        """Returns what there is to say about a world, or about the stored one.

        Raises InvalidField, NotFound, StoreUnavailable.
        """
        value, size = await self._examined(tenant, world_id, given)
        return await validation.examine(unstored.completed(value), size)

    async def _examined(
        self, tenant: Tenant, world_id: str, given: bytes | None
    ) -> tuple[dict[str, Any], int]:
        snapshot = await self.scene(tenant, world_id)  # also for a given one: 404 comes first
        if given is None:
            return snapshot.value, len(snapshot.text)
        value = await validation.off_loop(jsondoc.loads, given, size=len(given))
        if not isinstance(value, dict):
            raise InvalidField("world must be an object: a complete SMWorld")
        # A world as the API gave it, or one that has no id yet (CONTRACT 0, 2.1).
        examined = {"id": checked_id(world_id)} | value
        examined.pop("schemaVersion", None)
        return examined, len(given)
