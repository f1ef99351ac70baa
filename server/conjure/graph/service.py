"""Reading and programming the graph of a world (CONTRACT 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from conjure.core import jsondoc
from conjure.core.errors import InapplicableEdit, InvalidField, NotFound, TooHeavy
from conjure.core.ids import checked_id
from conjure.core.weights import is_heavier
from conjure.kernel import OpsInvalid, examine, ops, resolve, unstored
from conjure.kernel.picture import draw
from conjure.worlds import access, validation
from conjure.worlds.editor import TOUCHED_AT_ONCE, Changed, Edit

if TYPE_CHECKING:
    from conjure.core.caller import ApiCaller
    from conjure.core.preconditions import Precondition
    from conjure.kernel import Diagnostic, Examined
    from conjure.worlds.access import VisibleDocument
    from conjure.worlds.editor import WorldEditor
    from conjure.worlds.service import WorldService

C = TypeVar("C", bound=Changed)

_SITUATIONS_AT_ONCE = 500
"""How many situations are looked at on the event loop: 4 ms of the costliest, and enough for most worlds."""


@dataclass(frozen=True, slots=True)
class Written(Generic[C]):
    """A write as its caller may see it: what it did, the world after it, the kernel's advice."""

    change: C
    world: VisibleDocument
    advice: tuple[Diagnostic, ...]


def picture_of(seen: VisibleDocument) -> bytes:
    """Draws a world's graph as its reader may see it, SVG; once for each revision."""
    return seen.made("graph.svg", lambda value: draw(value).encode())


