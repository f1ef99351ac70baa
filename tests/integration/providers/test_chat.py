"""The chat client, at a local server that plays a model and its endpoint, good and bad ones."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from conjure.core import metrics
from conjure.providers.openai.chat import Message, Tool, chat_model
from conjure.providers.openai.failures import (
    AnswerCut,
    AnswerUnfit,
    BudgetSpent,
    ImagesRefused,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from conjure.providers.openai.spending import Spending
from conjure.providers.pictures.port import Picture
from conjure.settings.models import AuthorSettings, OpenaiSettings
from support.model import Endpoint, Held, Raw, failure, misbehave, text, using
from support.until import until

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "minLength": 3, "maxLength": 40}},
    "required": ["name"],
    "additionalProperties": False,
}
MESSAGES = [Message("system", "Name it."), Message("user", '{"premise": "a secret premise"}')]
TOOLS = [Tool("add_state", "Adds a state.", SCHEMA)]
KEY = "a-secret-key"


@pytest.fixture
def server(model):
    return model


@contextlib.asynccontextmanager
async def model_at(server, **openai):
    port = AuthorSettings(provider="openai", model="a-model", url=server.url, api_key=KEY)
    async with chat_model(port, OpenaiSettings(**openai), label="chat-test") as model:
        yield model


def budget(**limits):
    return Spending(**{"most_calls": 40, "most_tokens": 100_000, "most_s": 60.0} | limits)


async def named(model, spending=None, messages=MESSAGES):
    return await model.object(
        messages, SCHEMA, name="naming", most_tokens=100, spending=spending or budget()
    )


async def test_a_schema_is_asked_for_and_its_object_returned(server):
    spending = budget()
    async with model_at(server) as model:
        assert set(await named(model, spending)) == {"name"}
    [call] = server.chats
    assert call.headers["authorization"] == f"Bearer {KEY}"
    assert call.body == {
        "model": "a-model",
        "messages": [
            {"role": "system", "content": "Name it."},
            {"role": "user", "content": '{"premise": "a secret premise"}'},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "naming", "strict": True, "schema": SCHEMA},
        },
        "max_tokens": 100,
    }
    assert spending.calls == 1
    assert spending.tokens_read > 0 < spending.tokens_written


@pytest.mark.parametrize(
    ("endpoint", "most"),
    [
        (Endpoint(strict_schemas=True), 1),
        (Endpoint(max_tokens=False), 2),
        (Endpoint(temperature=False), 2),
        (Endpoint(system_role=False), 2),
        (Endpoint(json_schema=False), 2),
        (Endpoint(json_schema=False, tools=False), 3),
        (Endpoint(json_schema=False, tool_choice=False), 3),
        (Endpoint(max_tokens=False, temperature=False, json_schema=False, tools=False), 5),
    ],
)
async def test_what_an_endpoint_can_do_is_found_out_once(server, endpoint, most):
    server.endpoint = endpoint
    async with model_at(server) as model:
        for _ in range(2):
            await model.object(
                MESSAGES, SCHEMA, name="naming", most_tokens=100, spending=budget(), temperature=0.5
            )
    assert len(server.chats) <= most + 1
    assert server.chats[-1].body.keys() == server.chats[-2].body.keys()


async def test_schemas_may_have_to_do_without_bounds(server):
    server.answers = lambda call: (
        failure(400, "Invalid schema for response_format: 'minLength' is not permitted.")
        if "minLength" in str(call.body)
        else call.good()
    )
    async with model_at(server) as model:
        for _ in range(2):
            assert await named(model)
    assert [call.format for call in server.chats] == ["json_schema"] * 3
    assert server.chats[-1].schema["properties"] == {"name": {"type": "string"}}


async def test_an_endpoint_that_changes_is_examined_again(server):
    async with model_at(server) as model:
        await named(model)
        server.endpoint = Endpoint(json_schema=False)
        await named(model)
        assert server.chats[-1].forced_tool == "naming"
        server.endpoint = Endpoint(tools=False)
        await named(model)
    assert server.chats[-1].format == "json_schema"


async def test_tools_that_are_not_there_are_described_in_words(server):
    server.endpoint = Endpoint(tools=False)
    server.answers = lambda _: text(
        '{"say": "so", "calls": [{"tool": "add_state", "arguments": {}}]}'
    )
    async with model_at(server) as model:
        first = await model.turn(MESSAGES, TOOLS, most_tokens=50, spending=budget())
        history = [
            *MESSAGES,
            first.message(),
            Message("tool", "done", tool_call_id=first.calls[0].id),
        ]
        await model.turn(history, TOOLS, most_tokens=50, spending=budget())
    assert (first.text, first.calls[0].name) == ("so", "add_state")
    assert [message["role"] for message in server.chats[-1].messages] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip


async def test_tools_that_an_endpoint_leaves_out_silently_are_described_in_words(server):
    """As llama.cpp does when a model's template has no place for them."""

    def answer(call):
        if call.tools or not call.format:
            return text("I see no tools.")
        return text(
            '{"calls": [{"tool": "add_state", "arguments": {"name": "hall"}}], "say": "so"}'
        )

    server.answers = answer
    async with model_at(server) as model:
        first = await model.turn(MESSAGES, TOOLS, most_tokens=50, spending=budget())
        assert (first.text, first.calls[0].arguments) == ("so", {"name": "hall"})
        assert [bool(call.tools) for call in server.chats] == [True, True, False]
        await model.turn(MESSAGES, TOOLS, most_tokens=50, spending=budget())
    assert len(server.chats) == 4
    [call] = server.chats[-1].schema["properties"]["calls"]["items"]["anyOf"]
    assert call["properties"] == {"tool": {"enum": ["add_state"]}, "arguments": SCHEMA}


