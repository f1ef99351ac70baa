"""One multiplexed connection to a server: the commands of all coroutines, in order, on one socket.

A pool spends ten times the CPU of this on its own bookkeeping (44 against 4 µs a call, measured with 16
callers), and every cancelled caller costs it a connection. Here a call puts its bytes in a buffer and waits
for its place in the queue of replies (`store.link`). Connecting, TLS, authentication and the names of errors
are redis-py's.

Guarantees:
- **Order.** Replies match commands by position, which the protocol promises. A cancelled caller's reply is
  read and dropped. Any doubt (an error outside a reply, a reply nobody waits for) ends the connection.
- **Bounded time.** When commands wait and no reply has come for the timeout, the connection is taken for
  dead and everybody on it is told.
- **Bounded memory.** Beyond `max_pending` commands new ones are refused; they were not sent.
- **Truth.** A command that never left the buffer is NotSent; one that did and has no answer is NoReply.
- **Fairness.** First come, first served.
Nothing that blocks in the server may run here: it would block everybody. What waits for replicas has a wire
of its own (`store.replicated`); which server a key is on is another's business (`store.cluster`).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError, RedisError

from conjure.core import metrics
from conjure.core.context import detached_context
from conjure.store.link import Link, NotSent, Value

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from redis.asyncio.connection import AbstractConnection

    from conjure.settings import StoreSettings

# What the library lets through when a server goes away: its own errors, the socket's, and (seen in 8.1)
# a bare AttributeError from a connection that was torn down under a reader.
_TROUBLE: Final = (RedisError, OSError, TimeoutError, EOFError, AttributeError)
_LONGEST_PAUSE_S: Final = 0.25


class Wire:
    """Calls the store; connects when first needed and whenever the connection was lost."""

    def __init__(self, settings: StoreSettings, url: str) -> None:
        self._timeout_s = settings.timeout_s
        self._connect_timeout_s = settings.connect_timeout_s
        self._max_pending = settings.max_pending
        # Never used as a pool: it knows how to read the URL and which connection it asks for.
        self._factory = ConnectionPool.from_url(
            url,
            retry=Retry(NoBackoff(), 0),  # the default repeats commands
            socket_timeout=settings.timeout_s,  # of the handshake; replies have the watchdog
            socket_connect_timeout=settings.connect_timeout_s,
            health_check_interval=0,
            driver_info=None,  # two commands fewer at each connect
            protocol=2,  # no HELLO, and replies keep one shape on every server
        )
        self._link: Link | None = None
        self._connecting: asyncio.Task[Link] | None = None
        self._pause_s = 0.0
        self._not_before = 0.0

    def call(
        self, command: Sequence[Value], key: Value | None = None, safe: bool = False
    ) -> Awaitable[Any]:
        """Runs a command and returns its reply; `key` and `safe` mean nothing to one server.

        Raises NotSent, NoReply, or the error that the server answered with; NotSent perhaps at once.
        """
        link = self._link
        if link is None or link.closed:
            return self._call_anew(command)
        return link.call(command)

    async def _call_anew(self, command: Sequence[Value]) -> Any:
        return await (await self._connected()).call(command)

    async def ask(self, command: Sequence[Value], key: Value | None = None) -> Any:
        """Runs a command behind ASKING: its slot is on its way here. As `call`."""
        link = self._link
        if link is None or link.closed:
            link = await self._connected()
        return await link.ask(command)

    async def close(self) -> None:
        """Ends the connection; waiting callers get NoReply."""
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError, NotSent):
                await self._connecting
        if self._link is not None:
            await self._link.close()

    async def _connected(self) -> Link:
        """Returns a live link. Callers share one attempt; after a failure it is not repeated at once."""
        if self._connecting is None:
            if asyncio.get_running_loop().time() < self._not_before:
                raise NotSent("the store was unreachable a moment ago")
            self._connecting = asyncio.create_task(
                self._connect(), name="store-connect", context=detached_context()
            )
        # Shielded: one caller that gives up must not end the attempt for the others.
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> Link:
        connection = self._factory.make_connection()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(self._connect_timeout_s + self._timeout_s):
                await connection.connect()
                await _be_let_in(connection)
        except asyncio.CancelledError:
            await _hang_up(connection)
            raise
        except _TROUBLE as error:
            metrics.STORE_CONNECTS.at("failed").add()
            await _hang_up(connection)
            self._pause_s = min(max(self._pause_s * 2, 0.01), _LONGEST_PAUSE_S)
            self._not_before = asyncio.get_running_loop().time() + self._pause_s
            raise NotSent("the store cannot be reached") from error
        else:
            metrics.STORE_CONNECTS.at("connected").add()
            self._pause_s = 0.0
            self._link = self._linked(connection)
            return self._link
        finally:
            self._connecting = None

    def _linked(self, connection: AbstractConnection) -> Link:
        return Link(connection, self._timeout_s, self._max_pending)


async def _be_let_in(connection: AbstractConnection) -> None:
    """Returns once the server has answered us. Raises its refusal, or what else went wrong.

    A server that lets nobody in (protected mode, too many clients) says so unasked and hangs up. Commands
    that were on their way by then would be NoReply, though none can have run.
    """
    await connection.send_command("PING")
    with contextlib.suppress(NoPermissionError):  # that is an answer
        await connection.read_response()


async def _hang_up(connection: AbstractConnection) -> None:
    """Closes a connection in whatever state it is."""
    with contextlib.suppress(*_TROUBLE):
        await connection.disconnect(nowait=True)
