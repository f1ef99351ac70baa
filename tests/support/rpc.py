"""Callers over gRPC: the generated stubs, a credential, and what a refusal says."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
from google.rpc import status_pb2

from conjure.core.catalog import CATALOG
from conjure.core.errors import Reason
from conjure.v1 import document_pb2, entrance_pb2, errors_pb2
from conjure.v1 import graph_service_pb2 as graph_pb
from conjure.v1 import session_service_pb2 as session_pb
from conjure.v1 import usage_service_pb2 as usage_pb
from conjure.v1 import watch_service_pb2 as watch_pb
from conjure.v1 import world_service_pb2 as world_pb
from conjure.v1.graph_service_pb2_grpc import GraphServiceStub
from conjure.v1.session_service_pb2_grpc import SessionServiceStub
from conjure.v1.system_service_pb2_grpc import SystemServiceStub
from conjure.v1.usage_service_pb2_grpc import UsageServiceStub
from conjure.v1.watch_service_pb2_grpc import WatchServiceStub
from conjure.v1.world_service_pb2_grpc import WorldServiceStub
from support.stack import channel
from support.until import LIMIT_S
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterable


TIMEOUT_S = LIMIT_S
"""Of each call: a server that answers nothing is what it is for, not one that is slow."""


def metadata(credential: str | None = None, **headers: str) -> tuple[tuple[str, str], ...]:
    """Metadata of a call; `idempotency_key="k"` is the header `idempotency-key`."""
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    if credential is not None:
        pairs.append(("authorization", f"Bearer {credential}"))
    return tuple(pairs)


@dataclass(frozen=True)
class Refusal:
    """A failed call, as a caller over gRPC reads it."""

    code: grpc.StatusCode
    message: str
    error: errors_pb2.ApiError
    trailers: dict[str, str | bytes]

    @property
    def reason(self) -> Reason:
        return Reason(errors_pb2.Reason.Name(self.error.reason).removeprefix("REASON_"))


def read_refusal(error: grpc.aio.AioRpcError) -> Refusal:
    """Reads a failure, and checks that it has the shape every failure has (CONTRACT 0)."""
    trailers = dict(error.trailing_metadata() or ())
    assert "grpc-status-details-bin" in trailers, f"no details: {error.code()} {error.details()}"
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    assert len(status.details) == 1
    detail = errors_pb2.ApiError()
    assert status.details[0].Unpack(detail)
    assert status.code == error.code().value[0]
    assert status.message
    assert detail.detail
    assert trailers["x-request-id"]
    refusal = Refusal(error.code(), error.details() or "", detail, trailers)
    spec = CATALOG[refusal.reason]
    assert detail.http_status == spec.http
    assert error.code().value[0] == spec.code.value
    # HTTP/2 counts 32 bytes of overhead an entry; `-bin` travels as base64 (gRPC over HTTP/2).
    size = sum(
        len(key) + (-(-len(value) // 3) * 4 if key.endswith("-bin") else len(value)) + 32
        for key, value in trailers.items()
    )
    assert size + len((error.details() or "").encode()) * 3 < 8_192
    return refusal


async def refused(call: Awaitable[Any], reason: Reason) -> Refusal:
    """Awaits a call that has to fail, for `reason`."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        refusal = read_refusal(error)
        assert refusal.reason is reason, refusal
        return refusal
    raise AssertionError(f"it was answered: {answer}")


async def outcomes(calls: Iterable[Awaitable[Any]]) -> tuple[list[Any], Counter[Reason]]:
    """Runs calls at once; returns the answers and how often each reason came."""
    done = await asyncio.gather(*calls, return_exceptions=True)
    answers, reasons = [], Counter()
    for item in done:
        if isinstance(item, grpc.aio.AioRpcError):
            reasons[read_refusal(item).reason] += 1
        elif isinstance(item, BaseException):
            raise item
        else:
            answers.append(item)
    return answers, reasons


