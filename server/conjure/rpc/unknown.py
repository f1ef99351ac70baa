"""Calls of RPCs that are not here, answered as every other failure is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

import grpc

from conjure.core.errors import MethodNotAllowed
from conjure.rpc.call import request_id_of
from conjure.rpc.errors import abort
from conjure.rpc.grpc_context import GrpcContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.rpc.context import TransportContext
    from conjure.rpc.grpc_context import GrpcServicerContext


class UnknownRpcs(grpc.GenericRpcHandler):
    """Takes every call that no handler before it has taken; it stands last.

    Without it grpc.aio answers such calls, in its own words and without an ApiError.
    """

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any]:
        """Returns the handler that refuses a call."""
        return _HANDLER


async def _refuse(requests: AsyncIterator[bytes], context: GrpcServicerContext) -> None:
    await refuse_unknown(GrpcContext(context))


async def refuse_unknown(context: TransportContext) -> NoReturn:
    """Ends a call of an RPC that is not here."""
    await abort(context, request_id_of(context.read_headers()), MethodNotAllowed(_DETAIL))


_DETAIL: Final = "this server has no such RPC"
# As a stream in both directions it fits every call, and reads no message of it.
_HANDLER: Final[grpc.RpcMethodHandler[Any, Any]] = grpc.stream_stream_rpc_method_handler(_refuse)
