"""Replies as bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from support.model import events
from support.model.outcomes import JSON, Raw, Reply

if TYPE_CHECKING:
    from support.model.calls import Call
    from support.model.outcomes import Cut, Outcome

ENDLESS_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    b'32\r\n{"choices": [{"index": 0, "message": {"content": "\r\n'
)
ENDLESS_CHUNK: Final = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"


def parts(outcome: Outcome, call: Call) -> tuple[bytes, bytes]:
    """The head and the body of a whole answer."""
    if isinstance(outcome, Reply) and call.streams:
        options = call.body.get("stream_options") or {}
        sent = events.stream(outcome.body(call), has_usage=bool(options.get("include_usage")))
        outcome = Raw(200, sent, events.EVENTS)
    if isinstance(outcome, Reply):
        # ASCII: a lone surrogate travels as an escape, as servers send it.
        outcome = Raw(200, json.dumps(outcome.body(call)).encode(), JSON)
    assert isinstance(outcome, Raw), f"{outcome} has no bytes of its own"
    headers = {"content-length": str(len(outcome.bytes)), **outcome.headers}
    lines = [f"HTTP/1.1 {outcome.status} Status"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1"), outcome.bytes


def cut(how: Cut, outcome: Outcome, call: Call) -> bytes:
    """The first part of an answer."""
    head, body = parts(outcome, call)
    if how.in_head:
        return head[: int(len(head) * how.part)]
    kept = body[: int(len(body) * how.part)]
    if how.is_chunked:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        return head + f"{len(kept):x}\r\n".encode() + kept + b"\r\n"
    return head + kept
