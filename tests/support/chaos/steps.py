"""A proxy in front of a store that can strike at the n-th step of what a process does there.

A step is a script, or a command that writes, which has to do with one subject (an app's id stands in it, or in its
reply): so that the n-th step is much the same at every walk, whatever a process looks for beside it. A strike comes before a step, so that the
store never hears of it; or after it, so that it has happened and the process never hears of that. What is struck is
the caller's affair: a process, the store, or only the way between them.

From a strike on nothing passes until the proxy is armed or calmed: whatever the struck process still does, the store
cannot tell it from one that is dead.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import sys
from collections import deque
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from conjure.store.client import Script

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK: Final = 65_536
_AGGREGATES: Final = b"*~>%|"
_BULKS: Final = b"$=!"
_READS: Final = frozenset((
    "EXISTS", "GET", "HGET", "HGETALL", "HLEN", "HMGET", "SMEMBERS", "XRANGE", "ZCARD", "ZCOUNT", "ZRANDMEMBER", "ZRANGE",
    "ZRANGEBYLEX", "ZREVRANGE", "ZREVRANGEBYLEX", "ZSCORE",
))  # fmt: skip


class Moment(StrEnum):
    """When a strike comes."""

    BEFORE = "before"
    AFTER = "after"


def values_in(data: bytes) -> tuple[list[bytes], bytes]:
    """Cuts bytes of the store's protocol (RESP 2 and 3) into whole values; returns them and what is left."""
    values, at = [], 0
    while (end := _end_of_value(data, at)) is not None:
        values.append(data[at:end])
        at = end
    return values, data[at:]


def _end_of_value(data: bytes, at: int) -> int | None:
    """Where the value that begins at `at` ends; None while it is not whole."""
    line = data.find(b"\r\n", at)
    if line < 0:
        return None
    kind, end = data[at], line + 2
    if kind in _BULKS:
        length = int(data[at + 1 : line])
        end += 0 if length < 0 else length + 2  # -1: null
        return end if end <= len(data) else None
    if kind in _AGGREGATES:
        count = int(data[at + 1 : line]) * (2 if kind in b"%|" else 1)
        for _ in range(count):
            inner = _end_of_value(data, end)
            if inner is None:
                return None
            end = inner
    return end


def name_of(command: bytes) -> str:
    """What a reader calls a command: its name, or its script's."""
    parts = command.split(b"\r\n", 5)
    name = parts[2].decode()
    if name.upper() == "EVALSHA":
        return _script_named(parts[4].decode())
    if name.upper() == "EVAL":
        source = command.split(b"\r\n", 4)[4][: int(parts[3][1:])]
        return _script_named(hashlib.sha1(source).hexdigest())
    return name


def _script_named(sha: str) -> str:
    return next((one.operation.name for one in scripts() if one.sha == sha), f"script {sha[:8]}")


@functools.cache
def scripts() -> tuple[Script, ...]:
    """The scripts of all modules that are loaded when this is first asked: those of a server, with `conjure.app`."""
    modules = [module for name, module in sys.modules.items() if name.startswith("conjure.")]
    return tuple(
        value for module in modules for value in vars(module).values() if isinstance(value, Script)
    )


class _Struck(Exception):
    """A connection ends: nothing passes any more."""


class Steps:
    """Use as an async context manager. It has a port from the start, and a target once `to` has named it."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[str] = []
        """The names of the steps since it was armed, in order."""
        self.struck = asyncio.Event()
        self._target = 0
        self._subject = b""
        self._at: int | str = 0
        self._moment = Moment.BEFORE
        self._strike: Callable[[], None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._cut()

    def to(self, port: int) -> None:
        """Sets the target."""
        self._target = port

    def arm(self, subject: str, at: int | str, moment: Moment, strike: Callable[[], None]) -> None:
        """Counts steps from now on, and calls `strike` at the `at`-th, or at the first of that name.

        0 counts only.
        """
        self.taken = []
        self.struck.clear()
        self._subject, self._at, self._moment, self._strike = subject.encode(), at, moment, strike

    def calm(self) -> None:
        """Lets everything pass again, and counts on."""
        self._at = 0
        self.struck.clear()

    async def _cut(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        writers = [writer]
        # Ends of those that die here are part of the play.
        with contextlib.suppress(OSError, _Struck, asyncio.CancelledError):
            try:
                self._must_be_calm()
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
                writers.append(far_writer)
                await self._join(reader, writer, far_reader, far_writer)
            finally:
                for one in writers:
                    one.transport.abort()

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        # Of each command that waits for its reply: its name, and its number when it is a step already.
        sent: deque[tuple[str, int]] = deque()
        ways = {
            asyncio.ensure_future(self._commands(reader, far_writer, sent)),
            asyncio.ensure_future(self._replies(far_reader, writer, sent)),
        }
        ended = asyncio.ensure_future(self.struck.wait())
        try:
            await asyncio.wait({*ways, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in (*ways, ended):
                one.cancel()
            await asyncio.gather(*ways, ended, return_exceptions=True)

    async def _commands(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        sent: deque[tuple[str, int]],
    ) -> None:
        left = b""
        while data := await reader.read(_CHUNK):
            commands, left = values_in(left + data)
            for command in commands:
                self._must_be_calm()
                name, number = name_of(command), 0
                if self._is_about(command, name):
                    number = self._step(name)
                    if self._is_it(name, number) and self._moment is Moment.BEFORE:
                        self._hit()
                sent.append((name, number))
                writer.write(command)
            await writer.drain()

    async def _replies(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        sent: deque[tuple[str, int]],
    ) -> None:
        left = b""
        while data := await reader.read(_CHUNK):
            replies, left = values_in(left + data)
            for reply in replies:
                self._must_be_calm()
                name, number = sent.popleft()
                if not number and self._is_about(reply, name):
                    # Nobody could know before: it happens, whatever the moment.
                    number = self._step(name)
                if self._is_it(name, number):
                    self._hit()
                writer.write(reply)
            await writer.drain()

    def _is_about(self, data: bytes, name: str) -> bool:
        return bool(self._subject) and self._subject in data and name not in _READS

    def _is_it(self, name: str, number: int) -> bool:
        """Whether this step is the one; of a name it is the first, as nothing passes after the strike."""
        return number > 0 and self._at in (name, number)

    def _step(self, name: str) -> int:
        self.taken.append(name)
        return len(self.taken)

    def _hit(self) -> None:
        assert self._strike is not None
        self.struck.set()
        self._strike()
        raise _Struck

    def _must_be_calm(self) -> None:
        if self.struck.is_set():
            raise _Struck
