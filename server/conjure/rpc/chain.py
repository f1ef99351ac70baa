"""The layers around every handler, outermost first, and the reason for each place.

They are composed once per method at start-up, not looked up per call: a layer is a function from the
next step to a step.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import structlog
from google.api import httpbody_pb2

from conjure.core.catalog import CATALOG, NOT_MODIFIED
from conjure.core.errors import (
    InvalidCredential,
    InvalidField,
    MalformedRequest,
    Overloaded,
    PayloadTooLarge,
    UnprocessableCreation,
)
from conjure.rpc.call import Call
from conjure.rpc.deadlines import Deadlines
from conjure.rpc.decode import check_required, decode_assertion, decode_body, decode_query
from conjure.rpc.encode import encoder_of
from conjure.rpc.errors import (
    HTTP_STATUS,
    abort,
    as_app_error,
    error_headers,
    last_event,
    rest_body,
)
from conjure.rpc.telemetry import observed
from conjure.v1 import auth_pb2, rest_pb2

if TYPE_CHECKING:
    import grpc.aio
    from google.protobuf.message import Message

    from conjure.rates.limiter import RateLimiter
    from conjure.rpc.auth import Authenticator
    from conjure.rpc.inflight import InFlight, Streams
    from conjure.rpc.methods import Method
    from conjure.rpc.tracing import Tracer

log = structlog.get_logger(__name__)

Step = Callable[[Call], Awaitable[Any]]
Layer = Callable[["Method", "Surroundings", Step], Step]
Handler = Callable[[Any, Call], Awaitable[Any]]

_JSON: Final = "application/json"
# Room for the envelope around a body: its tags, the content type, the path parameters.
_ENVELOPE_BYTES: Final = 65_536


class Surroundings:
    """What the layers need from the process."""

    def __init__(
        self,
        authenticator: Authenticator,
        in_flight: InFlight,
        streams: Streams,
        rates: RateLimiter,
        *,
        deadline_s: float,
        max_inflight: int,
        max_streams: int,
        stream_write_s: float,
        stream_keep_alive_s: float,
        tracer: Tracer | None,
        log_calls: bool,
    ) -> None:
        self.authenticator = authenticator
        self.in_flight = in_flight
        self.streams = streams
        self.rates = rates
        self.deadline_s = deadline_s
        self.deadlines = Deadlines()
        self.max_inflight = max_inflight
        self.max_streams = max_streams
        self.stream_write_s = stream_write_s
        self.stream_keep_alive_s = stream_keep_alive_s
        self.tracer = tracer
        self.log_calls = log_calls


def counted(method: Method, around: Surroundings, following: Step) -> Step:
    """Counts the call, so that a drain can wait for its last line, error answers included."""
    in_flight = around.streams if method.is_stream else around.in_flight

    async def step(call: Call) -> Any:
        with in_flight:
            return await following(call)

    return step


def errors(method: Method, around: Surroundings, following: Step) -> Step:
    """Turns every exception into an answer; nothing below may abort, nothing leaks past here.

    A CancelledError that escaped would leave the caller waiting for its deadline (grpc/issues/29248).
    """

    async def step(call: Call) -> Any:
        try:
            return await following(call)
        except (Exception, asyncio.CancelledError) as raised:  # noqa: BLE001 - see above
            error = as_app_error(raised, call)
        call.failure = error.reason
        spec = CATALOG[error.reason]
        level = "warning" if spec.http >= 500 else "debug"
        getattr(log, level)("call failed", reason=error.reason, status=spec.http)
        if call.is_rest and call.headers_sent and method.is_stream:
            return last_event(error)
        if not call.is_rest or call.headers_sent:
            await abort(call, error)
        with contextlib.suppress(asyncio.CancelledError):  # nobody is left to tell
            await call.send_headers(error_headers(error))
        return http_body(rest_body(error))

    return step


def bounded(method: Method, around: Surroundings, following: Step) -> Step:
    """Refuses what this process cannot take, at once and in the contract's shape.

    gRPC's own limit (`maximum_concurrent_rpcs`) answers with a status the REST face never sees.
    """
    in_flight, limit = around.in_flight, around.max_inflight
    if method.is_stream:  # streams last: they would take the places of all others
        in_flight, limit = around.streams, around.max_streams

    async def step(call: Call) -> Any:
        if in_flight.count > limit:
            raise Overloaded
        return await following(call)

    return step


def deadline(method: Method, around: Surroundings, following: Step) -> Step:
    """Ends the call when the caller's deadline, or ours, passes."""
    longest, deadlines = around.deadline_s, around.deadlines

    async def step(call: Call) -> Any:
        remaining = call.context.time_remaining()
        limit_s = longest if remaining is None else min(remaining, longest)
        return await deadlines.within(limit_s, following(call))

    return step


