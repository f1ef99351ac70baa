"""POST /v1/worlds/{id}/ops: a batch of edits as one write (CONTRACT 3.3)."""

from __future__ import annotations

import pytest

from conjure.kernel.ops import FIRST_REGISTER, OPS, SECOND_REGISTER, apply
from support.edge.graph import Graph, assert_written
from support.kernel.worlds import rich_world
from support.rest import assert_error, import_world
from support.revs import number

ATTIC = {"op": "add_state", "id": "attic", "base": "A low attic."}
AGAIN = {"op": "add_state", "id": "hall", "base": "A second hall."}
NOBODY = {"op": "delete_event", "name": "Fly"}


@pytest.fixture
async def graph(rest, app) -> Graph:
    return await Graph.of(rest, app.secret)


async def send(graph: Graph, *ops):
    return await graph.call("POST", "ops", body={"ops": ops})


class TestOrder:
    async def test_ops_apply_in_their_order_as_one_write(self, graph):
        rev = number(await graph.rev())
        body = await graph.applied(
            ATTIC,
            {"op": "update_state", "id": "attic", "patch": {"narration": "Dust."}},
            {
                "op": "add_event",
                "name": "Climb",
                "kind": "transition",
                "from": "hall",
                "to": "attic",
            },
            {"op": "update_event", "name": "Climb", "patch": {"name": "Climb up", "hotkey": "f"}},
            {"op": "set_entrance", "state": "attic", "image": {"src": "new", "label": "l"}},
            {"op": "add_variant", "id": "attic", "variant": {"label": "night", "base": "Dark."}},
            {"op": "add_variant", "id": "attic", "variant": {"label": "noon", "base": "Bright."}},
            {"op": "remove_variant", "id": "attic", "index": 0},
            {"op": "delete_event", "name": "Wave"},
            {"op": "delete_state", "id": "spare"},
        )
        world = body["world"]
        assert body["applyErrors"] == []
        assert number(body["rev"]) == rev + 1
        assert world["scene"]["states"]["attic"] == {
            "base": "A low attic.",
            "narration": "Dust.",
            "variants": [{"label": "noon", "base": "Bright."}],
        }
        assert "spare" not in world["scene"]["states"]
        assert [event["name"] for event in world["scene"]["events"]] == [
            "Go down",
            "Go up",
            "Climb up",
        ]
        assert world["entrance"] == {"state": "attic", "image": {"src": "new", "label": "l"}}

    async def test_the_same_ops_in_another_order_may_not_apply(self, graph):
        body = await graph.applied(NOBODY | {"name": "Late"}, {
            "op": "add_event", "name": "Late", "kind": "override", "from": "hall",
        })  # fmt: skip
        assert len(body["applyErrors"]) == 1
        assert body["world"]["scene"]["events"][-1]["name"] == "Late"

    async def test_only_the_result_is_judged(self, graph):
        """In between the entrance leads nowhere; in the end it does not."""
        await graph.applied({"op": "set_entrance", "state": "attic"}, ATTIC)

    async def test_made_names_are_free_ones(self, graph):
        body = await graph.applied(*[{"op": "add_state", "base": "A room."}] * 3)
        assert {"state_1", "state_2", "state_3"} <= set(body["world"]["scene"]["states"])


