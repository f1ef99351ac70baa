"""What is on the wire: gRPC's message framing and status in an HTTP/1.1 request and its answer.

gRPC's own words are those of its HTTP/2 mapping (grpc/doc/PROTOCOL-HTTP2.md): one byte that says whether the
message is compressed, four of its length; `grpc-status` and `grpc-message` in trailers, or beside the headers
where there is no message ("Trailers-Only"); `grpc-timeout`. HTTP's are RFC 9112's: chunks, a trailer section.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conjure.rpc.context import Metadata

PREFIX_BYTES: Final = 5
"""Before each message: whether it is compressed, and its length."""

NOT_ONE: Final = "the body is not one gRPC message"

_OK_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\n"
_CHUNKED: Final = b"transfer-encoding: chunked\r\n"
_CLOSE: Final = b"connection: close\r\n"
_END: Final = b"\r\n0\r\ngrpc-status: 0\r\n"

_TIMEOUT: Final = re.compile(rb"([0-9]{1,8})([HMSmun])")
_UNIT_S: Final = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}
_NAMES: Final[dict[bytes, str]] = {}
_MOST_NAMES: Final = 256
_LONGEST_NAME: Final = 64
_NOT_PLAIN: Final = re.compile(rb"[^\x20-\x24\x26-\x7e]")


class NotAMessage(ValueError):
    """A request's body that is not exactly one message as it is."""


def timeout_s(text: bytes) -> float | None:
    """Returns the seconds of a `grpc-timeout`; None for what is none."""
    found = _TIMEOUT.fullmatch(text)
    return None if found is None else int(found[1]) * _UNIT_S[found[2]]


def header_name(name: bytes) -> str:
    """Returns the name of a header in lower case. Edges send few, which are kept."""
    known = _NAMES.get(name)
    if known is None:
        known = name.decode("latin-1").lower()
        if len(_NAMES) < _MOST_NAMES and len(name) <= _LONGEST_NAME:
            _NAMES[name] = known
    return known


def size_of(prefix: bytes | bytearray) -> int:
    """Returns how many bytes a message has, as its prefix says."""
    return int.from_bytes(prefix[1:PREFIX_BYTES], "big")


def message_of(pieces: Sequence[bytes | bytearray]) -> bytes:
    """Returns the one message in the pieces of a request's body. Raises NotAMessage.

    A large one is copied once.
    """
    first = pieces[0] if pieces and len(pieces[0]) >= PREFIX_BYTES else b"".join(pieces)
    others = pieces[1:] if pieces and first is pieces[0] else ()
    size = sum(map(len, others), len(first)) - PREFIX_BYTES
    if size < 0 or size_of(first) != size:
        raise NotAMessage(NOT_ONE)
    if first[0]:
        raise NotAMessage("the message is compressed, which no side has offered")
    return b"".join((memoryview(first)[PREFIX_BYTES:], *others))


def answer(
    message: bytes, headers: Mapping[str, str] | None, trailers: Metadata, *, is_last: bool
) -> tuple[bytes, bytes, bytes]:
    """Returns an answer in pieces, of which the second is the message itself.

    `is_last`: the connection ends with it. Raises ValueError for a header that is not printable ASCII.
    """
    size = len(message)
    head = _OK_HEAD + _CHUNKED
    if headers:
        head += _lines(headers.items())
    if is_last:
        head += _CLOSE
    end = _END + _lines(trailers) if trailers else _END
    prefix = b"\r\n%x\r\n\0%b" % (size + PREFIX_BYTES, size.to_bytes(4, "big"))
    return head + prefix, message, end + b"\r\n"


def refusal(
    code: int,
    text: str,
    headers: Mapping[str, str] | None,
    trailers: Metadata,
    *,
    is_last: bool,
) -> bytes:
    """Returns an answer that is a status alone ("Trailers-Only"), with `text` in UTF-8, percent-encoded.

    Raises ValueError, as `answer` does.
    """
    head = _OK_HEAD + b"grpc-status: %d\r\ncontent-length: 0\r\n" % code
    if text:
        head += b"grpc-message: %b\r\n" % _NOT_PLAIN.sub(_percent, text.encode())
    if headers:
        head += _lines(headers.items())
    head += _lines(trailers)
    return head + (_CLOSE if is_last else b"") + b"\r\n"


def plain(status: bytes, *, is_last: bool) -> bytes:
    """Returns an answer of HTTP alone, for what is no call."""
    return b"HTTP/1.1 %b\r\ncontent-length: 0\r\n%b\r\n" % (status, _CLOSE if is_last else b"")


def _lines(fields: Iterable[tuple[str, str | bytes]]) -> bytes:
    lines = b""
    for name, value in fields:
        if isinstance(value, bytes):
            text = b64encode(value).rstrip(b"=")
        elif (
            value.isascii() and value.isprintable()
        ):  # gRPC allows no more, and HTTP no more than a line
            text = value.encode()
        else:
            raise ValueError(f"the header {name} is not printable ASCII")
        lines += b"%b: %b\r\n" % (name.encode("ascii"), text)
    return lines


def _percent(found: re.Match[bytes]) -> bytes:
    return b"%%%02X" % found[0][0]
