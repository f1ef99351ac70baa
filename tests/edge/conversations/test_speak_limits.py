"""What bounds speeches: places, slow readers, and a server that stops."""

from __future__ import annotations

import asyncio
import socket

import pytest

from conjure.core.errors import Reason
from conjure.settings import ServerSettings
from conjure.settings.voice import VoiceSettings
from support.rest import assert_error
from support.rpc import refused
from support.until import until
from support.voices import rest_of, speaking

PIECES = 4_000
PIECE = b"x" * 60_000  # 240 MB of it: more than lies in any buffer on the way


@pytest.fixture(scope="module")
async def narrow(usual_stack, tmp_path_factory):
    """One speech at a time, readers are waited for a little, and the edge waits a little longer."""
    async with speaking(
        tmp_path_factory.mktemp("narrow"),
        usual_stack.store_url,
        server=ServerSettings(drain_pause_s=0.0, drain_s=30.0, stream_write_s=0.5),
        edge={"model_timeout_s": 4.0, "request_timeout_s": 4.0},
        voice=VoiceSettings(concurrent=1),
    ) as running:
        yield running


async def test_more_than_there_is_room_for_is_refused(narrow, app):
    player = await narrow.player(app)
    narrow.voice.scripts["First."].says(b"one")
    first = player.speak("First.")
    await first.read()
    answer = await player.post(player.tts, {"text": "Second."})
    assert_error(answer, 429)
    assert answer.headers["retry-after"]
    await refused(player.speak("Second.").read(), Reason.OVER_SHARE)
    assert "Second." not in narrow.voice.scripts
    narrow.voice.scripts["First."].ends()
    assert await rest_of(first) == []
    assert await player.units("tts") == (1, 0)


async def test_who_does_not_read_holds_the_voice_up_and_is_cut_off(narrow, app):
    """Nothing piles up; and whoever reads on later does not find a proper end."""
    player = await narrow.player(app)
    script = narrow.voice.scripts["Unread."]
    script.says(*[PIECE] * PIECES)
    body = b'{"text": "Unread."}'
    lines = [
        f"POST {player.tts} HTTP/1.1",
        "host: x",
        "connection: close",
        f"authorization: Bearer {player.token}",
        f"content-length: {len(body)}",
    ]
    loop = asyncio.get_running_loop()
    with socket.socket() as reader:
        reader.setblocking(False)
        await loop.sock_connect(reader, ("127.0.0.1", narrow.rest_port))
        await loop.sock_sendall(reader, "\r\n".join([*lines, "", ""]).encode() + body)
        await script.left.wait()
        assert script.taken < PIECES
        await until(lambda: narrow.under_way == (0, 0))
        last = read = b""
        try:
            while read := await loop.sock_recv(reader, 1_000_000):
                last = (last + read)[-10:]
        except ConnectionError:  # it may be reset as well
            pass
        assert last
        assert not last.endswith(b"\r\n0\r\n\r\n")
    assert await player.units("tts") == (1, 0)


async def test_a_server_that_stops_lets_a_speech_end(narrow, app):
    """The last test: it is of no use afterwards."""
    player = await narrow.player(app)
    script = narrow.voice.scripts["To the end."]
    script.says(b"one")
    async with player.streamed(player.tts, {"text": "To the end."}) as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"one"
        drained = asyncio.create_task(narrow.server.drain())
        await until(lambda: narrow.server._streams._is_closed)
        script.says(b"two")
        assert await anext(pieces) == b"two"
        script.ends()
        assert [piece async for piece in pieces] == []
    await drained
    assert script.left.is_set()
