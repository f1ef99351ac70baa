"""AppError → answer: a JSON body for the edge, a `google.rpc.Status` for callers over gRPC.

The only place that writes failures. Whatever is not an AppError becomes INTERNAL with a fixed text, and
the log gets the rest under the request id.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NoReturn

import grpc.aio
import orjson
import structlog
from google.api import httpbody_pb2
from google.protobuf import any_pb2
from google.rpc import status_pb2

from conjure.core.bodies import SCHEMA_VERSION
from conjure.core.catalog import CATALOG, Code
from conjure.core.errors import (
    AppError,
    DeadlineExceeded,
    Internal,
    OutcomeUnknown,
    Overloaded,
    Reason,
    Relayed,
)
from conjure.rpc.encode import HTTP_STATUS, JSON, encoder_of
from conjure.rpc.messages import diagnostic_message
from conjure.v1 import errors_pb2

if TYPE_CHECKING:
    from conjure.rpc.call import Call
    from conjure.rpc.context import TransportContext
    from conjure.rpc.methods import Method

log = structlog.get_logger(__name__)

REPLAYED: Final = "idempotent-replayed"
"""The header that says that this is the first answer to an Idempotency-Key, again (CONTRACT 0)."""

# Details travel in HTTP/2 trailers, base64-encoded, next to `grpc-message`; stock clients cap the
# whole at 8 KiB.
MAX_DETAILS_BYTES: Final = 4_500

CUT: Final = b"\xff"
"""No message of any kind. The edge, which cannot read it, ends its answer as broken: on HTTP/2 it resets the
stream, on HTTP/1.1 it closes the connection before the end of the body (RFC 9112, 8). Whatever status gRPC's
own end has, the edge would end the body well."""

TOO_MUCH: Final = "this takes more time or memory than one call may have; nothing was changed"


class Cancelled(AppError):
    """The caller went away, or something inside was cancelled."""

    reason = Reason.CANCELLED


def as_app_error(error: BaseException, call: Call) -> AppError:
    """Names any exception; logs what nobody foresaw."""
    if isinstance(error, AppError):
        if error.reason is Reason.INTERNAL and not isinstance(error, Relayed):
            log.error("internal error", exc_info=error)
        return error
    if isinstance(error, TimeoutError):
        return DeadlineExceeded()
    if isinstance(error, MemoryError):
        log.error("out of memory")
        return Overloaded(TOO_MUCH) if call.method.is_read else OutcomeUnknown()
    if isinstance(error, asyncio.CancelledError):
        return Cancelled()
    log.error("unexpected exception", exc_info=error)
    return Internal()


def rest_body(error: AppError) -> bytes:
    """The JSON body of a failure (CONTRACT 0). Never cut."""
    body: dict[str, Any] = {
        "detail": error.detail or CATALOG[error.reason].detail,
        "schemaVersion": SCHEMA_VERSION,
    }
    if error.errors:
        body["errors"] = error.errors
    if error.diagnostics:
        body["diagnostics"] = [diagnostic.to_json() for diagnostic in error.diagnostics]
    return orjson.dumps(body)


def event_body(data: bytes) -> bytes:
    """Wraps a piece of an event stream for the edge."""
    wrapped: bytes = httpbody_pb2.HttpBody(
        content_type="text/event-stream", data=data
    ).SerializeToString()
    return wrapped


def last_word(method: Method, error: AppError) -> bytes:
    """What ends a stream whose status has been sent: over Server-Sent Events an event with the error's body.

    A body of another kind has no place for it, and must not look complete: `CUT`.
    """
    if encoder_of(method.response.DESCRIPTOR).media_type != JSON:
        return CUT
    return event_body(b"event: end\ndata: " + rest_body(error) + b"\n\n")


def error_headers(error: AppError) -> dict[str, str]:
    """The headers of a failure: the status for the edge, `retry-after` in seconds."""
    spec = CATALOG[error.reason]
    headers = {HTTP_STATUS: str(spec.http)}
    retry_after = error.retry_after_s or spec.retry_after_s
    if retry_after is not None:
        headers["retry-after"] = str(retry_after)
    if error.is_replayed:
        headers[REPLAYED] = "true"
    return headers


async def abort(
    context: TransportContext, request_id: str, error: AppError, *, tells_edge: bool = False
) -> NoReturn:
    """Ends a call over gRPC with the failure as the single detail of its status.

    `tells_edge`: also with its HTTP status, for an edge that is not believed to be one.
    """
    if isinstance(error, Relayed):
        assert isinstance(error.status, grpc.aio.AioRpcError)  # noqa: S101 - rpc.heavy
        told = error.status
        told_trailers = tuple(told.trailing_metadata() or ())
        await context.abort(Code(told.code().value[0]), told.details() or "", told_trailers)
    spec = CATALOG[error.reason]
    detail = error.detail or spec.detail
    packed = any_pb2.Any()
    packed.Pack(_api_error(error, detail))
    short = _cut(detail, 400)
    status = status_pb2.Status(code=spec.code.value, message=short, details=[packed])
    trailers: list[tuple[str, str | bytes]] = [
        ("grpc-status-details-bin", status.SerializeToString()),
        ("x-request-id", request_id),
    ]
    trailers += [(k, v) for k, v in error_headers(error).items() if tells_edge or k != HTTP_STATUS]
    # Percent-encoding can triple a text; more of it is in the status.
    await context.abort(spec.code, short, trailers)


def _api_error(error: AppError, detail: str) -> errors_pb2.ApiError:
    message = errors_pb2.ApiError(
        http_status=CATALOG[error.reason].http,
        detail=_cut(detail, 1_000),
        reason=errors_pb2.Reason.Value(f"REASON_{error.reason.value}"),
    )
    room = MAX_DETAILS_BYTES - message.ByteSize()
    for text in error.errors:
        short = _cut(text, 500)
        room -= len(short.encode()) + 3
        if room < 0:
            break
        message.errors.append(short)
    for diagnostic in error.diagnostics:
        item = diagnostic_message(diagnostic)
        item.message, item.path = _cut(item.message, 1_000), _cut(item.path, 500)
        room -= item.ByteSize() + 3
        if room < 0:
            break
        message.diagnostics.append(item)
    omitted = len(error.diagnostics) - len(message.diagnostics)
    message.omitted_diagnostics = error.omitted_diagnostics + omitted
    return message


def _cut(text: str, limit: int) -> str:
    """Returns `text` in at most `limit` bytes of UTF-8, cut between characters."""
    data = text.encode()
    return text if len(data) <= limit else data[: limit - 3].decode(errors="ignore") + "…"
