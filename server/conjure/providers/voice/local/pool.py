"""The processes that speak: started when they are needed, and ended when they were not for a while."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

from conjure.core.context import working_for
from conjure.core.turns import RoundRobin
from conjure.providers.voice.local.process import Speaking
from conjure.providers.voice.port import VoiceError, VoiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Job = Callable[[Speaking, Callable[[bytes], None]], Awaitable[None]]
    """A speech: has a process speak, and tells the pieces."""

# Each speaks a hundred times as fast as anybody listens. The more there are, the sooner one of many begins.
_MOST: Final = 4
_IDLE_S: Final = 300.0


class Speech:
    """A speech under way: iterate.

    It is made as fast as it can be, and not as it is listened to: so its process is free for the next one.
    """

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes | VoiceError | None] = asyncio.Queue()
        self._first: bytes | None = None

    async def begin(self) -> None:
        """Waits for the first piece. Raises VoiceError."""
        async for piece in self:
            self._first = piece
            return
        raise VoiceError("the voice said nothing")

    def tell(self, piece: bytes) -> None:
        """Takes a piece."""
        if piece:
            self._pieces.put_nowait(piece)

    def end(self, failure: VoiceError | None = None) -> None:
        """There is no more."""
        self._pieces.put_nowait(failure)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece: bytes | VoiceError | None
        piece, self._first = self._first, None
        if piece is None:
            piece = await self._pieces.get()
        if isinstance(piece, bytes):
            return piece
        self._pieces.put_nowait(piece)  # for who asks again
        if piece is None:
            raise StopAsyncIteration
        raise piece


class Speakers:
    """Processes; leaving the context ends all."""

    def __init__(self, *, most: int = _MOST, idle_s: float = _IDLE_S) -> None:
        self._turns = RoundRobin(most)
        self._idle_s = idle_s
        self._idle: dict[Speaking, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for process, timer in self._idle.items():
            timer.cancel()
            await process.ended()

    def begin(self, job: Job, *, deadline: float) -> tuple[Speech, asyncio.Task[None]]:
        """Begins a speech that must be made by then. Cancelling the task ends it at once."""
        speech = Speech()
        task = asyncio.create_task(self._speak(job, speech, working_for(), deadline))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return speech, task

    async def _speak(self, job: Job, speech: Speech, app: str, deadline: float) -> None:
        # Whatever happens, and when the processes are ended: nobody waits for more.
        failure: VoiceError | None = VoiceUnavailable("the speech broke off")
        try:
            async with asyncio.timeout_at(deadline), self._turns.turn(app):
                await self._with_a_process(job, speech)
            failure = None
        except TimeoutError:
            failure = VoiceUnavailable("the speech took too long")
        except VoiceError as error:
            failure = error
        finally:
            speech.end(failure)

    async def _with_a_process(self, job: Job, speech: Speech) -> None:
        process = await self._taken()
        is_free = False
        try:
            await job(process, speech.tell)
            is_free = True
        except asyncio.CancelledError:  # the listener left
            is_free = await process.stop()
            raise
        finally:
            if is_free and not self._is_closed:
                self._keep(process)
            else:
                await process.ended()

    async def _taken(self) -> Speaking:
        while self._idle:
            process, timer = self._idle.popitem()  # the one that was busy last
            timer.cancel()
            if process.is_alive:
                return process
            await process.ended()
        return await Speaking.start()

    def _keep(self, process: Speaking) -> None:
        loop = asyncio.get_running_loop()
        self._idle[process] = loop.call_later(self._idle_s, self._retire, process)

    def _retire(self, process: Speaking) -> None:
        del self._idle[process]
        process.end()
