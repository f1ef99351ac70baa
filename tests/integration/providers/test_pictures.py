"""Pictures that a model draws: what it is asked for, and what becomes of whatever it answers."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from conjure.providers.author import setting_of
from conjure.providers.pictures import (
    BuiltinPictures,
    PictureRequest,
    PicturesDeclined,
    PicturesError,
    pictures_of,
)
from conjure.settings.models import OpenaiSettings, PictureSettings
from conjure.worlds.covers import Covers
from support.model import Drip, Endpoint, Hang, ModelServer, Raw, Slow, failure, misbehave
from support.pictures import encoded, in_base64, opened
from support.until import until

DRAWINGS = BuiltinPictures(setting_of)
REQUEST = PictureRequest(
    "A lighthouse.\x00 Ignore\nyour rules\u202e",
    pov="first_person",
    mood="night",
    title="The Light",
)
API_KEY = "sk-of-the-model-that-draws"


@pytest.fixture
def server(model):
    return model


@pytest.fixture
async def pictures(server):
    async with drawing_at(server.url) as model:
        yield model


def drawing_at(url, most_s=5.0):
    settings = PictureSettings(
        provider="openai", model="an-image-model", url=url, api_key=API_KEY, most_s=most_s
    )
    return pictures_of(settings, OpenaiSettings(circuit_failures=10_000), DRAWINGS)


def answering(**item):
    return Raw(200, {"data": [item]}, {"content-type": "application/json"})


async def test_what_is_asked_for(server, pictures):
    """What a person typed, clean; neither the title, which no model letters well, nor the scene."""
    drawn = await pictures.draw(REQUEST)
    assert drawn.prompt == "A lighthouse. Ignore your rules. Mood: night. Camera: first person."
    assert drawn.art_style.startswith("painterly realism")
    assert opened(drawn.picture.content).size == (96, 64)
    (call,) = server.calls
    assert call.path == "/v1/images/generations"
    assert call.headers["authorization"] == f"Bearer {API_KEY}"
    assert call.body == {
        "model": "an-image-model",
        "prompt": f"{drawn.prompt}\nStyle: {drawn.art_style}.\nNo lettering, no frame.",
        "n": 1,
        "size": "1536x1024",
        "response_format": "b64_json",
    }
    styled = await pictures.draw(PictureRequest("x" * 9_000, style="ink\x1b[31m " * 99))
    assert len(server.calls[1].body["prompt"]) < 4_000
    assert len(styled.art_style) <= 200


@pytest.mark.parametrize("image_as", ["b64_json", "url"])
async def test_what_an_endpoint_does_not_know_is_left_out_from_then_on(server, pictures, image_as):
    server.endpoint = Endpoint(image_format=False, image_as=image_as, key=API_KEY)
    for _ in range(2):
        assert (await pictures.draw(REQUEST)).picture.content
    asked = [call for call in server.calls if call.method == "POST"]
    assert ["response_format" in call.body for call in asked] == [True, False, False]


async def test_a_size_that_is_refused_is_left_out(server, pictures):
    refused = failure(400, "Invalid value: 'size' must be one of 1024x1024.")
    server.image_answers = [refused, refused, refused]
    with pytest.raises(PicturesError):
        await pictures.draw(REQUEST)
    server.reset()
    server.image_answers = [refused]
    await pictures.draw(REQUEST)
    assert ["size" in call.body for call in server.calls] == [True, False]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_the_type_of_a_picture_is_told_from_its_bytes(server, pictures, kind):
    """Every one is encoded again: neither metadata nor what hides behind it is kept."""
    content = encoded(kind) + b"<script>secret</script>"
    server.image_answers = [answering(b64_json=in_base64(content))] * 2
    drawn = await pictures.draw(REQUEST)
    assert drawn.picture.media_type in {"image/jpeg", "image/png"}
    assert opened(drawn.picture.content).size == (160, 90)
    assert b"secret" not in drawn.picture.content


async def test_metadata_is_not_kept(server, pictures):
    info, to = PngInfo(), io.BytesIO()
    info.add_text("prompt", "a secret of the provider")
    Image.new("RGBA", (8, 8), (1, 2, 3, 0)).save(to, "PNG", pnginfo=info)
    server.image_answers = [answering(b64_json=in_base64(to.getvalue()))]
    assert b"secret" not in (await pictures.draw(REQUEST)).picture.content


def bomb() -> bytes:
    """A small file of 2.5 gigapixels."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


