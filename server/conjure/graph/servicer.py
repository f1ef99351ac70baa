"""conjure.v1.GraphService."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjure.core import jsondoc
from conjure.core.preconditions import is_unmodified
from conjure.rpc.messages import diagnostic_message, document
from conjure.v1 import entrance_pb2, graph_pb2
from conjure.v1 import graph_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.graph.service import Edited, GraphService
    from conjure.rpc.call import Call


class GraphServicer:
    """proto ↔ graph."""

    def __init__(self, graph: GraphService) -> None:
        self._graph = graph

    async def GetScene(self, request: pb.GetSceneRequest, call: Call) -> pb.GetSceneResponse:
        """Answers with states, events, entrance and revision."""
        _, snapshot = await self._graph.scene(call.tenant, request.id)
        response = pb.GetSceneResponse(rev=snapshot.rev)
        if is_unmodified(call.headers.get("if-none-match"), snapshot.rev):
            call.not_modified = True
            return response
        response.states.json = snapshot.part("scene", "states")
        response.events.json = snapshot.part("scene", "events")
        response.entrance.CopyFrom(entrance_message(snapshot.value["entrance"]))
        return response

    async def SetEntrance(
        self, request: pb.SetEntranceRequest, call: Call
    ) -> pb.SetEntranceResponse:
        """Points the entrance at a state."""
        edited = await self._graph.set_entrance(
            call.tenant,
            request.id,
            state=request.state,
            image=image_from(request.image) if request.HasField("image") else None,
            expected=call.precondition(
                request.expected_rev if request.HasField("expected_rev") else None
            ),
        )
        return pb.SetEntranceResponse(result=write_result(edited))


def image_from(message: entrance_pb2.EntranceImage) -> dict[str, Any]:
    """A picture as a document has it; an absent label stays absent."""
    image: dict[str, Any] = {"src": message.src}
    if message.HasField("label"):
        image["label"] = message.label
    return image


def entrance_message(value: dict[str, Any]) -> entrance_pb2.Entrance:
    """The typed form of a document's entrance, with the document itself."""
    message = entrance_pb2.Entrance(state=value["state"], document=document(jsondoc.dumps(value)))
    image = value.get("image")
    if isinstance(image, dict):
        message.image.src = image["src"]
        if isinstance(image.get("label"), str):
            message.image.label = image["label"]
    return message


def write_result(edited: Edited) -> graph_pb2.GraphWriteResult:
    """What every graph write answers with."""
    return graph_pb2.GraphWriteResult(
        world=document(edited.snapshot.text),
        diagnostics=[diagnostic_message(item) for item in edited.advice],
        rev=edited.snapshot.rev,
    )
