"""`conjure world edit`: an edit in words, followed to its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from conjure.cli.remote import run_remote
from conjure.v1 import edit_service_pb2 as pb
from conjure.v1.edit_service_pb2_grpc import EditServiceStub

if TYPE_CHECKING:
    import grpc.aio

    from conjure.cli.remote import Remote

_EDIT_S: Final = 150.0  # a model may take two minutes
_STEPS: Final = {"reading": "reading …", "editing": "editing …", "checking": "checking …"}


def edit(server: Remote, world_id: str, instruction: str, rev: str | None) -> pb.EditWorldResponse:
    """Edits a world; where somebody looks on, standard error says how far it is."""
    request = pb.WatchEditRequest(id=world_id, instruction=instruction, expected_rev=rev)
    tells = sys.stderr.isatty()

    async def follow(channel: grpc.aio.Channel) -> pb.EditWorldResponse:
        stub: Any = EditServiceStub(channel)
        shown = ""
        async for message in stub.WatchEdit(request, metadata=server.metadata, timeout=_EDIT_S):
            if message.HasField("edited"):
                if shown:
                    print("\r\x1b[K", end="", file=sys.stderr, flush=True)
                edited: pb.EditWorldResponse = message.edited
                return edited
            if tells and message.step in _STEPS:
                shown = _STEPS[message.step]
                print(f"\r\x1b[K{shown}", end="", file=sys.stderr, flush=True)
        raise AssertionError("a stream ends with what was edited, or with an error")

    return run_remote(server, follow)