class Client:
    """One app's calls to one server. Each method returns the call, to be awaited or watched."""

    def __init__(self, opened: grpc.aio.Channel, key: str | None = None) -> None:
        self.key = key
        self.channel = opened
        self.worlds = WorldServiceStub(opened)
        self.graph = GraphServiceStub(opened)
        self.sessions = SessionServiceStub(opened)
        self.usages = UsageServiceStub(opened)
        self.system = SystemServiceStub(opened)
        self.watching = WatchServiceStub(opened)

    def create(self, document: Any = None, timeout: float = TIMEOUT_S, **headers: str) -> Any:
        text = json.dumps(small_world() if document is None else document).encode()
        request = world_pb.CreateWorldRequest(world=document_pb2.JsonDocument(json=text))
        return self.worlds.CreateWorld(
            request, metadata=metadata(self.key, **headers), timeout=timeout
        )

    def generate(self, premise: str = "a lighthouse under the sea", **headers: str) -> Any:
        return self.worlds.CreateWorld(
            world_pb.CreateWorldRequest(premise=premise),
            metadata=metadata(self.key, **headers),
            timeout=TIMEOUT_S,
        )

    def world(self, world_id: str, **headers: str) -> Any:
        return self.worlds.GetWorld(
            world_pb.GetWorldRequest(id=world_id),
            metadata=metadata(self.key, **headers),
            timeout=TIMEOUT_S,
        )

    def describe(
        self, world_id: str, *, headers: dict[str, str] | None = None, **fields: Any
    ) -> Any:
        """Changes name, description, cover or visibility."""
        return self.worlds.UpdateWorld(
            world_pb.UpdateWorldRequest(id=world_id, **fields),
            metadata=metadata(self.key, **(headers or {})),
            timeout=TIMEOUT_S,
        )

    def delete_world(self, world_id: str, expected_rev: str | None = None, **headers: str) -> Any:
        return self.worlds.DeleteWorld(
            world_pb.DeleteWorldRequest(id=world_id, expected_rev=expected_rev),
            metadata=metadata(self.key, **headers),
            timeout=TIMEOUT_S,
        )

    def fork(self, world_id: str, **headers: str) -> Any:
        return self.worlds.ForkWorld(
            world_pb.ForkWorldRequest(id=world_id),
            metadata=metadata(self.key, **headers),
            timeout=TIMEOUT_S,
        )

    def list_worlds(self, **fields: Any) -> Any:
        return self.worlds.ListWorlds(
            world_pb.ListWorldsRequest(**fields), metadata=metadata(self.key), timeout=TIMEOUT_S
        )

    def scene(self, world_id: str, **headers: str) -> Any:
        return self.graph.GetScene(
            graph_pb.GetSceneRequest(id=world_id),
            metadata=metadata(self.key, **headers),
            timeout=TIMEOUT_S,
        )

    def picture(self, world_id: str) -> Any:
        return self.graph.DrawGraph(
            graph_pb.DrawGraphRequest(id=world_id),
            metadata=metadata(self.key),
            timeout=TIMEOUT_S,
        )

    def set_entrance(
        self,
        world_id: str,
        state: str | None,
        *,
        src: str | None = None,
        expected_rev: str | None = None,
        timeout: float = TIMEOUT_S,
        **headers: str,
    ) -> Any:
        image = None if src is None else entrance_pb2.EntranceImage(src=src)
        return self.graph.SetEntrance(
            graph_pb.SetEntranceRequest(
                id=world_id, state=state, image=image, expected_rev=expected_rev
            ),
            metadata=metadata(self.key, **headers),
            timeout=timeout,
        )

    def apply_ops(self, world_id: str, *ops: dict[str, Any]) -> Any:
        return self.graph.ApplyOps(
            graph_pb.ApplyOpsRequest(
                id=world_id, ops=document_pb2.JsonDocument(json=json.dumps(ops).encode())
            ),
            metadata=metadata(self.key),
            timeout=TIMEOUT_S,
        )

    def watch(
        self, world_id: str, from_rev: str | None = None, timeout: float | None = None
    ) -> Any:
        """A stream, to be iterated or read."""
        return self.watching.WatchWorld(
            watch_pb.WatchWorldRequest(id=world_id, from_rev=from_rev),
            metadata=metadata(self.key),
            timeout=timeout,
        )

    def mint(self, world_id: str | None, timeout: float = TIMEOUT_S, **fields: Any) -> Any:
        return self.sessions.MintSessionToken(
            session_pb.MintSessionTokenRequest(world_id=world_id, **fields),
            metadata=metadata(self.key),
            timeout=timeout,
        )

    def connect(self, token: str, timeout: float = TIMEOUT_S, **headers: str) -> Any:
        return self.sessions.Connect(
            session_pb.ConnectRequest(), metadata=metadata(token, **headers), timeout=timeout
        )

    def end(
        self, jti: str | None, timeout: float = TIMEOUT_S, *, revoke: bool | None = None
    ) -> Any:
        return self.sessions.EndSession(
            session_pb.EndSessionRequest(jti=jti, revoke=revoke),
            metadata=metadata(self.key),
            timeout=timeout,
        )

    def disconnect(self, token: str, timeout: float = TIMEOUT_S) -> Any:
        return self.sessions.Disconnect(
            session_pb.DisconnectRequest(), metadata=metadata(token), timeout=timeout
        )

    def track(self, token: str, runtime_session: str) -> Any:
        return self.sessions.TrackSession(
            session_pb.TrackSessionRequest(reactor_session_id=runtime_session),
            metadata=metadata(token),
            timeout=TIMEOUT_S,
        )

    def list_sessions(self, **fields: Any) -> Any:
        return self.sessions.ListSessions(
            session_pb.ListSessionsRequest(**fields), metadata=metadata(self.key), timeout=TIMEOUT_S
        )

    def get_usage(self) -> Any:
        return self.usages.GetUsage(
            usage_pb.GetUsageRequest(), metadata=metadata(self.key), timeout=TIMEOUT_S
        )

    async def used(self, unit: str) -> int:
        """What is used of a unit today."""
        return int((await self.get_usage()).usage[unit])

    async def new_world(self, **members: Any) -> str:
        return str((await self.create(small_world(**members))).world_id)

    async def new_tokens(self, count: int, world_id: str | None = None) -> list[Any]:
        """Mints tokens for a world, a new one unless it is given."""
        world_id = world_id or await self.new_world()
        return list(await asyncio.gather(*(self.mint(world_id) for _ in range(count))))

    async def live(self) -> dict[str, Any]:
        """The live sessions by jti, over all pages."""
        found: dict[str, Any] = {}
        cursor: str | None = None
        while True:
            page = await self.list_sessions(limit=100, cursor=cursor)
            found |= {session.jti: session for session in page.sessions}
            if not page.HasField("next_cursor"):
                return found
            cursor = page.next_cursor


@contextlib.asynccontextmanager
async def client(target: str | int, key: str | None = None) -> AsyncIterator[Client]:
    """A client with a connection of its own; a port stands for one on loopback."""
    address = target if isinstance(target, str) else f"127.0.0.1:{target}"
    async with channel(address) as opened:
        yield Client(opened, key)


@contextlib.asynccontextmanager
async def stubborn_client(port: int, key: str) -> AsyncIterator[Client]:
    """A client that is back soon after its server is: the default waits a second and more."""
    async with grpc.aio.insecure_channel(
        f"127.0.0.1:{port}",
        options=(
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_http_proxy", 0),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 200),
        ),
    ) as opened:
        yield Client(opened, key)
