"""Random edits agree with a model in memory; random bodies are never the server's fault (CONTRACT 3)."""

from __future__ import annotations

import copy
import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conjure.core.errors import Reason
from conjure.kernel import NotThere, OpError, OpsInvalid, check, has_errors, ops
from conjure.v1 import document_pb2
from conjure.v1 import graph_service_pb2 as pb
from support.rest import assert_error, bearer
from support.revs import number
from support.rpc import TIMEOUT_S, Client, metadata, outcomes
from support.stack import new_app
from support.worlds import small_world

if TYPE_CHECKING:
    import grpc.aio

BOUNDED = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

STATES = st.sampled_from(["hall", "cellar", "attic", "a/b", "state_1", "🌍"])
EVENTS = st.sampled_from(["Go down", "Go up", "Look", "Wave", "event_1", 'q"/ü'])
FIELDS = ["base", "camera.static", "movement.dynamic", "narration"]
KINDS = st.sampled_from(["transition", "override", "transition", "terminal", "walk"])
PROSE = st.sampled_from(["A room.", "There is no light.", "", "x", {"template": "none"}, 5, None])
VALUES = st.sampled_from([None, "x", 5, 1.0, 2**70, [None], {"a": None}, ["hall"], {"kind": "win"}])
FROM = st.one_of(STATES, st.lists(STATES, max_size=2), VALUES)

STATE_MEMBERS = st.fixed_dictionaries(
    {}, optional={"base": PROSE, "narration": VALUES, "ending": VALUES, "odd": VALUES}
)
EVENT_MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "kind": KINDS,
        "from": FROM,
        "to": STATES,
        "base": PROSE,
        "odd": VALUES,
        "name": EVENTS,
    },
)
SOUND_STATE = st.fixed_dictionaries({"base": st.just("A room.")}, optional={"odd": VALUES})
SOUND_EVENT = st.one_of(
    st.fixed_dictionaries({"kind": st.just("transition"), "from": STATES, "to": STATES}),
    st.fixed_dictionaries({"kind": st.just("override"), "from": STATES}, optional={"odd": VALUES}),
)


def an_op(name: str, /, **members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"op": st.just(name), **members})


OPS = st.one_of(
    an_op("add_state", id=STATES, state=st.one_of(SOUND_STATE, STATE_MEMBERS)),
    an_op("add_state", state=SOUND_STATE),
    an_op("update_state", id=STATES, patch=st.one_of(SOUND_STATE, STATE_MEMBERS)),
    an_op("delete_state", id=STATES),
    an_op("add_event", name=EVENTS, event=st.one_of(SOUND_EVENT, EVENT_MEMBERS)),
    an_op("add_event", event=SOUND_EVENT),
    an_op("update_event", name=EVENTS, patch=EVENT_MEMBERS),
    an_op("delete_event", name=EVENTS),
    an_op("set_entrance", state=STATES),
    an_op("add_variant", id=STATES, label=st.just("dusk"), base=PROSE),
    an_op("remove_variant", id=STATES, index=st.integers(0, 2)),
    an_op("rename_state", id=STATES, to=STATES),
    an_op("set_field", state=STATES, field=st.sampled_from(FIELDS), value=st.one_of(PROSE, VALUES)),
    an_op("set_event_field", event=EVENTS, field=st.just("odd.deep[0]"), value=VALUES),
    an_op("rename_state", **{"from": STATES, "to": STATES}),
    an_op("remove_state", state=STATES),
)
ONLY_IN_BATCHES = {
    *("add_variant", "remove_variant", "rename_state", "remove_state"),
    *("set_field", "set_event_field"),
}
COMMANDS = st.one_of(
    OPS,
    st.lists(OPS, min_size=1, max_size=4),
    st.lists(st.one_of(OPS, VALUES), max_size=2),
)
ASSERTIONS = st.sampled_from([None, None, None, "present", "stale"])
STEPS = st.lists(st.tuples(COMMANDS, ASSERTIONS), min_size=12, max_size=18)


