"""Opens connections to addresses that were checked, and to no others.

The client asks for a name; the connection goes to one of the addresses that it had when it was checked.
TLS and `Host` still speak of the name: its certificate is what is verified.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpcore

from conjure.providers.addresses import checked_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.providers.addresses import Resolver


class CheckedDialler(httpcore.AsyncNetworkBackend):
    """Where the HTTP library opens its connections."""

    def __init__(self, resolver: Resolver, *, allows_private: bool) -> None:
        self._resolver = resolver
        self._allows_private = allows_private
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises AddressRefused; ConnectError and ConnectTimeout of the last address that was tried."""
        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else loop.time() + timeout
        addresses = await checked_addresses(
            host, port, allows_private=self._allows_private, resolver=self._resolver
        )
        last = len(addresses) - 1
        for position, address in enumerate(addresses):
            # Each gets its share of the time: the first one may swallow what it is sent.
            share = None if deadline is None else (deadline - loop.time()) / (last + 1 - position)
            try:
                return await self._inner.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if position == last:
                    raise
        raise AssertionError("a checked name has an address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never: what leaves the process goes over TCP."""
        raise httpcore.UnsupportedProtocol("no socket files")

    async def sleep(self, seconds: float) -> None:
        """Between attempts, of which there is one."""
        await self._inner.sleep(seconds)
