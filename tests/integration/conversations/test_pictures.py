"""Pictures of a character over gRPC: drawn, or its base picture, and never an error (CONTRACT 5)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from typing import TYPE_CHECKING

import pytest

from conjure.core.errors import Reason
from support.assets import is_asset_url
from support.pictures import encoded, in_base64, opened
from support.rpc import Client, refused
from support.talks import Talk, character_world, new_talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import grpc.aio

    from support.stack import TestApp

DATA_URL = f"data:image/png;base64,{in_base64(encoded())}"


async def talk_with(client: Client, **members: object) -> Talk:
    """A talk with a character whose document has these members."""
    created = await client.create(character_world() | members)
    return await new_talk(client, character_id=created.world_id)


def entrance(src: str) -> dict[str, object]:
    return {"state": "calm", "image": {"src": src}}


@contextlib.asynccontextmanager
async def picture_server(content: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A host that has a picture; yields its URL and what was asked for."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(content)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + content)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/maren.png", asked


async def test_what_a_player_asks_for_is_drawn(
    server_channel: grpc.aio.Channel, app: TestApp
) -> None:
    """With a prompt it is a new picture, kept as an asset, for one `image`."""
    client = Client(server_channel, app.secret)
    talk = await talk_with(client, entrance=entrance(DATA_URL))
    drawn = await talk.draw("The keeper on the rocks at dawn.")
    assert is_asset_url(drawn.url)
    assert drawn.mime_type == "image/svg+xml"
    assert base64.b64decode(drawn.image_base64).startswith(b"<svg")
    assert await client.used("image") == 1
    await app.set_caps(image=1)
    base = await talk.draw("The same at night.")
    assert base == await talk.draw()
    assert await client.used("image") == 1
    await refused(talk.draw("x" * 2_001), Reason.INVALID_FIELD)


async def test_the_base_picture(server_channel: grpc.aio.Channel, app: TestApp) -> None:
    """Without a prompt it is the picture of the entrance, from wherever that is, free of charge."""
    client = Client(server_channel, app.secret)
    of_data = await (await talk_with(client, entrance=entrance(DATA_URL))).draw()
    assert of_data.mime_type == "image/jpeg"
    assert opened(base64.b64decode(of_data.image_base64)).size == (160, 90)
    assert is_asset_url(of_data.url)
    of_asset = await (await talk_with(client, entrance=entrance(of_data.url))).draw(" ")
    assert of_asset == of_data
    async with picture_server(encoded("WEBP")) as (url, asked):
        talk = await talk_with(client, entrance=entrance(url))
        found = await asyncio.gather(*(talk.draw() for _ in range(8)))
        assert len(asked) == 1
    assert all(one == found[0] for one in found)
    assert (found[0].url, found[0].mime_type) == (url, "image/jpeg")
    assert await client.used("image") == 0


@pytest.mark.parametrize(
    "src",
    [
        "https://127.0.0.1:1/nobody.png",
        "http://[",
        "ftp://example.com/x.png",
        "javascript:alert(1)",
        "data:image/png;base64,bm8gcGljdHVyZQ==",
        "data:,",
        f"https://assets.example/assets/{'0' * 64}.png",
        "/assets/" + "0" * 64 + ".png",
    ],
)
async def test_where_there_is_none_it_is_our_drawing(
    server_channel: grpc.aio.Channel, app: TestApp, src: str
) -> None:
    """A picture that cannot be had is no error: the cover is answered, else a drawing of ours."""
    client = Client(server_channel, app.secret)
    talk = await talk_with(client, entrance=entrance(src), cover=src)
    drawn = await talk.draw()
    assert drawn.mime_type == "image/svg+xml"
    assert is_asset_url(drawn.url)
    with_cover = await talk_with(client, entrance=entrance(src), cover=DATA_URL)
    assert (await with_cover.draw()).mime_type == "image/jpeg"
