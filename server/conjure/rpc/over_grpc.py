"""Composed calls as handlers of grpc.aio: from the transport's bytes and context to a `Call`, and back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import grpc
import orjson

from conjure.core.transports import EdgeTransport, edge_transport
from conjure.rpc.call import RELAYED, Call
from conjure.rpc.errors import CUT
from conjure.rpc.grpc_context import GrpcContext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.rpc.grpc_context import GrpcServicerContext
    from conjure.rpc.layer import Step
    from conjure.rpc.methods import Method

Serve = Callable[[bytes, "GrpcServicerContext"], Awaitable[bytes]]
"""The whole way of a unary call over gRPC, from raw bytes to raw bytes."""

_LAST_WORD_S: Final = 1.0


class KnownRpcs(grpc.GenericRpcHandler):
    """All RPCs by their full names: grpc.aio asks one handler after the other, at every call."""

    def __init__(self, handlers: Mapping[str, grpc.RpcMethodHandler[Any, Any]]) -> None:
        self._handlers = handlers

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Returns the handler of a call; None for what is not here."""
        return self._handlers.get(handler_call_details.method)


def unary_handler(
    method: Method,
    step: Step,
    edge_calls: EdgeTransport,
    within: Callable[[Serve], Serve] | None = None,
) -> grpc.RpcMethodHandler[Any, Any]:
    """Returns the handler of a unary RPC; `within` is what a heavy worker puts around each call."""
    # Raw bytes in and out: reading and writing are layers of the chain, so that a message that cannot be read
    # is answered like every other error.
    if within is not None:
        return grpc.unary_unary_rpc_method_handler(within(_relayed(method, step)))
    may_be_marked = edge_transport(edge_calls, is_stream=False) is EdgeTransport.GRPC

    async def serve(raw: bytes, context: GrpcServicerContext) -> bytes:
        call = Call(method, GrpcContext(context, may_be_marked=may_be_marked), raw)
        del raw  # `call.release` is to be what frees it
        answer: bytes = await step(call)
        return answer

    return grpc.unary_unary_rpc_method_handler(serve)


def _relayed(method: Method, step: Step) -> Serve:
    async def serve(raw: bytes, context: GrpcServicerContext) -> bytes:
        ours = GrpcContext(context)
        call = Call(method, ours, raw, relayed=orjson.loads(ours.read_binary_header(RELAYED)))
        del raw
        answer: bytes = await step(call)
        return answer

    return serve


def stream_handler(method: Method, step: Step) -> grpc.RpcMethodHandler[Any, Any]:
    """Returns the handler of an RPC that answers with a stream."""

    async def serve(raw: bytes, context: GrpcServicerContext) -> None:
        ours = GrpcContext(context)
        last: bytes | None = await step(Call(method, ours, raw))
        if last is None:
            return
        try:  # an error, for the edge
            async with asyncio.timeout(_LAST_WORD_S):
                await ours.write(last)
        except (Exception, asyncio.CancelledError):  # noqa: BLE001 - they are gRPC's
            # Whoever has gone, or has a message stuck on its way, hears nothing.
            if last is CUT:
                # Nor may it find an end like any other, should it read on: gRPC sends a status unless its
                # handler is cancelled. Then the call ends when its route times out at the edge.
                raise asyncio.CancelledError from None

    return grpc.unary_stream_rpc_method_handler(serve)
