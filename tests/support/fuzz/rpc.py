"""Malformed calls of every RPC: messages that were tampered with, odd metadata, frames that are no frames."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
from google.protobuf.descriptor import FieldDescriptor

from conjure.rpc.methods import methods_of, service_descriptors
from conjure.v1 import auth_pb2
from support import h2
from support.fuzz.rest import LONGEST_S, UNSERVED, Known, templates
from support.fuzz.values import NASTY, Raw, broken, dump, mutated
from support.h2 import END_HEADERS, END_STREAM, Http2, block, frame, grpc_fields
from support.rpc import read_refusal

if TYPE_CHECKING:
    from random import Random

    from google.protobuf.message import Message

    from conjure.rpc.methods import Method

METHODS = tuple(
    method
    for service in service_descriptors()
    for method in methods_of(service, max_request_bytes=1 << 20)
)
_TEXT = FieldDescriptor.TYPE_STRING
_BYTES = FieldDescriptor.TYPE_BYTES
_MESSAGE = FieldDescriptor.TYPE_MESSAGE
_FAULTS = {
    grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED,
}  # fmt: skip


@dataclass(frozen=True)
class Rpc:
    """One call. `deadline_s` is the caller's own."""

    method: str
    is_stream: bool
    message: bytes
    metadata: tuple[tuple[str, str | bytes], ...]
    deadline_s: float
    unserved: bool


def call(known: Known, random: Random) -> Rpc:
    """One malformed call. The same random numbers make the same one."""
    method = random.choice(METHODS)
    message = method.request()
    _fill(message, method, known, random, depth=0)
    data = message.SerializeToString()
    if random.random() < 0.35:
        data = broken(data, random)
    if random.random() < 0.1:
        data += random.choice(
            (
                b"\x0b" * 200,  # groups in groups
                b"\x0a\xff\xff\xff\xff\x0f",  # four gigabytes are announced
                b"\xff" * 11,  # a varint without end
                b"\xc2\x3e\x04\x12\x02{}",  # the envelope of the edge
                b"\x08" + b"\x80" * 9 + b"\x01",
                b"\xfa\xff\xff\xff\x0f\x01x",  # an unknown field
            )
        )
    name = method.full_name
    if random.random() < 0.02:
        name = random.choice((name + "x", "/conjure.v1.None/Such", name.lower(), "/x/y"))
    deadline_s = random.choice((0.001, 0.02)) if random.random() < 0.03 else LONGEST_S
    is_players = method.scheme == auth_pb2.SCHEME_SESSION_TOKEN
    odd = _metadata(known, known.token if is_players else known.key, random)
    return Rpc(name, method.is_stream, data, odd, deadline_s, method.name in UNSERVED)


def _fill(message: Message, method: Method, known: Known, random: Random, *, depth: int) -> None:
    real: dict[str, Any] = {
        "id": known.world_id, "world_id": known.world_id, "state_id": random.choice(known.states),
        "state": random.choice(known.states), "event_name": random.choice(known.events),
        "version_id": known.version, "token": known.token, "premise": "a quiet harbour",
        "text": "Hello, who are you?", "player_identity": "ada",
    }  # fmt: skip
    for descriptor in message.DESCRIPTOR.fields:
        if random.random() < 0.12 or depth > 3:
            continue
        kind = descriptor.type
        if descriptor.is_repeated and kind == _MESSAGE:
            continue  # maps and lists of messages: the bytes are tampered with anyway
        if kind == _MESSAGE:
            inner = getattr(message, descriptor.name)
            inner.SetInParent()
            if descriptor.message_type.name == "JsonDocument":
                inner.json = _document(method, known, random)
            else:
                _fill(inner, method, known, random, depth=depth + 1)
            continue
        value = _value(kind, real.get(descriptor.name), random)
        try:
            if descriptor.is_repeated:
                getattr(message, descriptor.name).extend([value] * random.choice((1, 50)))
            else:
                setattr(message, descriptor.name, value)
        except (TypeError, ValueError, OverflowError):
            continue  # not even protobuf takes it


def _document(method: Method, known: Known, random: Random) -> bytes:
    valid = templates(known).get(method.name, {})
    inner = valid.get("world") or valid.get("ops") or valid.get("patch") or valid
    data = dump(mutated(inner, random) if random.random() < 0.7 else inner)
    encoded = data.encode("utf-8", "surrogatepass")
    return broken(encoded, random) if random.random() < 0.2 else encoded


def _value(kind: int, real: Any, random: Random) -> Any:
    if real is not None and random.random() < 0.8:
        return real
    if kind == _TEXT:
        return random.choice([item for item in NASTY if isinstance(item, str)])
    if kind == _BYTES:
        return random.randbytes(random.choice((0, 1, 100)))
    return random.choice(
        [item for item in NASTY if not isinstance(item, Raw | str | list | dict | None)]
    )


