"""conjure.v1.EditService."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from conjure.core.errors import InapplicableEdit, InvalidField, TooHeavy
from conjure.edits.service import NewEdit
from conjure.rpc.messages import diagnostic_message
from conjure.v1 import edit_service_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from conjure.core.preconditions import Precondition
    from conjure.edits.service import EditedWorld, EditService
    from conjure.providers.editor import Step
    from conjure.rpc.call import Call

_TOO_LARGE: Final = "the world is too large for its edit to be watched; use EditWorld"
_TICK_S: Final = 0.4  # a stream yields twice a second at least (rpc.streams)


class EditServicer:
    """proto ↔ edits."""

    def __init__(self, edits: EditService) -> None:
        self._edits = edits

    async def EditWorld(
        self, request: pb.EditWorldRequest, call: Call, expected: Precondition | None
    ) -> pb.EditWorldResponse:
        """Edits a world, or asks."""
        edited = await self._edits.edit(
            call.api_caller, _new(request), expected, idempotency_key=call.idempotency_key
        )
        call.is_replayed = edited.replayed
        return _response(edited)

    async def WatchEdit(
        self, request: pb.WatchEditRequest, call: Call, expected: Precondition | None
    ) -> AsyncGenerator[pb.WatchEditResponse | None, None]:
        """Edits a world, and yields how far that has come; None when nothing has happened for a tick."""
        told: list[pb.WatchEditResponse] = []
        has_news = asyncio.Event()

        async def report(step: Step, progress: float) -> None:
            told.append(pb.WatchEditResponse(step=step, progress=progress))
            has_news.set()

        editing = asyncio.create_task(
            self._edits.edit(
                call.api_caller,
                _new(request),
                expected,
                idempotency_key=call.idempotency_key,
                report=report,
            )
        )
        editing.add_done_callback(lambda _: has_news.set())
        try:
            while not editing.done():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_TICK_S):
                        await has_news.wait()
                has_news.clear()
                if editing.done():
                    break
                news, told[:] = tuple(told), ()
                for message in news:
                    yield message
                if not news:
                    yield None
            try:
                edited = await editing
            except TooHeavy:  # a stream cannot be relayed to a process that takes it
                raise InapplicableEdit(_TOO_LARGE) from None
            for message in told:
                yield message
            call.is_replayed = edited.replayed
            yield pb.WatchEditResponse(progress=1.0, edited=_response(edited))
        finally:
            editing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({editing})


def _new(request: pb.EditWorldRequest | pb.WatchEditRequest) -> NewEdit:
    """Reads a request. Raises InvalidField: without an instruction, or with two."""
    said = [getattr(request, name) for name in ("instruction", "message") if request.HasField(name)]
    if not said:
        raise InvalidField("instruction is required")
    if said[0] != said[-1]:
        raise InvalidField("instruction and message are one: send either")
    has_objects = request.HasField("verified_objects")
    return NewEdit(request.id, said[0], request.verified_objects.json if has_objects else None)


def _response(edited: EditedWorld) -> pb.EditWorldResponse:
    response = pb.EditWorldResponse(reply=edited.reply, rev=edited.world.rev)
    response.diagnostics.extend(map(diagnostic_message, edited.advice))
    response.world.json = edited.world.text
    return response