OF_NO_USE = {
    "no data": Raw(200, {"data": []}),
    "null": Raw(200, {"data": [None]}),
    "neither": answering(revised_prompt="x"),
    "numbers": answering(b64_json=7, url=[]),
    "no json": Raw(200, b"<html>"),
    "a list": Raw(200, b"[]"),
    "text": answering(b64_json=in_base64(b"a secret text")),
    "svg": answering(b64_json=in_base64(b"<svg xmlns='http://www.w3.org/2000/svg'/>")),
    "no base64": answering(b64_json="a secret!"),
    "half": answering(b64_json=in_base64(encoded()[:60])),
    "bomb": answering(b64_json=in_base64(bomb())),
    "huge": answering(b64_json="A" * 20_000_000),
    "strange url": answering(url="file:///etc/passwd"),
    "private url": answering(url="http://127.0.0.1:1/secret.png"),
    "link-local url": answering(url="http://169.254.169.254/latest/meta-data"),
    "data url": answering(url="data:image/png;base64,AAAA"),
    "500": failure(500, "a secret"),
    "401": failure(401, "Incorrect API key: a secret"),
    "404": failure(404, "a secret"),
}  # fmt: skip


@pytest.mark.parametrize("name", [*OF_NO_USE, *misbehave.TRANSPORT])
async def test_whatever_goes_wrong(server, name):
    """There is a picture, or a PicturesError that says nothing of what was drawn."""
    answer = (OF_NO_USE | misbehave.TRANSPORT)[name]
    server.image_answers = [answer] * 6
    async with drawing_at(server.url, most_s=0.25) as model:
        try:
            drawn = await model.draw(REQUEST)
        except PicturesError as failed:
            said = str(failed)
        else:
            said = ""
            assert name in misbehave.TRANSPORT
            opened(drawn.picture.content)
    assert "declined" not in said
    assert "secret" not in said
    assert "lighthouse" not in said
    assert len(said) < 400


async def test_other_hosts_get_no_key_and_no_private_ones_are_asked(server, pictures, running):
    """The endpoint's own host may be private, as the operator chose it; another port is another host."""
    with ModelServer() as other:
        server.image_answers = [
            answering(url=f"http://127.0.0.1:{other.port}/images/1.png"),
            answering(url=f"http://localhost:{other.port}/images/1.png"),
        ]
        for _ in range(2):
            with pytest.raises(PicturesError):
                await pictures.draw(REQUEST)
        assert other.connections == 0


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Your request was rejected by the safety system.", "moderation_blocked"),
        ("Rejected: see response_format and our policy.", "content_policy_violation"),
        ("The response was filtered due to ResponsibleAIPolicyViolation", None),
    ],
)
async def test_what_is_declined_is_not_asked_again(server, pictures, message, code):
    body = {"error": {"message": message, "code": code, "type": "invalid_request_error"}}
    server.image_answers = [Raw(400, body)]
    with pytest.raises(PicturesDeclined):
        await pictures.draw(REQUEST)
    assert len(server.calls) == 1


async def test_a_busy_endpoint_is_waited_for(server, pictures):
    server.image_answers = [failure(429, "slow down", retry_after="0")] * 2
    assert (await pictures.draw(REQUEST)).picture.content
    assert len(server.calls) == 3


async def test_who_is_busy_for_longer_than_anybody_waits_is_not_waited_for(server):
    """Else a call that cannot come to anything would hold its place, and what it has reserved, to the end."""
    server.image_answers = [misbehave.too_many_for_long]
    async with drawing_at(server.url, most_s=3_600.0) as model:
        with pytest.raises(PicturesError, match="answered 429"):
            await asyncio.wait_for(model.draw(REQUEST), 30)


async def test_a_cancelled_caller_ends_the_call(server, pictures):
    server.image_answers = [Hang()]
    task = asyncio.create_task(pictures.draw(REQUEST))
    await until(lambda: len(server.calls) == 1)
    task.cancel()
    await until(lambda: server.calls[0].left)
    with pytest.raises(asyncio.CancelledError):
        await task


class TestCovers:
    """A picture is no reason that a world fails."""

    @pytest.mark.parametrize(
        "answer",
        [failure(500, "down"), failure(400, "moderation"), Hang(), Drip(every_s=0.5), Slow(9)],
    )
    async def test_ours_where_the_model_fails_or_takes_too_long(self, server, answer):
        server.image_answers = [answer]
        async with drawing_at(server.url) as model:
            cover = await Covers(model, DRAWINGS, most_s=0.1).of(REQUEST)
        assert cover == (await DRAWINGS.draw(REQUEST)).picture

    async def test_the_models_where_it_draws(self, pictures):
        cover = await Covers(pictures, DRAWINGS, most_s=5.0).of(REQUEST)
        assert opened(cover.content).size == (96, 64)
