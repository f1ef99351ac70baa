"""Every RPC, answered by the serving process and by a heavy worker: the same, byte for byte, over both faces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from support.edge.every_rpc import CASES, RPCS, Case, Place, call_grpc, call_rest
from support.heavy import workers_of
from support.rest import bearer, connect, mint
from support.stack import channel, new_app, running_edge, running_server
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import grpc.aio

    from support.edge.every_rpc import Answer

UNORDERED = {"UsageService/GetUsage"}
"""Their answers hold maps, which protobuf writes in any order."""

UNARY = [case for case in CASES if not RPCS[case.rpc].is_stream]


@dataclass
class Heavy:
    """A server to which every call is heavy, behind an edge."""

    pid: int
    rest: httpx.AsyncClient
    grpc: grpc.aio.Channel


@pytest.fixture(scope="module")
async def heavy(stack, rest, tmp_path_factory) -> AsyncIterator[Heavy]:
    directory = tmp_path_factory.mktemp("heavy")
    everything = {
        "CONJURE_HEAVY_REQUEST_BYTES": "1",
        "CONJURE_HEAVY_DOCUMENT_BYTES": "1",
        "CONJURE_ASSETS_PUBLIC_URL": stack.rest_url,
    }
    async with (
        running_server(directory, stack.store_url, everything) as (server, port),
        running_edge(directory, port) as (_, rest_port, _),
        channel(f"127.0.0.1:{port}") as opened,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest_port}",
            headers=rest.headers,
            trust_env=False,
            timeout=LIMIT_S,
        ) as opened_rest,
    ):
        yield Heavy(server.pid, opened_rest, opened)


@pytest.fixture(scope="module")
async def shared(stack, rest) -> tuple[Place, Place]:
    """Two places of two apps, for calls that change nothing."""
    apps = [await new_app(stack.admin, name) for name in ("one", "another")]
    first, second = [await Place.made(rest, app, "private") for app in apps]
    return first, second


def headers_of(case: Case, place: Place) -> dict[str, str]:
    return bearer(place.credential(case.rpc)) | {"x-request-id": "the-same"}


WORDED = {"ConversationService/Say"}
"""What they say is another thing to each character: the ids of the two decide which words are chosen."""


def same(case: Case, answer: Answer, place: Place) -> bytes:
    """An answer, without what two calls never have in common: ids, times, signatures, and which edge it was."""
    text = answer.evidence
    known = {place.world_id: "world", place.jti: "jti", place.token: "token"}
    for at, version in enumerate(place.versions):
        known[version] = f"version {at}"
    for mine, name in known.items():
        text = text.replace(mine.encode(), name.encode())
    for pattern in (
        rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        rb"\d{4}-\d\d-\d\dT[\d:.]+Z",
        rb"eyJ[\w-]+\.[\w-]+\.[\w-]+",
        rb"whsec_[\w+/]+=",
        rb"\('date', '[^']*'\)",
        rb"\('x-envoy-upstream-service-time', '\d+'\)",
        rb"\d+-[0-9a-f]{8}(?=[\"'])",  # revisions
        rb"\d{13}",
        rb"[ps]k_(?:test|live)_\w+",
        rb'(?<="last4":")\w{4}',
        rb'(?<="expiresIn":)\d+',  # what is left when a worker has started first
        rb'(?<="expiresAt":)\d+',  # seconds: the next one may begin in between
    ):
        text = re.sub(pattern, b"_", text)
    if case.rpc in WORDED:
        for pattern in (rb'(?<="reply":)"[^"]*"', rb"\('content-length', '\d+'\)"):
            text = re.sub(pattern, b"_", text)
    return bytes(sorted(text)) if case.rpc in UNORDERED else text


@pytest.mark.parametrize("case", [case for case in UNARY if RPCS[case.rpc].is_rest], ids=str)
async def test_over_rest(stack, rest, heavy, shared, case):
    answers = []
    for found, face in zip(shared, (rest, heavy.rest), strict=True):
        place = found
        if not RPCS[case.rpc].is_read:
            place = await Place.made(rest, await new_app(stack.admin), "private")
        answer = await call_rest(face, case, place, headers_of(case, place))
        assert answer.status == case.status, answer.evidence
        answers.append(same(case, answer, place).replace(place.owner.id.encode(), b"app"))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("case", UNARY, ids=str)
async def test_over_grpc(stack, rest, heavy, server_channel, shared, case):
    """Messages hold times as numbers: of what changes nothing the same is asked twice, to the byte."""

    async def own() -> Place:
        return await Place.made(rest, await new_app(stack.admin), "private")

    is_read = RPCS[case.rpc].is_read
    place = shared[0] if is_read else await own()
    headers = headers_of(case, place)
    ordinary = await call_grpc(server_channel, case, place, headers)
    if not is_read:
        place = await own()
        headers = headers_of(case, place)
    other = await call_grpc(heavy.grpc, case, place, headers)
    assert other.is_ok == ordinary.is_ok == case.succeeds
    if RPCS[case.rpc].is_read:
        assert same(case, other, place) == same(case, ordinary, place)
    if ordinary.refusal is not None:
        assert other.refusal is not None
        assert other.refusal.error == ordinary.refusal.error
        assert list(other.refusal.trailers) == list(ordinary.refusal.trailers)


async def test_a_worker_has_answered(heavy):
    assert len(workers_of(heavy.pid)) == 2, "one for players"


async def test_conditional_and_replayed_answers(rest, heavy, app):
    place = await Place.made(rest, app, "private")
    path = f"/v1/worlds/{place.world_id}/scene"
    found = await heavy.rest.get(path, headers=bearer(app.secret))
    assert (await rest.get(path, headers=bearer(app.secret))).headers["etag"] == found.headers[
        "etag"
    ]
    tag = {"if-none-match": found.headers["etag"]}
    answer = await heavy.rest.get(path, headers=bearer(app.secret) | tag)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == found.headers["etag"]
    head = await heavy.rest.head(path, headers=bearer(app.secret))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == found.headers["content-length"]
    body = {"world": {"not": "a world"}}
    keyed = bearer(app.secret) | {"idempotency-key": "again"}
    first, second = [
        await face.post("/v1/worlds", json=body, headers=keyed) for face in (rest, heavy.rest)
    ]
    assert (first.status_code, second.status_code) == (422, 422)
    assert first.json() == second.json()
    for one in (answer, head, second):
        assert not [name for name in one.headers if name.startswith("x-conjure")]
        assert one.headers["x-request-id"]


async def test_a_refusal_says_when_to_come_again(rest, heavy, app):
    place = await Place.made(rest, app, "private")
    token = (await mint(rest, app.secret, place.world_id))["token"]
    await app.set_caps(live_sessions=1)  # there is one
    ours, theirs = [await connect(face, token) for face in (rest, heavy.rest)]
    assert ours.status_code == theirs.status_code == 429
    assert ours.json() == theirs.json()
    assert int(theirs.headers["retry-after"]) > 0
