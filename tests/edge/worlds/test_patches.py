"""Every PATCH changes what it names and nothing else; `null` erases what is optional (CONTRACT 3)."""

from __future__ import annotations

import pytest

from conjure.core.errors import Reason
from conjure.v1 import version_service_pb2 as version_pb
from conjure.v1 import world_service_pb2 as world_pb
from conjure.v1.version_service_pb2_grpc import VersionServiceStub
from support.rest import assert_error, bearer
from support.revs import number
from support.rpc import Client, metadata, refused

ROUTES = {
    "world": ("", {"name": "New"}),
    "entrance": ("/entrance", {"state": "cellar"}),
    "state": ("/states/hall", {"narration": "New."}),
    "event": ("/events/Go%20down", {"narration": "New."}),
    "version": ("/versions/{version}", {"title": "New"}),
}
NAMES = sorted(ROUTES)


@pytest.fixture
async def patch(editor):
    """Sends a PATCH to one of the routes."""
    version = await editor.save(title="Old")

    async def send(route: str, headers=None, **request):
        return await editor.call(
            "PATCH", ROUTES[route][0].format(version=version), headers, **request
        )

    return send


async def stored(editor):
    """All that a PATCH may change."""
    listed = await editor.ok("GET", "/versions")
    scene = await editor.ok("GET", "/scene")
    return await editor.world(), listed["versions"], scene["rev"]


@pytest.mark.parametrize("route", NAMES)
async def test_its_members_may_stand_in_patch(patch, editor, route):
    members = ROUTES[route][1]
    assert (await patch(route, json={"patch": members})).status_code == 200
    inside = await stored(editor)
    assert (await patch(route, json=members)).status_code == 200
    flat = await stored(editor)
    assert (inside[0], inside[1]) == (flat[0], flat[1])


@pytest.mark.parametrize("route", NAMES)
@pytest.mark.parametrize(
    "request_of",
    [
        {}, {"content": b"  "}, {"json": {}}, {"json": {"patch": {}}}, {"json": {"patch": None}},
        {"json": {"expectedRev": None}},
    ],
    ids=str,
)  # fmt: skip
async def test_a_body_that_names_nothing_is_refused_and_changes_nothing(
    patch, editor, route, request_of
):
    before = await stored(editor)
    assert_error(await patch(route, **request_of), 400)
    assert await stored(editor) == before


@pytest.mark.parametrize("route", ["world", "version", "entrance"])
async def test_a_body_that_names_nothing_known_is_refused(patch, editor, route):
    """A state and an event are open: there every member is known."""
    before = await stored(editor)
    for body in ({"nobodyKnows": 1}, {"patch": {"nobodyKnows": 1}}, {"updateMask": "title"}):
        assert_error(await patch(route, json=body), 400)
    assert await stored(editor) == before


@pytest.mark.parametrize("route", NAMES)
async def test_patch_must_be_an_object(patch, route):
    detail = assert_error(await patch(route, json={"patch": "x"}), 400)["detail"]
    assert detail == "patch must be an object"


@pytest.mark.parametrize("route", [name for name in NAMES if name != "version"])
async def test_a_revision_beside_the_patch_is_asserted(patch, editor, route):
    before = await stored(editor)
    body = {"patch": ROUTES[route][1], "expectedRev": "999"}
    assert_error(await patch(route, json=body), 409)
    assert await stored(editor) == before


async def test_null_erases_a_title_and_leaving_it_out_does_not(patch, editor):
    assert (await patch("version", json={"title": None})).json()["title"] == ""
    assert (await stored(editor))[1][0]["title"] is None
    assert (await patch("version", json={"title": ""})).json()["title"] == ""


@pytest.mark.parametrize("member", ["description", "cover"])
async def test_null_erases_what_a_world_may_lack(patch, editor, member):
    before, _, rev = await stored(editor)
    assert before[member]
    answer = (await patch("world", json={member: None})).json()
    assert answer[member] == {"description": "", "cover": None}[member]
    after, _, moved = await stored(editor)
    assert after == {name: value for name, value in before.items() if name != member}
    assert number(moved) == number(rev) + 1
    # Again: there is nothing to erase, and no new revision.
    assert (await patch("world", json={member: None})).status_code == 200
    assert (await stored(editor))[2] == moved


async def test_erasing_and_setting_go_together(patch, editor):
    body = {"patch": {"name": "New", "description": None}}
    assert (await patch("world", json=body)).json()["name"] == "New"
    world = await editor.world()
    assert world["name"] == "New"
    assert "description" not in world


@pytest.mark.parametrize("member", ["name", "visibility"])
async def test_what_every_world_has_cannot_be_erased(patch, editor, member):
    before = await stored(editor)
    answer = await patch("world", json={member: None, "description": "New"})
    assert assert_error(answer, 400)["detail"] == f"{member} cannot be erased"
    assert await stored(editor) == before


@pytest.mark.parametrize("query", ["updateMask=description", "update_mask.paths=description"])
async def test_a_query_names_nothing(rest, app, editor, world_id, query):
    """The mask is of callers over gRPC: over REST the body is the mask."""
    before = await editor.world()
    answer = await rest.patch(
        f"/v1/worlds/{world_id}?{query}", json={"name": "New"}, headers=bearer(app.secret)
    )
    assert answer.status_code == 200, answer.text
    assert await editor.world() == before | {"name": "New"}


async def test_an_empty_state_is_a_missing_one(patch, editor):
    before = await stored(editor)
    for body in ({"state": ""}, {"state": None}, {"patch": {"state": ""}}):
        answer = assert_error(await patch("entrance", json=body), 400)
        assert answer["errors"] == ["state is required"]
    body = {"state": "cellar", "image": {"src": ""}}
    assert assert_error(await patch("entrance", json=body), 400)["errors"] == [
        "image.src is required"
    ]
    assert await stored(editor) == before


async def test_over_grpc_the_mask_says_what_is_erased(server_channel, app, editor, world_id, patch):
    caller = Client(server_channel, app.secret)
    credential = metadata(app.secret)
    (version,) = (await stored(editor))[1]

    def update(**fields):
        request = version_pb.UpdateVersionRequest(id=world_id, version_id=version["id"], **fields)
        return VersionServiceStub(server_channel).UpdateVersion(request, metadata=credential)

    await refused(update(), Reason.INVALID_FIELD)
    assert (await stored(editor))[1] == [version]
    await refused(update(update_mask={"paths": ["version_id"]}), Reason.INVALID_FIELD)
    assert not (await update(update_mask={"paths": ["title"]})).title
    assert (await stored(editor))[1][0]["title"] is None
    request = world_pb.UpdateWorldRequest(id=world_id, update_mask={"paths": ["cover"]})
    await caller.worlds.UpdateWorld(request, metadata=credential)
    assert "cover" not in await editor.world()
    request = world_pb.UpdateWorldRequest(id=world_id, update_mask={"paths": ["name"]})
    await refused(caller.worlds.UpdateWorld(request, metadata=credential), Reason.INVALID_FIELD)
