"""Edits in words: from an instruction to a write of the graph, metered (CONTRACT 3.4)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog

from conjure.core import jsondoc
from conjure.core.errors import (
    EditorUnavailable,
    InapplicableEdit,
    InvalidField,
    KernelRefused,
    NotFound,
    RevisionConflict,
    TooHeavy,
)
from conjure.core.ids import checked_id, new_id
from conjure.kernel import Severity, examine, ops
from conjure.providers.editor import EditorError, EditRequest, UnfitEdit
from conjure.usage.idempotency import Idempotency
from conjure.versions.model import Save
from conjure.worlds import access
from conjure.worlds.editor import TOUCHED_AT_ONCE, Edit
from conjure.worlds.model import Snapshot

if TYPE_CHECKING:
    from conjure.core.caller import ApiCaller
    from conjure.core.preconditions import Precondition
    from conjure.kernel import Diagnostic
    from conjure.providers.editor import Editor, ProposedEdit, Report
    from conjure.usage.idempotency import FirstAnswer
    from conjure.usage.metering import Hold, Metering
    from conjure.versions.service import VersionService
    from conjure.worlds.access import VisibleDocument
    from conjure.worlds.editor import Pending, WorldEditor
    from conjure.worlds.model import Overtaken, Replaced, Uncounted
    from conjure.worlds.service import WorldService

log = structlog.get_logger(__name__)

EDIT: Final = "edit"
"""The unit of usage that an edit costs (CONTRACT 7)."""

EDIT_ROUTE: Final = "edits"
"""The route that Idempotency-Keys of edits are scoped to (CONTRACT 0)."""

MOST_INSTRUCTION: Final = 4_000  # characters
MOST_OBJECTS: Final = 100
MOST_OBJECT_BYTES: Final = 65_536  # of all of them, as JSON

_TOLD: Final = ("edit in words",)
"""What watchers are told: which ops an editor took stays here (CONTRACT 3.4)."""

_TITLE_CHARS: Final = 120
_MOST_REMEMBERED_BYTES: Final = 65_536  # of ops, for a day


@dataclass(frozen=True, slots=True)
class NewEdit:
    """What to change. `objects` is JSON text: what a detector has found."""

    world_id: str
    instruction: str
    objects: bytes | None = None


@dataclass(frozen=True, slots=True)
class EditedWorld:
    """What an edit answers. `replayed`: the first response to an Idempotency-Key, again."""

    world: VisibleDocument
    advice: tuple[Diagnostic, ...]
    reply: str
    replayed: bool = False


class _Overtaken(InapplicableEdit):
    """What was proposed for a world no longer applies to what others have made of it meanwhile."""


class EditService:
    """Rules of edits in words. `at_once`: what takes long is left to other processes (TooHeavy)."""

    def __init__(
        self,
        editor: Editor,
        worlds: WorldService,
        writer: WorldEditor,
        versions: VersionService,
        metering: Metering,
        *,
        at_once: bool = False,
    ) -> None:
        self._editor = editor
        self._worlds = worlds
        self._writer = writer
        self._versions = versions
        self._metering = metering
        self._most_touched = TOUCHED_AT_ONCE if at_once else ops.MOST_TOUCHED

    async def edit(
        self,
        caller: ApiCaller,
        new: NewEdit,
        expected: Precondition | None,
        *,
        idempotency_key: str | None = None,
        report: Report | None = None,
    ) -> EditedWorld:
        """Changes a world as the instruction says, or answers with a question.

        Raises InvalidField, NotFound, RevisionConflict, InapplicableEdit, QuotaExceeded, KernelRefused,
        IdempotencyInProgress, IdempotencyMismatch, EditorUnavailable, TooHeavy, StoreUnavailable,
        OutcomeUnknown, and what `report` raises.
        """
        world_id, objects = checked_id(new.world_id), _checked(new)
        idempotency = Idempotency.of(
            EDIT_ROUTE, idempotency_key, world_id, new.instruction, objects
        )
        tenant = caller.tenant
        await self._worlds.read_own(caller, world_id)  # 404 comes before 402
        # A model may do better the second time, so what was refused once is tried again.
        held = self._metering.held(tenant, EDIT, idempotency, again=True, is_long=True)
        async with held as hold:
            if hold.first is not None:
                return await self._replayed(caller, world_id, hold.first)
            # As it is now: while the unit was being reserved another may have written.
            base = await self._worlds.read_own(caller, world_id)
            if expected is not None and not expected.allows(base.rev):
                raise RevisionConflict
            request = EditRequest(base.value, new.instruction, objects)
            proposed = await self._proposed(request, report)
            if not proposed.ops:
                answer = orjson.dumps({"reply": proposed.reply})
                await self._metering.spend(tenant, hold, answer, rev=base.rev)
                return await _unchanged(base, proposed.reply)
            return await self._write(caller, world_id, new, proposed, hold, expected)

    async def _proposed(self, request: EditRequest, report: Report | None) -> ProposedEdit:
        try:
            return await self._editor.edit(request, report)
        except UnfitEdit as error:
            raise KernelRefused(error.errors) from error
        except EditorError as error:
            log.warning("the editor failed", error=str(error))
            raise EditorUnavailable from error

    async def _write(
        self,
        caller: ApiCaller,
        world_id: str,
        new: NewEdit,
        proposed: ProposedEdit,
        hold: Hold,
        expected: Precondition | None,
    ) -> EditedWorld:
        """Stores what was proposed, on the newest world, with a version of that before it."""
        batch, version_id = list(proposed.ops), new_id()

        def change(world: dict[str, Any]) -> ops.Batch:
            made = ops.apply_batch(world, batch, self._most_touched)
            if made.is_beyond and self._most_touched < ops.MOST_TOUCHED:
                raise TooHeavy
            if made.errors:
                raise _Overtaken("the world has changed meanwhile")
            return made

        async def commit(
            pending: Pending[ops.Batch],
        ) -> Replaced | Overtaken | Uncounted:
            save = Save(
                version_id,
                _title(new.instruction),
                hold,
                _remembered(version_id, proposed),
                _TOLD,
            )
            return await self._versions.replace_saving(caller.tenant, world_id, save, pending)

        edit = Edit(change, lambda _: _TOLD, commit=commit)
        try:
            edited = await self._writer.write(caller.tenant, world_id, edit, expected)
        except _Overtaken as error:
            raise RevisionConflict from error
        world = access.visible(caller, caller.tenant, edited.snapshot)
        return EditedWorld(world, edited.advice, proposed.reply)

    async def _replayed(self, caller: ApiCaller, world_id: str, first: FirstAnswer) -> EditedWorld:
        """The first answer again, made from the version that was saved before it and from its ops.

        Where that version is gone, or the answer was a question and the world has been written since, it is
        the world as it is now.
        """
        members = first.members
        reply: str = members["reply"]
        current = await self._worlds.read_own(caller, world_id)
        if first.rev != current.rev and "version_id" in members:
            try:
                before = await self._versions.document(
                    caller.tenant, world_id, members["version_id"]
                )
            except NotFound:  # the world is there: it is the version that is not
                return await _unchanged(current, reply, replayed=True)
            world = await asyncio.to_thread(_made_again, before, members["ops"])
            snapshot = Snapshot(first.rev, jsondoc.dumps(world), world)
            current = access.visible(caller, caller.tenant, snapshot)
        return await _unchanged(current, reply, replayed=True)


def _made_again(before: dict[str, Any], batch: list[Any]) -> dict[str, Any]:
    return ops.in_step(before, ops.apply_batch(before, batch).world)


async def _unchanged(world: VisibleDocument, reply: str, *, replayed: bool = False) -> EditedWorld:
    found = await asyncio.to_thread(examine, world.value)  # all of it: that holds a loop up
    advice = tuple(item for item in found.findings if item.severity is not Severity.ERROR)
    return EditedWorld(world, advice, reply, replayed=replayed)


def _checked(new: NewEdit) -> tuple[dict[str, Any], ...]:
    """Checks the fields; returns the objects. Raises InvalidField, MalformedRequest."""
    problems = []
    if not new.instruction.strip():
        problems.append("instruction must have at least one character that is no white space")
    elif len(new.instruction) > MOST_INSTRUCTION:
        problems.append(f"instruction must have at most {MOST_INSTRUCTION} characters")
    found: Any = []
    if new.objects is not None:
        if len(new.objects) > MOST_OBJECT_BYTES:
            problems.append(f"verifiedObjects must have at most {MOST_OBJECT_BYTES} bytes")
        else:
            found = jsondoc.loads(new.objects)
            if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
                problems.append("verifiedObjects must be a list of objects")
            elif len(found) > MOST_OBJECTS:
                problems.append(f"verifiedObjects must hold at most {MOST_OBJECTS} objects")
    if problems:
        raise InvalidField(*problems)
    return tuple(found)


def _title(instruction: str) -> str:
    """What the version before an edit is called: as the world was before that was said."""
    said = " ".join(instruction.split())
    return f"before: {said if len(said) <= _TITLE_CHARS else said[: _TITLE_CHARS - 1] + '…'}"


def _remembered(version_id: str, proposed: ProposedEdit) -> bytes:
    """What an Idempotency-Key remembers: not the world, but how to make it again."""
    made: dict[str, Any] = {"reply": proposed.reply}
    with_ops = orjson.dumps(made | {"version_id": version_id, "ops": proposed.ops})
    return with_ops if len(with_ops) <= _MOST_REMEMBERED_BYTES else orjson.dumps(made)
