"""One heavy worker: its process, and the way to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import grpc.aio
import structlog

from conjure.core.context import detached_context
from conjure.core.errors import Overloaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.settings import Settings

log = structlog.get_logger(__name__)

_PROGRAM: Final = "conjure.run.heavy"
_START_S: Final = 30.0
_STOP_S: Final = 5.0
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_metadata_size", 65_536),
    ("grpc.absolute_max_metadata_size", 65_536),
    # Its own, also when several workers have had the same path.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),
)


class HeavyWorker:
    """A process that answers calls on a socket file, from its first call on.

    `heard` is told what the process counted (`core.metrics`), a line of JSON at a time.
    """

    def __init__(self, settings: Settings, heard: Callable[[bytes], None]) -> None:
        self._settings = settings
        self._heard = heard
        self._process: asyncio.subprocess.Process | None = None
        self._channel: grpc.aio.Channel | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

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
        async with self._starting:
            if self.pid is None or self._channel is None:
                await self._close()
                try:
                    await self._start()
                except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                    log.error("a heavy worker does not start", cause=str(error))
                    await self._close()
                    raise Overloaded from error
            assert self._channel is not None  # noqa: S101 - just made
            return self._channel

    async def ended(self, within_s: float) -> bool:
        """Whether the process has ended, or does so within so many seconds."""
        if self._process is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._process.wait()
        return self.pid is None

    async def close(self) -> None:
        """Ends the process, which has no call any more."""
        async with self._starting:
            await self._close()

    async def _start(self) -> None:
        # Short: a socket's path has 107 bytes at most. Private: whoever connects is believed.
        self._folder = tempfile.TemporaryDirectory(prefix="conjure-heavy-")
        path = Path(self._folder.name) / "s"
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", _PROGRAM, str(path),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C at the terminal is its parent's to pass on
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},  # this very program
        )  # fmt: skip
        told, heard = self._process.stdin, self._process.stdout
        assert told is not None and heard is not None  # noqa: S101, PT018 - pipes
        # Not in its environment: passwords are in there. Its end tells the process that this one is gone.
        told.write(pickle.dumps(self._settings))
        async with asyncio.timeout(_START_S):
            await heard.readuntil(b"\n")
        self._channel = grpc.aio.insecure_channel(f"unix:{path}", options=_OPTIONS)
        self._listening = asyncio.get_running_loop().create_task(
            self._listen(heard), context=detached_context()
        )

    async def _listen(self, heard: asyncio.StreamReader) -> None:
        while line := await heard.readline():
            self._heard(line)

    async def _close(self) -> None:
        if self._channel is not None:
            await self._channel.close()
            self._channel = None
        if self._process is not None and self._process.returncode is None:
            assert self._process.stdin is not None  # noqa: S101 - a pipe
            self._process.stdin.close()
            if not await self.ended(_STOP_S):
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None
        self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def read_settings(stream: BinaryIO) -> Settings:
    """Reads what a worker is told at its start."""
    settings: Settings = pickle.load(stream)  # noqa: S301 - by its parent, through a private pipe
    return settings
