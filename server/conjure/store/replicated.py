"""A wire whose replies are given out only when replicas have what they speak of.

A master that dies takes with it what it had not yet passed on, also what it had acknowledged (1,150 of
111,539 writes, measured); `appendfsync always` does not help, as the replica that follows never saw it. So
behind each batch of commands goes one `WAIT`, which names how many replicas have everything up to here.

- **Group commit.** The server takes nothing more from a connection that waits. So a batch is all that came
  while the last one waited, with one WAIT for all of them; what has not left yet is still NotSent should the
  connection break. Reads have another wire, and never stand behind a WAIT.
- **The fence.** `WAIT` speaks of what *this connection* has written. A script that is asked again and finds
  its work done writes nothing, and on a new connection WAIT would then say "confirmed" although no replica
  has the first attempt (tried: it does). A tiny write of our own in front of the WAIT makes it speak of
  all that the master has done so far, whoever asked for it.
- **Truth.** Too few replicas in time: the commands have run and may be lost. That is NoReply: they are asked
  again under their request id, and confirmed then, or nobody knows.
An error reply did nothing, so it is given out at once.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any, Final

import structlog

from conjure.store import keyspace
from conjure.store.link import ASKING, NOBODY, Link, NoReply, pack
from conjure.store.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis.asyncio.connection import AbstractConnection

    from conjure.settings import StoreSettings
    from conjure.store.link import Value

log = structlog.get_logger(__name__)

_FENCE_MS: Final = 10_000


class ReplicatedWire(Wire):
    """A wire for what must not be lost with its server."""

    def __init__(self, settings: StoreSettings, url: str) -> None:
        super().__init__(settings, url)
        self._replicas = settings.replicas
        self._wait_ms = int(settings.wait_timeout_s * 1000)
        # Of this wire alone: a slot that moves never meets another wire's fence where it goes.
        self._name = secrets.token_hex(6)
        self._fence: bytes | None = None

    async def call(
        self, command: Sequence[Value], key: Value | None = None, safe: bool = True
    ) -> Any:
        """Runs a command and returns its reply once replicas have it. As `Wire.call`."""
        if self._fence is None and key is not None:
            self._fence = self._fence_beside(key)
        return await super().call(command)

    async def ask(self, command: Sequence[Value], key: Value | None = None) -> Any:
        """Runs a command behind ASKING. As `call`."""
        if self._fence is None and key is not None:
            self._fence = ASKING + self._fence_beside(key)
        return await super().ask(command)

    def fence(self) -> bytes | None:
        """The write in front of a WAIT, packed: in a slot that a caller has just used here."""
        return self._fence

    def drop_fence(self) -> None:
        """The fence's slot is not here any more: the next caller's is taken."""
        self._fence = None

    def _fence_beside(self, key: Value) -> bytes:
        name = keyspace.fence(str(key), self._name)
        return pack(("SET", name, "", "PX", _FENCE_MS))

    def _linked(self, connection: AbstractConnection) -> Link:
        return _ReplicatedLink(
            connection, self._timeout_s, self._max_pending, self, self._replicas, self._wait_ms
        )


class _ReplicatedLink(Link):
    """A connection that sends a batch, its fence and its WAIT; then the next."""

    def __init__(
        self,
        connection: AbstractConnection,
        timeout_s: float,
        max_pending: int,
        wire: ReplicatedWire,
        replicas: int,
        wait_ms: int,
    ) -> None:
        super().__init__(connection, timeout_s, max_pending)
        self._wire = wire
        self._replicas = replicas
        self._wait = pack(("WAIT", replicas, wait_ms))
        self._is_waiting = False

    def _flush(self) -> None:
        if self._is_waiting:
            self._flush_is_due = False
            return  # `_settled` will
        super()._flush()

    def _take(self, now: float) -> list[bytes]:
        batch = _Batch(self._replicas, self._settled, self._wire.drop_fence)
        before = len(self._sent)
        data = super()._take(now)
        if not data:
            return data
        # What was expected by callers is held back, in place.
        for at in range(before, len(self._sent)):
            reply, _ = self._sent[at]
            if isinstance(reply, asyncio.Future):
                self._sent[at] = (batch.hold(reply), now)
        fence = self._wire.fence()
        if fence is None:
            # Lost just now: the batch is not confirmed, and the next one has another.
            batch.fence.set_exception(NoReply("there was no fence"))
        else:
            if fence.startswith(ASKING):
                self._sent.append((NOBODY, now))
            self._sent.append((batch.fence, now))
            data.append(fence)
        self._sent.append((batch, now))
        data.append(self._wait)
        self._is_waiting = True
        return data

    def _settled(self) -> None:
        """The batch was answered: what came meanwhile goes next."""
        self._is_waiting = False
        if self._unsent and not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self._flush)


class _Batch:
    """What is held back until the WAIT behind it is answered; takes that answer."""

    def __init__(
        self, replicas: int, settled: Callable[[], None], drop_fence: Callable[[], None]
    ) -> None:
        self._replicas = replicas
        self._settled = settled
        self._held: list[_Held] = []
        self.fence = _Fence(drop_fence)

    def hold(self, reply: asyncio.Future[Any]) -> _Held:
        held = _Held(reply)
        self._held.append(held)
        return held

    def done(self) -> bool:
        return False

    def set_result(self, reply: int) -> None:
        if reply >= self._replicas and self.fence.stands:
            for held in self._held:
                held.release()
        else:
            log.warning(
                "writes were not confirmed by replicas", asked=self._replicas, confirmed=reply,
                commands=len(self._held), fence=self.fence.stands,
            )  # fmt: skip
            self._lose()
        self._settled()

    def set_exception(self, error: BaseException) -> None:
        self._lose()
        self._settled()

    def _lose(self) -> None:
        for held in self._held:
            held.lose()


class _Held:
    """A caller's reply on its way to him."""

    __slots__ = ("_caller", "_has_reply", "_reply")

    def __init__(self, caller: asyncio.Future[Any]) -> None:
        self._caller = caller
        self._reply: Any = None
        self._has_reply = False

    def done(self) -> bool:
        return self._caller.done()

    def set_result(self, reply: Any) -> None:
        self._reply = reply
        self._has_reply = True

    def set_exception(self, error: BaseException) -> None:
        self._caller.set_exception(error)

    def release(self) -> None:
        if self._has_reply and not self._caller.done():
            self._caller.set_result(self._reply)

    def lose(self) -> None:
        if not self._caller.done():
            self._caller.set_exception(NoReply("the replicas did not confirm it"))


class _Fence:
    """Takes the fence's answer."""

    def __init__(self, drop: Callable[[], None]) -> None:
        self._drop = drop
        self.stands = True

    def done(self) -> bool:
        return False

    def set_result(self, reply: Any) -> None: ...

    def set_exception(self, error: BaseException) -> None:
        self.stands = False
        self._drop()