async def test_a_model_that_has_called_a_tool_may_just_talk(server):
    server.answers = [text("Hello."), using("ready", {}), text("Well."), text("So.")]
    async with model_at(server) as model:
        said = [
            (await model.turn(MESSAGES, TOOLS, most_tokens=50, spending=budget())).text
            for _ in range(3)
        ]
    assert said == ["Hello.", "Well.", "So."]
    assert len(server.chats) == 4


async def test_words_do_without_a_schema_where_there_is_none(server):
    server.endpoint = Endpoint(tools=False, json_schema=False)
    server.answers = [text('{"say": "so", "calls": []}')]
    async with model_at(server) as model:
        assert (await model.turn(MESSAGES, TOOLS, most_tokens=50, spending=budget())).text == "so"
    assert server.chats[-1].format is None


async def test_a_turn_has_the_tools_and_their_results(server):
    server.answers = [using("add_state", {"name": "hall"}), text("All is done.")]
    async with model_at(server) as model:
        first = await model.turn(MESSAGES, TOOLS, most_tokens=50, spending=budget())
        result = Message("tool", "ok", tool_call_id=first.calls[0].id)
        last = await model.turn(
            [*MESSAGES, first.message(), result], TOOLS, most_tokens=50, spending=budget()
        )
    assert first.calls[0].arguments == {"name": "hall"}
    assert (last.text, last.calls) == ("All is done.", ())
    assert server.chats[-1].messages[-1]["tool_call_id"] == first.calls[0].id


ANSWERED = {"fenced", "in_prose", "after_thoughts", "negative_usage", "no_usage", "twice_json"}
ANSWERED |= {"duplicate_members", "tricks", "two_tools", "slow", "dripping"}
WAITED_FOR = {"too_many", "too_many_by_date", "too_many_oddly", "overloaded"}
KINDS = {
    "cut_json": AnswerCut,
    "refused": ModelRefused,
    "filtered": ModelRefused,
    "prose": AnswerUnfit,
    "other_json": AnswerUnfit,
    "bad_arguments": AnswerUnfit,
    "too_many_for_long": ModelUnavailable,
    "huge": ModelUnavailable,
    "endless": ModelUnavailable,
    "garbage": ModelUnavailable,
    "redirected": ModelUnavailable,
    "cut_in_body": ModelUnavailable,
    "bad_gateway": ModelUnavailable,
    "page": ModelUnavailable,
}


