"""gRPC health (grpc.health.v1) of one process: all of its services serve, or none does.

The library's servicer would do, but for two things that a drain needs. Its watches never end, so that a
server with one would always use up its whole grace. And it tells watchers one by one, under a lock that a
watcher which does not read holds for ever: the drain would not even begin.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from grpc_health.v1 import health_pb2, health_pb2_grpc

from conjure.core.errors import NotFound
from conjure.rpc.call import request_id_of
from conjure.rpc.errors import abort
from conjure.rpc.grpc_context import GrpcContext

if TYPE_CHECKING:
    from collections.abc import Iterable

    import grpc.aio

    Context = grpc.aio.ServicerContext[Any, Any]

_Answer: Final = health_pb2.HealthCheckResponse


class Health(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
    """Says for each of `names`, and for the server as a whole, whether calls are welcome."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(("", *names))
        self._status = _Answer.NOT_SERVING
        self._has_ended = False
        self._changed = asyncio.Event()

    @property
    def is_serving(self) -> bool:
        """Whether calls are welcome."""
        return bool(self._status == _Answer.SERVING)

    def serve(self) -> None:
        """From here on calls are welcome."""
        self._tell(_Answer.SERVING)

    def leave(self) -> None:
        """From here on they are not: clients and edges that ask go elsewhere."""
        self._tell(_Answer.NOT_SERVING)

    def end(self) -> None:
        """Ends all watches, also those that come."""
        self._has_ended = True
        self._tell(_Answer.NOT_SERVING)

    def _tell(self, status: int) -> None:
        self._status = status
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def Check(  # noqa: N802 - named as its RPC
        self, request: health_pb2.HealthCheckRequest, context: Context
    ) -> health_pb2.HealthCheckResponse:
        """Answers now. NOT_FOUND for a service that is not here."""
        if request.service not in self._names:
            ours = GrpcContext(context)
            request_id = request_id_of(ours.read_headers())
            await abort(ours, request_id, NotFound("this server has no such service"))
        return _Answer(status=self._status)

    async def List(  # noqa: N802 - named as its RPC
        self, request: health_pb2.HealthListRequest, context: Context
    ) -> health_pb2.HealthListResponse:
        """Answers now, for each service and for the server as a whole."""
        status = _Answer(status=self._status)
        return health_pb2.HealthListResponse(statuses=dict.fromkeys(self._names, status))

    async def Watch(  # noqa: N802 - named as its RPC
        self, request: health_pb2.HealthCheckRequest, context: Context
    ) -> None:
        """Tells the state now and whenever it changes; what a slow reader missed in between is left out."""
        last_sent = None
        while True:
            changed = self._changed
            known = request.service in self._names
            status = self._status if known else _Answer.SERVICE_UNKNOWN
            if status != last_sent:
                await context.write(_Answer(status=status))
                last_sent = status
            if self._has_ended:
                return
            await changed.wait()
