"""The layer that writes answers: bodies and headers for the edge, typed messages for everybody else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from google.api import httpbody_pb2

from conjure.core.catalog import NOT_MODIFIED
from conjure.core.codings import GZIP
from conjure.core.preconditions import coded
from conjure.rpc.encode import HTTP_STATUS, JSON, encoder_of
from conjure.rpc.errors import REPLAYED
from conjure.rpc.heavy.pool import Answer

if TYPE_CHECKING:
    from conjure.rpc.call import Call
    from conjure.rpc.layer import ServerContext, Step
    from conjure.rpc.methods import Method


@cache
def body_head(media_type: str) -> bytes:
    """An HttpBody up to the length of its data, as protobuf writes it (protobuf.dev, "Encoding").

    By the message class each answer would be copied three times more.
    """
    whole: bytes = httpbody_pb2.HttpBody(content_type=media_type, data=b"1").SerializeToString()
    return whole[:-2]


_JSON_HEAD: Final = body_head(JSON)


def render(method: Method, server: ServerContext, following: Step) -> Step:
    """Writes the answer: body and headers for the edge, the typed message for everybody else."""
    encoder, compressor = encoder_of(method.response.DESCRIPTOR), server.compressor
    same_head = None if encoder.type_field is not None else body_head(encoder.media_type)
    if method.is_compressed and not method.is_read and not encoder.begins_with_document:
        raise TypeError(
            f"{method.full_name}: gzip is for what many get; its only document must be the first member"
        )

    def in_gzip(call: Call, response: Any) -> tuple[tuple[bytes, ...], dict[str, str]]:
        """Writes a body in gzip where that pays; the entity tag tells."""
        lead, rest, headers = encoder.split(response)
        body = b"" if call.has_gzip else compressor.gzip(lead, rest)
        if body is None:
            return (lead, rest), headers
        if (etag := headers.get("etag")) is not None:
            headers["etag"] = f'"{coded(etag[1:-1])}"'
        if not call.not_modified:  # a 304 has no body to say it of
            headers["content-encoding"] = GZIP
        return (body,), headers

    async def step(call: Call) -> Any:
        response = await following(call)
        if type(response) is Answer:  # a heavy worker has written it
            if response.headers:
                await call.send_headers(response.headers)
            if not call.is_rest:
                call.context.set_trailers((("x-request-id", call.request_id),))
            return response.body
        if call.is_replayed:
            call.response_headers[REPLAYED] = "true"
        if not call.is_rest:
            if call.response_headers:
                await call.send_headers(call.response_headers)
            call.context.set_trailers((("x-request-id", call.request_id),))
            return response.SerializeToString()
        if call.takes_gzip:
            body, headers = in_gzip(call, response)
        else:
            body, headers = encoder.pieces(response)
        headers.update(call.response_headers)
        if call.not_modified:
            headers[HTTP_STATUS] = str(NOT_MODIFIED)
            body = ()
        if headers:
            await call.send_headers(headers)
        head = same_head if same_head is not None else body_head(encoder.media_type_of(response))
        return http_body(*body, head=head)

    return step


def http_body(*pieces: bytes, head: bytes = _JSON_HEAD) -> bytes:
    """Wraps a body for the edge, as a serialized HttpBody; one of JSON unless `head` says else."""
    length, rest = bytearray(), sum(map(len, pieces))
    while rest > 0x7F:
        length.append(rest & 0x7F | 0x80)
        rest >>= 7
    length.append(rest)
    return b"".join((head, length, *pieces))
