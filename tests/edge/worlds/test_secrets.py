"""Nobody but the owner's secret key is ever shown a character's brain: every RPC by every kind of caller.

The one rule is in `conjure.worlds.access` (CONTRACT 5, 6.2; ARCHITECTURE 1.8). The table of calls is held to the
descriptors: an RPC that is not in it fails here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conjure.store import keyspace
from support.edge.callers import Caller, callers, refusal
from support.edge.every_rpc import (
    CASES,
    MARK,
    RPCS,
    SECRETS,
    SHOWN,
    Case,
    Place,
    call_grpc,
    call_rest,
    character_world,
)
from support.rest import bearer, import_world
from support.stack import TestApp, channel, new_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import grpc.aio
    import httpx

    from support.stack import Stack
    from support.watched import Watched

VISIBILITIES = ("private", "unlisted", "public")
CELLS = [
    pytest.param(case, visibility, id=f"{visibility}-{case}")
    for case in CASES
    for visibility in VISIBILITIES
    if RPCS[case.rpc].is_read or case.is_open or visibility == "public"
]
"""Calls, and the worlds that they are made at. Of a write that is for the owner alone no answer hangs on who else may
read the world (`rpc/test_access_matrix.py` asks for the refusals at all of them): it is tried where most is shown."""
REST_CELLS = [cell for cell in CELLS if RPCS[cell.values[0].rpc].is_rest]
OVER_REST = [case for case in CASES if RPCS[case.rpc].is_rest]


@pytest.fixture(scope="module", autouse=True)
async def nothing_is_written(watched: Watched) -> AsyncIterator[None]:
    """Of all that happens here: no line of a log, no span and no number has a secret."""
    yield
    for name, text in (await watched.written()).items():
        assert MARK not in text, name


@pytest.fixture(scope="module")
async def grpc_edge(watched: Watched) -> AsyncIterator[grpc.aio.Channel]:
    async with channel(watched.edge_grpc_target) as opened:
        yield opened


@pytest.fixture(scope="module")
async def places(stack: Stack, watched_rest: httpx.AsyncClient) -> dict[str, Place]:
    """One of each visibility, for calls that change nothing."""
    owner = await new_app(stack.admin)
    return {name: await Place.made(watched_rest, owner, name) for name in VISIBILITIES}


@pytest.fixture(scope="module")
async def shared_stranger(stack: Stack) -> TestApp:
    """Another app, for calls that change nothing."""
    return await new_app(stack.admin, "somebody else")


@pytest.fixture(params=VISIBILITIES)
def visibility(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def own_place(watched_rest: httpx.AsyncClient, app: TestApp, visibility: str) -> Place:
    return await Place.made(watched_rest, app, visibility)


def changes_nothing(request: pytest.FixtureRequest) -> bool:
    case = request.node.callspec.params.get("case")
    return case is not None and RPCS[case.rpc].is_read


@pytest.fixture
def place(places: dict[str, Place], visibility: str, request: pytest.FixtureRequest) -> Place:
    if changes_nothing(request):
        return places[visibility]
    return request.getfixturevalue("own_place")


@pytest.fixture
def stranger(request: pytest.FixtureRequest) -> TestApp:
    return request.getfixturevalue("shared_stranger" if changes_nothing(request) else "other_app")


@pytest.fixture
def nothing_in_the_logs(watched: Watched) -> Iterator[None]:
    """What happens inside writes no secret to a log: every call has its line, at the level of debug."""
    files = [watched.directory / name for name in ("server.log", "access.log", "envoy.log")]
    before = [file.stat().st_size for file in files]
    yield
    for file, start in zip(files, before, strict=True):
        with file.open("rb") as log:
            log.seek(start)
            assert MARK.encode() not in log.read(), file


def check(case: Case, place: Place, who: Caller, answer: Any) -> None:
    assert answer.is_ok is (refusal(case, who, place) is None), (who, answer)
    marks = answer.evidence.count(MARK.encode())
    if who.name == "owner" and case.shows:
        assert marks == str(SECRETS).count(MARK), who
    elif who.tenant == place.owner.tenant() and who.scopes >= {"worlds:write"} and case.tells:
        assert marks, who
    else:
        assert not marks, who


def test_every_rpc_has_its_calls():
    assert {case.rpc for case in CASES} == set(RPCS)


@pytest.mark.usefixtures("nothing_in_the_logs")
@pytest.mark.parametrize(("case", "visibility"), CELLS)
async def test_over_grpc(grpc_edge, place, stranger, case):
    for who in callers(place, stranger):
        answer = await call_grpc(grpc_edge, case, place, who.headers)
        if not case.succeeds:  # a refusal; over gRPC all of them look alike
            assert not answer.is_ok
            assert MARK.encode() not in answer.evidence, who
        else:
            check(case, place, who, answer)


@pytest.mark.usefixtures("nothing_in_the_logs")
@pytest.mark.parametrize(("case", "visibility"), REST_CELLS)
async def test_over_rest(watched_rest, place, stranger, case):
    for who in callers(place, stranger):
        check(case, place, who, await call_rest(watched_rest, case, place, who.headers))


@pytest.mark.parametrize("case", [case for case in OVER_REST if case.shows], ids=str)
async def test_a_pk_and_a_stranger_see_what_a_player_needs(watched_rest, place, stranger, case):
    """The view is not empty: it is the whole document but for the secrets."""
    for who in callers(place, stranger):
        if who.name == "owner" or refusal(case, who, place) is not None:
            continue
        answer = await call_rest(watched_rest, case, place, who.headers)
        for text in (b'"greeting":"Hello."', b'"voiceId":"alto-1"', b'"title":"Ada"', b'"calm"'):
            assert text in answer.evidence, who


async def test_a_player_gets_the_public_view_with_its_prose_in_words(watched_rest, place):
    answer = await watched_rest.post("/v1/sessions/connect", headers=bearer(place.token))
    world = answer.json()["world"]
    assert world["character"] == SHOWN
    assert world["scene"]["states"]["spare"]["base"] == "A quiet room."


@pytest.mark.parametrize(
    "wrong",
    [
        {"entrance": {"state": "attic", "image": {"src": "x"}}},
        {"character": f"{MARK} brain that is no object"},
    ],
    ids=["graph", "brain"],
)
async def test_findings_about_a_stored_world_quote_nothing(
    stack, rest, watched_rest, app, other_app, wrong
):
    """Stored before the gate knew better: what is refused is what the caller sees of it."""
    world_id = await import_world(rest, app.secret)  # by a server that will not be asked again
    path = f"/v1/worlds/{world_id}"
    await rest.patch(path, json={"visibility": "public"}, headers=bearer(app.secret))
    document = json.dumps(character_world() | wrong | {"id": world_id})
    await stack.admin.store.write("HSET", keyspace.world(app.tenant(), world_id), "doc", document)
    for key in (app.publishable, other_app.secret, other_app.publishable):
        validated = await watched_rest.post(f"{path}/validate", headers=bearer(key))
        linted = await watched_rest.post(f"{path}/lint", headers=bearer(key))
        assert validated.status_code == (422 if "entrance" in wrong else 200)
        assert linted.status_code == 200
        assert MARK not in validated.text + linted.text
    refused = await watched_rest.post(f"{path}/validate", headers=bearer(app.secret))
    assert refused.status_code == 422


async def test_a_fork_by_another_app_holds_the_public_view_only(watched_rest, app, other_app):
    """Also for the forker's own secret key, which sees all there is."""
    place = await Place.made(watched_rest, app, "public")
    forked = await watched_rest.post(
        f"/v1/worlds/{place.world_id}/forks", json={}, headers=bearer(other_app.secret)
    )
    assert forked.status_code == 200, forked.text
    path = f"/v1/worlds/{forked.json()['worldId']}"
    headers = bearer(other_app.secret)
    saved = await watched_rest.post(f"{path}/versions", json={}, headers=headers)
    version = saved.json()["versionId"]
    reads = [
        await watched_rest.get(path, headers=headers),
        await watched_rest.post(f"{path}/validate", headers=headers),
        await watched_rest.get(f"{path}/versions/{version}", headers=headers),
    ]
    for answer in reads:
        assert answer.status_code == 200, answer.text
        assert MARK not in answer.text
    assert reads[0].json()["character"] == SHOWN


async def test_an_owners_fork_holds_the_whole(watched_rest, place):
    headers = bearer(place.owner.secret)
    forked = await watched_rest.post(f"/v1/worlds/{place.world_id}/forks", json={}, headers=headers)
    read = await watched_rest.get(f"/v1/worlds/{forked.json()['worldId']}", headers=headers)
    assert read.json()["character"] == SHOWN | SECRETS


async def test_a_replayed_creation_is_answered_to_its_app_and_shows_nothing(
    watched_rest, app, other_app
):
    body = {"world": character_world()}
    worlds = []
    for key in (app.secret, app.secret, app.live_secret, other_app.secret, app.publishable):
        answer = await watched_rest.post(
            "/v1/worlds", json=body, headers=bearer(key) | {"idempotency-key": "k"}
        )
        assert MARK not in answer.text + repr(answer.headers)
        worlds.append((answer.json().get("worldId"), answer.headers.get("idempotent-replayed")))
    first, again, live, other, refused = worlds
    assert again == (first[0], "true")
    assert len({first[0], live[0], other[0]}) == 3
    assert refused == (None, None)
