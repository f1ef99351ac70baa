"""Every graph RPC, over gRPC: straight to the server, and through the edge's gRPC listener (CONTRACT 3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conjure.core.errors import Reason
from conjure.v1 import document_pb2
from conjure.v1 import graph_service_pb2 as pb
from support.revs import number
from support.rpc import TIMEOUT_S, Client, client, metadata, refused
from support.worlds import small_world

ATTIC = {"base": "A low attic."}
LOOK = {"kind": "override", "from": "hall"}
BATCH = [{"op": "add_state", "id": "attic", **ATTIC}, {"op": "delete_event", "name": "Fly"}]


def document(value: Any) -> document_pb2.JsonDocument:
    """A document; bytes go as they are."""
    return document_pb2.JsonDocument(
        json=value if isinstance(value, bytes) else json.dumps(value).encode()
    )


def parts(answer: Any) -> set[str]:
    """The parts of a graph that an answer brings."""
    return {field.name for field, _ in answer.ListFields()} - {"rev", "state_id"}


class Graph:
    """Calls on the graph of one world."""

    def __init__(self, caller: Client, world_id: str) -> None:
        self.caller = caller
        self.world_id = world_id

    def call(self, rpc: str, *, rev: str | None = None, **how: Any) -> Any:
        """Calls an RPC; `if_match` and `if_none_match` go as metadata, the rest as fields."""
        headers = {name: how.pop(name) for name in ("if_match", "if_none_match") if name in how}
        fields = how | ({} if rev is None else {"expected_rev": rev})
        request = getattr(pb, f"{rpc}Request")(**({"id": self.world_id} | fields))
        return getattr(self.caller.graph, rpc)(
            request, metadata=metadata(self.caller.key, **headers), timeout=TIMEOUT_S
        )

    async def scene(self) -> tuple[Any, Any, str]:
        found = await self.call("GetScene")
        return json.loads(found.states.json), json.loads(found.events.json), found.rev


WRITES: dict[str, dict[str, Any]] = {
    "CreateState": {"state": document(ATTIC | {"id": "attic"})},
    "UpdateState": {"state_id": "hall", "patch": document({"narration": "Dust."})},
    "DeleteState": {"state_id": "spare"},
    "CreateEvent": {"event": document(LOOK | {"name": "Look"})},
    "UpdateEvent": {"event_name": "Go up", "patch": document({"hotkey": "f"})},
    "DeleteEvent": {"event_name": "Go up"},
    "ApplyOps": {"ops": document(BATCH)},
}
READS: dict[str, dict[str, Any]] = {
    "GetScene": {},
    "ListStates": {},
    "ListEvents": {},
    "GetState": {"state_id": "hall"},
    "GetEvent": {"event_name": "Go up"},
}


@pytest.fixture(params=["server", "edge"])
async def caller(request, stack, app):
    """The same app, by either way in."""
    target = stack.server_target if request.param == "server" else stack.edge_grpc_target
    async with client(target, app.secret) as opened:
        yield opened


def world(**members: Any) -> dict[str, Any]:
    made = small_world(**members)
    made["scene"]["states"]["spare"] = {"base": "A spare room."}
    return made


@pytest.fixture
async def graph(caller) -> Graph:
    return Graph(caller, (await caller.create(world())).world_id)


@pytest.fixture
async def direct(server_channel, app) -> Graph:
    """Straight to the server, where the way in does not matter."""
    direct = Client(server_channel, app.secret)
    return Graph(direct, (await direct.create(world())).world_id)


async def test_each_read_gives_its_part_and_the_revision(graph):
    states, events, rev = await graph.scene()
    assert (states, events, rev) == (*world()["scene"].values(), "1")
    listed = await graph.call("ListStates")
    assert (json.loads(listed.states.json), listed.rev) == (states, "1")
    listed = await graph.call("ListEvents")
    assert (json.loads(listed.events.json), listed.rev) == (events, "1")
    one = await graph.call("GetState", state_id="hall")
    assert (one.state_id, json.loads(one.state.json), one.rev) == ("hall", states["hall"], "1")
    one = await graph.call("GetEvent", event_name="Go up")
    assert (json.loads(one.event.json), one.rev) == (events[1], "1")


@pytest.mark.parametrize("rpc", READS)
async def test_a_read_of_what_the_caller_has_brings_the_revision_alone(direct, rpc):
    answer = await direct.call(rpc, **READS[rpc], if_none_match='"1"')
    assert answer.rev == "1"
    assert parts(answer) == set()
    assert parts(await direct.call(rpc, **READS[rpc], if_none_match='"2"'))


async def test_a_graph_is_programmed_from_one_revision_to_the_next(graph):
    made = await graph.call("CreateState", state=document(ATTIC))
    assert (made.state_id, number(made.result.rev)) == ("state_1", 2)
    assert json.loads(made.result.world.json)["scene"]["states"]["state_1"] == ATTIC
    assert {item.severity for item in made.result.diagnostics} <= {"warning", "info"}
    way = {"kind": "transition", "from": "hall", "to": "state_1"}
    made = await graph.call("CreateEvent", event=document(way), rev=made.result.rev)
    assert (made.event_name, number(made.result.rev)) == ("event_1", 3)
    patch = document({"patch": {"name": "Climb/up", "hotkey": "f"}})
    tag = f'"{made.result.rev}"'
    made = await graph.call("UpdateEvent", event_name="event_1", patch=patch, if_match=tag)
    assert number(made.result.rev) == 4
    made = await graph.call("UpdateState", state_id="state_1", patch=document({"x": [1.0, None]}))
    assert number(made.result.rev) == 5
    event = json.loads((await graph.call("GetEvent", event_name="Climb/up")).event.json)
    assert event == way | {"from": ["hall"], "name": "Climb/up", "hotkey": "f"}
    assert number((await graph.call("DeleteEvent", event_name="Climb/up")).result.rev) == 6
    assert number((await graph.call("DeleteState", state_id="state_1")).result.rev) == 7
    states, events, rev = await graph.scene()
    assert (states, events, number(rev)) == (*world()["scene"].values(), 7)


async def test_a_batch_is_one_revision_and_says_what_it_skipped(graph):
    made = await graph.call("ApplyOps", ops=document(BATCH))
    assert number(made.result.rev) == 2
    (skipped,) = made.apply_errors
    assert skipped.startswith("ops[1] delete_event: ")
    assert (await graph.scene())[0]["attic"] == ATTIC


async def test_a_world_is_validated_and_linted_without_a_write(graph):
    templates = {"room": {"text": "A {mood} room.", "slots": {"mood": {"default": "quiet"}}}}
    given = world(kernel={"templates": templates})
    given["scene"]["states"]["hall"]["base"] = {"template": "room"}
    for member in ("world", "data"):
        passed = await graph.call("ValidateGraph", **{member: document(given)})
        assert passed.ok
        assert json.loads(passed.world.json)["scene"]["states"]["hall"]["base"] == "A quiet room."
    given["entrance"]["state"] = "attic"
    error = (
        await refused(graph.call("ValidateGraph", world=document(given)), Reason.KERNEL_REFUSED)
    ).error
    assert error.diagnostics[0].path == "entrance.state"
    found = await graph.call("LintGraph", world=document(given))
    assert (found.ok, found.prompt_budget, found.counts.error) == (False, 1900, 1)
    stored = await graph.call("LintGraph")
    assert (stored.ok, stored.counts.warning, stored.counts.info) == (True, 2, 0)
    assert (await graph.call("ValidateGraph")).ok
    assert (await graph.scene())[2] == "1"


@pytest.mark.parametrize("rpc", WRITES)
class TestWrites:
    async def test_a_revision_may_be_asserted_and_a_stale_one_writes_nothing(self, direct, rpc):
        fields = WRITES[rpc]
        before = await direct.scene()
        await refused(direct.call(rpc, **fields, rev="9"), Reason.REVISION_CONFLICT)
        await refused(direct.call(rpc, **fields, if_match='"9"'), Reason.REVISION_CONFLICT)
        for rev, tag in (("1", '"9"'), ("9", '"1"')):
            call = direct.call(rpc, **fields, rev=rev, if_match=tag)
            await refused(call, Reason.CONFLICTING_PRECONDITIONS)
        assert await direct.scene() == before
        answer = await direct.call(rpc, **fields, rev="1", if_match='"1"')
        assert number(answer.result.rev) == 2


@pytest.mark.parametrize(
    ("rpc", "fields", "reason"),
    [
        ("GetState", {"state_id": "attic"}, Reason.NOT_FOUND),
        ("GetState", {}, Reason.INVALID_FIELD),
        ("GetState", {"id": "", "state_id": "hall"}, Reason.INVALID_FIELD),
        ("DeleteState", {"id": "", "state_id": "spare"}, Reason.INVALID_FIELD),
        ("GetEvent", {"event_name": "Fly"}, Reason.NOT_FOUND),
        ("CreateState", {}, Reason.INVALID_FIELD),
        ("CreateState", {"state": document(b"")}, Reason.MALFORMED_REQUEST),
        ("CreateState", {"state": document([])}, Reason.MALFORMED_REQUEST),
        ("CreateState", {"state": document(b"{")}, Reason.MALFORMED_REQUEST),
        ("CreateState", {"state": document({})}, Reason.INAPPLICABLE_EDIT),
        ("CreateState", {"state": document(ATTIC | {"id": "hall"})}, Reason.INAPPLICABLE_EDIT),
        ("CreateState", {"state": document(ATTIC | {"ambient": 5})}, Reason.KERNEL_REFUSED),
        ("UpdateState", {"state_id": "attic", "patch": document({"x": 1})}, Reason.NOT_FOUND),
        ("UpdateState", {"state_id": "hall", "patch": document({})}, Reason.INVALID_FIELD),
        ("UpdateState", {"state_id": "hall"}, Reason.INVALID_FIELD),
        ("UpdateState", {"state_id": "hall", "patch": document(b"null")}, Reason.MALFORMED_REQUEST),
        ("UpdateState", {"state_id": "hall", "patch": document({"base": None})}, Reason.INAPPLICABLE_EDIT),
        ("DeleteState", {"state_id": "hall"}, Reason.INAPPLICABLE_EDIT),
        ("DeleteState", {}, Reason.INVALID_FIELD),
        ("CreateEvent", {"event": document(LOOK | {"from": "attic"})}, Reason.KERNEL_REFUSED),
        ("CreateEvent", {"event": document(LOOK | {"name": "Go up"})}, Reason.INAPPLICABLE_EDIT),
        ("UpdateEvent", {"event_name": "Fly", "patch": document({"x": 1})}, Reason.NOT_FOUND),
        ("UpdateEvent", {"event_name": "Go up", "patch": document({})}, Reason.INVALID_FIELD),
        ("UpdateEvent", {"event_name": "Go up", "patch": document({"kind": None})}, Reason.INAPPLICABLE_EDIT),
        ("DeleteEvent", {"event_name": "Fly"}, Reason.NOT_FOUND),
        ("ApplyOps", {}, Reason.INVALID_FIELD),
        ("ApplyOps", {"ops": document(b"[")}, Reason.MALFORMED_REQUEST),
        ("ApplyOps", {"ops": document({})}, Reason.INVALID_FIELD),
        ("ApplyOps", {"ops": document([{"op": "fly"}])}, Reason.INVALID_FIELD),
        ("ApplyOps", {"ops": document(BATCH[1:])}, Reason.INAPPLICABLE_EDIT),
        ("ValidateGraph", {"world": document([])}, Reason.INVALID_FIELD),
        ("ValidateGraph", {"world": document({})}, Reason.KERNEL_REFUSED),
        ("LintGraph", {"data": document(b"x")}, Reason.MALFORMED_REQUEST),
    ],
)  # fmt: skip
async def test_each_refusal_has_its_reason_and_stores_nothing(direct, rpc, fields, reason):
    before = await direct.scene()
    await refused(direct.call(rpc, **fields), reason)
    assert await direct.scene() == before


async def test_a_field_and_a_member_that_assert_different_revisions_conflict(direct):
    """Neither assertion may be lost, also where REST could not send both."""
    state = document(ATTIC | {"expectedRev": "1"})
    call = direct.call("CreateState", state=state, rev="9")
    await refused(call, Reason.CONFLICTING_PRECONDITIONS)


@pytest.mark.parametrize("name", ["n", "🌍"])
class TestSizeOfRefusals:
    """What a refusal says fits into the trailers of a stock client (CONTRACT 0)."""

    async def test_of_a_state_that_everybody_uses(self, direct, name):
        made = world(outro={"state": "spare"})
        long = [f"{name * 60}{number}" for number in range(8)]
        made["scene"]["events"] += [LOOK | {"name": text, "from": ["spare"]} for text in long]
        made["cutscenes"] = [
            {"id": text, "video": "v", "from": "spare", "to": "hall"} for text in long
        ]
        made["sequences"] = [{"id": text, "beats": [{"state": "spare"}]} for text in long]
        direct.world_id = (await direct.caller.create(made)).world_id
        refusal = await refused(
            direct.call("DeleteState", state_id="spare"), Reason.INAPPLICABLE_EDIT
        )
        assert "in use by" in refusal.error.detail

    async def test_of_a_batch_of_which_nothing_applies(self, direct, name):
        ops = [{"op": "delete_event", "name": f"{name * 60}{number}"} for number in range(500)]
        refusal = await refused(
            direct.call("ApplyOps", ops=document(ops)), Reason.INAPPLICABLE_EDIT
        )
        assert refusal.error.errors[0].startswith("ops[0] delete_event: ")

    async def test_of_a_batch_of_unknown_ops(self, direct, name):
        ops = [{"op": name * 60}] * 500
        refusal = await refused(direct.call("ApplyOps", ops=document(ops)), Reason.INVALID_FIELD)
        assert refusal.error.errors[0].startswith("ops[0].op ")
