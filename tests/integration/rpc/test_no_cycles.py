"""What a call leaves behind is freed at once: the garbage collector is tuned to come by seldom."""

from __future__ import annotations

import gc

from conjure.app import serving
from conjure.core.errors import AppError, Reason
from conjure.kernel.document import World
from conjure.rpc.call import Call
from conjure.settings import Settings
from support.rpc import client, refused
from support.stack import store_settings


async def test_a_refusal_keeps_nothing_alive(stack, app):
    """An error whose traceback has a frame that has the error kept the document that was refused."""
    settings = Settings(store=store_settings(stack.store_url))
    async with serving(settings, port=0) as (_, port), client(port, app.secret) as caller:
        world_id = await caller.new_world()

        async def refusals() -> None:
            for _ in range(10):
                await refused(caller.set_entrance(world_id, "nowhere"), Reason.KERNEL_REFUSED)
                await refused(caller.world("x" * 30), Reason.NOT_FOUND)

        await refusals()
        gc.collect()
        gc.disable()
        try:
            await refusals()
            gc.set_debug(gc.DEBUG_SAVEALL)
            gc.collect()
            left = [item for item in gc.garbage if isinstance(item, World)]
            calls = [item for item in gc.garbage if isinstance(item, Call)]
            left += [call for call in calls if call.raw or call.request_message is not None]
            # grpc's own circle has what we abort with; that must not have the rest.
            left += [
                item for item in gc.garbage if isinstance(item, AppError) and item.__traceback__
            ]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
    assert not left
