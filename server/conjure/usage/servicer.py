"""conjure.v1.UsageService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.v1 import usage_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.rpc.call import Call
    from conjure.usage.service import UsageService


class UsageServicer:
    """proto ↔ usage."""

    def __init__(self, usage: UsageService) -> None:
        self._usage = usage

    async def GetUsage(self, request: pb.GetUsageRequest, call: Call) -> pb.GetUsageResponse:
        """Answers with today's use and caps."""
        usage = await self._usage.get(call.tenant)
        return pb.GetUsageResponse(day=usage.day, usage=usage.used, caps=usage.caps)
