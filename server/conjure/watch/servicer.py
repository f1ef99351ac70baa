"""conjure.v1.WatchService."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.core.preconditions import uncoded
from conjure.rpc.messages import timestamp
from conjure.v1 import watch_service_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from conjure.rpc.call import Call
    from conjure.watch.service import WatchService


class WatchServicer:
    """proto ↔ watching."""

    def __init__(self, watching: WatchService) -> None:
        self._watching = watching

    async def WatchWorld(
        self, request: pb.WatchWorldRequest, call: Call
    ) -> AsyncGenerator[pb.WorldChange | None, None]:
        """Yields changes; None when it has begun and when nothing has happened for a tick."""
        from_rev = request.from_rev if request.HasField("from_rev") else None
        if call.is_rest:
            # A browser that reconnects repeats its URL: what it has seen since is in the header.
            from_rev = call.headers.get("last-event-id") or from_rev
        if from_rev is not None:
            from_rev = uncoded(from_rev)  # perhaps from an ETag
        changes = self._watching.watch(call.tenant, request.id, from_rev)
        async with contextlib.aclosing(changes):
            async for change in changes:
                yield (
                    None
                    if change is None
                    else pb.WorldChange(
                        rev=change.rev,
                        ops=change.ops,
                        time=timestamp(change.time_ms),
                        reset=change.is_reset,
                    )
                )
