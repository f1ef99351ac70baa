"""Worlds from a picture over gRPC: the same as over REST, with the reasons that programs read."""

from __future__ import annotations

import asyncio
import io
import json
import random
from dataclasses import replace

from PIL import Image

from conjure.app import serving
from conjure.core.errors import Reason
from conjure.providers.author import AuthorError
from conjure.settings import ServerSettings, Settings
from conjure.settings.serving import ShareSettings
from conjure.v1 import world_service_pb2 as world_pb
from support.assets import is_asset_url
from support.picture_files import data_url, landscape
from support.rpc import TIMEOUT_S, Client, client, metadata, refused
from support.stack import new_app, store_settings
from support.until import until


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


class Waiting:
    """An author that is never done until it may go on, and then fails."""

    def __init__(self):
        self.asked, self.may_go_on = 0, asyncio.Event()

    async def create_world(self, request, report=None):
        self.asked += 1
        await self.may_go_on.wait()
        raise AuthorError("as the test wants it")


async def test_large_pictures_that_wait_for_a_model_are_few_at_a_time(usual_stack, app):
    """Each is kept three times over as long as a world is written: 128 calls of one app were 4 GB."""
    noise = Image.frombytes("RGB", (600, 600), random.Random(1).randbytes(600 * 600 * 3))
    file = io.BytesIO()
    noise.save(file, "PNG")
    large = data_url(file.getvalue())
    author = Waiting()
    settings = replace(
        Settings.from_environment(),
        store=store_settings(usual_stack.store_url),
        server=ServerSettings(drain_pause_s=0.0, drain_s=0.2, max_inflight=80),
        shares=ShareSettings(address=0.0),
    )
    async with serving(settings, port=0, author=author) as (_, port):
        other = await new_app(usual_stack.admin)
        async with client(port, app.secret) as mine, client(port, other.secret) as theirs:

            def create(caller, frame):
                return asyncio.ensure_future(
                    caller.worlds.CreateWorld(
                        world_pb.CreateWorldRequest(frame_b64=frame),
                        metadata=metadata(caller.key),
                        timeout=TIMEOUT_S,
                    )
                )

            waiting = [create(mine, large) for _ in range(3)]
            await until(lambda: author.asked == 3)
            await refused(create(mine, large), Reason.OVER_SHARE)
            waiting += [create(mine, data_url(landscape())), create(theirs, large)]
            await until(lambda: author.asked == 5)
            author.may_go_on.set()
            for call in waiting:
                await refused(call, Reason.AUTHOR_UNAVAILABLE)
