"""An editor of the test's, and a server in this process that has it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conjure.app import serving
from conjure.providers.editor import ProposedEdit
from conjure.settings import QueueSettings, ServerSettings, Settings, WorldSettings
from conjure.v1 import document_pb2
from conjure.v1 import edit_service_pb2 as pb
from conjure.v1.edit_service_pb2_grpc import EditServiceStub
from support.rpc import TIMEOUT_S, Client, client, metadata
from support.stack import store_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from conjure.providers.editor import EditRequest, Report

    Answer = Callable[[EditRequest, Report | None], Awaitable[ProposedEdit]]


class ScriptedEditor:
    """Does what the test says; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[EditRequest] = []
        self.answer: Answer | None = None

    def proposes(self, reply: str, *ops: dict[str, Any]) -> None:
        """From now on, whatever it is asked."""

        async def answer(request: EditRequest, report: Report | None) -> ProposedEdit:
            return ProposedEdit(reply, ops)

        self.answer = answer

    async def edit(self, request: EditRequest, report: Report | None = None) -> ProposedEdit:
        self.asked.append(request)
        assert self.answer is not None
        return await self.answer(request, report)


def edit_fields(world_id: str, instruction: str | None, **fields: Any) -> dict[str, Any]:
    objects = fields.pop("objects", None)
    if objects is not None:
        fields["verified_objects"] = document_pb2.JsonDocument(json=objects)
    return {"id": world_id, "instruction": instruction, **fields}


@dataclass
class Edits:
    """One app's edits at one server."""

    caller: Client
    editor: ScriptedEditor

    @property
    def stub(self) -> EditServiceStub:
        return EditServiceStub(self.caller.channel)

    def edit(
        self,
        world_id: str,
        instruction: str | None = "do it",
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **fields: Any,
    ) -> Any:
        return self.stub.EditWorld(
            pb.EditWorldRequest(**edit_fields(world_id, instruction, **fields)),
            metadata=metadata(key or self.caller.key, **(headers or {})),
            timeout=TIMEOUT_S,
        )

    def watch(self, world_id: str, instruction: str = "do it", **headers: str) -> Any:
        return self.stub.WatchEdit(
            pb.WatchEditRequest(**edit_fields(world_id, instruction)),
            metadata=metadata(self.caller.key, **headers),
            timeout=TIMEOUT_S,
        )


@contextlib.asynccontextmanager
async def editing(store_url: str) -> AsyncIterator[tuple[int, ScriptedEditor]]:
    """Runs such a server; yields its port. Its holds are short, so that edits may outlive them."""
    editor = ScriptedEditor()
    settings = replace(
        Settings.from_environment(),
        store=store_settings(store_url),
        server=ServerSettings(drain_pause_s=0.0, drain_s=0.2),
        worlds=WorldSettings(hold_s=3),
        queue=QueueSettings(inline=False),
    )
    async with serving(settings, port=0, editor=editor) as (_, port):
        yield port, editor


@contextlib.asynccontextmanager
async def edits_of(port: int, editor: ScriptedEditor, key: str) -> AsyncIterator[Edits]:
    async with client(port, key) as caller:
        yield Edits(caller, editor)
