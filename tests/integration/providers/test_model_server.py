"""The server that plays a model keeps to the protocol where it should, and nowhere else."""

from __future__ import annotations

import asyncio
import json
import threading

import jsonschema
import pytest

from conjure.providers.http import OutboundClient, OutboundError
from support.model import (
    Endpoint,
    Held,
    Raw,
    Reply,
    ToolUse,
    misbehave,
    sample,
    structured,
    text,
)  # fmt: skip
from support.until import until

SCHEMA = {
    "type": "object",
    "required": ["name", "kind", "places", "id", "level", "either"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 40, "maxLength": 60},
        "kind": {"enum": ["win", "lose"]},
        "places": {"type": "array", "minItems": 3, "items": {"$ref": "#/$defs/place"}},
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "minLength": 3},
        "level": {"type": "integer", "minimum": 3, "maximum": 4},
        "either": {"anyOf": [{"type": "null"}, {"type": "string"}]},
    },
    "$defs": {"place": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
}  # fmt: skip
ASKS = {
    "model": "a-model",
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Write."}]}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "plan", "schema": SCHEMA}},
}
TOOL = {"type": "function", "function": {"name": "plan", "parameters": SCHEMA}}


@pytest.fixture
def server(model):
    return model


@pytest.fixture
async def client():
    async with OutboundClient(
        "model", timeout_s=10.0, max_concurrent=4, max_response_bytes=1_000_000
    ) as client:
        yield client


async def ask(client, server, body):
    answer = await client.post_json(f"{server.url}/chat/completions", body)
    assert answer.status == 200, answer
    return json.loads(answer.body)["choices"][0]["message"]


async def test_a_good_model_satisfies_the_schema_of_each_form(client, server):
    """A format, a forced tool, and words: the answer stands where each has it."""
    jsonschema.validate(json.loads((await ask(client, server, ASKS))["content"]), SCHEMA)
    plain = {"messages": ASKS["messages"]}
    forced = {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "plan"}}}
    (used,) = (await ask(client, server, plain | forced))["tool_calls"]
    assert used["function"]["name"] == "plan"
    jsonschema.validate(json.loads(used["function"]["arguments"]), SCHEMA)
    words = {"messages": [{"role": "user", "content": f"Answer with JSON: {json.dumps(SCHEMA)}."}]}
    jsonschema.validate(json.loads((await ask(client, server, words))["content"]), SCHEMA)
    assert server.chats[0].texts == ["Write."]
    assert server.chats[0].body == ASKS


async def test_a_script_is_played_in_turn_and_then_the_good_model(client, server):
    server.answers = [text("one"), lambda call: structured({"heard": call.text}, call), Raw(418)]
    assert (await ask(client, server, ASKS))["content"] == "one"
    assert json.loads((await ask(client, server, ASKS))["content"]) == {"heard": "Write."}
    assert (await client.post_json(f"{server.url}/chat/completions", ASKS)).status == 418
    assert (await ask(client, server, {"messages": []}))["content"] == "All is done."
    server.answers = lambda _: Reply(tool_calls=(ToolUse("a", {}), ToolUse("b", "no JSON")))
    called = (await ask(client, server, ASKS))["tool_calls"]
    assert [one["function"]["arguments"] for one in called] == ["{}", "no JSON"]
    assert len({one["id"] for one in called}) == 2


@pytest.mark.parametrize("name", [*misbehave.WORDS, *misbehave.TRANSPORT])
async def test_each_misbehaviour_is_one(name, client, server):
    """None is the good answer by accident, and all leave the server well."""
    good = await ask(client, server, ASKS)
    server.answers = [{**misbehave.WORDS, **misbehave.TRANSPORT}[name]]
    try:
        answer = await client.post_json(f"{server.url}/chat/completions", ASKS)
        said = json.loads(answer.body)["choices"][0]["message"]
    except (OutboundError, ValueError, LookupError, TypeError):
        said = None
    assert said != good or name in ("slow", "dripping", "no_usage", "negative_usage")
    assert await ask(client, server, ASKS)


@pytest.mark.parametrize(
    ("lacking", "asked"),
    [
        ({"json_schema": False}, {}),
        ({"json_object": False}, {"response_format": {"type": "json_object"}}),
        ({"tools": False}, {"tools": [TOOL]}),
        ({"tool_choice": False}, {"tools": [TOOL], "tool_choice": "required"}),
        ({"max_tokens": False}, {"max_tokens": 5}),
        ({"max_completion_tokens": False}, {"max_completion_tokens": 5}),
        ({"temperature": False}, {"temperature": 0.5}),
        ({"seed": False}, {"seed": 5}),
        ({"strict_schemas": True}, {}),
        ({"key": "sk-1"}, {}),
        (
            {"images": False},
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
        ),
    ],
)  # fmt: skip
async def test_an_endpoint_refuses_what_it_does_not_know(lacking, asked, client, server):
    address = f"{server.url}/chat/completions"
    assert (await client.post_json(address, ASKS | asked)).status == 200
    server.endpoint = Endpoint(**lacking)
    answer = await client.post_json(address, ASKS | asked)
    assert 400 <= answer.status <= 500
    assert json.loads(answer.body)


async def test_who_hangs_up_is_seen(client, server):
    event = threading.Event()
    server.answers = [Held(event)]
    asking = asyncio.create_task(ask(client, server, ASKS))
    await until(lambda: len(server.calls) == 1)
    asking.cancel()
    await until(lambda: server.calls[0].left)
    event.set()


async def test_pictures_come_as_bytes_and_by_address(client, server):
    async def draw(**body):
        answer = await client.post_json(f"{server.url}/images/generations", {"prompt": "x", **body})
        return json.loads(answer.body)["data"][0]

    assert list(await draw()) == ["b64_json"]
    url = (await draw(response_format="url"))["url"]
    assert (await client.get(url)).body == server.image
    models = json.loads((await client.get(f"{server.url}/models")).body)
    assert [one["id"] for one in models["data"]] == ["a-model"]


@pytest.mark.parametrize(
    "schema",
    [
        True, {"type": ["string", "null"]}, {"const": 7}, {"type": "number", "exclusiveMinimum": 0},
        {"type": "integer", "minimum": 5, "multipleOf": 4}, {"type": "boolean"}, {"type": "null"},
        {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {"type": "integer"}}}]},
        {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"enum": ["x", "y", "z"]}},
        {"type": "array", "minItems": 3, "uniqueItems": True, "items": {"type": "string", "maxLength": 6}},
        {"type": "object", "minProperties": 1, "properties": {"a": {"type": "string"}}},
    ],
)  # fmt: skip
def test_samples_satisfy_their_schemas(schema):
    jsonschema.validate(sample(schema), schema)