def face(method: Method, around: Surroundings, following: Step) -> Step:
    """Writes the answer: JSON and headers for the edge, the typed message for everybody else."""
    encoder = encoder_of(method.response.DESCRIPTOR)

    async def step(call: Call) -> Any:
        response = await following(call)
        if not call.is_rest:
            if call.response_headers:
                await call.send_headers(call.response_headers)
            call.context.set_trailing_metadata((("x-request-id", call.request_id),))
            return response.SerializeToString()
        body, headers = encoder.encode(response)
        headers.update(call.response_headers)
        if call.not_modified:
            headers[HTTP_STATUS] = str(NOT_MODIFIED)
            body = b""
        if headers:
            await call.send_headers(headers)
        return http_body(body)

    return step


def auth(method: Method, around: Surroundings, following: Step) -> Step:
    """Asks who calls, before the body is read: strangers do not cost a parse.

    A session token may stand in the body instead (CONTRACT 0.1); only then the body is read first.
    Addresses that keep failing are refused before their next credential is looked at.
    """
    authenticator, rates = around.authenticator, around.rates
    scheme = method.scheme
    if scheme == auth_pb2.SCHEME_PUBLIC:
        return following

    async def step(call: Call) -> Any:
        credential = call.bearer
        if credential is None and scheme == auth_pb2.SCHEME_SESSION_TOKEN:
            message: Any = request_of(call)
            credential = message.token or None
        if rates.has_failures:
            rates.check_stranger(call.client, lambda: authenticator.has_seen(credential))
        try:
            if scheme == auth_pb2.SCHEME_API_KEY:
                call.caller = await authenticator.api_key(credential, method.scope)
            elif scheme == auth_pb2.SCHEME_SESSION_TOKEN:
                origin = call.headers.get("origin")
                call.caller = await authenticator.session_token(credential, origin)
            else:
                call.caller = authenticator.user(credential)
        except InvalidCredential:
            rates.failed(call.client)
            raise
        return await following(call)

    return step


def rated(method: Method, around: Surroundings, following: Step) -> Step:
    """Refuses a caller that calls too often: after `auth`, which says who it is; before its body is read.

    A stream counts once, when it opens.
    """
    rates = around.rates
    if method.scheme == auth_pb2.SCHEME_PUBLIC:
        return following

    async def step(call: Call) -> Any:
        assert call.caller is not None  # noqa: S101 - the auth layer put it there
        rates.spend(call.caller)
        return await following(call)

    return step


def handle(method: Method, around: Surroundings, following: Step) -> Step:
    """Reads the request, checks what is REQUIRED, and hands over."""

    async def step(call: Call) -> Any:
        try:
            check_required(request_of(call))
        except InvalidField as error:
            if method.is_creation:
                raise UnprocessableCreation(*error.errors) from error
            raise
        return await following(call)

    return step


CHAIN: Final[tuple[Layer, ...]] = (
    counted,
    observed,
    errors,
    bounded,
    deadline,
    face,
    auth,
    rated,
    handle,
)


def compose(
    method: Method, around: Surroundings, handler: Handler
) -> Callable[[bytes, grpc.aio.ServicerContext[bytes, bytes]], Awaitable[bytes]]:
    """Returns the whole way of a call of `method`, from raw bytes to raw bytes."""

    async def innermost(call: Call) -> Any:
        return await handler(call.request_message, call)

    step: Step = innermost
    for layer in reversed(CHAIN):
        step = layer(method, around, step)

    async def serve(raw: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        answer: bytes = await step(Call(method, context, raw))
        return answer

    return serve


def request_of(call: Call) -> Message:
    """Reads the request of a call, once.

    Raises PayloadTooLarge, MalformedRequest (not a message, not JSON), InvalidField (ill-typed).
    """
    if call.request_message is not None:
        return call.request_message
    method = call.method
    limit = method.max_request_bytes
    if len(call.raw) > limit + (_ENVELOPE_BYTES if call.is_rest else 0):
        raise PayloadTooLarge
    try:
        message = method.request.FromString(call.raw)
        envelope = rest_pb2.RestEnvelope.FromString(call.raw) if call.is_rest else None
    except Exception as error:  # protobuf raises DecodeError and, for some inputs, others
        raise MalformedRequest("the request is not a message of this method") from error
    if envelope is not None:
        if method.has_body:
            if len(envelope.http_body.data) > limit:
                raise PayloadTooLarge
            decode_body(
                envelope.http_body.data,
                message,
                except_fields=method.path_fields,
                is_patch=method.verb == "PATCH",
                must_name=method.must_name,
            )
        else:
            if method.verb == "DELETE":
                # Its body means nothing (RFC 9110, 9.3.5) but for a revision asserted there (CONTRACT 0).
                decode_assertion(envelope.http_body.data, message)
            original = call.headers.get("x-envoy-original-path", "")
            decode_query(original, message, except_fields=method.path_fields)
    call.request_message = message
    return message


def http_body(data: bytes) -> bytes:
    """Wraps a JSON body for the edge."""
    wrapped: bytes = httpbody_pb2.HttpBody(content_type=_JSON, data=data).SerializeToString()
    return wrapped
