"""Pictures of states that a model draws: what they cost, and what becomes of failures (CONTRACT 6.3)."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from conjure.core.errors import Reason
from conjure.store import keyspace
from support.model import Held, ModelServer, Raw, failure
from support.pictures import encoded, in_base64
from support.plays import new_play, played_world
from support.rpc import Client, refused
from support.rpc import client as rpc_client
from support.stack import running_server
from support.until import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import grpc.aio

    from support.plays import Play
    from support.stack import Stack, TestApp

MOST = 3
"""Pictures that a world remembers at these servers."""
DRAWN = "image/jpeg"
"""What the model draws, as it is kept."""

FAILED = failure(500, "The server had an error.")
DECLINED = failure(400, "Your request was rejected by the safety system.")


@pytest.fixture(scope="module")
async def ports(
    usual_stack: Stack, running: ModelServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[int, int]]:
    """Two servers with one model."""
    environment = {
        "CONJURE_OPENAI_URL": running.url,
        "CONJURE_OPENAI_CIRCUIT_FAILURES": "1000",
        "CONJURE_PICTURES_PROVIDER": "openai",
        "CONJURE_PICTURES_MODEL": "an-image-model",
        "CONJURE_PLAYER_PICTURES": str(MOST),
        "CONJURE_PLAYER_REDRAW_S": "3600",
    }

    def server(name: str) -> Path:
        return tmp_path_factory.mktemp(name)

    url = usual_stack.store_url
    async with (
        running_server(server("one"), url, environment) as (_, one),
        running_server(server("other"), url, environment) as (_, other),
    ):
        yield one, other


@pytest.fixture
async def both(ports: tuple[int, int], app: TestApp) -> AsyncIterator[tuple[Client, Client]]:
    async with rpc_client(ports[0], app.secret) as one, rpc_client(ports[1], app.secret) as other:
        yield one, other


def held(gate: threading.Event) -> Held:
    """A picture that comes when a test lets it."""
    image = {"b64_json": in_base64(encoded())}
    return Held(gate, Raw(200, {"data": [image]}, {"content-type": "application/json"}))


async def entries(stack: Stack, app: TestApp, play: Play) -> dict[bytes, bytes]:
    key = keyspace.pictures(app.tenant(), play.world_id)
    flat = await stack.admin.store.read("HGETALL", key)
    return dict(zip(flat[::2], flat[1::2], strict=True))


async def let_time_pass(stack: Stack, app: TestApp, play: Play) -> None:
    """As if the time were over for which no model is asked."""
    key = keyspace.pictures(app.tenant(), play.world_id)
    for name, entry in (await entries(stack, app, play)).items():
        made, again, rest = entry.split(b":")
        if again == b"0":  # a model's stays
            continue
        waited = int(again) - int(made)
        old = b"%d:%d:%s" % (1_000, 1_000 + waited, rest)
        await stack.admin.store.write("HSET", key, name, old)


async def test_a_picture_costs_one_unit_once(
    model: ModelServer, both: tuple[Client, Client]
) -> None:
    """Whoever asks, and wherever: the model is asked once, with the words of the world."""
    one, other = both
    play = await new_play(one)
    elsewhere = await new_play(other, world_id=play.world_id)
    first, *rest = await asyncio.gather(*(play.picture("out") for _ in range(6)))
    assert first.mime_type == DRAWN
    assert all(each == first for each in (*rest, await elsewhere.picture("out")))
    (call,) = model.calls
    asked = call.body["prompt"]
    for words in (
        "Open sky above the sea",
        "A diver in a yellow suit",
        "Style: ink and wash",
        "bright",
    ):
        assert words in asked
    assert "Two rooms" not in asked  # a title is no picture
    assert await one.used("image") == 1


async def test_two_servers_draw_at_once(
    stack: Stack, app: TestApp, model: ModelServer, both: tuple[Client, Client]
) -> None:
    """One picture is remembered and both answer it; each was drawn by a model, and so each is spent."""
    one, other = both
    gate = threading.Event()
    model.image_answers = [held(gate), held(gate)]
    play = await new_play(one)
    elsewhere = await new_play(other, world_id=play.world_id)
    asking = [asyncio.ensure_future(each.picture()) for each in (play, elsewhere)]
    await until(lambda: len(model.calls) == 2)
    gate.set()
    first, second = await asyncio.gather(*asking)
    assert first == second
    assert len(await entries(stack, app, play)) == 1
    await until_used(one, 2)


async def until_used(client: Client, units: int) -> None:
    """What is given back is given back beside the answer."""

    async def is_so() -> bool:
        return await client.used("image") == units

    await until(is_so)


@pytest.mark.parametrize("problem", [FAILED, DECLINED])
async def test_a_failure_is_our_drawing_and_not_tried_again_for_a_while(
    stack: Stack, app: TestApp, model: ModelServer, both: tuple[Client, Client], problem: object
) -> None:
    """Free of charge, at no server, and for a day when it was declined; then the model's takes its place."""
    one, other = both
    model.image_answers = [problem, FAILED]
    play = await new_play(one)
    ours = await play.picture()
    assert ours.mime_type == "image/svg+xml"
    elsewhere = await new_play(other, world_id=play.world_id)
    assert [await each.picture() for each in (play, elsewhere)] == [ours, ours]
    assert len(model.calls) == 1
    await until_used(one, 0)
    (entry,) = (await entries(stack, app, play)).values()
    made, again, _ = entry.split(b":")
    waits_s = 86_400 if problem is DECLINED else 3_600
    assert int(again) - int(made) == waits_s * 1000
    # It fails once more: then it is left alone for twice as long.
    await let_time_pass(stack, app, play)
    assert await elsewhere.picture() == ours
    (entry,) = (await entries(stack, app, play)).values()
    made, again, _ = entry.split(b":")
    assert int(again) - int(made) == min(2 * waits_s, 86_400) * 1000
    await let_time_pass(stack, app, play)
    drawn = await play.picture()
    assert drawn.mime_type == DRAWN
    await let_time_pass(stack, app, play)
    assert await elsewhere.picture() == drawn
    assert len(model.calls) == 3
    assert await one.used("image") == 1
    # The drawing of ours is named by nobody any more.
    counts = await stack.admin.store.read(
        "HGETALL", keyspace.asset_counts(app.tenant(), play.world_id)
    )
    assert len([name for name in counts[::2] if len(name) == 64]) == 1


