"""One heavy worker: its process, and the way to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import grpc.aio
import structlog

from conjure.core.context import detached_context
from conjure.core.errors import Overloaded
from conjure.core.private_files import socket_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.settings import Settings

log = structlog.get_logger(__name__)

METADATA_BYTES: Final = 262_144
"""Headers that a worker takes: all of a call's are relayed as one, and are more then (base64 of JSON)."""

_PROGRAM: Final = "conjure.run.heavy"
_NICE: Final = 10  # how much a worker gives way to the processes that serve everybody (nice(1))
_SOCKET: Final = "s"
_START_S: Final = 30.0
_STOP_S: Final = 5.0  # beside what a worker may still wait for: the store, and a runtime
_PAUSE_S: Final = (0.5, 30.0)  # after a start that failed, and after many
_LINE_BYTES: Final = 1_048_576  # of counted numbers: some 200 bytes a distribution
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_metadata_size", METADATA_BYTES),
    ("grpc.absolute_max_metadata_size", METADATA_BYTES),
    # Its own, also when several workers have had the same path.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),
    # The one connection is for good: the socket's file is gone once it stands.
    ("grpc.client_idle_timeout_ms", 2**31 - 1),
)
_CHECK: Final = "/grpc.health.v1.Health/Check"


class HeavyWorker:
    """A process that answers calls on a socket, from its first call on.

    `heard` is told what the process counted (`core.metrics`), a line of JSON at a time.
    """

    def __init__(self, settings: Settings, heard: Callable[[bytes], None]) -> None:
        self._settings = settings
        self._heard = heard
        self._stop_s = _STOP_S + 2 * (
            settings.store.patience_s + min(settings.runtime.timeout_s, settings.server.drain_s)
        )
        # A call that is computed when its caller leaves goes on until its CPU time is over; its share of a
        # full machine may be small.
        self._settle_s = 4 * settings.heavy.cpu_s + 5
        self._process: asyncio.subprocess.Process | None = None
        self._channel: grpc.aio.Channel | None = None
        self._listening: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[grpc.aio.Channel] | None = None
        self._pause_s = 0.0
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """The process id; None while there is no process."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    @property
    def code(self) -> int | None:
        """How the present process ended; None while it runs."""
        return self._process.returncode if self._process is not None else None

    async def channel(self) -> grpc.aio.Channel:
        """Returns the way to a process that runs. Raises Overloaded when none can be started."""
        if self.pid is not None and self._channel is not None:
            return self._channel
        if self._starting is None:
            self._starting = asyncio.get_running_loop().create_task(
                self._start(), context=detached_context()
            )
            self._starting.add_done_callback(self._started)
        # A caller that leaves does not end the start: the next one needs the process as well.
        return await asyncio.shield(self._starting)

    async def ended(self, within_s: float) -> bool:
        """Whether the process has ended, or does so within so many seconds."""
        if self._process is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._process.wait()
        return self.pid is None

    async def settle(self) -> None:
        """Waits until nothing is left of a call whose caller has gone; ends a process that hangs."""
        if self._channel is None:
            return  # it had not begun
        check: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(_CHECK)
        try:
            # On the same connection, so it comes after the word that the caller has gone; and a loop that
            # computes answers nobody.
            await check(b"", timeout=self._settle_s)
        except grpc.aio.AioRpcError as error:
            if self.pid is not None:
                log.warning("a heavy worker hangs; it is ended", cause=error.code().name)
            await self.kill()

    async def kill(self) -> None:
        """Ends the process at once, whatever it does."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def close(self) -> None:
        """Ends the process, which has no call any more."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        await self._close()

    def _started(self, starting: asyncio.Task[grpc.aio.Channel]) -> None:
        self._starting = None
        if not starting.cancelled():
            starting.exception()  # told to whoever waited; perhaps nobody does any more

    async def _start(self) -> grpc.aio.Channel:
        now = asyncio.get_running_loop().time
        if now() < self._not_before:
            raise Overloaded
        await self._close()
        try:
            self._channel = await self._open()
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self._pause_s = min(max(2 * self._pause_s, _PAUSE_S[0]), _PAUSE_S[1])
            self._not_before = now() + self._pause_s
            log.error("a heavy worker does not start", cause=repr(error), again_s=self._pause_s)
            await self.kill()
            raise Overloaded from error
        except asyncio.CancelledError:
            await self.kill()
            raise
        self._pause_s = 0.0
        return self._channel

    async def _open(self) -> grpc.aio.Channel:
        private = socket_folder(_SOCKET)  # whoever connects is believed
        if private is None:
            raise OSError("TMPDIR is too long a path for a socket")
        with private as folder:
            path = Path(folder) / _SOCKET
            self._process = process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", _PROGRAM, str(path), str(os.getpid()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # a Ctrl-C at the terminal is its parent's to pass on
                env={**os.environ, "PYTHONPATH": _python_path()},
                limit=_LINE_BYTES,
            )  # fmt: skip
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
            told, heard = process.stdin, process.stdout
            assert told is not None and heard is not None  # noqa: S101, PT018 - pipes
            # As they are here, which need not be what its environment says. The end of this pipe tells the
            # process that this one is gone.
            told.write(pickle.dumps(self._settings))
            channel = grpc.aio.insecure_channel(f"unix:{path}", options=_OPTIONS)
            try:
                async with asyncio.timeout(_START_S):
                    await heard.readuntil(b"\n")
                    await channel.channel_ready()
            except BaseException:  # also when its caller has gone: a channel must be closed
                await channel.close()
                raise
        self._listening = asyncio.get_running_loop().create_task(self._listen(heard))
        return channel

    async def _listen(self, heard: asyncio.StreamReader) -> None:
        try:
            while line := await heard.readline():
                self._heard(line)
        except ValueError as error:  # too long, or no numbers: nobody would empty the pipe any more
            log.error("a heavy worker says what nobody understands; it is ended", cause=repr(error))
            await self.kill()

    async def _close(self) -> None:
        if self._channel is not None:
            await self._channel.close()
            self._channel = None
        if self._process is not None and self._process.returncode is None:
            assert self._process.stdin is not None  # noqa: S101 - a pipe
            self._process.stdin.close()
            if not await self.ended(self._stop_s):
                await self.kill()
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None
        self._process = None


def read_settings(stream: BinaryIO) -> Settings:
    """Reads what a worker is told at its start. Raises EOFError when its parent has gone."""
    settings: Settings = pickle.load(stream)  # noqa: S301 - by its parent, through a private pipe
    return settings


def _python_path() -> str:
    """The path of this very program first, then where libraries may be found besides."""
    here = str(Path(__file__).parents[3])
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
