"""What caches are told of every answer over REST (CONTRACT 0, RFC 9111)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conjure.v1 import auth_pb2
from support.edge.callers import callers
from support.edge.every_rpc import CASES, RPCS, Answer, Place, call_rest, http_request
from support.rest import bearer
from support.stack import new_app

if TYPE_CHECKING:
    import httpx

    from support.stack import Stack, TestApp


BEHIND_A_CREDENTIAL = [
    case
    for case in CASES
    if RPCS[case.rpc].is_rest and RPCS[case.rpc].scheme != auth_pb2.SCHEME_PUBLIC
]
PUBLIC = {
    "AssetService/GetAsset": "public, max-age=31536000, immutable",
    "PlayerService/GetHome": "no-store",
    "PlayerService/PlayDemo": "no-store",
    "SystemService/GetHealth": "no-store",
    "SystemService/GetJwks": "public, max-age=300",
    "SystemService/GetWorldSchema": "public, max-age=3600",
    "SystemService/GetOpenApi": "public, max-age=300",
    "SystemService/GetOpenApiYaml": "public, max-age=300",
    "SystemService/GetDocs": "public, max-age=300",
}
CONDITIONAL = {
    "WorldService/GetWorld",
    "GraphService/GetScene",
    "GraphService/GetState",
    "CharacterService/GetCharacter",
}
ORIGIN = "https://play.example"


def varies(headers: dict[str, str]) -> set[str]:
    return {name.strip().lower() for name in headers.get("vary", "").split(",")} - {""}


@pytest.fixture(scope="module")
async def shared_place(stack: Stack, rest: httpx.AsyncClient) -> Place:
    """For calls that change nothing."""
    return await Place.made(rest, await new_app(stack.admin), "public")


@pytest.fixture
async def own_place(rest: httpx.AsyncClient, app: TestApp) -> Place:
    return await Place.made(rest, app, "public")


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    case = request.node.callspec.params.get("case") if hasattr(request.node, "callspec") else None
    is_read = case is not None and RPCS[case.rpc].is_read
    return request.getfixturevalue("shared_place" if is_read else "own_place")


def coded(rpc: str) -> set[str]:
    """What the answers of an RPC vary by if they may come in gzip: whichever coding they have."""
    return {"accept-encoding"} if RPCS[rpc].is_compressed else set()


def check(answer: Answer, rpc: str) -> None:
    is_event_stream = answer.headers.get("content-type") == "text/event-stream"
    told = "no-store" if is_event_stream else "private, no-cache"
    assert answer.headers["cache-control"] == told
    assert varies(answer.headers) == {"authorization"} | coded(
        rpc
    )  # it is the same for all origins


@pytest.mark.parametrize("case", BEHIND_A_CREDENTIAL, ids=str)
async def test_no_shared_cache_keeps_what_is_behind_a_credential(rest, place, other_app, case):
    """Successes and refusals, whoever asks: 200, 401, 403, 404, 422."""
    statuses = set()
    known = [who.headers for who in callers(place, other_app)]
    for headers in (bearer("sk_test_garbage"), *known):
        answer = await call_rest(rest, case, place, headers | {"origin": ORIGIN})
        statuses.add(answer.status)
        check(answer, case.rpc)
    assert {case.status, 401} <= statuses


@pytest.mark.both_ways
@pytest.mark.parametrize(
    "case", [case for case in BEHIND_A_CREDENTIAL if case.verb == "GET"], ids=str
)
async def test_a_head_is_recorded_the_same(rest, place, case):
    path, _ = http_request(case, place)
    answer = await rest.head(path, headers=bearer(place.credential(case.rpc)))
    assert answer.status_code == 200
    check(Answer(True, b"", 200, dict(answer.headers)), case.rpc)


@pytest.mark.parametrize("case", BEHIND_A_CREDENTIAL, ids=str)
async def test_nor_what_is_refused_for_its_body_or_its_address(rest, place, case):
    """400, 404 and 409 of a caller that may call."""
    missing = Place(**vars(place) | {"world_id": "11111111-2222-4333-8444-555555555555"})
    who = place.credential(case.rpc)
    check(await call_rest(rest, case, missing, bearer(who)), case.rpc)
    stale = bearer(who) | {"if-match": '"stale"'}
    check(await call_rest(rest, case, place, stale), case.rpc)


async def test_nor_what_the_edge_refuses_itself(rest, place):
    """413: no server has seen the request."""
    answer = await rest.post("/v1/sessions/connect", content=b" " * 2_000_000)
    assert answer.status_code == 413
    check(Answer(False, b"", 413, dict(answer.headers)), "SessionService/Connect")


@pytest.mark.both_ways
@pytest.mark.parametrize("case", [case for case in CASES if case.rpc in CONDITIONAL], ids=str)
async def test_a_304_says_the_same_as_the_200(rest, place, case):
    for headers in map(bearer, (place.owner.secret, place.owner.publishable)):
        plain = await call_rest(rest, case, place, headers)
        etag = plain.headers["etag"]
        answer = await call_rest(rest, case, place, headers | {"if-none-match": etag})
        assert answer.status == 304
        check(answer, case.rpc)
        for name in ("etag", "cache-control", "vary"):
            assert answer.headers[name] == plain.headers[name]


@pytest.mark.parametrize("case", [case for case in CASES if case.rpc in PUBLIC], ids=str)
async def test_public_routes_keep_their_own(rest, place, case):
    for headers in ({}, bearer(place.owner.secret), {"origin": ORIGIN}):
        answer = await call_rest(rest, case, place, headers)
        assert answer.headers["cache-control"] == PUBLIC[case.rpc]
        assert varies(answer.headers) == coded(case.rpc)
