"""Names with anything in them, and members that nobody knows (CONTRACT 0, 3.1)."""

from __future__ import annotations

import json

import pytest

from support.edge.exact import exact
from support.edge.graph import Graph
from support.edge.raw_http import send
from support.rest import assert_error, bearer
from support.worlds import small_world

NAMES = [
    "Step outside/in",
    "/",
    "a/../b",
    "100%",
    "%2F",
    "quote \" and ' and \\",
    "a?b=c&d",
    "#1",
    "a+b",
    "🌍 Ünï שלום",
    "e\u0301 is not é",
    "\u2028line",
    "tab\tand\nline",
    "__proto__",
    "state",
    " spaces ",
    "🌍" * 256,
]
ODD = {
    "op": "delete_state",
    "patch": [1, {"base": None}],
    "__proto__": {"polluted": True},
    "constructor": {"prototype": None},
    "schemaVersion": "9",
    "rev": 7,
    "world": {},
    "big": 2**70,
    "exact": 2**53 + 1,
    "one": 1.0,
    "zero": -0.0,
    "nulls": [None, {"deep": None}],
    "": {"": []},
    "ünï 🌍": "\u2028",
}


@pytest.fixture
async def graph(rest, app) -> Graph:
    return await Graph.of(rest, app.secret)


@pytest.mark.parametrize("name", ["", " ", ".", "..", "\0", "a\0b"], ids=ascii)
async def test_a_name_that_no_address_has_is_brought_in_with_a_warning_and_renamed(rest, app, name):
    """An import keeps it; ops name what a path cannot."""
    yard = {"states": {"hall": {"base": "A hall."}, name: {"base": "A yard."}}, "events": []}
    yard["events"] = [{"name": name, "kind": "transition", "from": ["hall"], "to": name}]
    graph = await Graph.of(rest, app.secret, scene=yard)
    found = (await graph.call("POST", "lint")).json()["diagnostics"]
    told = [item for item in found if item["lint"] == "unaddressable-name"]
    assert [item["severity"] for item in told] == ["warning", "warning"]
    ops = [
        {"op": "rename_state", "state": name, "to": "yard"},
        {"op": "update_event", "event": name, "patch": {"name": "Step out"}},
    ]
    made = (await graph.call("POST", "ops", body={"ops": ops})).json()
    assert made["applyErrors"] == []
    assert "unaddressable-name" not in {item["lint"] for item in made["diagnostics"]}
    assert (await graph.read("events", "Step out"))["event"]["to"] == "yard"
    assert (await graph.read("states", "yard"))["state"] == {"base": "A yard."}


@pytest.mark.parametrize("kind", ["state", "event"])
async def test_an_import_takes_no_name_over_256_characters(rest, app, kind):
    """The limit that ops have (CONTRACT 9)."""
    for length, status in ((256, 200), (257, 422)):
        name = "🌍" * length
        events = [{"name": name, "kind": "override", "from": ["hall"]}] if kind == "event" else []
        states = {"hall": {"base": "A hall."}} | ({name: {"base": "x"}} if kind == "state" else {})
        world = small_world(scene={"states": states, "events": events})
        answer = await rest.post("/v1/worlds", json={"world": world}, headers=bearer(app.secret))
        assert answer.status_code == status, answer.text
        if status == 422:
            assert {d["lint"] for d in answer.json()["diagnostics"]} >= {"schema"}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:20]))
class TestNames:
    async def test_a_state_of_any_name_is_made_read_changed_and_removed(self, graph, name):
        body = {"id": name, "base": "A room."}
        made = await graph.written("POST", "states", more=("stateId",), body=body)
        assert made["stateId"] == name
        read = await graph.read("states", name)
        assert (read["stateId"], read["state"]) == (name, {"base": "A room."})
        await graph.written("PATCH", "states", name, body={"narration": "Dust."})
        assert (await graph.read("states"))["states"][name]["narration"] == "Dust."
        await graph.written("PATCH", "entrance", body={"state": name})
        assert_error(await graph.call("DELETE", "states", name), 400)
        await graph.written("PATCH", "entrance", body={"state": "hall"})
        await graph.written("DELETE", "states", name)
        assert_error(await graph.call("GET", "states", name), 404)

    async def test_an_event_of_any_name_is_made_read_renamed_and_removed(self, graph, name):
        body = {"name": name, "kind": "override", "from": "hall"}
        made = await graph.written("POST", "events", more=("eventName",), body=body)
        assert made["eventName"] == name
        assert (await graph.read("events", name))["event"]["name"] == name
        await graph.written("PATCH", "events", name, body={"name": "Plain"})
        await graph.written("PATCH", "events", "Plain", body={"patch": {"name": name}})
        await graph.written("DELETE", "events", name)
        assert_error(await graph.call("GET", "events", name), 404)


