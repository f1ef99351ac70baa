"""A proxy that breaks connections: between two parts, at once or in the middle of what they say."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from typing import TYPE_CHECKING, Self

from conjure.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_CHUNK = 65_536

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """Use as an async context manager. It has a port from the start, and a target once `to` has named it.

    `to_server`: the target is a server, whose socket file for edges has a proxy too.
    """

    def __init__(self, seed: int = 1, *, to_server: bool = False) -> None:
        self._to_server = to_server
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.cut_requests = 0.0
        """How likely each piece on its way to the target is cut in two, and the connection with it."""
        self.cut_replies = 0.0
        self.broken = 0
        """How many connections were broken."""
        self._target = 0
        self._dice = random.Random(seed)
        self._open: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def to(self, port: int) -> int:
        """Sets the target, and returns the proxy's own port."""
        self._target = port
        return self.port

    async def __aenter__(self) -> Self:
        self._servers = [await asyncio.start_server(self._accepted, sock=self._socket)]
        if self._to_server:
            path = Settings.from_environment().edge.socket_of(self.port)
            self._servers.append(await asyncio.start_unix_server(self._accepted_on_file, path))
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        self.cut_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut_all(self) -> None:
        """Breaks every connection, with a reset."""
        for pair in tuple(self._open):
            self._cut(pair)

    def _cut(self, pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
        if pair not in self._open:
            return
        self._open.discard(pair)
        self.broken += 1
        for writer in pair:
            _reset(writer)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._join(reader, writer, lambda: asyncio.open_connection("127.0.0.1", self._target))

    async def _accepted_on_file(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        path = Settings.from_environment().edge.socket_of(self._target)
        await self._join(reader, writer, lambda: asyncio.open_unix_connection(path))

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        open_far: Callable[[], Awaitable[Ends]],
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            far_reader, far_writer = await open_far()
        except OSError:
            _reset(writer)
            return
        pair = (writer, far_writer)
        self._open.add(pair)
        try:
            there = self._pass(reader, far_writer, pair, is_reply=False)
            back = self._pass(far_reader, writer, pair, is_reply=True)
            await asyncio.gather(there, back)
        finally:
            self._open.discard(pair)
            for end in pair:
                end.close()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        *,
        is_reply: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                if self._dice.random() < (self.cut_replies if is_reply else self.cut_requests):
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    self._cut(pair)
                    return
                writer.write(data)
                await writer.drain()
            writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Closes with RST instead of FIN, as a peer that crashed."""
    with contextlib.suppress(OSError):
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    writer.transport.abort()
