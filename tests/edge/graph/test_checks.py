"""validate and lint: what the kernel says of a world, with nothing stored (CONTRACT 3.1, 9)."""

from __future__ import annotations

import json

import pytest

from support.edge.exact import exact
from support.edge.graph import BODY_LIMIT, Graph, three_rooms
from support.kernel import plays
from support.rest import assert_error

TEMPLATES = {
    "room": {"text": "A {mood} room. {>light}", "slots": {"mood": {"default": "quiet"}}},
    "light": {"text": "A lamp burns.", "slots": {}},
}
BROKEN = [
    ({}, "no-entrance"),
    ({"scene": None, "entrance": 5}, "schema"),
    (three_rooms(entrance={"state": "attic", "image": {"src": "x"}}), "dangling-ref"),
    (three_rooms(outro={"state": "attic"}), "dangling-ref"),
    (three_rooms(name=5), "schema"),
]
BOTH = ["validate", "lint"]


@pytest.fixture
async def graph(rest, app) -> Graph:
    return await Graph.of(rest, app.secret)


def factored() -> dict:
    world = three_rooms(kernel={"templates": TEMPLATES})
    world["scene"]["states"]["spare"]["base"] = {"template": "room", "fills": {}}
    return world


async def check(graph: Graph, what: str, body: object = None, **how) -> dict:
    """Calls validate or lint, which answer 200."""
    sent = {} if body is None else {"body": body}
    answer = await graph.call("POST", what, **sent, **how)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    assert found["schemaVersion"] == "1.0"
    members = {"world"} if what == "validate" else {"counts", "promptBudget"}
    assert set(found) == {"ok", "diagnostics", "schemaVersion"} | members
    return found


class TestValidate:
    @pytest.mark.parametrize("body", [None, {}, {"world": None}, {"data": None, "x": 1}], ids=str)
    async def test_without_a_world_the_stored_one_is_checked(self, graph, body):
        found = await check(graph, "validate", body)
        assert found["ok"] is True
        stored = (await graph.call("GET")).json()
        assert found["world"] | {"schemaVersion": "1.0"} == stored
        assert {item["severity"] for item in found["diagnostics"]} <= {"warning", "info"}
        assert {item["lint"] for item in found["diagnostics"]} == {"no-ending", "unreachable-state"}

    @pytest.mark.parametrize("member", ["world", "data"])
    async def test_a_given_world_is_checked_instead(self, graph, member):
        async with graph.unchanged():
            given = three_rooms(name="Another", mood=[1.0, 2**70])
            answer = await graph.call("POST", "validate", body={member: given})
            assert answer.status_code == 200, answer.text
            world = exact(answer.content)["world"]
            assert world == exact(json.dumps(given | {"id": graph.world_id}))

    async def test_a_world_as_the_api_gave_it_passes(self, graph):
        world = (await graph.call("GET")).json()
        assert "schemaVersion" in world
        assert (await check(graph, "validate", {"world": world}))["ok"] is True

    async def test_prose_comes_resolved_and_the_stored_stays_as_it_was_written(self, graph):
        found = await check(graph, "validate", {"world": factored()})
        assert found["world"]["scene"]["states"]["spare"]["base"] == "A quiet room. A lamp burns."
        assert (await graph.read("states"))["states"] == three_rooms()["scene"]["states"]

    async def test_the_stored_prose_comes_resolved_too(self, rest, app):
        graph = await Graph.of(rest, app.secret, kernel={"templates": TEMPLATES})
        prose = {"template": "room", "fills": {"mood": "loud"}}
        await graph.written("PATCH", "states", "spare", body={"base": prose})
        found = await check(graph, "validate")
        assert found["world"]["scene"]["states"]["spare"]["base"] == "A loud room. A lamp burns."
        assert (await graph.read("states", "spare"))["state"]["base"] == prose

    @pytest.mark.parametrize(("world", "lint"), BROKEN, ids=[str(n) for n in range(len(BROKEN))])
    async def test_a_world_that_fails_is_422_with_all_findings(self, graph, world, lint):
        async with graph.unchanged():
            body = assert_error(await graph.call("POST", "validate", body={"world": world}), 422)
            assert set(body) == {"detail", "diagnostics", "schemaVersion"}
            first = body["diagnostics"][0]
            assert first["severity"] == "error"
            assert lint in {finding["lint"] for finding in body["diagnostics"]}


