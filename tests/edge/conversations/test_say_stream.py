"""A turn that is told while it comes: Server-Sent Events and typed messages (CONTRACT 5)."""

from __future__ import annotations

import asyncio
import json

import pytest

from conjure.core.errors import Reason
from conjure.providers.brain import BrainError
from support.h2 import CANCEL, DATA, RST_STREAM, frame
from support.rest import assert_error, bearer, mint
from support.rpc import refused
from support.talks import STANCES, character_world
from support.until import until
from support.voices import rest_of


async def events(answer):
    """The events of a stream: of each its name and its data, of a comment its text."""
    async for block in _blocks(answer):
        if block.startswith(": "):
            yield "comment", block[2:]
        else:
            name, data = block.split("\n")
            assert name.startswith("event: ")
            assert data.startswith("data: ")
            yield name[7:], json.loads(data[6:])


async def _blocks(answer):
    text = ""
    async for piece in answer.aiter_text():
        text += piece
        *whole, text = text.split("\n\n")
        for block in whole:
            yield block
    assert not text


async def is_idle(place):
    await until(lambda: place.under_way == (0, 0))


async def test_a_delta_is_there_before_the_next_one_is_told(place, player):
    script = place.brain.scripts["Hello."]
    script.says("Good ")
    body = {"text": "Hello.", "currentStance": "glad"}
    async with player.streamed(player.say_stream, body) as answer:
        told = events(answer)
        assert await anext(told) == ("say", {"delta": "Good "})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert not answer.headers.keys() & {"content-length", "content-encoding", "grpc-status"}
        assert await anext(told) == ("comment", "keep-alive")
        assert await player.units("say") == (0, 1)
        script.says(*"evening, whoever you are. " * 20)
        script.ends()
        rest = [event async for event in told if event[0] != "comment"]
    name, last = rest.pop()
    assert name == "say"
    assert set(last) == {"turn"}
    turn = last["turn"]
    assert set(turn) == {"reply", "stance", "emotion", "affect", "action"}
    assert turn["stance"] == "glad"
    assert all(set(data) == {"delta"} for _, data in rest)
    assert "".join(data["delta"] for _, data in rest).strip() == turn["reply"][5:]
    assert len(rest) < 100  # tiny pieces go together
    await is_idle(place)
    assert await player.units("say") == (1, 0)


async def test_typed_messages(place, player):
    script = place.brain.scripts["Typed."]
    script.says("Good ")
    call = player.say("Typed.")
    assert (await call.read()).delta == "Good "
    script.says("evening.")
    script.ends()
    *deltas, last = await rest_of(call)
    assert "".join(message.delta for message in deltas) == "evening."
    assert (last.HasField("delta"), last.turn.reply) == (False, "Good evening.")
    assert last.turn.stance in STANCES
    assert await player.units("say") == (1, 0)


async def test_a_brain_that_tells_nothing_on_the_way(place, player):
    place.brain.scripts["Silent."].ends()
    answer = await player.post(player.say_stream, {"text": "Silent."})
    assert [name for name, _ in [event async for event in events(answer)] if name != "comment"] == [
        "say",
        "say",
    ]
    assert 'data: {"delta":"Nothing."}\n\n' in answer.text


async def test_what_is_refused_before_the_first_event(place, player, app):
    """An error with its status, as of `say`, and nothing is charged."""
    other = await place.player(app)
    place.brain.scripts["It fails."].fails(BrainError("a secret"))
    answer = await player.post(player.say_stream, {"text": "It fails."})
    assert "secret" not in assert_error(answer, 503)["detail"]
    assert int(answer.headers["retry-after"]) > 0
    assert_error(await player.post(other.say_stream, {"text": "Hello."}), 404)
    for wrong in ({"text": " "}, {"text": "x" * 2_001}, {"text": "x", "history": [{}]}, []):
        assert_error(await player.post(player.say_stream, wrong), 400)
    assert_error(await place.rest.post(player.say_stream, json={"text": "x"}), 401)
    for verb in ("GET", "HEAD"):
        answer = await place.rest.request(verb, player.say_stream, headers=player.headers)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    await app.set_caps(say=0)
    assert_error(await player.post(player.say_stream, {"text": "x"}), 402)
    await refused(player.say("x").read(), Reason.QUOTA_EXCEEDED)
    await is_idle(place)
    assert await player.units("say") == (0, 0)