@pytest.mark.parametrize("name", [*misbehave.WORDS, *misbehave.TRANSPORT])
async def test_whatever_is_said_the_answer_is_fit_or_there_is_none(server, name):
    """And no error has a word of what was sent or said in it."""
    wrong = (misbehave.WORDS | misbehave.TRANSPORT)[name]
    server.answers = [wrong] if name in WAITED_FOR else [wrong] * 20
    async with model_at(server) as model:
        [said] = await asyncio.gather(named(model), return_exceptions=True)
    if isinstance(said, BaseException):
        assert name not in ANSWERED | WAITED_FOR
        assert isinstance(said, KINDS.get(name, ModelError))
        assert "secret" not in repr(said)
    else:
        assert name not in KINDS
        assert 3 <= len(said["name"]) <= 40
        assert not set(said["name"]) & set("\ud800\x00\u202e\ufeff\x1b")


@pytest.mark.parametrize("name", misbehave.WORDS)
async def test_whatever_a_turn_is_it_can_be_read(server, name):
    server.answers = [misbehave.WORDS[name]] * 20
    async with model_at(server) as model:
        with contextlib.suppress(ModelError):
            turn = await model.turn(MESSAGES, TOOLS, most_tokens=100, spending=budget())
            assert all(isinstance(call.arguments, dict | None) for call in turn.calls)


async def test_a_busy_endpoint_is_not_waited_for_beyond_the_time(server):
    server.answers = lambda _: Raw(429, headers={"retry-after": "30"})
    spending = budget(most_s=20.0)
    async with model_at(server) as model:
        with pytest.raises(ModelUnavailable):
            await named(model, spending)
    assert len(server.chats) == spending.calls == 1


async def test_pictures_that_are_not_taken_are_told_apart(server):
    server.endpoint = Endpoint(images=False)
    messages = [Message("user", "look", (Picture(server.image, "image/png"),))]
    async with model_at(server) as model:
        with pytest.raises(ImagesRefused):
            await named(model, messages=messages)
        server.endpoint = Endpoint()
        await named(model, messages=messages)
    assert server.chats[-1].images[0].startswith("data:image/png;base64,")


async def test_requests_that_are_not_taken_open_no_circuit(server):
    """llama.cpp says with 500 that it takes no pictures: who sends some would end everybody's calls."""
    refusal = failure(
        500, "image input is not supported - hint: you may need to provide the mmproj"
    )
    server.answers = [refusal] * 3
    messages = [Message("user", "look", (Picture(server.image, "image/png"),))]
    async with model_at(server, circuit_failures=2) as model:
        for _ in range(3):
            with pytest.raises(ImagesRefused):
                await named(model, messages=messages)
        assert await named(model)


async def test_the_budget_ends_before_anything_is_sent(server):
    async with model_at(server) as model:
        for spending in (budget(most_calls=0), budget(most_tokens=20), budget(most_s=0.0)):
            with pytest.raises(BudgetSpent):
                await named(model, spending)
    assert server.chats == []


async def test_the_time_ends_a_call_that_is_under_way(server):
    release = threading.Event()
    server.answers = lambda _: Held(release)
    async with model_at(server) as model:
        with pytest.raises(BudgetSpent):
            await named(model, budget(most_s=0.2))
        await until(lambda: server.chats[0].left)


async def test_a_caller_that_goes_away_ends_the_call(server):
    release = threading.Event()
    server.answers = lambda _: Held(release)
    abandoned = metrics.MODEL_CALLS.at("chat-test", "abandoned")
    before = abandoned.value
    async with model_at(server) as model:
        asking = asyncio.create_task(named(model))
        await until(lambda: server.chats)
        asking.cancel()
        await until(lambda: server.chats[0].left)
    assert abandoned.value == before + 1


async def test_a_model_that_thinks_before_it_answers_gets_more_room(server):
    server.answers = lambda call: (
        call.good() if call.body["max_tokens"] > 1_000 else text("", finish_reason="length")
    )
    async with model_at(server) as model:
        await named(model)
        await named(model)
    assert [call.body["max_tokens"] for call in server.chats] == [100, 400, 1_600, 1_600]


async def test_no_more_calls_are_under_way_than_may_be(server):
    server.answers = [misbehave.TRANSPORT["slow"]] * 6
    async with model_at(server, concurrent=2) as model:
        await asyncio.gather(*(named(model) for _ in range(6)))
    assert server.most_at_once == 2


async def test_the_key_of_one_endpoint_is_not_shown_to_another(server):
    port = AuthorSettings(provider="openai", model="a-model", url=server.url)
    async with chat_model(port, OpenaiSettings(api_key=KEY), label="chat-test") as model:
        await named(model)
    assert "authorization" not in server.chats[0].headers