async def test_over_the_quota_it_is_our_drawing(
    stack: Stack, app: TestApp, model: ModelServer, both: tuple[Client, Client]
) -> None:
    await app.set_caps(image=0)
    play = await new_play(both[0])
    ours = await play.picture()
    assert ours.mime_type == "image/svg+xml"
    assert await play.picture() == ours
    assert model.calls == []
    await app.set_caps(image=1)
    await let_time_pass(stack, app, play)
    assert (await play.picture()).mime_type == DRAWN


async def test_a_world_that_is_deleted_while_it_is_drawn_leaves_nothing(
    stack: Stack, app: TestApp, model: ModelServer, both: tuple[Client, Client]
) -> None:
    """Who asked is told that it is gone, and nothing is there. The model has drawn: that is spent."""
    one, _ = both
    gate = threading.Event()
    model.image_answers = [held(gate)]
    play = await new_play(one)
    asking = asyncio.ensure_future(play.picture())
    await until(lambda: len(model.calls) == 1)
    await one.delete_world(play.world_id)
    gate.set()
    await refused(asking, Reason.NOT_FOUND)
    await until_used(one, 1)
    store, tenant = stack.admin.store, app.tenant()
    for key in keyspace.of_world(tenant, play.world_id):
        assert not await store.read("EXISTS", key), key


async def test_who_leaves_leaves_a_picture(model: ModelServer, both: tuple[Client, Client]) -> None:
    """A model is not asked again because the first who asked did not wait."""
    gate = threading.Event()
    model.image_answers = [held(gate)]
    play = await new_play(both[0])
    leaving = play.picture()
    await until(lambda: len(model.calls) == 1)
    leaving.cancel()
    gate.set()
    assert (await play.picture()).mime_type == DRAWN
    assert len(model.calls) == 1
    assert await both[0].used("image") == 1


async def test_a_world_remembers_so_many(
    stack: Stack, app: TestApp, model: ModelServer, both: tuple[Client, Client]
) -> None:
    """What its prose has left behind goes first, then the oldest; what goes is named no more."""
    one, _ = both
    play = await new_play(one, played_world())
    urls = {state: (await play.picture(state)).url for state in ("hall", "cellar")}
    prose = {"base": "A hall that is under water."}
    await one.apply_ops(play.world_id, {"op": "update_state", "id": "cellar", "patch": prose})
    urls["cellar now"] = (await play.picture("cellar")).url
    assert len(await entries(stack, app, play)) == MOST
    await play.picture("out")
    assert (await play.picture("hall")).url == urls["hall"]
    assert len(model.calls) == 4
    await play.picture("lost")  # all are of the world: the oldest goes, which is the hall's
    assert len(await entries(stack, app, play)) == MOST
    assert len(model.calls) == 5
    counts = await stack.admin.store.read(
        "HGETALL", keyspace.asset_counts(app.tenant(), play.world_id)
    )
    named = dict(zip(counts[::2], counts[1::2], strict=True))
    assert sum(int(count) for name, count in named.items() if len(name) == 64) == MOST
    await play.picture("hall")
    assert len(model.calls) == 6


async def test_a_world_that_remembers_more_than_it_may_makes_room(
    stack: Stack, app: TestApp, server_channel: grpc.aio.Channel, both: tuple[Client, Client]
) -> None:
    """As after the setting was lowered: the oldest go at once, and nobody is refused a picture."""
    many = played_world()
    states = [f"more {at}" for at in range(MOST + 3)]
    many["scene"]["states"] |= {state: {"base": f"A room, {state}."} for state in states}
    play = await new_play(Client(server_channel, app.secret), many)
    for state in states:
        await play.picture(state)
    here = await new_play(both[0], world_id=play.world_id)
    assert (await here.picture("hall")).mime_type == DRAWN
    assert len(await entries(stack, app, play)) == MOST
