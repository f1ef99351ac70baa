"""The layers around every handler, outermost first, and the reason for each place.

`rpc.layer` says what a layer is. One that only does something before the next step is a plain function that
returns what the next one returns: a coroutine fewer in each call.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Any, Final

import structlog

from conjure.core.catalog import CATALOG
from conjure.core.errors import (
    ConflictingPreconditions,
    DeadlineExceeded,
    InvalidCredential,
    InvalidField,
    MalformedRequest,
    MissingCredential,
    Overloaded,
    PayloadTooLarge,
    TooHeavy,
    UnprocessableCreation,
)
from conjure.core.preconditions import uncoded
from conjure.core.room import LARGE_BYTES, can_read
from conjure.core.weights import is_heavier, is_heavier_than_a_picture
from conjure.rpc.assertions import calling
from conjure.rpc.decode import check_required, decode_assertion, decode_body, decode_query
from conjure.rpc.errors import (
    TOO_MUCH,
    abort,
    as_app_error,
    error_headers,
    last_word,
    rest_body,
)
from conjure.rpc.heavy.pool import REASON
from conjure.rpc.render import http_body, render
from conjure.rpc.telemetry import observe
from conjure.v1 import auth_pb2, rest_pb2

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from google.protobuf.message import Message

    from conjure.rpc.call import Call
    from conjure.rpc.layer import Handler, Layer, ServerContext, Step
    from conjure.rpc.methods import Method

log = structlog.get_logger(__name__)

# Room for the envelope around a body: its tags, the content type, the path parameters.
_ENVELOPE_BYTES: Final = 65_536

_MISPLACED: Final = (
    "this server takes edges' calls on another listener: CONJURE_EDGE_CALLS of the two differs"
)

# A body that is read before it is known who sent it: a token and a few members are well below. 16 KiB made of
# empty objects are 50,000, and would take 4 ms of the loop.
_STRANGERS_WEIGHT: Final = 12_288

# A JWT begins with `{"`, in base64. Matched once, at the first: a search would be quadratic in what is sent.
_TOKEN_BEGIN: Final = b"eyJ"
_TOKEN: Final = re.compile(rb"eyJ[\w-]*+\.[\w-]*+\.[\w-]*+")


def count(method: Method, server: ServerContext, following: Step) -> Step:
    """Counts the call, so that a drain can wait for its last line, error answers included."""
    in_flight = server.streams if method.is_lasting else server.in_flight

    async def step(call: Call) -> Any:
        with in_flight:
            return await following(call)

    return step


def errors(method: Method, server: ServerContext, following: Step) -> Step:
    """Turns every exception into an answer; nothing below may abort, nothing leaks past here.

    A CancelledError that escaped would leave the caller waiting for its deadline (grpc/issues/29248).
    """

    async def step(call: Call) -> Any:
        try:
            return await following(call)
        except (Exception, asyncio.CancelledError) as raised:  # noqa: BLE001 - see above
            # Without its traceback: that has this very frame, which has the error. Such a circle keeps all
            # that the call's frames hold, a refused document too, until the garbage collector comes by.
            error = as_app_error(raised, call).with_traceback(None)
        call.release()
        call.failure = error.reason
        spec = CATALOG[error.reason]
        level = "warning" if spec.http >= 500 else "debug"
        getattr(log, level)("call failed", reason=error.reason, status=spec.http)
        if call.is_rest and call.headers_sent and method.is_stream:
            return last_word(method, error)
        if not call.is_rest or call.headers_sent:
            await abort(call.context, call.request_id, error, tells_edge=call.is_misplaced)
        headers = error_headers(error)
        if method.scheme == auth_pb2.SCHEME_PUBLIC:
            # A shared cache may keep a 404 for as long as it likes (RFC 9111, 4.2.2), and what is missing may
            # come: a file of the release that is being rolled out.
            headers["cache-control"] = "no-store"
        if server.is_relay:  # for the process that relayed the call
            headers[REASON] = error.reason.value
        with contextlib.suppress(asyncio.CancelledError):  # nobody is left to tell
            await call.send_headers(headers)
        return http_body(rest_body(error))

    return step


def admit(method: Method, server: ServerContext, following: Step) -> Step:
    """Refuses what this process cannot take, at once and in the contract's shape; an address has its share.

    gRPC's own limit (`maximum_concurrent_rpcs`) answers with a status the REST face never sees.
    A stream that lasts is a call until `rpc.streams.hold` knows who opens it.
    """
    pool = server.calls

    async def step(call: Call) -> Any:
        if call.is_misplaced:
            log.warning(_MISPLACED)
            raise Overloaded(_MISPLACED)
        if call.is_dropped:
            raise Overloaded
        call.place = pool.take((call.address,))
        try:
            return await following(call)
        finally:
            call.place.give_back()

    return step


def deadline(method: Method, server: ServerContext, following: Step) -> Step:
    """Ends the call when the caller's deadline, or ours, passes."""
    limits, deadlines = server.limits, server.deadlines
    longest = limits.model_deadline_s if method.waits_for_model else limits.deadline_s

    def step(call: Call) -> Awaitable[Any]:
        remaining = call.context.time_remaining()
        if remaining is not None and remaining <= 0:  # nobody waits for it: before any effect
            raise DeadlineExceeded
        limit_s = longest if remaining is None else min(remaining, longest)
        return deadlines.within(limit_s, following(call))

    return step


