"""One connection's life, from connected to closed, never back.

redis-py connects, does TLS and authenticates; then the socket is taken over: its streams wake two tasks for
each reply, this protocol none. A command's bytes go out once per turn of the event loop together with all
others of that turn; replies go to their futures straight from the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol

import hiredis
from redis.exceptions import InvalidResponse, RedisError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis.asyncio.connection import AbstractConnection

# Answers of a server that is no master any more: the next connection may find the new one.
_ELSEWHERE: Final = ("READONLY", "MASTERDOWN")
_NOT_YET: Final = object()

pack: Final[Callable[[tuple[Any, ...]], bytes]] = hiredis.pack_command

# In front of a command for a slot that is on its way to the server: it is for the next command only.
ASKING: Final = pack(("ASKING",))

Value = str | bytes | float
"""What a command is made of."""

_LARGE_BYTES: Final = 65_536


def pieces_of(command: Sequence[Value]) -> tuple[bytes, ...]:
    """Returns a command as it is sent, a large value as a piece by itself: `pack` would copy it twice."""
    for value in command:
        if type(value) is bytes and len(value) >= _LARGE_BYTES:
            return _in_pieces(command)
    return (pack(tuple(command)),)


def _in_pieces(command: Sequence[Value]) -> tuple[bytes, ...]:
    pieces: list[bytes] = []
    small = b"*%d\r\n" % len(command)
    for value in command:
        if isinstance(value, bytes) and len(value) >= _LARGE_BYTES:
            pieces += (small + b"$%d\r\n" % len(value), value)
            small = b"\r\n"
        else:
            small += pack((value,)).removeprefix(b"*1\r\n")
    return (*pieces, small)


class NotSent(Exception):
    """The command did not leave this process: it has not run."""


class NoReply(Exception):
    """The command was sent and not answered: it may have run."""


class Expected(Protocol):
    """Somebody a reply is for: a future, or what stands between a reply and its caller."""

    def done(self) -> bool:
        """Whether nobody wants it any more."""
        ...

    def set_result(self, reply: Any, /) -> None:
        """The reply."""
        ...

    def set_exception(self, error: BaseException, /) -> None:
        """An error reply; NoReply when the connection was lost before it came."""
        ...


class _Nobody:
    """Takes a reply that only says that the next one may come."""

    def done(self) -> bool:
        return True

    def set_result(self, reply: Any, /) -> None: ...
    def set_exception(self, error: BaseException, /) -> None: ...


NOBODY: Final = _Nobody()


class Link(asyncio.Protocol):
    """A connection that many coroutines call at the same time."""

    def __init__(self, connection: AbstractConnection, timeout_s: float, max_pending: int) -> None:
        """Takes over a connection that has just been made; nothing else may use it from now on.

        `timeout_s`: seconds without any reply, while some are due, after which it is given up.
        `max_pending`: commands at the same time; beyond it they are refused.
        """
        self._connection = connection
        self._timeout_s = timeout_s
        self._max_pending = max_pending
        self._loop = asyncio.get_running_loop()
        # Sent and not answered, oldest first, each with the time it was sent.
        self._sent: deque[tuple[Expected, float]] = deque()
        self._unsent: list[tuple[tuple[bytes, ...], asyncio.Future[Any]]] = []
        self._some_ask = False  # whether any of those begins with ASKING
        self._last_reply = 0.0
        self._flush_is_due = False
        self._is_paused = False
        self._farewell: asyncio.Task[None] | None = None  # from its end on
        self.closed = False
        # How a reply becomes an exception, as redis-py names them.
        parser: Any = connection._parser  # noqa: SLF001 - there is no public way to its classes
        self._reader = hiredis.Reader(
            protocolError=InvalidResponse,
            replyError=parser.parse_error,
            notEnoughData=_NOT_YET,
        )
        writer: Any = connection._writer  # noqa: SLF001 - nor to the socket it has opened
        self._transport: asyncio.Transport = writer.transport
        self._transport.set_protocol(self)
        self._watch = self._loop.call_later(timeout_s / 8, self._look)

    def call(self, command: Sequence[Value]) -> asyncio.Future[Any]:
        """Hands a command over; raises NotSent.

        The future has its reply, NoReply, or the error that the server answered with.
        """
        return self._hand_over(pieces_of(command))

    def ask(self, command: Sequence[Value]) -> asyncio.Future[Any]:
        """As `call`, with ASKING right in front of it: neither is sent without the other."""
        self._some_ask = True
        first, *rest = pieces_of(command)
        return self._hand_over((ASKING + first, *rest))

    def _hand_over(self, pieces: tuple[bytes, ...]) -> asyncio.Future[Any]:
        if self.closed or len(self._sent) + len(self._unsent) >= self._max_pending:
            raise NotSent("the connection to the store is closed or full")
        reply: asyncio.Future[Any] = self._loop.create_future()
        self._unsent.append((pieces, reply))
        if not (self._flush_is_due or self._is_paused):
            self._flush_is_due = True
            self._loop.call_soon(self._flush)
        return reply

    async def close(self) -> None:
        """Ends the connection; waiting callers are told."""
        await self._end()

    def _flush(self) -> None:
        """Writes what gathered in this turn of the loop."""
        self._flush_is_due = False
        if self.closed or self._is_paused:
            return
        data = self._take(self._loop.time())
        if not data:
            return
        if sum(map(len, data)) < _LARGE_BYTES:
            self._transport.write(b"".join(data))
        else:
            self._transport.writelines(data)  # without a copy

    def _take(self, now: float) -> list[bytes]:
        """Takes what is to be sent, and expects the replies to it."""
        batch, self._unsent = self._unsent, []
        some_ask, self._some_ask = self._some_ask, False
        data: list[bytes] = []
        for pieces, reply in batch:
            if not reply.cancelled():  # a caller that gave up before it was sent has its wish
                data += pieces
                if some_ask and pieces[0].startswith(ASKING):
                    self._sent.append((NOBODY, now))
                self._sent.append((reply, now))
        return data

    def pause_writing(self) -> None:
        """The socket takes no more: commands gather in `_unsent`, bounded."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """The socket takes more again."""
        self._is_paused = False
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Hands replies out in the order of their commands, which the protocol promises."""
        reader, sent = self._reader, self._sent
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not _NOT_YET:
                future, _ = sent.popleft()
                if not isinstance(reply, RedisError):
                    if not future.done():  # else: its caller gave up
                        future.set_result(reply)
                    continue
                if not future.done():
                    future.set_exception(reply)
                if reply.status_code in _ELSEWHERE:
                    self.closed = True  # for new calls; those under way get their answers
                    self._loop.call_soon(self._retire)
        except (RedisError, IndexError):  # no protocol of ours; or a reply nobody waits for
            self._end()
            return
        self._last_reply = self._loop.time()
        if self.closed:
            self._retire()

    def eof_received(self) -> None:
        """The server has closed: so does the transport."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells everybody on the connection what became of their command."""
        self._end()

    def _retire(self) -> None:
        """Ends a connection that takes no new commands once the last one under way is answered."""
        if not self._sent:
            self._end()

    def _look(self) -> None:
        """Gives up a connection on which commands wait and no reply comes."""
        # Progress counts: many large replies may take longer than any one may.
        if self._sent:
            waiting_since = max(self._sent[0][1], self._last_reply)
            if self._loop.time() - waiting_since > self._timeout_s:
                self._end()
                return
        self._watch = self._loop.call_later(self._timeout_s / 8, self._look)

    def _end(self) -> asyncio.Task[None]:
        """Tells everybody, once; returns what ends when the library has closed its books, too."""
        if self._farewell is not None:
            return self._farewell
        self.closed = True
        self._watch.cancel()
        for _, caller in self._unsent:
            if not caller.done():
                caller.set_exception(NotSent("the connection to the store was lost"))
        for reply, _ in self._sent:
            if not reply.done():
                reply.set_exception(NoReply("the connection to the store was lost"))
        self._unsent.clear()
        self._sent.clear()
        self._transport.abort()
        self._farewell = self._loop.create_task(self._forget(), name="store-disconnect")
        return self._farewell

    async def _forget(self) -> None:
        with contextlib.suppress(RedisError, OSError, AttributeError):
            await self._connection.disconnect(nowait=True)
