"""Pictures of states over gRPC: drawn once, remembered by their world, and gone with it (CONTRACT 6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.assets import is_asset_url
from support.plays import new_play
from support.rpc import Client

if TYPE_CHECKING:
    import grpc.aio

    from support.stack import TestApp


async def test_a_state_is_drawn_once_for_all(
    server_channel: grpc.aio.Channel, app: TestApp
) -> None:
    """Whoever plays it gets the same picture, at no cost where no model draws."""
    client = Client(server_channel, app.secret)
    play = await new_play(client)
    drawn = await play.picture()
    assert is_asset_url(drawn.url)
    assert drawn.mime_type == "image/svg+xml"
    other = await new_play(client, world_id=play.world_id)
    assert await other.picture() == drawn
    assert (await play.picture("cellar")).url != drawn.url
    assert await client.used("image") == 0
