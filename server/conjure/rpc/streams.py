"""The layers around a handler that streams: those of `rpc.chain` where they fit, others where they do not.

Such a handler is an async generator of messages. There are two kinds of streams (`contract.Rpc.is_lasting`):

- One that *lasts* has no end of its own: somebody watches. It is no call any more once it is open; it may
  be ended for others, by a drain, and when its key is revoked, and its caller goes on from what it has. Its
  handler yields None at least twice a second: once it has begun, and while it waits. That is when headers
  go out, keys are looked at again and keep-alives are sent, without a task or a timer per stream.
- One that *ends* is a call whose answer is told while it is made: a character speaks. It has the deadline,
  the shares and the drain of a call that waits for a model, and nobody ends it for others, as it cannot be
  resumed. Who may call is asked once, when it begins, as of every call. Its headers go out with its first
  message, so that what fails until then is an ordinary error with a status. Between messages it may yield
  None: over Server-Sent Events that is when keep-alives are sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any, Final, cast

from conjure.core.errors import StoreUnavailable, StreamInterrupted
from conjure.rpc.assertions import calling
from conjure.rpc.chain import admit, auth, count, deadline, errors, handle, rate_limit, share
from conjure.rpc.encode import JSON, encoder_of, event_id_of
from conjure.rpc.errors import event_body
from conjure.rpc.render import body_head, http_body
from conjure.rpc.telemetry import observe
from conjure.v1 import auth_pb2

if TYPE_CHECKING:
    from conjure.rpc.call import Call
    from conjure.rpc.context import StreamTransportContext
    from conjure.rpc.layer import Handler, Layer, ServerContext, Step
    from conjure.rpc.methods import Method

Items = AsyncGenerator[Any, None]
StreamHandler = Callable[[Any, "Call"], Items]

_RECHECK_S: Final = 0.4  # a revoked key ends within 1 s (CONTRACT 0.1); processes hear of it in 0.2
_REST_HEADERS: Final = {"cache-control": "no-store"}
_TOO_SLOW: Final = "this caller reads too slowly; ask again from the last message that it has"


def until_drained(method: Method, server: ServerContext, following: Step) -> Step:
    """Lets the call run until its caller's own deadline passes, a drain begins, or it has to give way."""
    streams = server.streams

    async def step(call: Call) -> Any:
        async with (
            streams.until_closed() as call.give_way,
            asyncio.timeout(call.context.time_remaining()),
        ):
            return await following(call)

    return step


def render_stream(method: Method, server: ServerContext, following: Step) -> Step:
    """Writes the messages: typed over gRPC; for the edge events, or the pieces of a body that is no JSON.

    The next message is asked for when the last one is on its way, so a slow reader holds the handler up,
    and nothing piles up here. A caller that takes nothing for long is ended: a message is not to be kept
    for ever.
    """
    write_s, keep_alive_s = server.limits.stream_write_s, server.limits.stream_keep_alive_s
    to_rest = rest_writer(method)
    has_events = encoder_of(method.response.DESCRIPTOR).media_type == JSON

    async def write(call: Call, data: bytes) -> None:
        try:
            async with asyncio.timeout(write_s) as waited:
                await cast("StreamTransportContext", call.context).write(data)
        except TimeoutError:
            if waited.expired():
                raise StreamInterrupted(_TOO_SLOW) from None
            raise

    async def open_stream(call: Call) -> None:
        if not call.is_rest:
            await call.send_headers(call.response_headers)
            return
        await call.send_headers(call.response_headers | _REST_HEADERS)
        if method.is_lasting:  # who is cut off asks again, and says from where on
            await write(call, event_body(b"retry: 1000\n\n"))

    async def step(call: Call) -> None:
        now = asyncio.get_running_loop().time
        items: Items = await following(call)
        written = now()
        async with contextlib.aclosing(items):
            async for item in items:
                if not call.headers_sent:
                    if item is None and not method.is_lasting:
                        continue
                    await open_stream(call)
                    if call.verb == "HEAD":  # it asked for the headers alone
                        break
                if item is not None:
                    data = to_rest(item) if call.is_rest else item.SerializeToString()
                elif call.is_rest and has_events and now() - written > keep_alive_s:
                    data = event_body(b": keep-alive\n\n")
                else:
                    continue
                await write(call, data)
                written = now()
                if call.bill is not None and call.caller is not None:
                    call.bill.sent(call.caller, len(data))
        call.context.set_trailers((("x-request-id", call.request_id),))

    return step