def _metadata(known: Known, usual: str, random: Random) -> tuple[tuple[str, str | bytes], ...]:
    credential = random.choice(
        [f"Bearer {usual}"] * 10
        + [f"Bearer {known.token}"] * 3
        + ["", "Bearer", "Basic eDp5", "Bearer " + "x" * 4000, "Bearer a.b.c", known.key]
    )
    pairs: list[tuple[str, str | bytes]] = [("authorization", credential)]
    odd: tuple[tuple[str, str | bytes], ...] = (
        ("x-request-id", "r" * 500), ("x-request-id", "~ ~"), ("if-match", '"1"'), ("if-match", "W/x"),
        ("if-match", "9" * 900), ("idempotency-key", "k" * 300), ("idempotency-key", "k k"),
        ("junk-bin", b"\x00\xff" * 100), ("x-conjure-client", "not an address"), ("origin", "null"),
        ("x-envoy-original-path", "/v1/usage?limit=%zz&" + "x" * 500), ("x-http-status", "999"),
        ("last-event-id", "x"), ("x" * 200, "y" * 2000), ("authorization", "Bearer twice"),
    )  # fmt: skip
    pairs += random.sample(odd, random.choice((0, 0, 1, 3)))
    if random.random() < 0.1:
        pairs.append(("x-conjure-edge", random.choice(("1", "", "x"))))
    return tuple(pairs)


async def invoke(channel: grpc.aio.Channel, sent: Rpc, *, through_edge: bool) -> str | None:
    """Makes a call and judges its end; returns what is wrong with it."""
    options = {"metadata": sent.metadata, "timeout": sent.deadline_s}
    try:
        if sent.is_stream:
            stream: Any = channel.unary_stream(sent.method)(sent.message, **options)
            await stream.read()
            stream.cancel()
            return None
        await channel.unary_unary(sent.method)(sent.message, **options)
    except grpc.aio.AioRpcError as error:
        code = error.code()
        if code is grpc.StatusCode.DEADLINE_EXCEEDED and sent.deadline_s < 1:
            return None
        if code is grpc.StatusCode.UNAVAILABLE and sent.unserved:
            return None
        if code in _FAULTS:
            return f"{code}: {error.details()}"
        if code is grpc.StatusCode.UNIMPLEMENTED or through_edge:
            return None  # gRPC's and Envoy's own words
        try:
            read_refusal(error)
        except AssertionError as wrong:
            return f"{code} of another shape: {wrong}"
    return None


async def frames(port: int, known: Known, random: Random) -> str | None:
    """A call whose frames are wrong; what is wrong is no answer and no end."""
    sent = call(known, random)
    fields = [
        *grpc_fields(sent.method),
        *((key, value) for key, value in sent.metadata if isinstance(value, str)),
    ]
    size = len(sent.message)
    # grpc.aio never answers a caller that ends its stream before a whole message, nor one whose frame it cannot read: such a call is gone
    # when its caller is, or when the edge's time is up. All others are answered.
    is_whole, body = random.choice(
        (
            (False, struct.pack(">BI", random.choice((1, 2, 255)), size) + sent.message),
            (True, (struct.pack(">BI", 0, size) + sent.message) * 3),
            (True, struct.pack(">BI", 0, max(0, size - 1)) + sent.message),
            (
                False,
                struct.pack(">BI", 0, size + random.choice((1, 1 << 20, 1 << 30))) + sent.message,
            ),
            (False, sent.message),
            (False, b"\x00\x00"),
            (False, b""),
        )
    )
    if random.random() < 0.3:
        fields.append(random.choice((("grpc-encoding", "gzip"), ("grpc-encoding", "x"))))
    if random.random() < 0.2:
        fields = [
            pair for pair in fields if pair[0] != random.choice(("te", "content-type", ":path"))
        ]
    # More than the window that a connection begins with breaks flow control, which need not be answered.
    is_whole = is_whole and len(body) <= 65_535
    async with Http2(port) as connection:
        await connection.send(frame(h2.HEADERS, END_HEADERS, 1, block(fields)))
        for start in range(0, len(body), 16_000):
            await connection.send(frame(h2.DATA, 0, 1, body[start : start + 16_000]))
        await connection.send(frame(h2.DATA, END_STREAM, 1))
        try:
            await connection.answered(1, LONGEST_S if is_whole else 0.05)
        except TimeoutError:
            return f"no answer in time: {fields}, {body[:300]!r}" if is_whole else None
    return None
