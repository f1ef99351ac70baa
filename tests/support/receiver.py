"""A webhook receiver: it keeps every delivery, and does to each what a test has written down for its path.

In the test's own loop:

    async with Receiver() as receiver:
        receiver.script("/hook", Answer(500), Answer(500), Answer(200))   # in turn; the last one from then on
        ...                                                               # somebody is given receiver.url("/hook")
        first, second, third = await receiver.wait_for(3, "/hook")
        assert first.id == second.id == third.id

A path without a script is answered 200. As a process of its own, for load: support/receiver_process.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self, cast

import httptools

from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request as it came. `arrived` is by the monotonic clock, when its last byte was there."""

    arrived: float
    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case names; of one that came twice both values, with a comma between."""
    body: bytes

    @property
    def id(self) -> str:
        """The event's id, the same at each try."""
        return self.headers.get("webhook-id", "")

    @property
    def json(self) -> Any:
        """The body. Raises ValueError when it is no JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, after so many seconds."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0

    def bytes(self) -> bytes:
        """As it is sent."""
        lines = [f"HTTP/1.1 {self.status} Status"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"content-length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body


def redirect(to: str, status: int = 302) -> Answer:
    """Sends the caller elsewhere."""
    return Answer(status, headers={"location": to})


def large(size: int = 10_000_000, status: int = 200) -> Answer:
    """An answer of so many bytes."""
    return Answer(status, bytes(size))


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer, and the connection stays."""


@dataclass(frozen=True, slots=True)
class Drip:
    """A good answer, a byte at a time: no pause is long, the whole is."""

    every_s: float = 1.0
    is_body_only: bool = False
    """The head comes at once, and only the body drips."""


@dataclass(frozen=True, slots=True)
class Endless:
    """A good head, then a body that never ends, as fast as it is read."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no HTTP, then the end."""

    sent: bytes = b"\x16\x03\x01\x00\xff this is not HTTP \x00\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Close:
    """The connection ends without an answer."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The same with RST, as of a peer that crashed."""


Step = Answer | Hang | Drip | Endless | Garbage | Close | Reset
Decision = Callable[[Delivery], Step]
"""What happens to a delivery, where that depends on it, or on a dice."""

OK: Final = Answer()
_FAST: Final = OK.bytes()
_CHUNK: Final = b"10000\r\n" + bytes(0x10000) + b"\r\n"


class Receiver:
    """Use as an async context manager. What has come can be read at any time, afterwards too."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self.connections = 0
        """How many were made so far. 0: nobody has even tried."""
        self._deliveries: list[Delivery] = []
        self._by_path: dict[str, list[Delivery]] = defaultdict(list)
        self._scripts: dict[str, list[Step | Decision]] = {}
        self._open: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self), self.host, self.port, backlog=1_024
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in tuple(self._open):
            connection.transport.abort()
        await self._server.wait_closed()

    @contextlib.asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        """Nobody listens for a while; connections are refused."""
        await self.__aexit__()
        try:
            yield
        finally:
            await self.__aenter__()

    def url(self, path: str = "/hook") -> str:
        """Where a path is."""
        return f"http://{self.host}:{self.port}{path}"

    def script(self, path: str, *steps: Step | Decision) -> None:
        """What is done to deliveries to a path from now on: the steps in turn, the last one again and again."""
        self._scripts[path] = list(steps) or [OK]

    def deliveries(self, path: str | None = None) -> Sequence[Delivery]:
        """What has come so far, in order: to a path, or to all of them."""
        return tuple(self._of(path))

    def _of(self, path: str | None) -> Sequence[Delivery]:
        return self._deliveries if path is None else self._by_path.get(path, ())

    def times(self, path: str | None = None) -> Counter[str]:
        """How often each event was delivered, by its id."""
        return Counter(one.id for one in self._of(path))

    async def wait_for(
        self, count: int, path: str | None = None, *, limit_s: float = LIMIT_S
    ) -> Sequence[Delivery]:
        """Returns all deliveries once there are so many. Raises TimeoutError after `limit_s`."""
        await until(lambda: len(self._of(path)) >= count, limit_s=limit_s)
        return self.deliveries(path)

    async def wait_for_ids(
        self, count: int, path: str | None = None, *, limit_s: float = LIMIT_S
    ) -> Counter[str]:
        """Returns `times` once there are so many different events. Raises TimeoutError after `limit_s`."""
        await until(lambda: len(self.times(path)) >= count, limit_s=limit_s)
        return self.times(path)

    def reset(self) -> None:
        """Forgets everything that has come, and all scripts."""
        self._deliveries.clear()
        self._by_path.clear()
        self._scripts.clear()
        self.connections = 0

    def _step(self, delivery: Delivery) -> Step:
        """Keeps a delivery; returns what is done to it."""
        self._deliveries.append(delivery)
        self._by_path[delivery.path].append(delivery)
        steps = self._scripts.get(delivery.path)
        if steps is None:
            return OK
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        return step(delivery) if callable(step) else step

    def _start(self, connection: _Connection, step: Step) -> None:
        task = asyncio.create_task(connection.play(step))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Connection(asyncio.Protocol):
    """One connection; it is kept alive between requests."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._parser = httptools.HttpRequestParser(self)
        self._can_write = asyncio.Event()
        self._can_write.set()
        self._begin()

    def _begin(self) -> None:
        self._path = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._receiver.connections += 1
        self._receiver._open.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._receiver._open.discard(self)
        self._can_write.set()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()

    def pause_writing(self) -> None:
        self._can_write.clear()

    def resume_writing(self) -> None:
        self._can_write.set()

    # What the parser calls.

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        had = self._headers.get(key)
        self._headers[key] = text if had is None else f"{had}, {text}"

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        delivery = Delivery(
            time.monotonic(), self._parser.get_method().decode(), self._path.decode("latin-1"),
            self._headers, b"".join(self._body),
        )  # fmt: skip
        self._begin()
        step = self._receiver._step(delivery)
        if step is OK:  # no task for the one that comes by the thousand
            self.transport.write(_FAST)
        else:
            self._receiver._start(self, step)

    async def play(self, step: Step) -> None:
        """Does what a script says; ends early when the caller has gone."""
        match step:
            case Answer():
                await asyncio.sleep(step.after_s)
                self.transport.write(step.bytes())
            case Hang():
                pass
            case Drip():
                await self._drip(step)
            case Endless():
                await self._send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                while not self.transport.is_closing():
                    await self._send(_CHUNK)
            case Garbage():
                self.transport.write(step.sent)
                self.transport.close()
            case Close():
                self.transport.close()
            case Reset():
                raw = self.transport.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                self.transport.abort()

    async def _drip(self, step: Drip) -> None:
        head, body = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", bytes(100)
        if step.is_body_only:
            await self._send(head)
            head = b""
        for byte in head + body:
            if self.transport.is_closing():
                return
            await self._send(bytes([byte]))
            await asyncio.sleep(step.every_s)

    async def _send(self, data: bytes) -> None:
        self.transport.write(data)
        await self._can_write.wait()
        await asyncio.sleep(
            0
        )  # whoever reads as fast as this writes would keep the loop for itself
