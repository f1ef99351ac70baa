"""States: made, changed and taken away (CONTRACT 3.1)."""

from __future__ import annotations

import pytest

from support.edge.graph import BODY_LIMIT, Graph, assert_written
from support.rest import assert_error

ATTIC = {"base": "A low attic under the roof."}


@pytest.fixture
async def graph(rest, app) -> Graph:
    return await Graph.of(rest, app.secret)


async def states(graph: Graph) -> dict:
    return (await graph.read("states"))["states"]


class TestCreate:
    async def create(self, graph, body):
        return await graph.written("POST", "states", more=("stateId",), body=body)

    async def test_a_state_is_made_with_its_members_and_nothing_else_changes(self, graph):
        before = await states(graph)
        members = ATTIC | {
            "camera": {"static": "Eye height."},
            "movement": {"dynamic": "She walks."},
            "ambient": ["Dust turns."],
            "ending": {"kind": "win", "title": "Home"},
            "variants": [{"label": "night", "base": "The attic by moonlight."}],
        }
        body = await self.create(graph, members | {"id": "attic"})
        assert body["stateId"] == "attic"
        assert body["world"]["scene"]["states"] == before | {"attic": members}
        assert (await graph.read("states", "attic"))["state"] == members

    async def test_a_state_without_an_id_gets_the_first_free_one(self, graph):
        await self.create(graph, ATTIC | {"id": "state_2"})
        made = [(await self.create(graph, ATTIC))["stateId"] for _ in range(3)]
        assert made == ["state_1", "state_3", "state_4"]

    async def test_an_id_of_null_is_none(self, graph):
        body = await self.create(graph, ATTIC | {"id": None})
        assert body["stateId"] == "state_1"
        assert (await states(graph))["state_1"] == ATTIC

    async def test_the_kernels_advice_comes_with_the_answer(self, graph):
        body = await self.create(graph, {"id": "attic", "base": "There is no light."})
        found = {(finding["lint"], finding["path"]) for finding in body["diagnostics"]}
        assert ("negation", "state[attic].base") in found
        assert "unreachable-state" in {lint for lint, _ in found}

    async def test_a_taken_id_is_400_and_named(self, graph):
        async with graph.unchanged():
            body = assert_error(
                await graph.call("POST", "states", body=ATTIC | {"id": "hall"}), 400
            )
            assert "'hall'" in body["detail"]

    @pytest.mark.parametrize(
        ("members", "named"),
        [
            ({}, "base"),
            ({"base": None}, "base"),
            *(({"base": value}, "base") for value in (5, True, [], ["x"])),
            *((ATTIC | {"id": value}, "id") for value in (5, True, [], {}, "", " \t")),
        ],
        ids=str,
    )
    async def test_what_is_missing_or_ill_typed_is_400_and_named(self, graph, members, named):
        async with graph.unchanged():
            body = assert_error(await graph.call("POST", "states", body=members), 400)
            assert named in body["detail"]

    @pytest.mark.parametrize(
        "members",
        [
            {"camera": "static"},
            {"ambient": [5]},
            {"ending": {"kind": "draw"}},
            {"variants": [{"label": "no base"}]},
            {"base": {"template": "nowhere", "fills": {}}},
            {"base": {}},
        ],
        ids=str,
    )
    async def test_what_the_kernel_refuses_is_422_with_its_findings(self, graph, members):
        async with graph.unchanged():
            body = assert_error(
                await graph.call("POST", "states", body=ATTIC | {"id": "attic"} | members), 422
            )
            assert set(body) == {"detail", "diagnostics", "schemaVersion"}
            first = body["diagnostics"][0]
            assert first["severity"] == "error"
            assert first["path"].startswith("state[attic]")

    async def test_a_mebibyte_of_prose_is_stored_whole(self, graph):
        prose = "x" * (BODY_LIMIT // 12)
        body = await self.create(graph, {"id": "long", "base": prose})
        assert "budget" in {finding["lint"] for finding in body["diagnostics"]}
        assert (await graph.read("states", "long"))["state"] == {"base": prose}

    async def test_more_prose_is_413_and_nothing_of_it_is_stored(self, graph):
        async with graph.unchanged():
            answer = await graph.call(
                "POST", "states", body={"id": "long", "base": "x" * BODY_LIMIT}
            )
            assert_error(answer, 413)


class TestUpdate:
    @pytest.mark.parametrize("form", ["flat", "patch"])
    async def test_members_are_replaced_and_the_others_stay(self, graph, form):
        await graph.written(
            "PATCH", "states", "hall", body={"narration": "Old.", "camera": {"static": "x"}}
        )
        before = await states(graph)
        patch = {"narration": "New.", "camera": {"dynamic": "y"}, "ambient": ["Dust."]}
        body = patch if form == "flat" else {"patch": patch}
        body = await graph.written("PATCH", "states", "hall", body=body)
        expected = before | {"hall": before["hall"] | patch}
        assert body["world"]["scene"]["states"] == expected

    async def test_beside_a_patch_other_members_do_not_count(self, graph):
        before = (await states(graph))["hall"]
        body = {"patch": {"narration": "New."}, "base": "ignored", "kind": 5}
        await graph.written("PATCH", "states", "hall", body=body)
        assert (await states(graph))["hall"] == before | {"narration": "New."}

    @pytest.mark.parametrize("form", ["flat", "patch"])
    async def test_null_erases_a_member_that_may_be_absent(self, graph, form):
        patch = {"narration": "Dust.", "mood": {"deep": None}}
        await graph.written("PATCH", "states", "hall", body=patch)
        erase = {"narration": None, "mood": None, "never": None}
        body = erase if form == "flat" else {"patch": erase}
        await graph.written("PATCH", "states", "hall", body=body)
        assert set((await states(graph))["hall"]) == {"base"}

    async def test_a_null_inside_a_member_is_kept(self, graph):
        await graph.written(
            "PATCH", "states", "hall", body={"mood": {"deep": None, "list": [None]}}
        )
        assert (await states(graph))["hall"]["mood"] == {"deep": None, "list": [None]}

    @pytest.mark.parametrize("body", [{"base": None}, {"patch": {"base": None}}], ids=str)
    async def test_the_base_cannot_be_erased(self, graph, body):
        async with graph.unchanged():
            assert (
                "base"
                in assert_error(await graph.call("PATCH", "states", "hall", body=body), 400)[
                    "detail"
                ]
            )

    @pytest.mark.parametrize("base", [5, True, [], ["x"], 1.5])
    async def test_an_ill_typed_base_is_400(self, graph, base):
        async with graph.unchanged():
            assert_error(await graph.call("PATCH", "states", "hall", body={"base": base}), 400)

    async def test_a_member_the_schema_knows_must_have_its_type(self, graph):
        async with graph.unchanged():
            body = assert_error(
                await graph.call("PATCH", "states", "hall", body={"ambient": "x"}), 422
            )
            assert body["diagnostics"][0]["lint"] == "schema"

    async def test_an_ending_that_a_transition_leaves_is_refused(self, graph):
        async with graph.unchanged():
            answer = await graph.call("PATCH", "states", "hall", body={"ending": {"kind": "win"}})
            lints = {finding["lint"] for finding in assert_error(answer, 422)["diagnostics"]}
            assert "ending-has-exits" in lints

    async def test_a_state_that_is_not_there_is_404(self, graph):
        async with graph.unchanged():
            assert_error(await graph.call("PATCH", "states", "attic", body=ATTIC), 404)

    async def test_prose_may_come_from_a_template(self, rest, app):
        templates = {"room": {"text": "A {mood} room.", "slots": {"mood": {}}}}
        graph = await Graph.of(rest, app.secret, kernel={"templates": templates})
        prose = {"template": "room", "fills": {"mood": "quiet"}}
        await graph.written("PATCH", "states", "hall", body={"base": prose})
        assert (await states(graph))["hall"]["base"] == prose, "reads give what was written"
        async with graph.unchanged():
            bare = {"base": {"template": "room"}}
            answer = await graph.call("PATCH", "states", "hall", body=bare)
            assert assert_error(answer, 422)["diagnostics"][0]["lint"] == "slot-missing"


class TestDelete:
    async def test_a_state_that_nothing_refers_to_goes(self, graph):
        before = await states(graph)
        body = await graph.written("DELETE", "states", "spare")
        before.pop("spare")
        assert body["world"]["scene"]["states"] == before
        assert_error(await graph.call("GET", "states", "spare"), 404)
        assert_error(await graph.call("DELETE", "states", "spare"), 404)

    @pytest.mark.parametrize(
        ("members", "who"),
        [
            ({"entrance": {"state": "spare", "image": {"src": "x"}}}, ["the entrance"]),
            ({"outro": {"state": "spare"}}, ["the outro"]),
            (
                {"cutscenes": [{"id": "fall", "video": "v", "from": "spare", "to": "hall"}]},
                ["'fall'"],
            ),
            (
                {"cutscenes": [{"id": "fall", "video": "v", "from": "hall", "to": "spare"}]},
                ["'fall'"],
            ),
            ({"sequences": [{"id": "tour", "beats": [{"state": "spare"}]}]}, ["'tour'"]),
            (
                {
                    "entrance": {"state": "spare", "image": {"src": "x"}},
                    "outro": {"state": "spare"},
                    "sequences": [{"id": "tour", "beats": [{"state": "spare"}]}],
                },
                ["the entrance", "'tour'", "the outro"],
            ),
        ],
        ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
    )
    async def test_a_state_in_use_is_400_and_the_detail_names_who(self, rest, app, members, who):
        graph = await Graph.of(rest, app.secret, **members)
        async with graph.unchanged():
            detail = assert_error(await graph.call("DELETE", "states", "spare"), 400)["detail"]
            assert all(name in detail for name in who), detail

    @pytest.mark.parametrize(("state", "who"), [("hall", "from and to"), ("cellar", "both")])
    async def test_a_state_that_events_leave_or_reach_names_each(self, graph, state, who):
        async with graph.unchanged():
            detail = assert_error(await graph.call("DELETE", "states", state), 400)["detail"]
            assert "'Go down'" in detail
            assert "'Go up'" in detail

    async def test_once_nothing_refers_to_it_any_more_a_state_goes(self, graph):
        for name in ("Go down", "Go up"):
            await graph.written("DELETE", "events", name)
        assert_written(await graph.call("DELETE", "states", "cellar"))
        assert set(await states(graph)) == {"hall", "spare"}
