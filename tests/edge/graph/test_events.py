"""Events: made, changed, renamed and taken away (CONTRACT 3.1)."""

from __future__ import annotations

import pytest

from support.edge.graph import Graph
from support.rest import assert_error

LOOK = {"kind": "override", "from": ["hall"]}


@pytest.fixture
async def graph(rest, app) -> Graph:
    return await Graph.of(rest, app.secret)


async def events(graph: Graph) -> list:
    return (await graph.read("events"))["events"]


async def event(graph: Graph, name: str) -> dict:
    return (await graph.read("events", name))["event"]


class TestCreate:
    async def create(self, graph, body):
        return await graph.written("POST", "events", more=("eventName",), body=body)

    async def test_an_event_comes_last_with_its_members(self, graph):
        before = await events(graph)
        made = {
            "name": "Step outside",
            "kind": "transition",
            "from": ["hall", "cellar"],
            "to": "spare",
            "base": "A side door opens.",
            "hotkey": None,
            "hidden": False,
            "anchor": {"label": "a side door", "minProximity": 0.25},
            "landWhen": {"label": "a bed", "hits": 2},
            "phases": [{"base": "She bends down.", "camera": {"static": "x"}}],
        }
        body = await self.create(graph, made)
        assert body["eventName"] == "Step outside"
        assert body["world"]["scene"]["events"] == [*before, made]
        assert await event(graph, "Step outside") == made

    async def test_an_event_without_a_name_gets_the_first_free_one(self, graph):
        await self.create(graph, LOOK | {"name": "event_2"})
        made = [(await self.create(graph, LOOK))["eventName"] for _ in range(3)]
        assert made == ["event_1", "event_3", "event_4"]
        assert await event(graph, "event_1") == LOOK | {"name": "event_1"}

    async def test_one_state_may_stand_for_the_list_of_it(self, graph):
        await self.create(graph, {"name": "Look", "kind": "override", "from": "hall"})
        assert (await event(graph, "Look"))["from"] == ["hall"]

    @pytest.mark.parametrize("kind", ["override", "terminal"])
    async def test_an_event_in_place_needs_no_to(self, graph, kind):
        terminal = {"terminal": {"persona": "A clerk."}} if kind == "terminal" else {}
        await self.create(graph, {"name": "Here", "kind": kind, "from": ["hall"]} | terminal)
        assert (await event(graph, "Here"))["kind"] == kind

    async def test_a_transition_may_lead_through_a_cutscene(self, rest, app):
        cutscene = {"id": "fall", "video": "v", "from": "hall", "to": "spare"}
        graph = await Graph.of(rest, app.secret, cutscenes=[cutscene])
        await self.create(graph, {"kind": "transition", "from": "hall", "to": "fall"})

    async def test_a_taken_name_is_400_and_named(self, graph):
        async with graph.unchanged():
            answer = await graph.call("POST", "events", body=LOOK | {"name": "Wave"})
            assert "'Wave'" in assert_error(answer, 400)["detail"]

    @pytest.mark.parametrize(
        ("body", "named"),
        [
            ({"from": ["hall"]}, "kind"),
            ({"kind": "override"}, "from"),
            ({"kind": None, "from": ["hall"]}, "kind"),
            ({"kind": "override", "from": None}, "from"),
            *((LOOK | {"kind": value}, "kind") for value in ("walk", "", 5, True, [], {})),
            *((LOOK | {"from": value}, "from") for value in (5, True, {}, [5], [None], [["hall"]])),
            *((LOOK | {"name": value}, "name") for value in (5, True, [], {}, "", "\n")),
        ],
        ids=str,
    )
    async def test_what_is_missing_or_ill_typed_is_400_and_named(self, graph, body, named):
        async with graph.unchanged():
            problem = assert_error(await graph.call("POST", "events", body=body), 400)
            assert named in problem["detail"]

    @pytest.mark.parametrize(
        ("members", "lint"),
        [
            ({"from": []}, "orphan-event"),
            ({"from": ["attic"]}, "dangling-ref"),
            ({"kind": "transition", "to": "attic"}, "dangling-ref"),
            ({"kind": "transition"}, "transition-needs-to"),
            ({"to": "cellar"}, "transition-needs-to"),
            ({"hotkey": 5}, "schema"),
            ({"anchor": {}}, "schema"),
            ({"drive": {"movement": "up"}}, "schema"),
        ],
        ids=str,
    )
    async def test_what_the_kernel_refuses_is_422_and_stores_nothing(self, graph, members, lint):
        async with graph.unchanged():
            answer = await graph.call("POST", "events", body=LOOK | {"name": "New"} | members)
            body = assert_error(answer, 422)
            assert set(body) == {"detail", "diagnostics", "schemaVersion"}
            assert body["diagnostics"][0]["severity"] == "error"
            assert lint in {finding["lint"] for finding in body["diagnostics"]}


