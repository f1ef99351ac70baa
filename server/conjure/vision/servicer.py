"""conjure.v1.VisionService."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from conjure.v1 import vision_pb2
from conjure.v1 import vision_service_pb2 as pb
from conjure.vision.requests import Label, SeedFrameRequest

if TYPE_CHECKING:
    from conjure.core.shares import Holder
    from conjure.rpc.call import Call
    from conjure.vision.creation import SeedFrames
    from conjure.vision.service import VisionService


class VisionServicer:
    """proto ↔ vision."""

    def __init__(self, vision: VisionService, seed_frames: SeedFrames) -> None:
        self._vision = vision
        self._seed_frames = seed_frames

    async def Perceive(self, request: pb.PerceiveRequest, call: Call) -> pb.PerceiveResponse:
        """Says what is to be seen."""
        seen = await self._vision.perceive(
            _holders(call),
            request.frame_b64,
            room_name=request.room_name if request.HasField("room_name") else None,
            room_description=(
                request.room_description if request.HasField("room_description") else None
            ),
        )
        return pb.PerceiveResponse(
            summary=seen.summary,
            visible=seen.visible,
            affordances=seen.affordances,
            exits=seen.exits,
        )

    async def GroundObjects(
        self, request: pb.GroundObjectsRequest, call: Call
    ) -> pb.GroundObjectsResponse:
        """Says where labels are."""
        labels = tuple(
            Label(item.label, item.choice_id if item.HasField("choice_id") else None)
            for item in request.labels
        )
        found = await self._vision.ground(_holders(call), request.frame_b64, labels)
        return pb.GroundObjectsResponse(
            hotspots=[
                vision_pb2.Hotspot(
                    label=spot.label,
                    bbox=spot.bbox,
                    confidence=spot.confidence,
                    choice_id=choice_id,
                )
                for spot, choice_id in found
            ]
        )

    async def DrawSeedFrame(
        self, request: pb.DrawSeedFrameRequest, call: Call
    ) -> pb.DrawSeedFrameResponse:
        """Draws a seed frame."""
        asked = SeedFrameRequest(
            prompt=request.prompt,
            pov=request.pov if request.HasField("pov") else None,
            mood=request.mood if request.HasField("mood") else None,
            style=request.style if request.HasField("style") else None,
        )
        made = await self._seed_frames.draw(
            call.tenant, asked, idempotency_key=call.idempotency_key
        )
        call.is_replayed = made.replayed
        return pb.DrawSeedFrameResponse(
            image_base64=base64.b64encode(made.picture.content).decode(),
            mime_type=made.picture.media_type,
            url=made.url,
            prompt=made.prompt,
            art_style=made.art_style,
        )


def _holders(call: Call) -> tuple[Holder, ...]:
    return (call.address, *call.api_caller.holders)
