"""What the access matrix stands on: the two ways in, and worlds that no refused call may change."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from conjure.core.catalog import CATALOG
from conjure.v1 import version_service_pb2 as version_pb
from conjure.v1.version_service_pb2_grpc import VersionServiceStub
from support.edge.callers import Caller, impostors
from support.edge.every_rpc import RPCS, Answer, Case, Place, call_grpc, call_rest
from support.rest import assert_error, bearer
from support.rpc import Client, metadata
from support.stack import new_app

if TYPE_CHECKING:
    import grpc.aio
    import httpx

    from conjure.administration import Administration
    from conjure.core.errors import Reason
    from support.stack import TestApp

VISIBILITIES = ("private", "unlisted", "public")
_OF_ONE_CALL = {"date", "x-request-id"}
"""The headers and trailers in which two equal answers differ."""


class Face(Protocol):
    """One of the two ways in: makes a call, and reads what it was answered."""

    name: str

    def has(self, case: Case) -> bool:
        """Whether the RPC can be called this way."""
        ...

    async def call(self, case: Case, place: Place, who: Caller) -> Answer:
        """Makes the call."""
        ...

    def outcome(self, answer: Answer) -> Any:
        """What was answered, in short; a refusal has to have the shape of CONTRACT 0."""
        ...

    def expected(self, reason: Reason | None) -> Any:
        """The outcome of a call that is refused for `reason`, or is not refused."""
        ...

    def all_of(self, answer: Answer) -> Any:
        """All that a caller can see of a refusal, but for what each call has of its own."""
        ...


class Rest:
    """JSON, through Envoy. An outcome is the status."""

    name = "REST"

    def __init__(self, rest: httpx.AsyncClient) -> None:
        self._rest = rest
        self._few = asyncio.Semaphore(2)  # httpx looks at all of its connections at each request

    def has(self, case: Case) -> bool:
        return RPCS[case.rpc].is_rest

    async def call(self, case: Case, place: Place, who: Caller) -> Answer:
        async with self._few:
            return await call_rest(self._rest, case, place, who.headers)

    def outcome(self, answer: Answer) -> Any:
        assert answer.response is not None
        if not answer.is_ok:
            assert_error(answer.response, answer.status)
        return answer.status

    def expected(self, reason: Reason | None) -> Any:
        return 200 if reason is None else CATALOG[reason].http

    def all_of(self, answer: Answer) -> Any:
        assert answer.response is not None
        headers = answer.response.headers.multi_items()
        shown = sorted(line for line in headers if line[0] not in _OF_ONE_CALL)
        return answer.response.content, tuple(shown)


class Grpc:
    """Messages, through Envoy. An outcome is the reason; `call_grpc` reads it, its code and its `ApiError`."""

    name = "gRPC"

    def __init__(self, opened: grpc.aio.Channel) -> None:
        self._channel = opened

    def has(self, _: Case) -> bool:
        return True

    async def call(self, case: Case, place: Place, who: Caller) -> Answer:
        return await call_grpc(self._channel, case, place, who.headers)

    def outcome(self, answer: Answer) -> Any:
        return None if answer.refusal is None else answer.refusal.reason

    def expected(self, reason: Reason | None) -> Any:
        return reason

    def all_of(self, answer: Answer) -> Any:
        assert answer.refusal is not None
        trailers = answer.refusal.trailers.items()
        shown = sorted(line for line in trailers if line[0] not in _OF_ONE_CALL)
        return answer.refusal.code, answer.refusal.message, tuple(shown)


@dataclass
class Standing:
    """All that a call can change, and what time changes by itself kept apart.

    `reads`: the worlds and who finds them, their versions, the lists. `usage`: by key and day, which may end.
    `sessions`: the live ones by jti, whose leases may run out.
    """

    reads: list[Any]
    usage: dict[tuple[str, str], Any]
    sessions: dict[str, Any]

    def assert_same(self, before: Standing) -> None:
        """Holds that only time has passed since `before`."""
        assert self.reads == before.reads
        for day in self.usage.keys() & before.usage.keys():
            assert self.usage[day] == before.usage[day]
        assert self.sessions.keys() <= before.sessions.keys()
        for jti, session in before.sessions.items():
            has_run_out = session.end_time.seconds <= time.time()
            assert has_run_out or self.sessions[jti] == session


@dataclass
class Ground:
    """Two apps; of one a world of each visibility, and one that is no more."""

    owner: TestApp
    other: TestApp
    places: list[Place]
    deleted: Place
    impostors: list[Caller]
    faces: tuple[Face, ...]
    _server: grpc.aio.Channel
    _standing: Standing | None = None

    @classmethod
    async def made(
        cls,
        admin: Administration,
        rest: httpx.AsyncClient,
        grpc_edge: grpc.aio.Channel,
        server: grpc.aio.Channel,
    ) -> Ground:
        """A new one, called through the edge and looked at past it."""
        owner, other = await new_app(admin), await new_app(admin, "somebody else")
        places = [await Place.made(rest, owner, visibility) for visibility in VISIBILITIES]
        deleted = await Place.made(rest, owner, "public")
        path = f"/v1/worlds/{deleted.world_id}"
        assert (await rest.delete(path, headers=bearer(owner.secret))).status_code == 200
        revoked, key = await admin.keys.create(owner.id, kind="secret", mode="test")
        await admin.keys.revoke(owner.id, revoked.id)
        faces = (Rest(rest), Grpc(grpc_edge))
        made = cls(owner, other, places, deleted, impostors(owner, key), faces, server)
        made._standing = await made._read()
        return made

    async def assert_untouched(self) -> None:
        """Holds that nothing has changed since it was made, or since the last failure of this."""
        before, self._standing = self._standing, await self._read()
        assert before is not None
        self._standing.assert_same(before)

    async def _read(self) -> Standing:
        client = {key: Client(self._server, key) for key in self._keys()}
        owner, other = client[self.owner.secret], client[self.other.secret]
        versions = VersionServiceStub(self._server)
        reads: list[Any] = [one.list_worlds() for one in client.values()]
        for place in self.places:
            request = version_pb.ListVersionsRequest(id=place.world_id)
            reads.append(versions.ListVersions(request, metadata=metadata(owner.key)))
            reads.append(owner.world(place.world_id))
            if place.visibility != "private":
                reads.append(other.world(place.world_id))
        usages = await asyncio.gather(*(one.get_usage() for one in client.values()))
        return Standing(
            reads=[*await asyncio.gather(*reads), await self._console()],
            usage={(key, found.day): found for key, found in zip(client, usages, strict=True)},
            sessions=await owner.live(),
        )

    async def _console(self) -> list[Any]:
        """The apps of both users, and the keys of those, but for when they were used."""
        found: list[Any] = []
        for user in (self.owner.user_id, self.other.user_id):
            admin = self.owner.admin
            apps, _ = await admin.apps.page(user, limit=None, cursor=None)
            keys = [key for app in apps for key in await admin.keys.list(app.id)]
            found.append((apps, [replace(key, last_used_ms=None) for key in keys]))
        return found

    def _keys(self) -> list[str]:
        """One of each tenant that calls."""
        return [key for app in (self.owner, self.other) for key in (app.secret, app.live_secret)]
