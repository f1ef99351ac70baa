"""Connections to addresses that were checked, and to no others; kept a while for the next call to the host.

The client asks for a name; the connection goes to one of the addresses that it had when it was checked.
TLS still speaks of the name: its certificate is what is verified.

The library's own pool is not used. It loses a place for a call that is cancelled at a bad moment, until none
is left, and looks at every idle connection for every call: 2 to 3 ms of CPU with 64 of them, 0.4 here.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING, Any, Final

import httpcore

from conjure.providers.addresses import checked_addresses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.core.urls import HttpUrl
    from conjure.providers.addresses import Resolver

_Host = tuple[str, str, int]  # scheme, name or address, port

_IDLE_S: Final = 5.0
"""How long a connection is kept. Servers close idle ones too, most after a minute."""


_READ_BYTES: Final = 8_192
_SOCKET_READ_BYTES: Final = 65_536  # what the stream below TLS is read by
_OVERHEAD_BYTES: Final = 65_536
"""Of an answer besides its body: its head, those of interim answers (1xx), the sizes of its chunks."""


class _Metered(httpcore.AsyncNetworkStream):
    """A stream that gives a call so many bytes, a few at a time: nothing interrupts parsing them."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._left = 0
        self._received = 0
        self._may_have_more = False

    def admit(self, most: int) -> None:
        """For the next call: so many bytes."""
        self._left, self._received = most, 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Raises ReadError when the call has had them all."""
        if self._left <= 0:
            raise httpcore.ReadError("more came than any answer has")
        wanted = min(max_bytes, self._left, _READ_BYTES)
        data = await self._stream.read(wanted, timeout)
        self._left -= len(data)
        self._received += len(data)
        self._may_have_more = len(data) == wanted
        return data

    def is_drained(self) -> bool:
        """Whether nothing that came with the last answer is left between the socket and the reader."""
        if self._may_have_more or self._received >= _SOCKET_READ_BYTES:
            return False
        tls = self._stream.get_extra_info("ssl_object")
        if tls is None:
            return True
        try:
            tls.read(1)
        except ssl.SSLWantReadError:
            return True
        except ssl.SSLError:  # the other side is closing
            pass
        return False

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Connection(httpcore.AsyncHTTP11Connection):
    """A connection to one host."""

    MAX_INCOMPLETE_EVENT_SIZE = (
        16_384  # bytes of a head: 100 KB of small headers held the loop for 0.2 s
    )

    def __init__(self, origin: httpcore.Origin, stream: httpcore.AsyncNetworkStream) -> None:
        self._metered = _Metered(stream)
        super().__init__(origin, self._metered, keepalive_expiry=_IDLE_S)

    def admit(self, body_bytes: int) -> None:
        """For the next call: how much its answer's body may have."""
        self._metered.admit(body_bytes + _OVERHEAD_BYTES)

    def can_be_kept(self) -> bool:
        """Whether the next call may have it: the answer has ended, and nothing came behind it.

        Bytes behind an answer would be taken for that of the next call, which may be somebody else's.
        """
        return (
            self.is_idle() and not self._h11_state.trailing_data[0] and self._metered.is_drained()
        )


class Connections:
    """Opens connections over HTTP/1.1, one call at a time on each, and keeps at most `most_idle`."""

    def __init__(
        self, resolver: Resolver, *, allows_private: bool, trust: ssl.SSLContext, most_idle: int
    ) -> None:
        self._resolver = resolver
        self._allows_private = allows_private
        self._trust = trust
        self._most_idle = most_idle
        self._sockets = httpcore.AnyIOBackend()
        # By host; the host, and of a host the connection, that was called last stands last.
        self._idle: dict[_Host, list[Connection]] = {}
        self._idle_count = 0
        self._is_closed = False

    async def close(self) -> None:
        """Closes those that are kept; those in use are closed after their call."""
        self._is_closed = True
        while self._idle:
            await self._drop_oldest()

    @contextlib.asynccontextmanager
    async def to(
        self, url: HttpUrl, *, deadline: float, body_bytes: int
    ) -> AsyncIterator[Connection]:
        """Yields a connection for one call, whose answer's body may have so many bytes.

        What the call leaves in the middle is closed.

        `deadline` by the event loop's clock divides the time between the addresses of a name; the caller
        watches it. Raises AddressRefused, and ConnectError or ConnectTimeout of the last address tried.
        """
        host = url.scheme, url.host, url.port
        connection = await self._kept(host)
        if connection is None:
            connection = await self._opened(url, deadline)
        connection.admit(body_bytes)
        try:
            yield connection
        finally:
            if not self._is_closed and connection.can_be_kept():
                kept = self._idle.pop(host, [])
                self._idle[host] = [*kept, connection]
                self._idle_count += 1
                if self._idle_count > self._most_idle:
                    await self._drop_oldest()
            else:
                await connection.aclose()

    async def _kept(self, host: _Host) -> Connection | None:
        while kept := self._idle.get(host):
            connection = kept.pop()
            self._idle_count -= 1
            if not kept:
                del self._idle[host]
            if not connection.has_expired():  # by time, or as the other side has closed it
                return connection
            await connection.aclose()
        return None

    async def _drop_oldest(self) -> None:
        host, kept = next(iter(self._idle.items()))
        connection = kept.pop(0)
        self._idle_count -= 1
        if not kept:
            del self._idle[host]
        await connection.aclose()

    async def _opened(self, url: HttpUrl, deadline: float) -> Connection:
        origin = httpcore.Origin(url.scheme.encode(), url.host.encode(), url.port)
        stream = await self._dialled(url, deadline)
        try:
            if url.scheme == "https":
                stream = await stream.start_tls(self._trust, server_hostname=url.host)
            return Connection(origin, stream)
        except BaseException:  # a handshake that is cancelled would keep its socket open
            await stream.aclose()
            raise

    async def _dialled(self, url: HttpUrl, deadline: float) -> httpcore.AsyncNetworkStream:
        addresses = await checked_addresses(
            url.host, url.port, allows_private=self._allows_private, resolver=self._resolver
        )
        loop = asyncio.get_running_loop()
        for left in range(len(addresses), 0, -1):
            # Each gets its share of the time: the first one may swallow what it is sent.
            share = (deadline - loop.time()) / left
            try:
                return await self._sockets.connect_tcp(addresses[-left], url.port, timeout=share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if left == 1:
                    raise
        raise AssertionError("a checked name has an address")