class GraphService:
    """Rules of graph reads and writes."""

    def __init__(
        self,
        worlds: WorldService,
        editor: WorldEditor,
        *,
        most_situations: int,
        most_checked: int | None = None,
    ) -> None:
        """`most_checked`: the weight (`core.weights`) from which checking a whole world is TooHeavy.

        `most_situations` is how many a check looks at for dead ends (`kernel.softlock`). Where heavy checks
        are left to others, those that take more than a few are TooHeavy too, and so are batches of ops that
        touch much.
        """
        self._most_checked = most_checked
        self._most_situations = most_situations
        self._worlds = worlds
        self._editor = editor

    async def scene(self, caller: ApiCaller, world_id: str) -> VisibleDocument:
        """Returns the world whose graph is asked for. Raises NotFound, StoreUnavailable."""
        _, seen = await self._worlds.read(caller, world_id)
        return seen

    def picture(self, seen: VisibleDocument) -> bytes:
        """Returns a picture of a graph, SVG; drawn once for each revision. Raises TooHeavy.

        Where there are heavy workers it is theirs to draw: its bounds are in numbers, not in time, and a
        fault of the native library that it needs would end the process.
        """
        if self._most_checked is not None:
            raise TooHeavy
        return picture_of(seen)

    async def state(self, caller: ApiCaller, world_id: str, state_id: str) -> tuple[Any, str]:
        """Returns a state and the revision. Raises NotFound, StoreUnavailable."""
        seen = await self.scene(caller, world_id)
        found = seen.value["scene"]["states"].get(state_id)
        if found is None:
            raise NotFound("there is no such state")
        return found, seen.rev

    async def event(self, caller: ApiCaller, world_id: str, name: str) -> tuple[Any, str]:
        """Returns an event and the revision. Raises NotFound, StoreUnavailable."""
        seen = await self.scene(caller, world_id)
        for found in seen.value["scene"]["events"]:
            if found["name"] == name:
                return found, seen.rev
        raise NotFound("there is no such event")

    async def set_entrance(
        self,
        caller: ApiCaller,
        world_id: str,
        *,
        state: str,
        image: dict[str, Any] | None,
        expected: Precondition | None,
    ) -> Written[ops.Applied]:
        """Points the entrance at `state`; no `image` keeps the present one (CONTRACT 3.2).

        Raises as `apply`.
        """

        def change(world: dict[str, Any]) -> ops.Applied:
            return ops.Applied(ops.set_entrance(world, state, image), state)

        def summarize(_: ops.Applied) -> tuple[str, ...]:
            return (ops.summarize({"op": "set_entrance", "state": state}),)

        return await self._write(caller, world_id, Edit(change, summarize), expected)

    async def apply(
        self,
        caller: ApiCaller,
        world_id: str,
        op: dict[str, Any],
        expected: Precondition | None,
    ) -> Written[ops.Applied]:
        """Applies one op.

        Raises NotFound (the world, or what the op addresses), RevisionConflict, InapplicableEdit,
        KernelRefused, StoreUnavailable, OutcomeUnknown.
        """

        def change(world: dict[str, Any]) -> ops.Applied:
            return ops.apply(world, op)

        def summarize(made: ops.Applied) -> tuple[str, ...]:
            return (ops.summarize(op, made.name),)

        return await self._write(caller, world_id, Edit(change, summarize), expected)

    async def apply_all(
        self,
        caller: ApiCaller,
        world_id: str,
        batch: Any,
        expected: Precondition | None,
    ) -> Written[ops.Batch]:
        """Applies ops in order as one write; those that cannot apply are skipped and said.

        Raises InvalidField (an op that is none; nothing is applied), InapplicableEdit (not one
        applied), TooHeavy, and the rest as `apply`.
        """
        try:
            checked = ops.check_ops(batch)
        except OpsInvalid as error:
            raise InvalidField(*error.errors) from error

        def change(world: dict[str, Any]) -> ops.Batch:
            most = ops.MOST_TOUCHED if self._most_checked is None else TOUCHED_AT_ONCE
            made = ops.apply_batch(world, checked, most)
            if made.is_beyond and most < ops.MOST_TOUCHED:
                raise TooHeavy
            if not made.applied:
                raise InapplicableEdit("not one op could be applied", errors=made.errors)
            return made

        return await self._write(
            caller, world_id, Edit(change, lambda made: made.applied), expected
        )

    async def _write(
        self, caller: ApiCaller, world_id: str, edit: Edit[C], expected: Precondition | None
    ) -> Written[C]:
        """Writes a world of the caller's own."""
        edited = await self._editor.write(caller.tenant, world_id, edit, expected)
        world = access.visible(caller, caller.tenant, edited.snapshot)
        return Written(edited.change, world, edited.advice)

    async def validate(
        self, caller: ApiCaller, world_id: str, given: bytes | None
    ) -> tuple[bytes, tuple[Diagnostic, ...]]:
        """Passes a world, or what `caller` sees of the stored one, through the gate.

        Returns it resolved, with advice.

        Raises InvalidField, NotFound, KernelRefused, TooHeavy, StoreUnavailable.
        """
        value = await self._value(caller, world_id, given)
        examined = self._examined(value)
        validation.require_no_errors(examined)
        return jsondoc.dumps(resolve(value)), examined.findings

    async def lint(self, caller: ApiCaller, world_id: str, given: bytes | None) -> Examined:
        """Returns what there is to say about a world, or about what `caller` sees of the stored one.

        Raises InvalidField, NotFound, TooHeavy, StoreUnavailable.
        """
        return self._examined(await self._value(caller, world_id, given))

    def _examined(self, value: dict[str, Any]) -> Examined:
        """Everything that there is to say about a world, dead ends included. Raises TooHeavy."""
        is_whole = self._most_checked is None or self._most_situations <= _SITUATIONS_AT_ONCE
        most = self._most_situations if is_whole else _SITUATIONS_AT_ONCE
        examined = examine(unstored.completed(value), most_situations=most)
        if examined.is_beyond and not is_whole:
            raise TooHeavy
        return examined

    async def _value(self, caller: ApiCaller, world_id: str, given: bytes | None) -> dict[str, Any]:
        seen = await self.scene(caller, world_id)  # also for a given one: 404 comes first
        if given is None:
            if self._most_checked is not None and is_heavier(seen.text, self._most_checked):
                raise TooHeavy
            return seen.value
        value = jsondoc.loads(given)
        if not isinstance(value, dict):
            raise InvalidField("world must be an object: a complete SMWorld")
        # A world as the API gave it, or one that has no id yet (CONTRACT 0, 2.1).
        completed = {"id": checked_id(world_id)} | value
        completed.pop("schemaVersion", None)
        return completed
