"""A small HTTP server that speaks Reactor's token endpoint, and fails in every way that a test asks for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Request], Awaitable[bytes] | AsyncIterator[bytes]]
"""What is sent: all at once, or piece by piece."""


def http(status: int, body: bytes, **headers: str) -> bytes:
    """The bytes of a response."""
    lines = [f"HTTP/1.1 {status} Status"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body)}", "connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


def answers(status: int, body: bytes | dict[str, Any], **headers: str) -> Answer:
    """Always the same answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def answer(request: Request) -> bytes:
        return http(status, data, **headers)

    return answer


async def a_token(request: Request) -> bytes:
    """What Reactor answers when all is well."""
    expires_at = int(time.time()) + request.json["expires_after"]
    return http(200, json.dumps({"jwt": "a.reactor.jwt", "expires_at": expires_at}).encode())


async def a_new_token(request: Request) -> bytes:
    """The same, each time with another token."""
    expires_at = int(time.time()) + request.json["expires_after"]
    return http(200, json.dumps({"jwt": uuid.uuid4().hex, "expires_at": expires_at}).encode())


def after(seconds: float, following: Answer = a_token) -> Answer:
    """An answer that takes its time."""

    async def answer(request: Request) -> bytes:
        await asyncio.sleep(seconds)
        return await whole(following(request))

    return answer


def once(event: asyncio.Event, following: Answer = a_token) -> Answer:
    """An answer that waits until a test lets it go."""

    async def answer(request: Request) -> bytes:
        await event.wait()
        return await whole(following(request))

    return answer


async def drip(request: Request) -> AsyncIterator[bytes]:
    """A good answer that takes seconds, with no pause that is long by itself."""
    data = await a_token(request)
    for position in range(0, len(data), 4):
        yield data[position : position + 4]
        await asyncio.sleep(0.1)


async def whole(sent: Awaitable[bytes] | AsyncIterator[bytes]) -> bytes:
    """All that an answer sends."""
    if isinstance(sent, AsyncIterator):
        return b"".join([piece async for piece in sent])
    return await sent


def in_turn(*each: Answer) -> Answer:
    """The first request gets the first answer, and so on."""
    left = list(each)

    async def answer(request: Request) -> bytes:
        return await whole(left.pop(0)(request))

    return answer


@dataclass
class Reactor:
    """Use as an async context manager; set `answer` to what it shall do."""

    answer: Answer = a_token
    port: int = 0
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list, repr=False)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @contextlib.asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        """Nobody listens for a while."""
        await self.__aexit__()
        try:
            yield
        finally:
            await self.__aenter__()

    def reset(self) -> None:
        self.answer = a_token
        self.requests.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            # Callers that give up midway are part of the play.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                request = await _read(reader)
                self.requests.append(request)
                sent = self.answer(request)
                if not isinstance(sent, AsyncIterator):
                    writer.write(await sent)
                else:
                    async for piece in sent:
                        writer.write(piece)
                        await writer.drain()
                await writer.drain()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)