def charge(method: Method, server: ServerContext, following: Step) -> Step:
    """Charges the answer to the caller's rate: outside of `render`, which makes it."""
    rates = server.rates

    async def step(call: Call) -> Any:
        answer: bytes = await following(call)
        if call.bill is not None and call.caller is not None:
            rates.answered(call.caller, len(call.raw), len(answer))
        return answer

    return step


def auth(method: Method, server: ServerContext, following: Step) -> Step:
    """Asks who calls, before the body is read: strangers do not cost a parse.

    A session token may stand in the body instead (CONTRACT 0.1); only then the body is read first.
    Addresses that keep failing are refused before their next credential, or such a body, is looked at.
    """
    authenticator, rates = server.authenticator, server.rates
    scheme = method.scheme
    if scheme == auth_pb2.SCHEME_PUBLIC:
        return following

    async def step(call: Call) -> Any:
        credential = call.bearer
        in_body = credential is None and scheme == auth_pb2.SCHEME_SESSION_TOKEN
        if rates.has_failures:
            rates.check_stranger(
                call.client,
                lambda: authenticator.has_seen(token_in(call.raw) if in_body else credential),
            )
        try:
            if in_body:
                credential = token_of(call)
            if scheme == auth_pb2.SCHEME_API_KEY:
                call.caller = await authenticator.api_key(credential, method.scope)
            elif scheme == auth_pb2.SCHEME_SESSION_TOKEN:
                call.caller = await authenticator.session_token(
                    credential, call.headers, accepts_expired=method.accepts_expired
                )
            else:
                call.caller = await authenticator.user(credential)
        except (
            InvalidCredential,
            MissingCredential,
            MalformedRequest,
            InvalidField,
            PayloadTooLarge,
        ):
            if credential is not None or in_body:  # a look at the headers costs nothing
                rates.failed(call.client)
            raise
        return await following(call)

    return step


def rate_limit(method: Method, server: ServerContext, following: Step) -> Step:
    """Refuses a caller that calls too often: after `auth`, which says who it is; before its body is read.

    The size of the body counts, and what the call costs later is charged: `charge`, `Call.worked`. A stream
    counts once when it opens, and for what it is sent.
    """
    rates = server.rates
    if method.scheme == auth_pb2.SCHEME_PUBLIC:
        return following

    def step(call: Call) -> Awaitable[Any]:
        assert call.caller is not None  # noqa: S101 - the auth layer put it there
        rates.spend(call.caller, len(call.raw))
        call.bill = rates
        return following(call)

    return step


def share(method: Method, server: ServerContext, following: Step) -> Step:
    """Counts the call for the shares of its key and its app: after `auth`, which says whose it is."""
    if method.scheme == auth_pb2.SCHEME_PUBLIC:
        return following

    def step(call: Call) -> Awaitable[Any]:
        assert call.caller is not None  # noqa: S101 - the auth layer put it there
        call.place.join(call.caller.holders)
        return following(call)

    return step


