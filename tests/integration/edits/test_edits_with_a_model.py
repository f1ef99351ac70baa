"""Edits in words by a model at an endpoint of OpenAI's API, which the settings name: the whole way."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace

import pytest

from conjure.app import serving
from conjure.core.errors import Reason
from conjure.settings import EditorSettings, QueueSettings, ServerSettings, Settings
from support.editors import ScriptedEditor, edits_of
from support.model import Hang, Raw, Reply, ToolUse
from support.rpc import refused
from support.stack import store_settings
from support.until import until


@pytest.fixture(scope="module")
async def port(usual_stack, running):
    settings = replace(
        Settings.from_environment(),
        store=store_settings(usual_stack.store_url),
        server=ServerSettings(drain_pause_s=0.0, drain_s=0.2),
        queue=QueueSettings(inline=False),
        editor=EditorSettings(provider="openai", model="a-model", url=running.url, most_s=2.0),
    )
    async with serving(settings, port=0) as (_, port):
        yield port


@pytest.fixture
async def edits(port, app):
    async with edits_of(port, ScriptedEditor(), app.secret) as mine:
        yield mine


async def test_a_model_edits(edits, model):
    world_id = await edits.caller.new_world()
    model.answers = [
        Reply(
            tool_calls=(
                ToolUse("rename_state", {"state": "cellar", "to": "vault"}),
                ToolUse("done", {"reply": "The cellar is a vault now."}),
            )
        )
    ]
    edited = await edits.edit(world_id, "Rename the cellar to vault")

    assert edited.reply == "The cellar is a vault now."
    scene = json.loads(edited.world.json)["scene"]
    assert scene["states"].keys() == {"hall", "vault"}
    assert [event["to"] for event in scene["events"]] == ["vault", "hall"]
    assert (await edits.caller.world(world_id)).rev == edited.rev
    assert await edits.caller.used("edit") == 1


async def test_what_nobody_asked_for_is_not_stored(edits, model):
    world_id = await edits.caller.new_world()
    before = (await edits.caller.world(world_id)).rev
    model.answers = [
        Reply(
            tool_calls=(
                ToolUse("delete_event", {"name": "Go down"}),
                ToolUse("delete_event", {"name": "Go up"}),
                ToolUse("delete_state", {"id": "cellar"}),
                ToolUse("done", {"reply": "All is gone."}),
            )
        )
    ]
    edited = await edits.edit(world_id, "Light the hall with one lamp")

    assert "remove the state 'cellar'" in edited.reply
    assert edited.rev == before


async def test_a_model_that_fails_is_503_and_costs_nothing(edits, model):
    world_id = await edits.caller.new_world()
    model.answers = lambda _: Raw(500, {"error": {"message": "the key sk-secret"}})

    refusal = await refused(edits.edit(world_id, "Light the hall"), Reason.EDITOR_UNAVAILABLE)

    assert "secret" not in str(refusal)
    assert await edits.caller.used("edit") == 0


async def test_who_hangs_up_ends_the_models_work(edits, model):
    world_id = await edits.caller.new_world()
    model.answers = [Hang()]
    call = edits.edit(world_id, "Light the hall")
    await until(lambda: model.chats)

    call.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await call

    await until(lambda: model.chats[0].left)
    assert await edits.caller.used("edit") == 0
