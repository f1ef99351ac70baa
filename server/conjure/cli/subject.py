"""Which world a command is about: one of a running server, or one in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from conjure.cli.common import fail
from conjure.cli.lint import read_world
from conjure.cli.remote import CALL_S, remote, run_remote
from conjure.core import jsondoc
from conjure.core.ids import canonical_uuid
from conjure.kernel import check, unstored
from conjure.v1 import world_service_pb2 as world_pb
from conjure.v1.world_service_pb2_grpc import WorldServiceStub

if TYPE_CHECKING:
    import grpc.aio

    from conjure.cli.remote import Remote

WorldOrFile = Annotated[str, typer.Argument(metavar="WORLD|FILE", help="an id, a file, or -")]


def fetch_world(server: Remote, world_id: str) -> world_pb.GetWorldResponse:
    """Reads a world of a running server; ends the program when that refuses."""

    async def read(channel: grpc.aio.Channel) -> world_pb.GetWorldResponse:
        stub: Any = WorldServiceStub(channel)
        found: world_pb.GetWorldResponse = await stub.GetWorld(
            world_pb.GetWorldRequest(id=world_id), metadata=server.metadata, timeout=CALL_S
        )
        return found

    return run_remote(server, read)


def world_or_file(subject: str, target: str | None, key: str | None) -> dict[str, Any]:
    """Returns the world of an id, a file, or `-`; ends the program when there is none."""
    if canonical_uuid(subject) is not None:
        stored: dict[str, Any] = jsondoc.loads(
            fetch_world(remote(target, key), subject).document.json
        )
        return stored
    value = read_world(subject)
    complete = unstored.completed(value) if isinstance(value, dict) else value
    for finding in check(complete):
        if finding.lint == "schema":
            fail(f"{subject} is no world: {finding.path}: {finding.message}")
    assert isinstance(complete, dict)  # noqa: S101 - the schema says so
    return complete
