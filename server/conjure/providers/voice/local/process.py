"""One process that speaks, seen from here."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import orjson

from conjure.providers.voice.local import speaker
from conjure.providers.voice.local.choice import Catalogue
from conjure.providers.voice.port import VoiceError, VoiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

_START_S: Final = 20.0
_STOP_S: Final = 1.0
# What Python needs to find the libraries. Nothing else of ours is for code that reads what anybody typed.
_ENVIRONMENT: Final = (
    "PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "HOME", "LD_LIBRARY_PATH",
)  # fmt: skip


class Speaking:
    """A process; for one speech at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - pipes
        self._process = process
        self._to = process.stdin
        self._from = process.stdout
        self._head: tuple[bytes, int] | None = None
        self.catalogue = Catalogue({}, frozenset())

    @classmethod
    async def start(cls) -> Self:
        """Starts one. Raises VoiceUnavailable."""
        try:
            process = await asyncio.create_subprocess_exec(
                # -P: what lies beside the file is not for it to import.
                sys.executable, "-P", str(Path(speaker.__file__)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,  # a Ctrl-C at the terminal is not for it
            )  # fmt: skip
        except OSError as error:
            raise VoiceUnavailable(f"no process for a voice: {error}") from error
        new = cls(process)
        try:
            async with asyncio.timeout(_START_S):
                _, data = await new._frame()  # VOICES
            has = orjson.loads(data)
            new.catalogue = Catalogue(has["languages"], frozenset(has["variants"]))
        except BaseException as error:
            await new.ended()
            if isinstance(error, (VoiceError, TimeoutError)):
                raise VoiceUnavailable("the voice's process does not start") from error
            raise
        return new

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.returncode is None and not self._from.at_eof()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def speak(
        self, text: str, voice: str, how: dict[str, int], tell: Callable[[bytes], None]
    ) -> None:
        """Tells the pieces of a speech. Raises VoiceError."""
        self._send(speaker.SPEAK, orjson.dumps({"text": text, "voice": voice, **how}))
        await self._hear(tell)

    async def stop(self) -> bool:
        """Ends a speech that was left in the middle. Whether it can be asked for the next one."""
        try:
            self._send(speaker.STOP, b"")
            async with asyncio.timeout(_STOP_S):
                await self._hear(lambda _: None)
        except (VoiceError, TimeoutError):
            return False
        return True

    async def ended(self) -> None:
        """Ends it, and waits until it has."""
        self.end()
        await self._process.wait()

    def end(self) -> None:
        """Ends it, whatever it is doing."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # with its fork, in a group of their own
                os.killpg(self._process.pid, signal.SIGKILL)
        self._to.close()

    async def _hear(self, tell: Callable[[bytes], None]) -> None:
        while True:
            kind, data = await self._frame()
            if kind == speaker.PIECE:
                tell(data)
            elif kind == speaker.END:
                return
            else:
                raise VoiceError(f"the voice failed: {data[:40].decode('ascii', 'replace')}")

    def _send(self, kind: bytes, data: bytes) -> None:
        try:
            self._to.write(speaker.FRAME.pack(kind, len(data)) + data)
        except (OSError, RuntimeError) as error:
            raise VoiceUnavailable("the voice's process has ended") from error

    async def _frame(self) -> tuple[bytes, bytes]:
        """The next frame. Who is cancelled between its parts leaves the rest to the next who asks."""
        try:
            if self._head is None:
                self._head = speaker.FRAME.unpack(await self._from.readexactly(speaker.FRAME.size))
            kind, size = self._head
            if size > speaker.MOST_FRAME_BYTES:
                raise VoiceError("the voice's process speaks in tongues")
            data = await self._from.readexactly(size)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise VoiceUnavailable("the voice's process has ended") from error
        self._head = None
        return kind, data
