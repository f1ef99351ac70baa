"""A body on its way to the edge is the HttpBody that protobuf itself would write."""

from __future__ import annotations

import gzip
from types import SimpleNamespace
from typing import Any

import pytest
from google.api.httpbody_pb2 import HttpBody
from google.protobuf import descriptor_pb2, descriptor_pool

from conjure.rpc.compression import Compressor
from conjure.rpc.encode import encoder_of
from conjure.rpc.methods import message_class
from conjure.rpc.render import http_body, render
from conjure.settings import GzipSettings
from conjure.v1 import rest_pb2
from support.cases import each_of

FIELD = descriptor_pb2.FieldDescriptorProto
PICTURE = b"<svg>" + b"\xff " * 4_000


@each_of("size", [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])
def test_it_reads_as_what_it_was(size: int):
    data = b"\x80" * size
    assert HttpBody.FromString(http_body(data)) == HttpBody(
        content_type="application/json", data=data
    )


def picture_message(
    name: str, *, media_type: str = "image/svg+xml", also: str = "", around: str = ""
) -> Any:
    """A message made on the spot: a body of bytes with an entity tag, perhaps spoiled."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{name}.proto", package=name, syntax="proto3")
    file.dependency.append(rest_pb2.DESCRIPTOR.name)
    message = file.message_type.add(name="Picture")
    message.options.Extensions[rest_pb2.body].media_type = media_type
    message.field.add(name="svg", number=1, type=FIELD.TYPE_BYTES, label=FIELD.LABEL_OPTIONAL)
    rev = message.field.add(
        name="rev", number=2, type=FIELD.TYPE_STRING, label=FIELD.LABEL_OPTIONAL
    )
    rev.options.Extensions[rest_pb2.rest].header = "etag"
    rev.options.Extensions[rest_pb2.rest].hidden = True
    if also:
        message.field.add(name=also, number=3, type=FIELD.TYPE_STRING, label=FIELD.LABEL_OPTIONAL)
    if around:
        file.message_type.add(name=around).field.add(
            name="picture",
            number=1,
            type=FIELD.TYPE_MESSAGE,
            type_name=f".{name}.Picture",
            label=FIELD.LABEL_OPTIONAL,
        )
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_class(pool.FindMessageTypeByName(f"{name}.{around or 'Picture'}"))


async def answered(picture: Any, **call: bool) -> tuple[HttpBody | bytes, dict[str, str]]:
    """What a call is answered with, and the headers."""
    sent: dict[str, str] = {}

    async def send_headers(headers: dict[str, str]) -> None:
        sent.update(headers)

    async def handler(_: Any) -> Any:
        return picture

    method = SimpleNamespace(
        full_name="/x/Y", response=type(picture), is_compressed=True, is_read=True
    )
    made = {"is_rest": True, "takes_gzip": False, "not_modified": False} | call
    asked: Any = SimpleNamespace(
        **made,
        has_gzip=False,
        is_replayed=False,
        response_headers={},
        request_id="r",
        send_headers=send_headers,
        context=SimpleNamespace(set_trailers=lambda _: None),
    )
    with Compressor(GzipSettings()) as compressor:
        server: Any = SimpleNamespace(compressor=compressor)
        answer = await render(method, server, handler)(asked)  # type: ignore[arg-type]
    return (HttpBody.FromString(answer) if asked.is_rest else answer), sent


async def test_a_body_that_is_no_json_goes_out_as_it_is_with_its_content_type():
    picture = picture_message("picture_plain")(svg=PICTURE, rev="7")
    body, headers = await answered(picture)
    assert body == HttpBody(content_type="image/svg+xml", data=PICTURE)
    assert headers == {"etag": '"7"'}

    body, headers = await answered(picture, takes_gzip=True)
    assert body.content_type == "image/svg+xml"
    assert gzip.decompress(body.data) == PICTURE
    assert headers == {"etag": '"7-gzip"', "content-encoding": "gzip"}

    body, headers = await answered(picture, not_modified=True)
    assert body.data == b""
    assert headers["etag"] == '"7"'
    assert "304" in headers.values()

    message, _ = await answered(picture, is_rest=False)
    assert type(picture).FromString(message) == picture


@pytest.mark.parametrize(
    "how",
    [{"also": "title"}, {"around": "Album"}, {"media_type": ""}],
    ids=["another member", "in another message", "bytes in JSON"],
)
def test_a_body_that_has_no_form_stops_the_start(how: dict[str, str]):
    spoiled = picture_message(f"picture_{'_'.join(how)}", **how)
    with pytest.raises(TypeError, match="picture_"):
        encoder_of(spoiled.DESCRIPTOR)