class TestLint:
    @pytest.mark.parametrize("body", [None, {}, {"world": None}], ids=str)
    async def test_without_a_world_the_stored_one_is_checked(self, graph, body):
        found = await check(graph, "lint", body)
        assert found["ok"] is True
        assert found["promptBudget"] == 1900
        assert found["counts"] == {"error": 0, "warning": 2, "info": 0}
        assert [item["lint"] for item in found["diagnostics"]] == ["no-ending", "unreachable-state"]

    @pytest.mark.parametrize("member", ["world", "data"])
    @pytest.mark.parametrize(("world", "lint"), BROKEN, ids=[str(n) for n in range(len(BROKEN))])
    async def test_a_world_in_error_is_still_200(self, graph, member, world, lint):
        async with graph.unchanged():
            found = await check(graph, "lint", {member: world})
            assert found["ok"] is False
            severities = [item["severity"] for item in found["diagnostics"]]
            assert severities == sorted(severities, key=["error", "warning", "info"].index)
            assert found["counts"] == {
                name: severities.count(name) for name in ("error", "warning", "info")
            }
            assert found["counts"]["error"]
            assert lint in {finding["lint"] for finding in found["diagnostics"]}

    async def test_a_finding_in_factored_prose_says_where(self, graph):
        world = factored()
        world["scene"]["states"]["spare"]["base"]["fills"] = {"colour": "grey"}
        (error, *_) = (await check(graph, "lint", {"world": world}))["diagnostics"]
        assert (error["lint"], error["severity"]) == ("slot-unknown", "error")
        assert set(error["loc"]) <= {"field", "template", "slot", "fill"}
        assert (error["loc"]["template"], error["loc"]["slot"]) == ("room", "colour")

    async def test_a_write_is_advised_as_lint_advises(self, graph):
        body = await graph.written("PATCH", "states", "hall", body={"base": "There is no light."})
        assert body["diagnostics"] == (await check(graph, "lint"))["diagnostics"]


@pytest.mark.parametrize("what", BOTH)
class TestBoth:
    async def test_a_dead_end_is_found_and_a_write_does_not_look_for_it(self, graph, what):
        """Only where one asks: a write that makes one is told nothing of it (CONTRACT 9)."""
        made = await graph.applied(
            {"op": "update_state", "id": "spare", "patch": {"ending": {"kind": "win"}}},
            {"op": "add_state", "id": "pit", "base": "A pit."},
            {"op": "add_transition", "name": "Leave", "from": "hall", "to": "spare"},
            {"op": "add_transition", "name": "Fall", "from": "hall", "to": "pit"},
        )
        assert "softlock" not in {d["lint"] for d in made["diagnostics"]}
        found = [d for d in (await check(graph, what))["diagnostics"] if d["lint"] == "softlock"]
        assert [(d["severity"], d["path"]) for d in found] == [("warning", "state[pit]")]
        assert "after 'Fall' no ending" in found[0]["message"]

    async def test_a_long_search_is_made_too(self, graph, what):
        """Ten keys for one door: a thousand situations, more than the event loop is held for."""
        keys = [f"key {n}" for n in range(10)]
        world = {"id": graph.world_id} | plays.world(
            *(plays.do(f"Take {key}", "a", grants=[key]) for key in keys),
            plays.go("Open", "a", "b", requires=keys),
            plays.go("Fall", "b", "pit"),
            plays.go("Leave", "b", "end", requires=keys),
        )
        diagnostics = (await check(graph, what, {"world": world}))["diagnostics"]
        assert [d["path"] for d in diagnostics if d["lint"] == "softlock"] == ["state[pit]"]

    @pytest.mark.parametrize("member", ["world", "data"])
    @pytest.mark.parametrize("value", [5, True, "x", [], [{}], 1.5], ids=str)
    async def test_a_world_that_is_no_object_is_400(self, graph, what, member, value):
        problem = assert_error(await graph.call("POST", what, body={member: value}), 400)
        assert member in problem["detail"] or "world" in problem["detail"]

    @pytest.mark.parametrize("content", [b"[]", b"null", b"{", b'{"world":NaN}', b'"x"'])
    async def test_a_body_that_is_no_json_object_is_400(self, graph, what, content):
        assert_error(await graph.call("POST", what, content=content), 400)

    async def test_a_body_over_the_limit_is_413(self, graph, what):
        world = three_rooms(padding="x" * BODY_LIMIT)
        assert_error(await graph.call("POST", what, body={"world": world}), 413)
