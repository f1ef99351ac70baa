"""Worlds from a picture over gRPC: the same as over REST, with the reasons that programs read."""

from __future__ import annotations

import json

from conjure.core.errors import Reason
from conjure.v1 import world_service_pb2 as world_pb
from support.assets import is_asset_url
from support.picture_files import data_url, landscape
from support.rpc import TIMEOUT_S, Client, metadata, refused


async def test_a_picture_becomes_a_world_and_what_is_none_is_refused(server_channel, app):
    client = Client(server_channel, app.secret)

    def create(key="k", **fields):
        return client.worlds.CreateWorld(
            world_pb.CreateWorldRequest(**fields),
            metadata=metadata(client.key, idempotency_key=key),
            timeout=TIMEOUT_S,
        )

    made = await create(frame_b64=data_url(landscape()))
    assert made.ok
    assert is_asset_url(made.cover)
    world = json.loads((await client.world(made.world_id)).document.json)
    assert world["entrance"]["image"]["src"] == world["cover"] == made.cover
    assert (await create(frame_b64=data_url(landscape()))).world_id == made.world_id

    refusal = await refused(create("b", frame_b64="%"), Reason.UNPROCESSABLE_CREATION)
    assert list(refusal.error.errors) == ["frame_b64 must be base64, or a data URL of it"]
    both = create("c", frame_b64="%", frame_url="https://example.com/")
    refusal = await refused(both, Reason.UNPROCESSABLE_CREATION)
    assert len(refusal.error.errors) == 2
