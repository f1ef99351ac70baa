"""A supervised child process: started, watched, restarted, stopped by its own handle."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import IO, TYPE_CHECKING, Final, Self

import structlog

from conjure.core.private_files import open_private_log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

log = structlog.get_logger(__name__)

# Asks Linux to end the child when its parent dies, even by SIGKILL, so that nothing is left behind; then
# becomes the command, under the same process id. A preexec_fn would do this between fork and exec, where
# the threads of a gRPC channel in this process make it crash.
_LAUNCHER: Final = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)  # PR_SET_PDEATHSIG, SIGTERM
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent is gone")
os.execvp(sys.argv[2], sys.argv[2:])
"""
_STARTED_WELL_S: Final = 5.0  # a child that ran this long did not fail at its start


class ChildFailed(RuntimeError):
    """A child ended, or was not ready in time, when it was first started."""


class Child:
    """One child. Leaving the `async with` ends it: TERM, then KILL after `stop_s`.

    `ready` returns once the child serves; `command` is made anew at each start. A child that ends is
    started again: at once if it had run for a while, else after a pause that doubles up to two seconds while
    it keeps failing.
    """

    def __init__(
        self,
        name: str,
        command: Callable[[], Sequence[str]],
        *,
        ready: Callable[[], Awaitable[None]],
        environment: Mapping[str, str] | None = None,
        log_file: Path | None = None,
        stop_s: float = 10.0,
        start_s: float = 20.0,
        pass_fds: Sequence[int] = (),
        on_start: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self._command = command
        self._ready = ready
        self._environment = environment
        self._log_file = log_file
        self._stop_s = stop_s
        self._start_s = start_s
        self._pass_fds = tuple(pass_fds)
        self._on_start = on_start
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._serving = asyncio.Event()

    @property
    def pid(self) -> int:
        """The process id of the present process."""
        assert self._process is not None  # noqa: S101 - entered
        return self._process.pid

    async def __aenter__(self) -> Self:
        await self._start()
        self._watcher = asyncio.create_task(self._watch(), name=f"watch-{self.name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        await self._end()

    async def replace(self) -> None:
        """Ends the present process gracefully and waits for the next one.

        Raises ChildFailed when that does not come up in time; it is tried again and again.
        """
        self._serving.clear()
        await self._end()
        try:
            async with asyncio.timeout(self._start_s):
                await self._serving.wait()
        except TimeoutError as error:
            raise ChildFailed(f"{self.name} did not come back") from error

    async def _start(self) -> None:
        output = open_private_log(self._log_file) if self._log_file is not None else None
        try:
            self._process = await self._spawned(output)
        finally:
            if output is not None:
                output.close()
        ready = asyncio.ensure_future(self._ready())
        ended = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait(
                {ready, ended}, timeout=self._start_s, return_when=asyncio.FIRST_COMPLETED
            )
            # One that has ended is not ready, whatever else may answer on its port.
            if ended.done() or not ready.done():
                code = self._process.returncode
                why = "was not ready in time" if code is None else f"ended with {code}"
                hint = f"; see {self._log_file}" if self._log_file is not None else ""
                await self._end()
                raise ChildFailed(f"{self.name} {why}{hint}")
            await ready
        finally:
            for task in (ready, ended):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        self._serving.set()
        if self._on_start is not None:
            self._on_start()

    async def _spawned(self, output: IO[bytes] | None) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *_ending_with_parent(self._command()),
            env=None if self._environment is None else dict(self._environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # a Ctrl-C at the terminal is ours to pass on, in order
            pass_fds=self._pass_fds,
        )

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        pause = 0.0
        while True:
            assert self._process is not None  # noqa: S101 - started before it is watched
            born = loop.time()
            code = await self._process.wait()
            self._serving.clear()
            log.warning("a child ended; it is started again", child=self.name, code=code)
            pause = 0.0 if loop.time() - born > _STARTED_WELL_S else min(max(pause * 2, 0.05), 2.0)
            while True:
                await asyncio.sleep(pause)
                try:
                    await self._start()
                except (ChildFailed, OSError) as error:
                    log.error("a child does not start", child=self.name, cause=str(error))
                    pause = min(max(pause * 2, 0.05), 2.0)
                else:
                    break

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(self._stop_s):
                await process.wait()
        except TimeoutError:
            log.warning("a child did not end when asked to; it is killed", child=self.name)
            process.kill()
            await process.wait()


def _ending_with_parent(command: Sequence[str]) -> list[str]:
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *command]
