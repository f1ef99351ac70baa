"""conjure.v1.GraphService."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from conjure.core import jsondoc
from conjure.core.errors import InvalidField, MalformedRequest
from conjure.core.preconditions import ANYTHING
from conjure.kernel import PROMPT_BUDGET, Severity
from conjure.rpc.conditional import needs_body
from conjure.rpc.messages import diagnostic_message, document
from conjure.rpc.patch import unwrapped
from conjure.v1 import entrance_pb2, graph_pb2
from conjure.v1 import graph_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.core.preconditions import Precondition
    from conjure.graph.service import GraphService, Written
    from conjure.rpc.call import Call
    from conjure.worlds.access import VisibleDocument

R = TypeVar("R", bound=Any)

# A picture that is opened by itself is a page of this origin: whatever stands in it runs and loads nothing.
_OF_A_PICTURE: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
}


class GraphServicer:
    """proto ↔ graph."""

    def __init__(self, graph: GraphService) -> None:
        self._graph = graph

    async def GetScene(self, request: pb.GetSceneRequest, call: Call) -> pb.GetSceneResponse:
        """Answers with states, events, entrance and revision."""
        seen = await self._graph.scene(call.api_caller, request.id)
        response = pb.GetSceneResponse(rev=seen.rev)
        if needs_body(call, seen.rev):
            response.states.json = seen.part("scene", "states")
            response.events.json = seen.part("scene", "events")
            response.entrance.CopyFrom(entrance_message(seen))
        return response

    async def ListStates(self, request: pb.ListStatesRequest, call: Call) -> pb.ListStatesResponse:
        """Answers with all states."""
        seen = await self._graph.scene(call.api_caller, request.id)
        response = pb.ListStatesResponse(rev=seen.rev)
        if needs_body(call, seen.rev):
            response.states.json = seen.part("scene", "states")
        return response

    async def ListEvents(self, request: pb.ListEventsRequest, call: Call) -> pb.ListEventsResponse:
        """Answers with all events."""
        seen = await self._graph.scene(call.api_caller, request.id)
        response = pb.ListEventsResponse(rev=seen.rev)
        if needs_body(call, seen.rev):
            response.events.json = seen.part("scene", "events")
        return response

    async def GetState(self, request: pb.GetStateRequest, call: Call) -> pb.GetStateResponse:
        """Answers with one state."""
        state, rev = await self._graph.state(call.api_caller, request.id, request.state_id)
        response = pb.GetStateResponse(state_id=request.state_id, rev=rev)
        if needs_body(call, rev):
            response.state.json = jsondoc.dumps(state)
        return response

    async def GetEvent(self, request: pb.GetEventRequest, call: Call) -> pb.GetEventResponse:
        """Answers with one event."""
        event, rev = await self._graph.event(call.api_caller, request.id, request.event_name)
        response = pb.GetEventResponse(rev=rev)
        if needs_body(call, rev):
            response.event.json = jsondoc.dumps(event)
        return response

    async def DrawGraph(self, request: pb.DrawGraphRequest, call: Call) -> pb.DrawGraphResponse:
        """Answers with a picture of the graph."""
        seen = await self._graph.scene(call.api_caller, request.id)
        response = pb.DrawGraphResponse(rev=seen.rev)
        if needs_body(call, seen.rev):
            response.svg = self._graph.picture(seen)
            if call.is_rest:
                call.response_headers.update(_OF_A_PICTURE)
        return response

    async def CreateState(
        self, request: pb.CreateStateRequest, call: Call, expected: Precondition | None
    ) -> pb.CreateStateResponse:
        """Adds a state."""
        state, expected = members(request.state.json, expected)
        op = {"op": "add_state", "state": state}
        edited = await self._graph.apply(call.api_caller, request.id, op, expected)
        return answered(pb.CreateStateResponse(state_id=edited.change.name or ""), edited)

    async def UpdateState(
        self, request: pb.UpdateStateRequest, call: Call, expected: Precondition | None
    ) -> pb.UpdateStateResponse:
        """Replaces members of a state."""
        patch, expected = patched(request, expected)
        op = {"op": "update_state", "id": request.state_id, "patch": patch}
        edited = await self._graph.apply(call.api_caller, request.id, op, expected)
        return answered(pb.UpdateStateResponse(), edited)

    async def DeleteState(
        self, request: pb.DeleteStateRequest, call: Call, expected: Precondition | None
    ) -> pb.DeleteStateResponse:
        """Removes a state."""
        op = {"op": "delete_state", "id": request.state_id}
        edited = await self._graph.apply(call.api_caller, request.id, op, expected)
        return answered(pb.DeleteStateResponse(), edited)

    async def CreateEvent(
        self, request: pb.CreateEventRequest, call: Call, expected: Precondition | None
    ) -> pb.CreateEventResponse:
        """Adds an event."""
        event, expected = members(request.event.json, expected)
        op = {"op": "add_event", "event": event}
        edited = await self._graph.apply(call.api_caller, request.id, op, expected)
        return answered(pb.CreateEventResponse(event_name=edited.change.name or ""), edited)

    async def UpdateEvent(
        self, request: pb.UpdateEventRequest, call: Call, expected: Precondition | None
    ) -> pb.UpdateEventResponse:
        """Replaces members of an event."""
        patch, expected = patched(request, expected)
        op = {"op": "update_event", "name": request.event_name, "patch": patch}
        edited = await self._graph.apply(call.api_caller, request.id, op, expected)
        return answered(pb.UpdateEventResponse(), edited)

    async def DeleteEvent(
        self, request: pb.DeleteEventRequest, call: Call, expected: Precondition | None
    ) -> pb.DeleteEventResponse:
        """Removes an event."""
        op = {"op": "delete_event", "name": request.event_name}
        edited = await self._graph.apply(call.api_caller, request.id, op, expected)
        return answered(pb.DeleteEventResponse(), edited)

    async def SetEntrance(
        self, request: pb.SetEntranceRequest, call: Call, expected: Precondition | None
    ) -> pb.SetEntranceResponse:
        """Points the entrance at a state."""
        edited = await self._graph.set_entrance(
            call.api_caller,
            request.id,
            state=request.state,
            image=image_from(request.image) if request.HasField("image") else None,
            expected=expected,
        )
        return answered(pb.SetEntranceResponse(), edited)

    async def ApplyOps(
        self, request: pb.ApplyOpsRequest, call: Call, expected: Precondition | None
    ) -> pb.ApplyOpsResponse:
        """Applies a batch as one write."""
        batch = jsondoc.loads(request.ops.json)
        edited = await self._graph.apply_all(call.api_caller, request.id, batch, expected)
        return answered(pb.ApplyOpsResponse(apply_errors=edited.change.errors), edited)

    async def ValidateGraph(
        self, request: pb.ValidateGraphRequest, call: Call
    ) -> pb.ValidateGraphResponse:
        """Passes a world through the gate."""
        world, advice = await self._graph.validate(call.api_caller, request.id, given(request))
        return pb.ValidateGraphResponse(
            ok=True, world=document(world), diagnostics=map(diagnostic_message, advice)
        )

    async def LintGraph(self, request: pb.LintGraphRequest, call: Call) -> pb.LintGraphResponse:
        """Answers with all findings."""
        examined = await self._graph.lint(call.api_caller, request.id, given(request))
        counts = examined.counts  # also of what is not listed
        return pb.LintGraphResponse(
            ok=not counts[Severity.ERROR],
            diagnostics=map(diagnostic_message, examined.findings),
            counts=pb.DiagnosticCounts(
                error=counts[Severity.ERROR],
                warning=counts[Severity.WARNING],
                info=counts[Severity.INFO],
            ),
            prompt_budget=PROMPT_BUDGET,
        )


def members(
    text: bytes, expected: Precondition | None, *, is_patch: bool = False
) -> tuple[dict[str, Any], Precondition | None]:
    """Reads a state, an event or a patch, and the assertion that may stand among its members."""
    value = jsondoc.loads(text)
    if not isinstance(value, dict):
        raise MalformedRequest
    if is_patch:
        value = unwrapped(value, is_document=True)
    rev = value.pop("expectedRev", None)
    if rev is None:
        return value, expected
    if not isinstance(rev, str):
        raise InvalidField("expectedRev must be a string")
    return value, (expected or ANYTHING).narrowed(rev)


def patched(
    request: Any, expected: Precondition | None
) -> tuple[dict[str, Any], Precondition | None]:
    """Reads a patch of a state or an event, and the assertion that may stand among its members."""
    patch, expected = members(request.patch.json, expected, is_patch=True)
    if not patch:
        raise InvalidField("nothing to change: the patch names no member")
    return patch, expected


def given(request: Any) -> bytes | None:
    """The world that a request brings along, under either name."""
    for name in ("world", "data"):
        if request.HasField(name):
            text: bytes = getattr(request, name).json
            return text
    return None


def image_from(message: entrance_pb2.EntranceImage) -> dict[str, Any]:
    """A picture as a document has it; an absent label stays absent."""
    image: dict[str, Any] = {"src": message.src}
    if message.HasField("label"):
        image["label"] = message.label
    return image


def entrance_message(seen: VisibleDocument) -> entrance_pb2.Entrance:
    """The typed form of a document's entrance, with the document itself."""
    value = seen.value["entrance"]
    message = entrance_pb2.Entrance(state=value["state"], document=document(seen.part("entrance")))
    image = value.get("image")
    if isinstance(image, dict):
        message.image.src = image["src"]
        if isinstance(image.get("label"), str):
            message.image.label = image["label"]
    return message


def answered(response: R, written: Written[Any]) -> R:
    """Fills in what every graph write answers with.

    In place: as an argument of a constructor a document of 170 KB would be copied twice, in 160 µs.
    """
    result: graph_pb2.GraphWriteResult = response.result
    result.rev = written.world.rev
    result.diagnostics.extend([diagnostic_message(item) for item in written.advice])
    result.world.json = written.world.text
    return response
