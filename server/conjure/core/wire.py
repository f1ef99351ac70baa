"""One multiplexed connection to the store: the commands of all coroutines, in order, on one socket.

A pool spends ten times the CPU of this on its own bookkeeping (44 against 4 µs a call, measured with 16
callers), and every cancelled caller costs it a connection. Here a call puts its bytes in a buffer and waits
for its place in the queue of replies; a writer sends the buffer once per turn of the event loop, a reader
hands replies out in order. Connecting, TLS, authentication and parsing are redis-py's.

Guarantees:
- **Order.** Replies match commands by position, which the protocol promises. A cancelled caller's reply is
  read and dropped. Any doubt (an error outside a reply, a reply nobody waits for) ends the connection.
- **Bounded time.** When commands wait and no reply has come for the timeout, the connection is taken for
  dead and everybody on it is told.
- **Bounded memory.** Beyond `max_pending` commands new ones are refused; they were not sent.
- **Truth.** A command that never left the buffer is NotSent; one that did and has no answer is NoReply.
- **Fairness.** First come, first served.
Nothing that blocks in the server may run here: it would block everybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import hiredis
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio.connection import AbstractConnection

    from conjure.settings import StoreSettings

# What the library lets through when a server goes away: its own errors, the socket's, and (seen in 8.1)
# a bare AttributeError from a connection that was torn down under a reader.
_TROUBLE: Final = (RedisError, OSError, TimeoutError, EOFError, AttributeError)
# Answers of a server that is no master any more: the next connection may find the new one.
_ELSEWHERE: Final = ("READONLY", "MASTERDOWN")
_LONGEST_PAUSE_S: Final = 0.25

Value = str | bytes | float
"""What a command is made of."""


class NotSent(Exception):
    """The command did not leave this process: it has not run."""


class NoReply(Exception):
    """The command was sent and not answered: it may have run."""


def is_reply(error: RedisError) -> bool:
    """Whether an error is what the server answered, not something that befell the connection.

    LOADING and NOAUTH answers are of the library's class ConnectionError; their code gives them away.
    """
    return isinstance(error, ResponseError) or error.status_code is not None


class Wire:
    """Calls the store; connects when first needed and whenever the connection was lost."""

    def __init__(self, settings: StoreSettings) -> None:
        self._timeout_s = settings.timeout_s
        self._connect_timeout_s = settings.connect_timeout_s
        self._max_pending = settings.max_pending
        # Never used as a pool: it knows how to read the URL and which connection it asks for.
        self._factory = ConnectionPool.from_url(
            settings.url,
            retry=Retry(NoBackoff(), 0),  # the default repeats commands
            socket_timeout=settings.timeout_s,  # of the handshake; replies have the watchdog
            socket_connect_timeout=settings.connect_timeout_s,
            health_check_interval=0,
            driver_info=None,  # two commands fewer at each connect
            protocol=2,  # no HELLO, and replies keep one shape on every server
        )
        self._link: _Link | None = None
        self._connecting: asyncio.Task[_Link] | None = None
        self._pause_s = 0.0
        self._not_before = 0.0

    async def call(self, command: Sequence[Value]) -> Any:
        """Runs a command and returns its reply.

        Raises NotSent, NoReply, or the error that the server answered with (see `is_reply`).
        """
        link = self._link
        if link is None or link.closed:
            link = await self._connected()
        return await link.call(command)

    async def close(self) -> None:
        """Ends the connection; waiting callers get NoReply."""
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError, NotSent):
                await self._connecting
        if self._link is not None:
            await self._link.close()

    async def _connected(self) -> _Link:
        """Returns a live link. Callers share one attempt; after a failure it is not repeated at once."""
        if self._connecting is None:
            if asyncio.get_running_loop().time() < self._not_before:
                raise NotSent("the store was unreachable a moment ago")
            self._connecting = asyncio.create_task(self._connect(), name="store-connect")
        # Shielded: one caller that gives up must not end the attempt for the others.
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> _Link:
        connection = self._factory.make_connection()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(self._connect_timeout_s + self._timeout_s):
                await connection.connect()
        except _TROUBLE as error:
            self._pause_s = min(max(self._pause_s * 2, 0.01), _LONGEST_PAUSE_S)
            self._not_before = asyncio.get_running_loop().time() + self._pause_s
            raise NotSent("the store cannot be reached") from error
        else:
            self._pause_s = 0.0
            self._link = _Link(connection, self._timeout_s, self._max_pending)
            return self._link
        finally:
            self._connecting = None


class _Link:
    """One connection's life: from connected to closed, never back."""

    def __init__(self, connection: AbstractConnection, timeout_s: float, max_pending: int) -> None:
        self._connection = connection
        self._timeout_s = timeout_s
        self._max_pending = max_pending
        self._loop = asyncio.get_running_loop()
        # Sent and not answered, oldest first, each with the time it was handed over.
        self._sent: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._unsent: list[tuple[bytes, asyncio.Future[Any]]] = []
        self._wake = asyncio.Event()
        self._last_reply = 0.0
        self.closed = False
        self._life = asyncio.create_task(self._live(), name="store-link")

    async def call(self, command: Sequence[Value]) -> Any:
        if self.closed or len(self._sent) + len(self._unsent) >= self._max_pending:
            raise NotSent("the connection to the store is closed or full")
        reply: asyncio.Future[Any] = self._loop.create_future()
        self._unsent.append((hiredis.pack_command(tuple(command)), reply))  # type: ignore[arg-type]
        self._wake.set()
        return await reply

    async def close(self) -> None:
        """Ends the connection; waiting callers are told."""
        self._life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._life

    async def _live(self) -> None:
        parts = [asyncio.create_task(work()) for work in (self._write, self._read, self._watch)]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._fail()
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            with contextlib.suppress(*_TROUBLE):
                await self._connection.disconnect(nowait=True)

    def _fail(self) -> None:
        """Tells everybody on the link what became of their command."""
        self.closed = True
        for _, reply in self._unsent:
            if not reply.done():
                reply.set_exception(NotSent("the connection to the store was lost"))
        for reply, _ in self._sent:
            if not reply.done():
                reply.set_exception(NoReply("the connection to the store was lost"))
        self._unsent.clear()
        self._sent.clear()

    async def _write(self) -> None:
        with contextlib.suppress(*_TROUBLE):
            while True:
                await self._wake.wait()
                self._wake.clear()
                batch, self._unsent = self._unsent, []
                now = self._loop.time()
                # A caller that gave up before its command was sent has its wish.
                wanted = [(data, reply) for data, reply in batch if not reply.cancelled()]
                if not wanted:
                    continue
                self._sent.extend((reply, now) for _, reply in wanted)
                # Waits while the socket takes no more: then commands gather in `_unsent`, bounded.
                await self._connection.send_packed_command(
                    b"".join([data for data, _ in wanted]), check_health=False
                )

    async def _read(self) -> None:
        connection, sent = self._connection, self._sent
        with contextlib.suppress(*_TROUBLE, IndexError):  # IndexError: a reply nobody waits for
            while True:
                try:
                    reply = await connection.read_response(
                        timeout=math.inf, disconnect_on_error=False
                    )
                except RedisError as error:
                    if not is_reply(error):
                        raise
                    future, _ = sent.popleft()
                    if not future.done():
                        future.set_exception(error)
                    if error.status_code in _ELSEWHERE:
                        self.closed = True  # for new calls; those under way get their answers
                else:
                    future, _ = sent.popleft()
                    if not future.done():
                        future.set_result(reply)
                self._last_reply = self._loop.time()
                if self.closed and not sent and not self._unsent:
                    return

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._timeout_s / 8)
            # Progress counts: many large replies may take longer than any one may.
            waiting_since = max(self._sent[0][1], self._last_reply) if self._sent else math.inf
            if self._loop.time() - waiting_since > self._timeout_s:
                return