@dataclass
class Model:
    """A world as the contract tells it: an edit is made whole, or refused for a reason."""

    world: dict[str, Any]
    writes: int = 1

    def write(self, command: Any, *, is_stale: bool) -> Reason | None:
        """Makes an edit, one op or a batch; returns why not."""
        if isinstance(command, list):
            try:
                ops.check_ops(command)
            except OpsInvalid:
                return Reason.INVALID_FIELD
        elif command.get("patch") == {}:
            return Reason.INVALID_FIELD
        if is_stale:
            return Reason.REVISION_CONFLICT
        try:
            if isinstance(command, list):
                batch = ops.apply_batch(copy.deepcopy(self.world), command)
                if not batch.applied:
                    return Reason.INAPPLICABLE_EDIT
                made = batch.world
            else:
                made = ops.apply(copy.deepcopy(self.world), command).world
        except NotThere:
            return Reason.NOT_FOUND
        except OpError:
            return Reason.INAPPLICABLE_EDIT
        if has_errors(check(made)):
            return Reason.KERNEL_REFUSED
        self.world, self.writes = made, self.writes + 1
        return None


class Server:
    """The same edits over gRPC, each by the RPC that is made for it."""

    def __init__(self, caller: Client, world_id: str) -> None:
        self.caller = caller
        self.world_id = world_id

    def write(self, command: Any, expected: str | None) -> Any:
        rpc, fields = self._call(command)
        request = getattr(pb, f"{rpc}Request")(id=self.world_id, expected_rev=expected, **fields)
        return getattr(self.caller.graph, rpc)(
            request, metadata=metadata(self.caller.key), timeout=TIMEOUT_S
        )

    def _call(self, command: Any) -> tuple[str, dict[str, Any]]:
        match command:
            case {"op": "add_state", "state": state}:
                named = {"id": command["id"]} if "id" in command else {}
                return "CreateState", {"state": document(state | named)}
            case {"op": "update_state", "id": name, "patch": patch}:
                return "UpdateState", {"state_id": name, "patch": document({"patch": patch})}
            case {"op": "delete_state", "id": name}:
                return "DeleteState", {"state_id": name}
            case {"op": "add_event", "event": event}:
                named = {"name": command["name"]} if "name" in command else {}
                return "CreateEvent", {"event": document(event | named)}
            case {"op": "update_event", "name": name, "patch": patch}:
                return "UpdateEvent", {"event_name": name, "patch": document(patch)}
            case {"op": "delete_event", "name": name}:
                return "DeleteEvent", {"event_name": name}
            case {"op": "set_entrance", "state": name}:
                return "SetEntrance", {"state": name}
            case _:
                return "ApplyOps", {"ops": document(as_batch(command))}

    async def stored(self) -> tuple[Any, str]:
        read = await self.caller.world(self.world_id)
        return exact(json.loads(read.document.json)), read.rev


def as_batch(command: Any) -> list[Any]:
    return command if isinstance(command, list) else [command]


def document(value: Any) -> document_pb2.JsonDocument:
    return document_pb2.JsonDocument(json=json.dumps(value).encode())


def exact(value: Any) -> str:
    """JSON text in which nothing is equal that does not mean the same: 1 is not 1.0."""
    return json.dumps(value, sort_keys=True)


def normal(command: Any) -> Any:
    """The command as its RPC carries it: what has no RPC of its own goes as a batch of one."""
    if isinstance(command, list):
        return command
    if command["op"] in ONLY_IN_BATCHES:
        return [command]
    if command["op"] == "add_event" and "name" in command:  # REST and RPC know one name
        event = command["event"] | {"name": command["name"]}
        return {"op": "add_event", "event": event}
    return command


