"""conjure.v1.VersionService."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from conjure.rpc.messages import document, timestamp
from conjure.rpc.patch import named
from conjure.v1 import version_pb2
from conjure.v1 import version_service_pb2 as pb
from conjure.versions.store import Replayed

if TYPE_CHECKING:
    from conjure.core.preconditions import Precondition
    from conjure.rpc.call import Call
    from conjure.versions.diff import Changes
    from conjure.versions.service import VersionService
    from conjure.versions.store import Version


class VersionServicer:
    """proto ↔ versions."""

    def __init__(self, versions: VersionService) -> None:
        self._versions = versions

    async def CreateVersion(
        self, request: pb.CreateVersionRequest, call: Call, expected: Precondition | None
    ) -> pb.CreateVersionResponse:
        """Snapshots the working graph."""
        made = await self._versions.create(
            call.tenant,
            request.id,
            title=request.title if request.HasField("title") else None,
            parent_id=request.parent_version_id if request.HasField("parent_version_id") else None,
            source=request.source if request.HasField("source") else None,
            expected=expected,
            idempotency_key=call.idempotency_key,
        )
        call.is_replayed = isinstance(made, Replayed)
        version = made.version if isinstance(made, Replayed) else made
        return pb.CreateVersionResponse(version_id=version.id, version=version_message(version))

    async def ListVersions(
        self, request: pb.ListVersionsRequest, call: Call
    ) -> pb.ListVersionsResponse:
        """Answers with a page of versions, oldest first, and HEAD."""
        page = await self._versions.list(
            call.tenant,
            request.id,
            limit=request.limit if request.HasField("limit") else None,
            cursor=request.cursor if request.HasField("cursor") else None,
        )
        response = pb.ListVersionsResponse(
            versions=map(version_message, page.versions),
            head_version_id=page.head_id,
            next_cursor=page.following,
        )
        # A full page takes the loop for 5 ms so far, and for 5 ms more when it is written as JSON.
        await asyncio.sleep(0)
        return response

    async def GetVersion(self, request: pb.GetVersionRequest, call: Call) -> pb.GetVersionResponse:
        """Answers with a version and its snapshot."""
        version, seen = await self._versions.get(call.api_caller, request.id, request.version_id)
        return pb.GetVersionResponse(version=version_message(version), snapshot=document(seen.text))

    async def DiffVersions(
        self, request: pb.DiffVersionsRequest, call: Call
    ) -> pb.DiffVersionsResponse:
        """Answers with what differs."""
        states, events = await self._versions.diff(
            call.api_caller, request.id, request.a, request.b
        )
        return pb.DiffVersionsResponse(
            a=request.a,
            b=request.b,
            states=changes_message(states),
            events=changes_message(events),
        )

    async def CheckoutVersion(
        self, request: pb.CheckoutVersionRequest, call: Call, expected: Precondition | None
    ) -> pb.CheckoutVersionResponse:
        """Makes a version the working graph and HEAD."""
        seen = await self._versions.check_out(
            call.api_caller, request.id, request.version_id, expected
        )
        response = pb.CheckoutVersionResponse(rev=seen.rev)
        response.world.json = seen.text  # in place: as an argument it would be copied once more
        return response

    async def UpdateVersion(
        self, request: pb.UpdateVersionRequest, call: Call, expected: Precondition | None
    ) -> pb.UpdateVersionResponse:
        """Renames a version."""
        title = named(request)["title"]
        await self._versions.rename(call.tenant, request.id, request.version_id, title, expected)
        # A string, as clients read it: also of a version that has no title any more.
        return pb.UpdateVersionResponse(ok=True, version_id=request.version_id, title=title or "")

    async def DeleteVersion(
        self, request: pb.DeleteVersionRequest, call: Call, expected: Precondition | None
    ) -> pb.DeleteVersionResponse:
        """Removes a version."""
        await self._versions.delete(call.tenant, request.id, request.version_id, expected)
        return pb.DeleteVersionResponse(ok=True, deleted=request.version_id)


def version_message(version: Version) -> version_pb2.Version:
    """The typed form of a version."""
    created = timestamp(version.created_ms)
    return version_pb2.Version(
        id=version.id,
        world_id=version.world_id,
        parent_version_id=version.parent_id,
        source=version.source,
        title=version.title,
        create_time=created,
        create_time_alias=created,
    )


def changes_message(changes: Changes) -> pb.VersionChanges:
    """The typed form of what differs."""
    return pb.VersionChanges(added=changes.added, removed=changes.removed, changed=changes.changed)
