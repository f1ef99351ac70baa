"""conjure.v1.WorldService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.core.errors import TooHeavy
from conjure.core.weights import is_heavier
from conjure.rpc.conditional import needs_body
from conjure.rpc.messages import timestamp
from conjure.rpc.patch import named
from conjure.v1 import job_pb2, world_pb2
from conjure.v1 import world_service_pb2 as pb
from conjure.worlds.requests import NewWorld

if TYPE_CHECKING:
    from conjure.core.preconditions import Precondition
    from conjure.rpc.call import Call
    from conjure.worlds.creation import WorldCreation
    from conjure.worlds.model import WorldInfo
    from conjure.worlds.requests import Jobs
    from conjure.worlds.service import WorldService


class WorldServicer:
    """proto ↔ worlds."""

    def __init__(
        self,
        worlds: WorldService,
        creation: WorldCreation,
        jobs: Jobs,
        *,
        most_checked: int | None = None,
    ) -> None:
        """`most_checked`: the weight (`core.weights`) from which a document to import is TooHeavy.

        The layer that leaves requests to heavy workers cannot tell it from a picture (rpc.chain.handle).
        """
        self._most_checked = most_checked
        self._worlds = worlds
        self._creation = creation
        self._jobs = jobs

    async def CreateWorld(
        self, request: pb.CreateWorldRequest, call: Call
    ) -> pb.CreateWorldResponse:
        """Makes or imports a world, or begins a job that does."""
        if self._most_checked is not None and is_heavier(request.world.json, self._most_checked):
            raise TooHeavy
        new = NewWorld(
            premise=request.premise if request.HasField("premise") else None,
            name=request.name if request.HasField("name") else None,
            pov=request.pov if request.HasField("pov") else None,
            document=request.world.json if request.HasField("world") else None,
            frame_b64=request.frame_b64 if request.HasField("frame_b64") else None,
            frame_url=request.frame_url if request.HasField("frame_url") else None,
        )
        if request.run_async:
            job = await self._jobs.accept(call.tenant, new, idempotency_key=call.idempotency_key)
            call.is_replayed = job.replayed
            return pb.CreateWorldResponse(
                accepted=job_pb2.AcceptedJob(job_id=job.job_id, status="queued")
            )
        created = await self._creation.create(
            call.tenant, new, idempotency_key=call.idempotency_key
        )
        call.is_replayed = created.replayed
        return pb.CreateWorldResponse(
            world_id=created.world_id,
            slug=created.slug,
            ok=created.ok,
            cover=created.cover,
            rev=created.rev,
        )

    async def GetWorld(self, request: pb.GetWorldRequest, call: Call) -> pb.GetWorldResponse:
        """Answers with the document, the metadata and the revision."""
        info, seen = await self._worlds.read(call.api_caller, request.id)
        response = pb.GetWorldResponse(world=world_message(info), rev=seen.rev, etag=seen.etag)
        if needs_body(call, seen.etag):
            response.document.json = seen.text
        return response

    async def UpdateWorld(
        self, request: pb.UpdateWorldRequest, call: Call, expected: Precondition | None
    ) -> pb.UpdateWorldResponse:
        """Changes metadata and visibility."""
        changes = named(request, required=("name", "visibility"))
        visibility = changes.pop("visibility", None)
        info, rev = await self._worlds.describe(
            call.tenant,
            request.id,
            changes,
            visibility,
            expected,
        )
        return pb.UpdateWorldResponse(world=world_message(info), rev=rev)

    async def DeleteWorld(
        self, request: pb.DeleteWorldRequest, call: Call, expected: Precondition | None
    ) -> pb.DeleteWorldResponse:
        """Removes a world."""
        deleted = await self._worlds.delete(call.tenant, request.id, expected)
        return pb.DeleteWorldResponse(ok=True, deleted=deleted)

    async def ForkWorld(self, request: pb.ForkWorldRequest, call: Call) -> pb.ForkWorldResponse:
        """Copies a world."""
        forked = await self._creation.fork(
            call.api_caller, request.id, idempotency_key=call.idempotency_key
        )
        call.is_replayed = forked.replayed
        return pb.ForkWorldResponse(world_id=forked.world_id, rev=forked.rev)

    async def ListWorlds(self, request: pb.ListWorldsRequest, call: Call) -> pb.ListWorldsResponse:
        """Answers with a page, newest first."""
        page, following = await self._worlds.list(
            call.tenant,
            limit=request.limit if request.HasField("limit") else None,
            cursor=request.cursor if request.HasField("cursor") else None,
        )
        worlds = [world_message(info) for info in page]
        return pb.ListWorldsResponse(worlds=worlds, next_cursor=following)


def world_message(info: WorldInfo) -> world_pb2.World:
    """The typed form of a world's metadata."""
    return world_pb2.World(
        id=info.id,
        slug=info.slug,
        name=info.name,
        description=info.description,
        cover=info.cover,
        visibility=info.visibility,
        created_at=timestamp(info.created_ms),
        updated_at=timestamp(info.updated_ms),
    )
