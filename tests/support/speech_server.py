"""A small server that speaks as ElevenLabs and as OpenAI-compatible endpoints do, and stops in every way."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from support.reactor import Reactor, answers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.reactor import Answer, Request

# A frame of MPEG-2 layer III: 64 kbit/s, 22.05 kHz, one channel, silence.
FRAME: Final = b"\xff\xf3\x80\xc4".ljust(208, b"\0")
SPEECH: Final = FRAME * 20
KEY: Final = "key-of-the-operator"
VOICES: Final = ("JBFqnCBsd6RMkjVDRZzb", "a-known_voice", "alloy", "nova")

_ELEVENLABS: Final = re.compile(r"/v1/text-to-speech/([^/]+)/stream")
HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ntransfer-encoding: chunked\r\n\r\n"
END: Final = b"0\r\n\r\n"
LONG_S: Final = 3_600.0


def chunk(data: bytes) -> bytes:
    """A piece as HTTP sends it."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def sends(*pieces: bytes, end: bytes = END, pause_s: float = 0.0) -> Answer:
    """These pieces, whatever was asked for."""

    async def answer(request: Request) -> AsyncIterator[bytes]:
        yield HEAD
        for piece in pieces:
            yield chunk(piece)
            await asyncio.sleep(pause_s)
        yield end

    return answer


async def endless(request: Request) -> AsyncIterator[bytes]:
    """A speech without an end."""
    yield HEAD
    while True:
        yield chunk(SPEECH * 50)


async def silent(request: Request) -> AsyncIterator[bytes]:
    """A head, and nothing for long."""
    yield HEAD
    await asyncio.sleep(LONG_S)


async def speaks(request: Request) -> AsyncIterator[bytes]:
    """Speaks, where the request is one of the two protocols'; else it refuses as those do."""
    url = urlsplit(request.path)
    body = request.json
    if found := _ELEVENLABS.fullmatch(url.path):
        key, voice = request.headers.get("xi-api-key"), found[1]
        is_fit = isinstance(body["text"], str) and parse_qs(url.query)["output_format"][
            0
        ].startswith("mp3_")
        unknown = answers(404, {"detail": {"status": "voice_not_found", "message": voice}})
    else:
        key, voice = request.headers.get("authorization", "").removeprefix("Bearer "), body["voice"]
        is_fit = (
            url.path == "/v1/audio/speech" and isinstance(body["input"], str) and body["model"] == "m"
            and body["response_format"] == "mp3"
        )  # fmt: skip
        unknown = answers(400, {"error": {"code": "invalid_voice", "message": voice}})
    if key != KEY:
        yield await answers(401, {"detail": {"status": "invalid_api_key"}})(request)
    elif not is_fit:
        yield await answers(422, {"detail": [{"loc": ["body"], "msg": json.dumps(body)}]})(request)
    elif voice not in VOICES:
        yield await unknown(request)
    else:
        async for data in sends(SPEECH[:5], SPEECH[5:1_000], SPEECH[1_000:])(request):
            yield data


def speech_server() -> Reactor:
    """Use as an async context manager; set `answer` to what it shall do."""
    return Reactor(answer=speaks)