@pytest.fixture(scope="module")
async def roomy(stack):
    """An app that may make as many worlds as examples need."""
    app = await new_app(stack.admin, "model")
    await app.set_caps(generation=1_000_000)
    return app


@settings(BOUNDED, max_examples=40)
@given(steps=STEPS)
async def test_a_random_row_of_edits_agrees_with_the_model(
    server_channel: grpc.aio.Channel, roomy, steps
):
    caller = Client(server_channel, roomy.secret)
    world = small_world()
    world["scene"]["states"] |= {name: {"base": "A room."} for name in ("attic", "a/b")}
    world_id = (await caller.create(world)).world_id
    server = Server(caller, world_id)
    model = Model(world | {"id": world_id})
    rev = "1"
    for raw, assertion in steps:
        command = normal(raw)
        expected = {None: None, "present": rev, "stale": f"{model.writes + 1}-0badcafe"}[assertion]
        answers, reasons = await outcomes([server.write(command, expected)])
        reason = model.write(command, is_stale=assertion == "stale")
        assert list(reasons) == ([] if reason is None else [reason]), command
        for answer in answers:
            assert exact(json.loads(answer.result.world.json)) == exact(model.world)
            assert number(answer.result.rev) == model.writes
            rev = answer.result.rev
        assert await server.stored() == (exact(model.world), rev)


KEYS = st.sampled_from(
    ["id", "stateId", "state", "name", "eventName", "event", "patch", "base", "kind", "from", "to",
     "expectedRev", "op", "ops", "world", "data", "scene", "states", "events", "entrance", "image",
     "src", "kernel", "templates", "fills", "template", "variants", "ambient", "field", "value", "", "x"]
)  # fmt: skip
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
        STATES,
        EVENTS,
        st.sampled_from(sorted(ops.OPS)),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=12,
)
BODIES = st.one_of(
    JSON,
    st.dictionaries(KEYS, JSON, max_size=6),
    st.fixed_dictionaries({"ops": st.lists(st.dictionaries(KEYS, JSON) | OPS, max_size=4)}),
    st.fixed_dictionaries({"world": st.dictionaries(KEYS, JSON, max_size=6)}),
)
ROUTES = [
    ("POST", "states"),
    ("PATCH", "states/hall"),
    ("DELETE", "states/cellar"),
    ("POST", "events"),
    ("PATCH", f"events/{quote('Go up')}"),
    ("DELETE", f"events/{quote('Go down')}"),
    ("PATCH", "entrance"),
    ("POST", "ops"),
    ("POST", "validate"),
    ("POST", "lint"),
]


@settings(BOUNDED, max_examples=20)
@given(bodies=st.lists(BODIES, min_size=len(ROUTES), max_size=len(ROUTES)), turn=st.integers(0, 9))
async def test_a_random_body_is_done_or_refused_and_never_a_fault(rest, roomy, bodies, turn):
    """Whatever is sent, the answer is one that the contract names, and the world stays sound."""
    headers = bearer(roomy.secret)
    made = await rest.post("/v1/worlds", json={"world": small_world()}, headers=headers)
    path = f"/v1/worlds/{made.json()['worldId']}"
    etag = made.headers["etag"]
    routes = itertools.islice(itertools.cycle(ROUTES), turn, turn + len(ROUTES))
    for (verb, route), body in zip(routes, bodies, strict=True):
        content = json.dumps(body).encode()
        answer = await rest.request(verb, f"{path}/{route}", content=content, headers=headers)
        read = await rest.get(path, headers=headers)
        if answer.status_code == 200 and route not in {"validate", "lint"}:
            assert answer.headers["etag"] != etag
            etag = answer.headers["etag"]
        elif answer.status_code != 200:
            assert answer.status_code in {400, 404, 409, 422}
            assert_error(answer, answer.status_code)
        assert read.headers["etag"] == etag
    world = read.json()
    world.pop("schemaVersion")
    assert not has_errors(check(world))
