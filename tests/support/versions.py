"""Calls about versions over gRPC, and what the store holds of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conjure.store import keyspace
from conjure.v1 import version_service_pb2 as pb
from conjure.v1.version_service_pb2_grpc import VersionServiceStub
from support.rpc import TIMEOUT_S, metadata

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.store.client import Store
    from support.rpc import Client


class Versions:
    """The versions of one world, for one client. Each method returns the call."""

    def __init__(self, caller: Client, world_id: str) -> None:
        self._key = caller.key
        self._world_id = world_id
        self._stub = VersionServiceStub(caller.channel)

    def _call(self, name: str, request: type, headers: dict[str, str], **fields: Any) -> Any:
        return getattr(self._stub, name)(
            request(id=self._world_id, **fields),
            metadata=metadata(self._key, **headers),
            timeout=TIMEOUT_S,
        )

    def create(self, **fields: Any) -> Any:
        return self._call("CreateVersion", pb.CreateVersionRequest, {}, **fields)

    def list(self, **page: Any) -> Any:
        return self._call("ListVersions", pb.ListVersionsRequest, {}, **page)

    def get(self, version_id: str) -> Any:
        return self._call("GetVersion", pb.GetVersionRequest, {}, version_id=version_id)

    def diff(self, a: str, b: str) -> Any:
        return self._call("DiffVersions", pb.DiffVersionsRequest, {}, a=a, b=b)

    def check_out(
        self, version_id: str | None, expected_rev: str | None = None, **headers: str
    ) -> Any:
        return self._call(
            "CheckoutVersion",
            pb.CheckoutVersionRequest,
            headers,
            version_id=version_id,
            expected_rev=expected_rev,
        )

    def rename(self, version_id: str, title: str | None) -> Any:
        return self._call(
            "UpdateVersion", pb.UpdateVersionRequest, {}, version_id=version_id, title=title
        )

    def delete(self, version_id: str) -> Any:
        return self._call("DeleteVersion", pb.DeleteVersionRequest, {}, version_id=version_id)

    async def snapshot(self, version_id: str) -> Any:
        return json.loads((await self.get(version_id)).snapshot.json)


class Kept:
    """What the store keeps of a world's versions."""

    def __init__(self, store: Store, tenant: Tenant, world_id: str) -> None:
        self._store = store
        self._nodes = keyspace.versions(tenant, world_id)
        self._blobs = keyspace.version_blobs(tenant, world_id)
        self._counts = keyspace.version_counts(tenant, world_id)
        self._index = keyspace.version_index(tenant, world_id)

    async def blobs(self) -> dict[str, bytes]:
        flat = await self._store.read("HGETALL", self._blobs)
        return {key.decode(): blob for key, blob in zip(flat[::2], flat[1::2], strict=True)}

    async def kinds(self) -> str:
        """The kinds of the blobs, sorted: `DDK` is a keyframe and two deltas."""
        return "".join(sorted(blob[:1].decode() for blob in (await self.blobs()).values()))

    async def counts(self) -> dict[str, bytes]:
        flat = await self._store.read("HGETALL", self._counts)
        return {key.decode(): count for key, count in zip(flat[::2], flat[1::2], strict=True)}

    async def memory(self) -> int:
        """Bytes of memory, the store's own overhead included."""
        sizes = [
            await self._store.read("MEMORY", "USAGE", key, "SAMPLES", "0")
            for key in (self._nodes, self._blobs, self._counts, self._index)
        ]
        return sum(size or 0 for size in sizes)

    async def assert_consistent(self, head: str | None) -> None:
        """Every blob is needed, as often as it is counted; nothing that is needed is missing."""
        flat = await self._store.read("HGETALL", self._nodes)
        nodes = [json.loads(node) for node in flat[1::2]]
        ids = {key.decode() for key in flat[::2]}
        assert {node["parent"] for node in nodes} <= ids | {None}
        members = await self._store.read("ZRANGE", self._index, "0", "-1")
        numbered = sorted(
            (node["seq"], key.decode()) for key, node in zip(flat[::2], nodes, strict=True)
        )
        assert [member.decode().split(":")[2] for member in members] == [key for _, key in numbered]
        assert head is None or head in ids
        blobs, counts = await self.blobs(), await self.counts()
        needed: dict[str, int] = {}
        for node in nodes:
            needed[node["blob"]] = needed.get(node["blob"], 0) + 1
        for blob in blobs.values():
            if blob[:1] == b"D":
                keyframe = blob[1:65].decode()
                assert blobs[keyframe][:1] == b"K"
                needed[keyframe] = needed.get(keyframe, 0) + 1
        counted = {key: int(count) for key, count in counts.items() if len(key) == 64}
        assert counted == needed
        assert set(blobs) == set(needed)
        assert int(counts.get("bytes", b"0")) == sum(map(len, blobs.values()))
        assert counts.get("keyframe", b"").decode() in {"", *blobs}
