"""Reading a graph: its scene, its states and events, all or one (CONTRACT 3.1)."""

from __future__ import annotations

import pytest

from support.edge.exact import exact
from support.edge.graph import Graph, three_rooms
from support.rest import assert_error

READS = [
    ("scene",),
    ("states",),
    ("events",),
    ("states", "hall"),
    ("events", "Go down"),
    ("graph.svg",),
]
SCENE = three_rooms()["scene"]


@pytest.fixture
async def graph(rest, app) -> Graph:
    return await Graph.of(rest, app.secret)


@pytest.fixture(params=READS, ids="/".join)
def parts(request) -> tuple[str, ...]:
    """The path of each read."""
    return request.param


class TestBodies:
    async def test_the_scene_has_everything_of_the_graph(self, graph):
        body = await graph.read("scene")
        entrance = three_rooms()["entrance"]
        assert body == SCENE | {"entrance": entrance, "rev": "1", "schemaVersion": "1.0"}

    async def test_all_states(self, graph):
        body = await graph.read("states")
        assert body == {"states": SCENE["states"], "rev": "1", "schemaVersion": "1.0"}

    async def test_all_events_in_the_authors_order(self, graph):
        body = await graph.read("events")
        assert body == {"events": SCENE["events"], "rev": "1", "schemaVersion": "1.0"}

    @pytest.mark.parametrize("name", SCENE["states"])
    async def test_one_state(self, graph, name):
        assert await graph.read("states", name) == {
            "stateId": name,
            "state": SCENE["states"][name],
            "rev": "1",
            "schemaVersion": "1.0",
        }

    @pytest.mark.parametrize("event", SCENE["events"], ids=lambda event: event["name"])
    async def test_one_event(self, graph, event):
        body = await graph.read("events", event["name"])
        assert body == {"event": event, "rev": "1", "schemaVersion": "1.0"}

    async def test_a_world_without_events_has_an_empty_list(self, rest, app):
        scene = {"states": {"hall": {"base": "A hall."}}, "events": []}
        graph = await Graph.of(rest, app.secret, name="Empty")
        events = [{"op": "delete_event", "name": event["name"]} for event in SCENE["events"]]
        states = [{"op": "delete_state", "id": name} for name in ("cellar", "spare")]
        await graph.applied(
            *events, *states, {"op": "update_state", "id": "hall", "base": "A hall."}
        )
        body = await graph.read("scene")
        assert (body["states"], body["events"]) == (scene["states"], [])

    async def test_all_reads_agree_on_what_nobody_knows(self, graph):
        odd = {"big": 2**70, "float": 1.0, "nulls": [None, {"x": None}], "op": "x", "patch": [1]}
        await graph.written(
            "POST", "states", more=("stateId",), body={"id": "odd", "base": "Odd.", "odd": odd}
        )
        one = exact((await graph.call("GET", "states", "odd")).content)["state"]
        for whole in ("states", "scene"):
            assert exact((await graph.call("GET", whole)).content)["states"]["odd"] == one
        assert (await graph.stored())[0]["scene"]["states"]["odd"] == one


class TestConditions:
    @pytest.mark.parametrize("form", ["{etag}", '"x", {etag}', "W/{etag}"])
    async def test_what_the_caller_has_is_304_without_a_body(self, graph, parts, form):
        etag = (await graph.call("GET", *parts)).headers["etag"]
        header = form.format(etag=etag)
        for _ in range(2):  # on one connection: a stray body would spoil the second answer
            answer = await graph.call("GET", *parts, if_none_match=header)
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == etag
            assert answer.headers["x-request-id"]

    @pytest.mark.parametrize("header", ['"stale"', 'W/"stale"'])
    async def test_what_the_caller_does_not_have_is_sent(self, graph, parts, header):
        plain = await graph.call("GET", *parts)
        answer = await graph.call("GET", *parts, if_none_match=header)
        assert (answer.status_code, answer.content) == (200, plain.content)

    async def test_after_any_write_the_old_revision_is_no_longer_enough(self, graph, parts):
        etag = (await graph.call("GET", *parts)).headers["etag"]
        written = await graph.call("DELETE", "events", "Wave")
        answer = await graph.call("GET", *parts, if_none_match=etag)
        assert answer.status_code == 200
        assert answer.headers["etag"] == written.headers["etag"] != etag

    async def test_a_condition_does_not_make_a_missing_part_be_there(self, graph):
        for missing in (("states", "attic"), ("events", "Fly")):
            assert_error(await graph.call("GET", *missing, if_none_match="*"), 404)


class TestNotThere:
    @pytest.mark.parametrize("name", ["attic", "Hall", "hall ", "__proto__", "a/b", "x" * 10_240])
    async def test_a_state_that_is_not_there_is_404(self, graph, name):
        assert_error(await graph.call("GET", "states", name), 404)

    @pytest.mark.parametrize("name", ["Fly", "go down", "0", "constructor", "🌍" * 500])
    async def test_an_event_that_is_not_there_is_404(self, graph, name):
        assert_error(await graph.call("GET", "events", name), 404)


class TestWrongVerbs:
    @pytest.mark.parametrize(
        ("parts", "verbs"),
        [
            (("scene",), {"GET", "HEAD"}),
            (("states",), {"GET", "HEAD", "POST"}),
            (("events",), {"GET", "HEAD", "POST"}),
            (("states", "hall"), {"GET", "HEAD", "PATCH", "DELETE"}),
            (("events", "Go down"), {"GET", "HEAD", "PATCH", "DELETE"}),
            (("graph.svg",), {"GET", "HEAD"}),
            (("ops",), {"POST"}),
            (("validate",), {"POST"}),
            (("lint",), {"POST"}),
        ],
        ids=lambda value: "/".join(value) if isinstance(value, tuple) else "",
    )
    async def test_a_known_path_says_which_verbs_it_answers_to(self, graph, parts, verbs):
        for verb in {"GET", "POST", "PUT", "PATCH", "DELETE"} - verbs:
            answer = await graph.call(verb, *parts, body={})
            assert_error(answer, 405)
            assert set(answer.headers["allow"].split(", ")) == verbs
        await graph.read("scene")

    @pytest.mark.parametrize(
        "path", ["/states/hall/base", "/states/", "/states//hall", "/event", "/ops/1", "/Scene"]
    )
    async def test_a_path_that_nobody_knows_is_404(self, graph, rest, path):
        answer = await rest.get(
            f"/v1/worlds/{graph.world_id}{path}", headers={"authorization": f"Bearer {graph.key}"}
        )
        if path == "/states//hall" and answer.status_code == 200:
            return  # slashes may be merged
        assert_error(answer, 404)