def reauthorize(method: Method, server: ServerContext, following: Step) -> Step:
    """Ends the stream when its key is revoked: what a call may do is not settled once for an hour."""
    if method.scheme != auth_pb2.SCHEME_API_KEY:
        raise TypeError(f"{method.full_name}: a stream that lasts asks for an API key")
    authenticator, scope = server.authenticator, method.scope

    async def checked(call: Call, items: Items) -> Items:
        now = asyncio.get_running_loop().time
        again_at = now() + _RECHECK_S
        async with contextlib.aclosing(items):
            async for item in items:
                if now() >= again_at:
                    # Without the store there is nothing to give away either.
                    with contextlib.suppress(StoreUnavailable):
                        await authenticator.api_key(call.bearer, scope)
                    again_at = now() + _RECHECK_S
                yield item

    async def step(call: Call) -> Items:
        return checked(call, await following(call))

    return step


def hold(method: Method, server: ServerContext, following: Step) -> Step:
    """Makes the call a stream: it is counted as one from here on, and no more as a call in progress.

    Another's stream may be ended for it. So that is after `auth` and `rate_limit`, and when the first item is
    there: a call that is refused (404) never was a stream.
    """
    pool = server.open_streams

    async def held(call: Call, items: Items) -> Items:
        assert call.caller is not None  # noqa: S101 - the auth layer put it there
        is_held = False
        async with contextlib.aclosing(items):
            async for item in items:
                if not is_held:
                    is_held = True
                    opening = call.place
                    call.place = pool.take_until(
                        call.give_way, (call.address, *call.caller.holders)
                    )
                    opening.give_back()
                yield item

    async def step(call: Call) -> Items:
        return held(call, await following(call))

    return step


LASTING_CHAIN: Final[tuple[Layer, ...]] = (
    count,
    observe,
    errors,
    admit,
    until_drained,
    render_stream,
    reauthorize,
    auth,
    rate_limit,
    hold,
    handle,
)

ENDING_CHAIN: Final[tuple[Layer, ...]] = (
    count,
    observe,
    errors,
    admit,
    deadline,
    render_stream,
    auth,
    rate_limit,
    share,
    handle,
)


def compose_stream(method: Method, server: ServerContext, handler: StreamHandler) -> Step:
    """Returns the whole way of a streaming call of `method`.

    A step of it answers with None, or with what is left to be written: an error, for the edge.
    """
    if not method.is_read and any(binding.verb == "GET" for binding in method.bindings):
        raise TypeError(f"{method.full_name}: browsers repeat a GET, so it has no side effects")

    called = cast("Callable[[Call], Items]", calling(method, cast("Handler", handler)))

    async def innermost(call: Call) -> Items:
        return called(call)

    step: Step = innermost
    for layer in reversed(LASTING_CHAIN if method.is_lasting else ENDING_CHAIN):
        step = layer(method, server, step)
    return step


def rest_writer(method: Method) -> Callable[[Any], bytes]:
    """Returns what turns a message of `method` into what the edge sends: an event, or a piece of the body."""
    encoder = encoder_of(method.response.DESCRIPTOR)
    if encoder.media_type != JSON:
        if encoder.type_field is not None:
            raise TypeError(f"{method.full_name}: the pieces of a body have one content type")
        head = body_head(encoder.media_type)
        return lambda message: http_body(encoder.encode(message)[0], head=head)
    id_field = event_id_of(method.response.DESCRIPTOR)
    if id_field is not None and not method.is_lasting:
        raise TypeError(f"{method.full_name}: who is cut off cannot resume, so events have no ids")
    head = f"event: {method.event}\n".encode()

    def to_event(message: Any) -> bytes:
        body, _ = encoder.encode(message)  # one line: orjson writes no line breaks
        identity = "" if id_field is None else f"id: {getattr(message, id_field)}\n"
        return event_body(b"".join((identity.encode(), head, b"data: ", body, b"\n\n")))

    return to_event