class TestSkipped:
    async def test_each_skipped_op_says_why_in_the_order_of_the_ops(self, graph):
        ops = (
            AGAIN,
            ATTIC,
            NOBODY,
            {"op": "add_state", "id": "x"},
            {"op": "delete_state", "id": "hall"},
        )
        errors = (await graph.applied(*ops))["applyErrors"]
        starts = [
            "ops[0] add_state: ",
            "ops[2] delete_event: ",
            "ops[3] add_state: ",
            "ops[4] delete_state: ",
        ]
        assert len(errors) == len(starts)
        for text, start in zip(errors, starts, strict=True):
            assert text.startswith(start)
        for text, words in zip(errors, ("'hall'", "'Fly'", "base", "the entrance"), strict=True):
            assert words in text

    async def test_a_skipped_op_changes_nothing_at_all(self, graph):
        before = (await graph.read("scene"))["states"]
        body = await graph.applied(
            {"op": "update_state", "id": "hall", "patch": {"narration": "x", "base": None}}, ATTIC
        )
        assert len(body["applyErrors"]) == 1
        assert body["world"]["scene"]["states"] == before | {"attic": {"base": "A low attic."}}

    async def test_when_not_one_applies_it_is_400_with_every_reason(self, graph):
        async with graph.unchanged():
            errors = assert_error(await send(graph, AGAIN, NOBODY), 400)["errors"]
            assert [text.split(":")[0] for text in errors] == [
                "ops[0] add_state",
                "ops[1] delete_event",
            ]

    async def test_a_refused_result_refuses_the_whole_batch(self, graph):
        async with graph.unchanged():
            body = assert_error(
                await send(graph, ATTIC, {"op": "set_entrance", "state": "nowhere"}), 422
            )
            assert set(body) == {"detail", "diagnostics", "schemaVersion"}
            assert body["diagnostics"][0]["path"] == "entrance.state"


class TestMalformed:
    @pytest.mark.parametrize("value", [None, 5, True, "x", {}, {"0": ATTIC}, []], ids=str)
    async def test_ops_that_are_no_list_of_one_or_more_are_400(self, graph, value):
        async with graph.unchanged():
            body = assert_error(await graph.call("POST", "ops", body={"ops": value}), 400)
            assert any(text.startswith("ops") for text in body["errors"])

    @pytest.mark.parametrize(
        "bad",
        [
            {"op": "fly"}, {"op": ""}, {"op": None}, {"op": 5}, {"op": ["add_state"]}, {"op": "Add_state"},
            {}, {"id": "attic", "base": "x"}, [], "add_state", 5, None, True,
        ],
        ids=str,
    )  # fmt: skip
    async def test_an_op_that_is_none_is_named_by_its_index_and_nothing_applies(self, graph, bad):
        async with graph.unchanged():
            errors = assert_error(await send(graph, ATTIC, bad, ATTIC, bad), 400)["errors"]
            assert [text[:6] for text in errors] == ["ops[1]", "ops[3]"]

    async def test_five_hundred_ops_are_taken(self, graph):
        ops = [{"op": "add_state", "id": f"s{n}", "base": f"Room {n}."} for n in range(500)]
        body = await graph.applied(*ops)
        assert body["applyErrors"] == []
        assert len(body["world"]["scene"]["states"]) == 503

    async def test_one_more_is_refused(self, graph):
        async with graph.unchanged():
            body = assert_error(await send(graph, *[ATTIC] * 501), 400)
            assert "500" in body["detail"]

    async def test_five_hundred_that_fail_are_all_told(self, graph):
        async with graph.unchanged():
            assert len(assert_error(await send(graph, *[AGAIN] * 500), 400)["errors"]) == 500
            assert (
                len(assert_error(await send(graph, *[{"op": "fly"}] * 500), 400)["errors"]) == 500
            )