def handle(method: Method, server: ServerContext, following: Step) -> Step:
    """Reads the request, checks what is REQUIRED, and hands over; or has a heavy worker do all of that."""
    heavy, longest = server.heavy, method.max_request_bytes + _ENVELOPE_BYTES
    # A model may take a minute, and a heavy worker has one call at a time: what goes there are documents.
    weighs_more = is_heavier_than_a_picture if method.waits_for_model else is_heavier
    if method.is_stream:  # it reads no document, and there is no way to relay it
        heavy = None

    def read_and_call(call: Call) -> Awaitable[Any]:
        try:
            check_required(request_of(call))
        except MemoryError as error:  # of anything later nobody knows how far it came
            log.error("out of memory")
            raise Overloaded(TOO_MUCH) from error
        except InvalidField as error:
            if method.is_creation:
                raise UnprocessableCreation(*error.errors) from error
            raise
        return following(call)

    async def read_large(call: Call) -> Any:
        assert call.caller is not None  # noqa: S101 - the auth layer put it there
        with server.large.take((call.address, *call.caller.holders)):
            return await read_and_call(call)

    def read(call: Call) -> Awaitable[Any]:
        is_large = method.waits_for_model and len(call.raw) > LARGE_BYTES
        return read_large(call) if is_large else read_and_call(call)

    if heavy is None:
        return read

    async def step(call: Call) -> Any:
        if len(call.raw) > LARGE_BYTES and not can_read(len(call.raw)):
            raise Overloaded
        if weighs_more(call.raw, heavy.request_bytes) and len(call.raw) <= longest:
            return await heavy.answer(call)
        with contextlib.suppress(TooHeavy):
            return await read(call)
        # Outside of any `except`: an error that is still handled keeps its frames, and they a document. What
        # was read of the request goes too, or each call in the queue has it three times.
        call.request_message = None
        return await heavy.answer(call)

    return step


CHAIN: Final[tuple[Layer, ...]] = (
    count,
    observe,
    errors,
    admit,
    deadline,
    charge,
    render,
    auth,
    rate_limit,
    share,
    handle,
)


def compose(method: Method, server: ServerContext, handler: Handler) -> Step:
    """Returns the whole way of a call of `method`, to the bytes of its answer, whatever carries it."""
    step = calling(method, handler)
    for layer in reversed(CHAIN):
        step = layer(method, server, step)
    return step


def token_of(call: Call) -> str | None:
    """Returns the session token that the body of a call holds; of a call without a body none.

    Raises MalformedRequest (it is also more than a few members), InvalidField, PayloadTooLarge.
    """
    most = call.method.max_request_bytes + (_ENVELOPE_BYTES if call.is_rest else 0)
    if len(call.raw) <= most and is_heavier(call.raw, _STRANGERS_WEIGHT):
        raise MalformedRequest("the body has too many members for what it has to say")
    message: Any = request_of(call)
    return getattr(message, "token", "") or None


def token_in(raw: bytes) -> str | None:
    """What looks like a session token in an unread body: enough to ask whether it has worked before."""
    found = _TOKEN.match(raw, max(0, raw.find(_TOKEN_BEGIN)))
    return None if found is None else found[0].decode()


def request_of(call: Call) -> Message:
    """Reads the request of a call, once.

    Raises PayloadTooLarge, MalformedRequest (not a message, not JSON), InvalidField (ill-typed), MemoryError.
    """
    if call.request_message is not None:
        return call.request_message
    method = call.method
    limit = method.max_request_bytes
    if len(call.raw) > limit + (_ENVELOPE_BYTES if call.is_rest else 0):
        raise PayloadTooLarge
    try:
        envelope = rest_pb2.RestEnvelope.FromString(call.raw) if call.is_rest else None
        # Of the message itself the edge sends what stands in the path.
        is_empty = call.is_rest and not method.path_fields
        message = method.request() if is_empty else method.request.FromString(call.raw)
    except MemoryError:
        raise
    except Exception as error:  # protobuf raises DecodeError and, for some inputs, others
        raise MalformedRequest("the request is not a message of this method") from error
    if envelope is not None:
        binding = method.binding_of(call.verb)
        if binding is not None and binding.has_body:
            if len(envelope.http_body.data) > limit:
                raise PayloadTooLarge
            decode_body(
                envelope.http_body.data,
                message,
                except_fields=method.path_fields,
                is_patch=binding.verb == "PATCH",
                must_name=method.must_name,
            )
        else:
            if binding is not None and binding.verb == "DELETE":
                # Its body means nothing (RFC 9110, 9.3.5) but for a revision asserted there (CONTRACT 0).
                decode_assertion(envelope.http_body.data, message)
            asserted = getattr(message, "expected_rev", "")
            original = call.headers.get("x-envoy-original-path", "")
            decode_query(original, message, except_fields=method.path_fields)
            if asserted and uncoded(asserted) != uncoded(getattr(message, "expected_rev", "")):
                raise ConflictingPreconditions
    call.request_message = message
    return message