class TestUpdate:
    @pytest.mark.parametrize("form", ["flat", "patch"])
    async def test_members_are_replaced_in_place(self, graph, form):
        before = await events(graph)
        patch = {"to": "spare", "hotkey": "f", "anchor": {"label": "stairs", "minProximity": 1}}
        body = patch if form == "flat" else {"patch": patch}
        body = await graph.written("PATCH", "events", "Go down", body=body)
        expected = [before[0] | patch, *before[1:]]
        assert body["world"]["scene"]["events"] == expected

    async def test_null_erases_a_member_that_may_be_absent(self, graph):
        await graph.written("PATCH", "events", "Wave", body={"base": "She waves.", "hotkey": "f"})
        await graph.written(
            "PATCH", "events", "Wave", body={"base": None, "hotkey": None, "x": None}
        )
        assert await event(graph, "Wave") == LOOK | {"name": "Wave"}

    @pytest.mark.parametrize("member", ["kind", "from", "name"])
    @pytest.mark.parametrize("nested", [False, True])
    async def test_what_every_event_has_cannot_be_erased(self, graph, member, nested):
        patch = {member: None}
        async with graph.unchanged():
            body = {"patch": patch} if nested else patch
            answer = await graph.call("PATCH", "events", "Wave", body=body)
            assert member in assert_error(answer, 400)["detail"]

    async def test_a_to_that_a_transition_needs_cannot_go(self, graph):
        async with graph.unchanged():
            answer = await graph.call("PATCH", "events", "Go down", body={"to": None})
            found = assert_error(answer, 422)["diagnostics"]
            assert found[0]["lint"] == "transition-needs-to"

    async def test_an_event_may_become_one_of_another_kind(self, graph):
        await graph.written("PATCH", "events", "Go down", body={"kind": "override", "to": None})
        await graph.written("PATCH", "events", "Wave", body={"kind": "transition", "to": "cellar"})
        assert [item["kind"] for item in await events(graph)] == [
            "override",
            "transition",
            "transition",
        ]

    @pytest.mark.parametrize(
        "patch", [{"kind": "walk"}, {"kind": 5}, {"from": 5}, {"from": [1]}, {"name": 5}, {"name": ""}],
        ids=str,
    )  # fmt: skip
    async def test_an_ill_typed_member_is_400(self, graph, patch):
        async with graph.unchanged():
            assert_error(await graph.call("PATCH", "events", "Wave", body=patch), 400)

    async def test_a_from_that_leads_nowhere_is_422(self, graph):
        async with graph.unchanged():
            for origin in ([], ["attic"], "attic"):
                answer = await graph.call("PATCH", "events", "Wave", body={"from": origin})
                assert_error(answer, 422)

    async def test_an_event_that_is_not_there_is_404(self, graph):
        async with graph.unchanged():
            assert_error(await graph.call("PATCH", "events", "Fly", body={"hotkey": "f"}), 404)


class TestRename:
    @pytest.mark.parametrize("form", ["flat", "patch"])
    async def test_a_name_renames_and_keeps_the_place(self, graph, form):
        patch = {"name": "Climb down", "hotkey": "f"}
        body = patch if form == "flat" else {"patch": patch}
        await graph.written("PATCH", "events", "Go down", body=body)
        assert [item["name"] for item in await events(graph)] == ["Climb down", "Go up", "Wave"]
        assert (await event(graph, "Climb down"))["hotkey"] == "f"
        assert_error(await graph.call("GET", "events", "Go down"), 404)

    async def test_the_old_name_is_free_again(self, graph):
        await graph.written("PATCH", "events", "Wave", body={"name": "Nod"})
        await graph.written("POST", "events", more=("eventName",), body=LOOK | {"name": "Wave"})

    async def test_its_own_name_is_no_other_ones(self, graph):
        before = await events(graph)
        await graph.written("PATCH", "events", "Wave", body={"name": "Wave"})
        assert await events(graph) == before

    async def test_a_taken_name_is_400_and_named(self, graph):
        async with graph.unchanged():
            answer = await graph.call("PATCH", "events", "Wave", body={"name": "Go up"})
            assert "'Go up'" in assert_error(answer, 400)["detail"]


class TestDelete:
    async def test_an_event_goes_and_the_others_stay(self, graph):
        before = await events(graph)
        body = await graph.written("DELETE", "events", "Go down")
        assert body["world"]["scene"]["events"] == before[1:]
        assert_error(await graph.call("GET", "events", "Go down"), 404)

    async def test_an_event_that_is_not_there_is_404(self, graph):
        async with graph.unchanged():
            assert_error(await graph.call("DELETE", "events", "Fly"), 404)

    async def test_all_events_may_go(self, graph):
        for name in ("Go down", "Go up", "Wave"):
            await graph.written("DELETE", "events", name)
        assert await events(graph) == []