class TestNamesInPaths:
    @pytest.mark.parametrize("name", [".", "..", "a\x00b"], ids=ascii)
    async def test_a_name_that_no_path_can_say_is_refused_or_reachable(self, graph, name):
        """What is made must be found again; a segment of dots is taken out of every path."""
        made = await graph.call("POST", "states", body={"id": name, "base": "A room."})
        if made.status_code == 200:
            segment = "".join(f"%{byte:02X}" for byte in name.encode())
            path = f"/v1/worlds/{graph.world_id}/states/{segment}"
            answer = await send(str(graph.rest.base_url), "GET", path, bearer(graph.key))
            assert answer.status_code == 200, answer.text
            assert answer.json()["stateId"] == name
        else:
            assert_error(made, 400)

    async def test_escapes_may_be_more_than_needed_and_in_either_case(self, graph):
        await graph.written("POST", "states", more=("stateId",), body={"id": "a/ü", "base": "x"})
        for segment in ("a%2F%C3%BC", "%61%2f%c3%bc", "a%2f%C3%bc"):
            path = f"/v1/worlds/{graph.world_id}/states/{segment}"
            answer = await send(str(graph.rest.base_url), "GET", path, bearer(graph.key))
            assert answer.status_code == 200, answer.text
            assert answer.json()["stateId"] == "a/ü"

    @pytest.mark.parametrize("segment", ["%", "%2", "%zz", "%ff", "%C3", "%ED%A0%80", "%C0%AF"])
    async def test_an_escape_that_is_none_is_a_failure_of_the_callers(self, graph, segment):
        for verb in ("GET", "DELETE"):
            path = f"/v1/worlds/{graph.world_id}/states/{segment}"
            answer = await send(str(graph.rest.base_url), verb, path, bearer(graph.key))
            assert answer.status_code in {400, 404}
            assert_error(answer, answer.status_code)


class TestTooLongNames:
    LONG = "n" * 10_240

    @pytest.mark.parametrize("name", [LONG, "x" * 257, "🌍" * 257], ids=["10 KB", "257", "emoji"])
    async def test_a_name_over_the_limit_is_400(self, graph, name):
        state = {"id": name, "base": "x"}
        event = {"name": name, "kind": "override", "from": "hall"}
        async with graph.unchanged():
            for call in (
                graph.call("POST", "states", body=state),
                graph.call("POST", "events", body=event),
                graph.call("PATCH", "events", "Wave", body={"name": name}),
                graph.call("POST", "ops", body={"ops": [{"op": "add_state", **state}]}),
                graph.call(
                    "POST", "ops", body={"ops": [{"op": "rename_state", "id": "hall", "to": name}]}
                ),
            ):
                body = assert_error(await call, 400)
                assert len(json.dumps(body)) < 2_000, "the name is not told in full"

    @pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
    async def test_a_path_of_ten_kilobytes_finds_nothing(self, graph, verb):
        async with graph.unchanged():
            for kind in ("states", "events"):
                answer = await graph.call(verb, kind, self.LONG, body={"base": "x"})
                assert len(assert_error(answer, 404)["detail"]) < 1_000


class TestMembersNobodyKnows:
    async def test_they_survive_in_a_state(self, graph):
        body = ODD | {"id": "odd", "base": "Odd."}
        await graph.written("POST", "states", more=("stateId",), body=body)
        await self.assert_state(graph, ODD | {"base": "Odd."})
        await graph.written("PATCH", "states", "odd", body={"patch": {"narration": "Dust."}})
        await self.assert_state(graph, ODD | {"base": "Odd.", "narration": "Dust."})
        await graph.written("PATCH", "states", "hall", body={"patch": ODD})
        hall = (await graph.stored())[0]["scene"]["states"]["hall"]
        hall.pop("base")
        assert hall == exact(json.dumps(ODD))

    async def assert_state(self, graph, expected):
        found = exact((await graph.call("GET", "states", "odd")).content)["state"]
        assert found == exact(json.dumps(expected))

    async def test_they_survive_in_an_event_and_its_renaming(self, graph):
        event = ODD | {"name": "Odd", "kind": "override", "from": ["hall"]}
        await graph.written("POST", "events", more=("eventName",), body=event)
        await graph.written("PATCH", "events", "Odd", body={"name": "Odder"})
        found = exact((await graph.call("GET", "events", "Odder")).content)["event"]
        assert found == exact(json.dumps(event | {"name": "Odder"}))

    async def test_they_survive_in_a_batch(self, graph):
        odd = {key: value for key, value in ODD.items() if key not in {"op", "patch"}}
        await graph.applied(
            {"op": "add_state", "id": "odd", "base": "Odd.", **odd},
            {"op": "add_event", "event": ODD | {"name": "Odd", "kind": "override", "from": "hall"}},
        )
        await self.assert_state(graph, odd | {"base": "Odd."})
        found = exact((await graph.call("GET", "events", "Odd")).content)["event"]
        assert found == exact(
            json.dumps(ODD | {"name": "Odd", "kind": "override", "from": ["hall"]})
        )

    @pytest.mark.parametrize("value", ["x", 5, [], {"a": None}], ids=str)
    async def test_a_member_of_a_state_may_be_called_as_an_ops_alias(self, graph, value):
        body = {"id": "odd", "base": "Odd.", "state": value, "event": value, "name": value}
        made = await graph.written("POST", "states", more=("stateId",), body=body)
        assert made["stateId"] == "odd"
        body.pop("id")
        assert (await graph.read("states", "odd"))["state"] == body

    @pytest.mark.parametrize("value", ["x", 5, [], {"a": None}], ids=str)
    async def test_a_member_of_an_event_may_be_called_as_an_ops_alias(self, graph, value):
        """The body of an event has a `name`; `eventName` is an alias in ops, not here."""
        body = {"name": "Odd", "kind": "override", "from": ["hall"], "event": value, "id": value}
        made = await graph.written("POST", "events", more=("eventName",), body=body)
        assert made["eventName"] == "Odd"
        assert (await graph.read("events", "Odd"))["event"] == body
        other = body | {"name": "Odder", "eventName": value}
        made = await graph.written("POST", "events", more=("eventName",), body=other)
        assert made["eventName"] == "Odder"