async def test_a_brain_that_fails_after_the_first_event(place, player):
    """The last event is the error; the turn is not charged."""
    script = place.brain.scripts["Half."]
    script.says("Half of ")
    async with player.streamed(player.say_stream, {"text": "Half."}) as answer:
        told = events(answer)
        assert await anext(told) == ("say", {"delta": "Half of "})
        script.fails(BrainError("a secret"))
        *_, (name, error) = [event async for event in told]
    assert name == "end"
    assert set(error) == {"detail", "schemaVersion"}
    assert "secret" not in error["detail"]
    script.says("Half of ")
    call = player.say("Half.")
    await call.read()
    script.fails(BrainError("a secret"))
    await refused(call.read(), Reason.BRAIN_UNAVAILABLE)
    await is_idle(place)
    assert await player.units("say") == (0, 0)


@pytest.mark.parametrize("face", ["http1", "http2", "grpc"])
async def test_a_player_who_leaves_ends_the_turn(place, player, face):
    """It is charged for what was told: else whoever leaves before the end has replies for nothing."""
    script = place.brain.scripts[text := f"Left over {face}."]
    script.says("Half of ")
    if face == "grpc":
        call = player.say(text)
        await call.read()
        call.cancel()
    elif face == "http2":
        async with player.over_http2(player.say_stream, {"text": text}) as connection:
            await connection.until(DATA)
            await connection.send(frame(RST_STREAM, 0, 1, CANCEL.to_bytes(4, "big")))
            await script.left.wait()
    else:
        async with player.streamed(player.say_stream, {"text": text}) as answer:
            await anext(events(answer))
    await script.left.wait()
    await is_idle(place)

    async def is_charged():
        return await player.units("say") == (1, 0)

    await until(is_charged)


async def test_a_player_who_leaves_before_it_was_told_anything(place, player):
    """Nothing is charged."""
    script = place.brain.scripts["Nothing yet."]
    call = player.say("Nothing yet.")
    await script.asked.wait()
    call.cancel()
    await script.left.wait()
    await is_idle(place)

    async def is_given_back():
        return await player.units("say") == (0, 0)

    await until(is_given_back)


async def test_twenty_at_once(place, player):
    texts = [f"Number {number}." for number in range(20)]
    for text in texts:
        place.brain.scripts[text].says(text)
    calls = [player.say(text) for text in texts]
    assert [(await call.read()).delta for call in calls] == texts
    for text in texts:
        place.brain.scripts[text].ends()
    lasts = await asyncio.gather(*map(rest_of, calls))
    assert [last[-1].turn.reply for last in lasts] == texts
    assert await player.units("say") == (20, 0)
    await is_idle(place)


@pytest.mark.both_ways
async def test_a_real_server_tells_a_turn_by_either_way(rest, app):
    """Streams are gRPC by whichever way unary calls of edges come; the brain is the built-in one."""
    answer = await rest.post(
        "/v1/worlds", json={"world": character_world()}, headers=bearer(app.secret)
    )
    character_id = answer.json()["worldId"]
    token = (await mint(rest, app.secret, character_id))["token"]
    path, body = f"/v1/characters/{character_id}/say-stream", {"text": "Who are you?"}
    assert_error(await rest.post(path, json=body), 401)
    answer = await rest.post(path, json=body | {"token": token})
    assert answer.status_code == 200
    told = [data async for name, data in events(answer) if name == "say"]
    assert told[-1]["turn"]["reply"].startswith(told[0]["delta"].rstrip())
    answer = await rest.post(path.replace("say-stream", "tts"), json=body, headers=bearer(token))
    assert_error(answer, 503)  # it has no voice