class TestAliases:
    @pytest.mark.parametrize(
        "op",
        [
            {"id": "attic", "base": "x", "narration": "y"},
            {"stateId": "attic", "base": "x", "narration": "y"},
            {"state": "attic", "base": "x", "narration": "y"},
            {"id": "attic", "state": {"base": "x", "narration": "y"}},
            {"state": {"id": "attic", "base": "x", "narration": "y"}},
            {"stateId": "attic", "patch": {"base": "x", "narration": "y"}},
        ],
        ids=str,
    )
    async def test_a_state_is_added_under_any(self, graph, op):
        body = await graph.applied({"op": "add_state"} | op)
        assert body["world"]["scene"]["states"]["attic"] == {"base": "x", "narration": "y"}

    @pytest.mark.parametrize(
        ("alias", "nest"),
        [
            *((alias, nest) for alias in ("id", "stateId", "state") for nest in ("flat", "patch")),
            *((alias, "state") for alias in ("id", "stateId")),
        ],
    )
    async def test_a_state_is_updated_and_deleted_under_any(self, graph, alias, nest):
        members = {"narration": "y"} if nest == "flat" else {nest: {"narration": "y"}}
        body = await graph.applied({"op": "update_state", alias: "spare", **members})
        assert body["world"]["scene"]["states"]["spare"]["narration"] == "y"
        body = await graph.applied({"op": "delete_state", alias: "spare"})
        assert "spare" not in body["world"]["scene"]["states"]

    @pytest.mark.parametrize(
        "op",
        [
            {"name": "Look", "kind": "override", "from": "hall"},
            {"eventName": "Look", "kind": "override", "from": "hall"},
            {"event": "Look", "kind": "override", "from": "hall"},
            {"event": {"name": "Look", "kind": "override", "from": "hall"}},
            {"name": "Look", "event": {"kind": "override", "from": "hall"}},
            {"eventName": "Look", "patch": {"kind": "override", "from": "hall"}},
        ],
        ids=str,
    )
    async def test_an_event_is_added_under_any(self, graph, op):
        body = await graph.applied({"op": "add_event"} | op)
        made = {"name": "Look", "kind": "override", "from": ["hall"]}
        assert body["world"]["scene"]["events"][-1] == made

    @pytest.mark.parametrize(
        "op",
        [
            {"name": "Wave", "patch": {"name": "Nod"}},
            {"eventName": "Wave", "patch": {"name": "Nod"}},
            {"event": "Wave", "patch": {"name": "Nod"}},
            {"eventName": "Wave", "name": "Nod"},
            {"event": "Wave", "name": "Nod"},
            {"name": "Wave", "event": {"name": "Nod"}},
        ],
        ids=str,
    )
    async def test_an_event_is_renamed_under_any(self, graph, op):
        body = await graph.applied({"op": "update_event"} | op)
        assert body["world"]["scene"]["events"][-1]["name"] == "Nod"

    @pytest.mark.parametrize("alias", ["name", "eventName", "event"])
    async def test_an_event_is_deleted_under_any(self, graph, alias):
        body = await graph.applied({"op": "delete_event", alias: "Wave"})
        assert len(body["world"]["scene"]["events"]) == 2

    @pytest.mark.parametrize(
        "op", [{"state": "cellar"}, {"stateId": "cellar"}, {"id": "cellar"}, {"entrance": {"state": "cellar"}}],
        ids=str,
    )  # fmt: skip
    async def test_the_entrance_is_set_under_any(self, graph, op):
        before = (await graph.read("scene"))["entrance"]
        body = await graph.applied({"op": "set_entrance"} | op)
        assert body["world"]["entrance"] == before | {"state": "cellar"}

    async def test_members_of_the_command_that_nobody_knows_are_ignored(self, graph):
        body = {"ops": [ATTIC], "op": "fly", "id": 5, "world": [], "dryRun": True}
        assert_written(await graph.call("POST", "ops", body=body), "applyErrors")


