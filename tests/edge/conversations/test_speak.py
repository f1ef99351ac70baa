"""A character speaks: audio from the first piece on, over both faces (CONTRACT 5)."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from conjure.core.errors import Reason
from conjure.providers.voice import VoiceError
from support.h2 import CANCEL, DATA, RST_STREAM, frame
from support.rest import assert_error
from support.rpc import refused
from support.until import until
from support.voices import rest_of

FACES = ("http1", "http2", "grpc")


async def is_idle(place):
    await until(lambda: place.under_way == (0, 0))


async def settled(player, spent):
    """Waits until nothing is held: what was to be given back has been. So much was spent."""

    async def is_settled():
        return (await player.units("tts"))[1] == 0

    await until(is_settled)
    assert await player.units("tts") == (spent, 0)


async def test_the_first_byte_is_there_before_the_last_is_made(place, player):
    script = place.voice.scripts["Come in."]
    script.says(b"one")
    async with player.streamed(player.tts, {"text": "Come in.", "style": 0.25}) as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"one"
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "audio/mpeg"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["x-request-id"]
        assert not answer.headers.keys() & {"content-length", "content-encoding", "grpc-status"}
        assert await player.owner.used("tts") == 1
        script.says(b"two", b"", b"three" * 100_000)
        script.ends()
        assert b"".join([piece async for piece in pieces]) == b"two" + b"three" * 100_000
    assert (script.request.voice_id, script.request.style) == ("alto-1", 0.25)
    assert script.left.is_set()
    await is_idle(place)
    assert await player.owner.used("tts") == 1


async def test_a_token_in_the_body_and_typed_messages(place, player, app):
    other = await place.player(app)
    script = place.voice.scripts["Typed."]
    script.says(b"one")
    call = player.speak("Typed.")
    assert (await call.read()).content == b"one"
    script.says(b"two" * 50_000)
    script.ends()
    assert b"".join([message.content for message in await rest_of(call)]) == b"two" * 50_000
    assert script.request.style == 0.5
    assert dict(await call.trailing_metadata())["x-request-id"]
    script = place.voice.scripts["By the body."]
    script.says(b"x")
    script.ends()
    body = {"text": "By the body.", "token": other.token}
    answer = await place.rest.post(other.tts, json=body)
    assert (answer.status_code, answer.content) == (200, b"x")
    assert script.request.voice_id == "of the settings"


async def test_what_is_refused_before_the_first_byte(place, player, app):
    """An error with its status in the contract's shape, and nothing is charged."""
    rest, owner = place.rest, player.owner
    other = await place.player(app)
    script = place.voice.scripts["It fails."]
    for error in (VoiceError("a secret"), None):
        script.fails(error) if error else script.ends()
        body = assert_error(await player.post(player.tts, {"text": "It fails."}), 503)
        assert "secret" not in body["detail"]
    place.voice.scripts["Typed, it fails."].fails(VoiceError("a secret"))
    await refused(player.speak("Typed, it fails.").read(), Reason.VOICE_UNAVAILABLE)
    for path in (other.tts, player.tts.replace(player.character_id, "x")):
        assert_error(await player.post(path, {"text": "Hello."}), 404)
    for wrong, name in (
        ({"text": " \n"}, "text"),
        ({"text": "x" * 2_001}, "text"),
        ({"text": None}, "text"),
        ({"text": "x", "style": 1.5}, "style"),
        ({"text": "x", "style": "loud"}, "style"),
    ):
        assert name in assert_error(await player.post(player.tts, wrong), 400)["detail"]
    await refused(player.speak("x", style=float("nan")).read(), Reason.INVALID_FIELD)
    assert_error(await rest.post(player.tts, json={"text": "x"}), 401)
    assert_error(await rest.post(player.tts, json={"text": "x", "token": "y"}), 401)
    assert_error(await rest.post(player.tts, content=b"{", headers=player.headers), 400)
    assert_error(await player.post(player.tts, {"text": "x", "more": "y" * 17_000}), 413)
    assert_error(await player.post(player.tts, {"text": "x"}, **{"content-encoding": "gzip"}), 415)
    place.voice.is_there = False
    try:
        answer = await player.post(player.tts, {"text": "x"})
    finally:
        place.voice.is_there = True
    assert_error(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
    await settled(player, 0)
    await app.set_caps(tts=0)
    assert_error(await player.post(player.tts, {"text": "x"}), 402)
    await refused(player.speak("x").read(), Reason.QUOTA_EXCEEDED)
    await owner.end(player.jti, revoke=True)
    assert_error(await player.post(player.tts, {"text": "x"}), 401)
    await is_idle(place)


async def test_other_verbs(place, player):
    for verb in ("GET", "HEAD", "DELETE"):
        answer = await place.rest.request(verb, player.tts, headers=player.headers)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    asked = {"origin": "https://play.example", "access-control-request-method": "POST"}
    answer = await place.rest.options(player.tts, headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-methods"]) == (200, "POST")


async def test_a_voice_that_fails_in_the_middle_cuts_the_audio_off(place, player):
    """Players must see that it is not all: nothing is appended, and the body has no proper end."""
    script = place.voice.scripts["Cut."]
    script.says(b"one")
    async with player.streamed(player.tts, {"text": "Cut."}) as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"one"
        script.fails(VoiceError("a secret"))
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(pieces)
    script.says(b"one")
    async with player.over_http2(player.tts, {"text": "Cut."}) as connection:
        await connection.until(DATA)
        script.fails(VoiceError("a secret"))
        await connection.until(RST_STREAM)
        assert b"".join(found.payload for found in connection.kinds(DATA)) == b"one"
    script.says(b"one")
    call = player.speak("Cut.")
    assert (await call.read()).content == b"one"
    script.fails(VoiceError("a secret"))
    refusal = await refused(call.read(), Reason.STREAM_INTERRUPTED)
    assert "secret" not in refusal.message
    await is_idle(place)
    assert await player.owner.used("tts") == 3  # what was heard was bought


@pytest.mark.parametrize("heard", [True, False], ids=["in the middle", "before the first byte"])
@pytest.mark.parametrize("face", FACES)
async def test_a_listener_that_leaves_ends_the_speech(place, player, face, heard):
    """Nothing more is bought; what was not heard is not charged."""
    script = place.voice.scripts[text := f"Left over {face}, {heard}."]
    if heard:
        script.says(b"one")
    if face == "grpc":
        call = player.speak(text)
        if heard:
            await call.read()
        await script.asked.wait()
        call.cancel()
    elif face == "http2":
        async with player.over_http2(player.tts, {"text": text}) as connection:
            if heard:
                await connection.until(DATA)
            await script.asked.wait()
            await connection.send(frame(RST_STREAM, 0, 1, CANCEL.to_bytes(4, "big")))
            await script.left.wait()
    else:
        asked = asyncio.create_task(_read_one(player, text))
        await script.asked.wait()
        if heard:
            await asked  # it reads one piece and closes its connection
        asked.cancel()
        await asyncio.wait({asked})
    await script.left.wait()
    await is_idle(place)
    assert script.taken <= 2
    await settled(player, 1 if heard else 0)


async def _read_one(player, text):
    async with player.streamed(player.tts, {"text": text}) as answer:
        async for _ in answer.aiter_raw():
            return


async def test_twenty_at_once(place, player):
    texts = [f"Number {number}." for number in range(20)]
    for text in texts:
        place.voice.scripts[text].says(text.encode())
    calls = [player.speak(text) for text in texts]
    assert [(await call.read()).content for call in calls] == [text.encode() for text in texts]
    assert place.under_way == (20, 0)
    for text in texts:
        place.voice.scripts[text].ends()
    assert [await rest_of(call) for call in calls] == [[]] * 20
    assert await player.owner.used("tts") == 20
    await is_idle(place)
