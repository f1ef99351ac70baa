"""A call that grpc.aio carries."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NoReturn

import grpc
import grpc.aio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.core.catalog import Code
    from conjure.rpc.context import Metadata

    GrpcServicerContext = grpc.aio.ServicerContext[Any, Any]

_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}


class GrpcContext:
    """See `rpc.context`."""

    __slots__ = ("_context", "may_be_marked")

    def __init__(self, context: GrpcServicerContext, *, may_be_marked: bool = True) -> None:
        self._context = context
        self.may_be_marked = may_be_marked

    def read_headers(self) -> dict[str, str]:
        """See `rpc.context`."""
        headers: dict[str, str] = {}
        for key, value in self._context.invocation_metadata() or ():
            if isinstance(value, str):
                headers[key] = f"{headers[key]}, {value}" if key in headers else value
        return headers

    def read_binary_header(self, name: str) -> bytes:
        """Returns a header whose name ends in `-bin`. Raises KeyError."""
        value = dict(self._context.invocation_metadata() or ())[name]
        assert isinstance(value, bytes)  # noqa: S101 - by its name
        return value

    def peer(self) -> str:
        """See `rpc.context`."""
        return self._context.peer().rpartition(":")[0]

    def time_remaining(self) -> float | None:
        """See `rpc.context`."""
        return self._context.time_remaining()

    async def send_headers(self, headers: Mapping[str, str]) -> None:
        """See `rpc.context`."""
        await self._context.send_initial_metadata(tuple(headers.items()))

    def set_trailers(self, trailers: Metadata) -> None:
        """See `rpc.context`."""
        self._context.set_trailing_metadata(tuple(trailers))

    async def abort(self, code: Code, text: str, trailers: Metadata) -> NoReturn:
        """See `rpc.context`."""
        await self._context.abort(_CODES[code], text, trailing_metadata=tuple(trailers))

    async def write(self, message: bytes) -> None:
        """See `rpc.context`."""
        try:
            await self._context.write(message)
        except grpc.aio.UsageError as error:  # the caller has gone
            raise asyncio.CancelledError from error