class TestStudio:
    """The register as the studio spells it (CONTRACT 3.3.1)."""

    async def test_a_round_of_edits_is_one_write(self, graph):
        rev = number(await graph.rev())
        film = {"video": "v.mp4", "fromState": ["loft"], "toState": "cellar"}
        body = await graph.applied(
            {"op": "rename_state", "from": "hall", "to": "loft"},
            {"op": "set_field", "state": "spare", "field": "camera.static", "value": "Eye height."},
            {"op": "set_event_anchor", "event": "Wave", "label": "lamp", "minProximity": 0.2},
            {"op": "set_event_drive", "event": "Go down", "movement": "forward", "pulseMs": 300},
            {"op": "set_event_locked_hint", "event": "Go down", "hint": "It is bolted."},
            {"op": "add_override", "event": "Nod", "from": "loft", "to": "cellar", "base": "x"},
            {"op": "set_state_ending", "state": "spare", "kind": "win", "title": "Out"},
            {"op": "add_cutscene", "cutsceneId": "fall", **film},
            {"op": "add_story_beat", "summary": "In."},
            {"op": "set_subject", "styleTail": "Film grain."},
            {"op": "set_intro", "video": "i.mp4", "static": True},
            {"op": "remove_event", "event": "Go up"},
        )
        world = body["world"]
        events = {event["name"]: event for event in world["scene"]["events"]}
        assert body["applyErrors"] == []
        assert number(body["rev"]) == rev + 1
        assert world["entrance"]["state"] == "loft"
        assert world["scene"]["states"]["spare"]["camera"] == {
            "static": "Eye height.",
            "dynamic": "",
        }
        assert world["scene"]["states"]["spare"]["ending"] == {"kind": "win", "title": "Out"}
        assert set(events) == {"Go down", "Wave", "Nod"}
        assert events["Wave"]["anchor"] == {"label": "lamp", "minProximity": 0.2}
        assert events["Go down"]["from"] == ["loft"]
        assert events["Go down"]["drive"] == {"movement": "forward"}
        assert events["Go down"]["drivePulseMs"] == 300
        assert events["Go down"]["lockedHint"] == "It is bolted."
        assert "to" not in events["Nod"]
        assert world["cutscenes"] == [
            {"id": "fall", "video": "v.mp4", "from": ["loft"], "to": "cellar"}
        ]
        assert world["story"] == {"logline": world["name"], "beats": [{"summary": "In."}]}
        assert (world["styleTail"], world["introVideo"]) == ("Film grain.", "i.mp4")
        assert world["introStatic"] is True

    async def test_a_member_of_the_wrong_type_costs_its_op_and_not_the_batch(self, graph):
        body = await graph.applied(
            {"op": "set_event_anchor", "event": "Wave", "label": "lamp", "aliases": {"x": 1}},
            {"op": "set_field", "state": "hall", "field": "narration", "value": "x"},
            {"op": "rename_state", "state": "hall", "to": ""},
            {"op": "rename_state", "state": "hall", "to": "cellar"},
            {"op": "remove_state", "state": "hall"},
            ATTIC,
        )
        errors = body["applyErrors"]
        said = (
            "aliases must be",
            "field must be",
            "cannot be empty",
            "already exists",
            "the entrance",
        )
        assert [(text[:6], words in text) for text, words in zip(errors, said, strict=True)] == [
            (f"ops[{at}]", True) for at in range(5)
        ]

    async def test_an_unknown_op_is_told_the_whole_vocabulary(self, graph):
        async with graph.unchanged():
            [error] = assert_error(await send(graph, ATTIC, {"op": "paint"}), 400)["errors"]
            assert error == f"ops[1].op 'paint' is unknown; one of: {', '.join(OPS)}"
            assert {"remove_state", "add_mission", "set_slot_fill"} <= set(OPS)


@pytest.mark.parametrize("op", [*FIRST_REGISTER, *SECOND_REGISTER], ids=lambda op: op.name)
async def test_every_op_of_both_registers_comes_through_the_route(rest, app, op):
    """What each does is told in the kernel's own tests; here it only has to arrive whole."""
    world = rich_world()
    world_id = await import_world(rest, app.secret, **world)
    graph = Graph(rest, app.secret, world_id)
    world["id"] = world_id
    sent = {"op": op.name, **op.example}
    body = await graph.applied(sent)
    expected = {**(await graph.call("GET")).json(), **apply(world, sent).world}
    expected.pop("schemaVersion")
    assert body["world"] == expected
    assert body["applyErrors"] == []
