"""A call that came over HTTP/1.1."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.core.catalog import Code
    from conjure.rpc.context import Metadata


class Aborted(Exception):
    """A call that has ended with a status and without a message."""


class Http1Context:
    """See `rpc.context`. What is sent stays here until the answer goes out, all of it at once."""

    __slots__ = ("_ends_at", "_headers", "_peer", "code", "headers", "text", "trailers")

    may_be_marked = True  # only edges reach this listener

    def __init__(self, headers: dict[str, str], peer: str, ends_at: float | None) -> None:
        """`headers` are as `read_headers` has them; `ends_at` is on the loop's clock."""
        self._headers = headers
        self._peer = peer
        self._ends_at = ends_at
        self.headers: Mapping[str, str] = {}
        self.trailers: Metadata = ()
        self.code = 0
        self.text = ""

    def read_headers(self) -> dict[str, str]:
        """See `rpc.context`."""
        return self._headers

    def peer(self) -> str:
        """See `rpc.context`."""
        return self._peer

    def time_remaining(self) -> float | None:
        """See `rpc.context`."""
        if self._ends_at is None:
            return None
        return max(0.0, self._ends_at - asyncio.get_running_loop().time())

    async def send_headers(self, headers: Mapping[str, str]) -> None:
        """See `rpc.context`."""
        self.headers = headers

    def set_trailers(self, trailers: Metadata) -> None:
        """See `rpc.context`."""
        self.trailers = trailers

    async def abort(self, code: Code, text: str, trailers: Metadata) -> NoReturn:
        """See `rpc.context`."""
        self.code, self.text, self.trailers = code, text, trailers
        raise Aborted
