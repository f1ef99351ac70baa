"""Voices of other servers, which answer with speech, and with everything else (CONTRACT 5)."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import pytest

from conjure.providers.voice import SpeechRequest, VoiceError, VoiceUnavailable, voice_of
from conjure.settings.models import OpenaiSettings
from conjure.settings.voice import VoiceSettings
from support.reactor import Reactor, after, answers, in_turn
from support.speech_server import (
    END,
    FRAME,
    HEAD,
    KEY,
    LONG_S,
    SPEECH,
    VOICES,
    chunk,
    endless,
    sends,
    silent,
    speaks,
    speech_server,
)
from support.until import until

HELLO = SpeechRequest("Hello, it is me.")
SECRET = "what a player typed"


@dataclass
class Desk:
    """A provider and the server that it calls."""

    provider: str
    server: Reactor

    @contextlib.asynccontextmanager
    async def voice(self, **other):
        base = f"http://127.0.0.1:{self.server.port}"
        given = {
            "url": base if self.provider == "elevenlabs" else f"{base}/v1/",
            "api_key": KEY,
            "model": "m" if self.provider == "openai" else "",
            "first_s": LONG_S,
            "most_s": LONG_S,
            "concurrent": 1,
        }
        settings = VoiceSettings(provider=self.provider, **given | other)
        circuits = OpenaiSettings(circuit_failures=1_000)
        async with voice_of(settings, circuits) as voice:
            voice.require()
            yield voice

    def voices(self) -> list[str]:
        """Those that were asked for."""
        if self.provider == "elevenlabs":
            return [request.path.split("/")[3] for request in self.server.requests]
        return [request.json["voice"] for request in self.server.requests]


@pytest.fixture(params=["elevenlabs", "openai"])
async def desk(request):
    async with speech_server() as server:
        yield Desk(request.param, server)


async def said(voice, request: SpeechRequest = HELLO) -> bytes:
    async with voice.speak(request) as pieces:
        return b"".join([piece async for piece in pieces])


async def test_elevenlabs_is_asked_as_its_reference_says():
    async with (
        speech_server() as server,
        Desk("elevenlabs", server).voice(model="eleven_v3") as voice,
    ):
        assert (
            await said(voice, SpeechRequest("Hello\n there\x01", "a-known_voice", 0.75)) == SPEECH
        )
    (request,) = server.requests
    assert request.method == "POST"
    assert request.path == "/v1/text-to-speech/a-known_voice/stream?output_format=mp3_44100_128"
    assert request.headers["xi-api-key"] == KEY
    assert request.json == {
        "text": "Hello there",
        "model_id": "eleven_v3",
        "voice_settings": {"stability": 0.5, "similarity_boost": 0.75, "style": 0.75},
    }


async def test_an_openai_endpoint_is_asked_as_its_reference_says():
    async with speech_server() as server, Desk("openai", server).voice() as voice:
        assert await said(voice, SpeechRequest("Hello\n there\x01", "nova", 0.75)) == SPEECH
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/audio/speech")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json == {
        "model": "m", "voice": "nova", "input": "Hello there", "response_format": "mp3",
    }  # fmt: skip


@pytest.mark.parametrize(("style", "told"), [(0.0, "calmly"), (0.5, None), (1.0, "vividly")])
async def test_a_model_that_can_be_told_how_to_speak_is_told(style, told):
    async with speech_server() as server:
        server.answer = sends(SPEECH)
        async with Desk("openai", server).voice(model="gpt-4o-mini-tts") as voice:
            await said(voice, SpeechRequest("Hello", style=style))
    how = server.requests[0].json.get("instructions")
    assert (told in how) if told else how is None


async def test_a_piece_is_heard_while_the_next_one_is_made(desk):
    go_on = asyncio.Event()

    async def answer(request):
        yield HEAD + chunk(SPEECH[:500])
        await go_on.wait()
        yield chunk(SPEECH[500:]) + END

    desk.server.answer = answer
    async with desk.voice() as voice, voice.speak(HELLO) as pieces:
        first = await anext(pieces)
        go_on.set()
        assert first + b"".join([piece async for piece in pieces]) == SPEECH


HOSTILE_NAMES = (
    "", " ", "../../v1/user", "a/b", "a?b=c", "a#b", "a%2Fb", "a\r\nx: y", "x" * 65, "\u00fcber", "a b", "http://evil.example/",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_what_is_no_name_of_a_voice_is_sent_nowhere(desk, name):
    async with desk.voice() as voice:
        assert await said(voice, SpeechRequest("Hello", name)) == SPEECH
    assert desk.voices() == [{"elevenlabs": VOICES[0], "openai": "alloy"}[desk.provider]]


async def test_a_voice_that_the_server_does_not_have_is_spoken_for_and_asked_for_once(desk):
    async with desk.voice(voice="a-known_voice") as voice:
        for _ in range(2):
            assert await said(voice, SpeechRequest("Hello", "of-another-provider")) == SPEECH
        assert await said(voice, SpeechRequest("Hello", "nova")) == SPEECH
    usual = "a-known_voice"
    assert desk.voices() == ["of-another-provider", usual, usual, "nova"]


async def test_a_text_that_the_server_does_not_take_is_not_blamed_on_the_voice(desk):
    desk.server.answer = answers(422, {"detail": []})
    async with desk.voice() as voice:
        with pytest.raises(VoiceError):
            await said(voice, SpeechRequest("Hello", "nova"))
        desk.server.answer = speaks
        assert await said(voice, SpeechRequest("Hello", "nova")) == SPEECH
    assert desk.voices()[-1] == "nova"


async def test_nothing_to_say_is_not_bought(desk):
    async with desk.voice() as voice:
        for text in ("", "  \n", "\u200b\ufeff", "\x01\x02"):
            with pytest.raises(VoiceError, match="nothing to say"):
                await said(voice, SpeechRequest(text))
    assert not desk.server.requests


REFUSALS = {
    "a key that is none": answers(401, {"detail": {"status": "invalid_api_key", "message": SECRET}}),
    "no credits": answers(402, {"detail": {"status": "quota_exceeded", "message": SECRET}}),
    "not allowed": answers(403, SECRET.encode()),
    "too many": answers(429, {"error": {"code": "rate_limit_exceeded", "message": SECRET}}, retry_after="3600"),
    "too many until a date": answers(429, b"", retry_after="Mon, 01 Jan 2035 00:00:00 GMT"),
    "broken": answers(500, SECRET.encode() * 10_000),
    "a gateway": answers(502, b"<html>bad gateway</html>"),
    "overloaded": answers(529, {"error": {"code": SECRET}}),
    "a redirect": answers(307, b"", location="http://127.0.0.1:9/"),
    "HTML": answers(200, b"<!doctype html><title>Sign in</title>"),
    "JSON": answers(200, {"error": {"message": SECRET}}),
    "a WAV": sends(b"RIFF\0\0\0\0WAVEfmt "),
    "AAC": sends(b"\xff\xf1\x50\x80" * 100),
    "empty": answers(200, b""),
    "empty in chunks": sends(),
    "one byte": sends(b"\xff"),
    "cut at once": sends(end=b""),
    "a bad chunk": sends(end=b"zz\r\n"),
    "no HTTP": after(0, lambda _: _bytes(b"SSH-2.0\r\n")),
}  # fmt: skip


async def _bytes(data: bytes) -> bytes:
    return data


@pytest.mark.parametrize("answer", REFUSALS)
async def test_what_is_no_speech_is_an_error_before_anything_is_heard(desk, answer):
    desk.server.answer = REFUSALS[answer]
    async with desk.voice() as voice:
        with pytest.raises(VoiceError) as raised:
            async with voice.speak(SpeechRequest(SECRET)):
                pytest.fail("it was entered")
        desk.server.answer = speaks
        assert await said(voice) == SPEECH
    assert SECRET not in str(raised.value)
    assert KEY not in str(raised.value)
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("a key that is none", VoiceError),
        ("too many", VoiceUnavailable),
        ("broken", VoiceUnavailable),
    ],
)
async def test_what_passes_is_told_from_what_does_not(desk, answer, kind):
    desk.server.answer = REFUSALS[answer]
    async with desk.voice() as voice:
        with pytest.raises(VoiceError) as raised:
            await said(voice)
    assert isinstance(raised.value, VoiceUnavailable) == (kind is VoiceUnavailable)


async def test_a_server_that_is_busy_and_says_for_how_long_is_asked_again(desk):
    desk.server.answer = in_turn(
        answers(429, b"", retry_after="0"), answers(503, b"", retry_after="0"), sends(SPEECH)
    )
    async with desk.voice() as voice:
        assert await said(voice) == SPEECH
    assert len(desk.server.requests) == 3


@pytest.mark.parametrize("answer", [after(LONG_S), silent, sends(b"\xff", *[b""] * 9, pause_s=1)])
async def test_a_speech_that_does_not_begin_in_time_is_an_error(desk, answer):
    desk.server.answer = answer
    async with desk.voice(first_s=0.3) as voice:
        with pytest.raises(VoiceUnavailable):
            await said(voice)


async def _rest(pieces) -> None:
    async for _ in pieces:
        pass


AFTERWARDS = {
    "cut": sends(FRAME, end=b""),
    "a bad chunk": sends(FRAME, end=b"zz\r\n"),
    "longer than any speech": endless,
}


@pytest.mark.parametrize("answer", AFTERWARDS)
async def test_what_breaks_off_in_the_middle_is_an_error_after_what_was_heard(desk, answer):
    desk.server.answer = AFTERWARDS[answer]
    async with desk.voice() as voice:
        async with voice.speak(HELLO) as pieces:
            assert await anext(pieces)
            with pytest.raises(VoiceError):
                await _rest(pieces)
        desk.server.answer = speaks
        assert await said(voice) == SPEECH


async def test_a_speech_has_its_time_as_a_whole(desk):
    desk.server.answer = sends(*[FRAME] * 1_000, pause_s=0.02)
    async with desk.voice(most_s=0.5) as voice, voice.speak(HELLO) as pieces:
        with pytest.raises(VoiceError):
            await _rest(pieces)


async def test_a_listener_who_leaves_ends_the_call(desk):
    gone = asyncio.Event()

    async def serve(reader, writer):
        await reader.readuntil(b"}")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + FRAME)
        with contextlib.suppress(ConnectionResetError):
            while await reader.read(65_536):
                pass
        gone.set()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    desk.server.port = listening.sockets[0].getsockname()[1]
    async with listening, desk.voice() as voice:
        for _ in range(2):
            gone.clear()
            async with voice.speak(HELLO) as pieces:
                assert await anext(pieces) == FRAME
            await until(gone.is_set)


async def test_who_fails_again_and_again_is_left_alone(desk):
    desk.server.answer = answers(500, b"")
    base = f"http://127.0.0.1:{desk.server.port}"
    settings = VoiceSettings(provider=desk.provider, url=base, api_key=KEY, model="m")
    async with voice_of(
        settings, OpenaiSettings(circuit_failures=2, circuit_open_s=LONG_S)
    ) as voice:
        for _ in range(4):
            with pytest.raises(VoiceUnavailable):
                await said(voice)
    assert len(desk.server.requests) == 2


async def test_the_key_of_one_endpoint_is_not_shown_to_another():
    async with speech_server() as server:
        settings = VoiceSettings(
            provider="openai", model="m", url=f"http://127.0.0.1:{server.port}"
        )
        async with voice_of(settings, OpenaiSettings(api_key=KEY)) as voice:
            with pytest.raises(VoiceError):
                await said(voice)
    assert KEY not in str(server.requests[0].headers)
    assert KEY not in repr(VoiceSettings(api_key=KEY))


async def test_without_a_voice_nobody_speaks():
    async with voice_of(VoiceSettings(), OpenaiSettings()) as voice:
        with pytest.raises(VoiceUnavailable):
            voice.require()
        with pytest.raises(VoiceUnavailable):
            voice.speak(HELLO)
