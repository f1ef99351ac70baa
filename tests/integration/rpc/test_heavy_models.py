"""Calls that may wait for a model, and heavy workers, which never do: they have one call at a time."""

from __future__ import annotations

from itertools import pairwise

import grpc
import pytest

from conjure.core.errors import Reason
from conjure.v1 import edit_service_pb2 as edit_pb
from conjure.v1 import vision_service_pb2 as vision_pb
from conjure.v1 import world_service_pb2 as world_pb
from conjure.v1.edit_service_pb2_grpc import EditServiceStub
from conjure.v1.vision_service_pb2_grpc import VisionServiceStub
from support.heavy import HEAVY, running_heavy_server
from support.model import Reply, ToolUse
from support.pictures import encoded, in_base64
from support.receiver import Receiver
from support.rpc import TIMEOUT_S, client, metadata, read_refusal
from support.scrape import Moves
from support.worlds import prose_world, small_world

HEAVY_TEXT = "{" * 3_500
"""A text that is heavy: it may be anything."""


@pytest.fixture(scope="module")
async def server(stack, running, tmp_path_factory):
    environment = {"CONJURE_OPENAI_URL": running.url, "CONJURE_AUTHOR_FRAME_ALLOW_PRIVATE": "true"}
    for section in ("AUTHOR", "EDITOR", "VISION", "PICTURES"):
        environment[f"CONJURE_{section}_PROVIDER"] = "openai"
        environment[f"CONJURE_{section}_MODEL"] = "a-model"
    directory = tmp_path_factory.mktemp("heavy-models")
    async with running_heavy_server(directory, stack.store_url, environment) as heavy:
        yield heavy


@pytest.fixture
async def caller(server, app):
    async with client(server.port, app.secret) as opened:
        yield opened


async def reason_of(call):
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await call
    return read_refusal(refusal.value).reason


async def test_what_is_heavy_never_comes_to_a_model(caller, model):
    """It is refused in words, and costs nothing."""
    frame = in_base64(encoded())
    world_id = await caller.new_world()
    heavy_id = (await caller.create(prose_world(HEAVY))).world_id
    vision, edits = VisionServiceStub(caller.channel), EditServiceStub(caller.channel)
    sent = {"metadata": metadata(caller.key), "timeout": TIMEOUT_S}
    async with Receiver() as site:
        too_large = (
            caller.generate(HEAVY_TEXT),
            caller.worlds.CreateWorld(
                world_pb.CreateWorldRequest(premise=HEAVY_TEXT, frame_url=site.url("/a.png")),
                **sent,
            ),
            vision.Perceive(
                vision_pb.PerceiveRequest(frame_b64=frame, room_description=HEAVY_TEXT), **sent
            ),
            vision.DrawSeedFrame(vision_pb.DrawSeedFrameRequest(prompt=HEAVY_TEXT), **sent),
        )
        assert [await reason_of(call) for call in too_large] == [Reason.PAYLOAD_TOO_LARGE] * 4
        assert site.connections == 0
    inapplicable = (
        edits.EditWorld(edit_pb.EditWorldRequest(id=world_id, instruction=HEAVY_TEXT), **sent),
        edits.EditWorld(edit_pb.EditWorldRequest(id=heavy_id, instruction="Light it"), **sent),
        edits.WatchEdit(
            edit_pb.WatchEditRequest(id=heavy_id, instruction="Light it"), **sent
        ).read(),
    )
    assert [await reason_of(call) for call in inapplicable] == [Reason.INAPPLICABLE_EDIT] * 3
    assert not model.calls
    used = [await caller.used(unit) for unit in ("generation", "edit", "image")]
    assert used == [2, 0, 0]


async def test_a_world_that_is_long_and_light_is_edited_at_the_first_try(caller, model):
    """Saving it takes longer than reading it; what the model has said is not thrown away for that."""
    world_id = (await caller.create(small_world(cover="A" * 9_000))).world_id
    for place in ("vault", "crypt"):  # the second one is packed against the first
        rename = {"state": "cellar" if place == "vault" else "vault", "to": place}
        done = ToolUse("done", {"reply": "So it is."})
        model.answers = [Reply(tool_calls=(ToolUse("rename_state", rename), done))]
        edited = await EditServiceStub(caller.channel).EditWorld(
            edit_pb.EditWorldRequest(id=world_id, instruction=f"Call the cellar {place}"),
            metadata=metadata(caller.key),
            timeout=TIMEOUT_S,
        )
        assert edited.reply == "So it is."
    assert len(model.chats) == 2


async def test_an_import_is_weighed_by_its_length_too(server, caller):
    """A picture beside a premise is only decoded; a document is checked, hashed, searched and packed."""
    moves = await Moves.since_now(server.metrics_url)
    await caller.create(small_world(cover="A" * 30_000))
    await moves.now()
    assert moves.of("conjure_heavy_work_seconds_count") == 1


async def test_an_edit_that_touches_much_is_applied_by_a_heavy_worker(stack, app, tmp_path):
    """A world that names one place often is light, and each renaming goes through all of it."""
    world = small_world()
    world["scene"]["events"][0]["from"] = ["hall"] * 13_000
    places = ["hall", "loft", "attic", "porch", "store", "study"]
    said = ". ".join(f"Rename {old} to {new}" for old, new in pairwise(places))
    environment = {"CONJURE_HEAVY_DOCUMENT_BYTES": "1000000"}
    async with (
        running_heavy_server(tmp_path, stack.store_url, environment) as server,
        client(server.port, app.secret) as caller,
    ):
        world_id = (await caller.create(world)).world_id
        moves = await Moves.since_now(server.metrics_url)
        edited = await EditServiceStub(caller.channel).EditWorld(
            edit_pb.EditWorldRequest(id=world_id, instruction=said),
            metadata=metadata(caller.key),
            timeout=TIMEOUT_S,
        )
        assert edited.reply.count("Renamed") == 5
        await moves.now()
        assert moves.of("conjure_heavy_work_seconds_count") == 1
