"""The command line as processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from support import warm
from support.stack import store_settings
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.stack import Stack

Ended = tuple[int, str, str]
"""Exit code, output, errors."""


class Running:
    """A command that runs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> str:
        """The next line of its output, once it is there. Raises TimeoutError."""
        assert self._process.stdout is not None
        return (await asyncio.wait_for(self._process.stdout.readline(), LIMIT_S)).decode()

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    async def ended(self, stdin: bytes | None = b"") -> Ended:
        """Waits for its end; the output is what `line` has not read. Raises TimeoutError.

        None: its input stays open until then. The end of an input may be seen before a signal is.
        """
        if stdin is None:
            await asyncio.wait_for(self._process.wait(), LIMIT_S)
        output, errors = await asyncio.wait_for(self._process.communicate(stdin), LIMIT_S)
        assert self._process.returncode is not None
        assert b"Traceback" not in errors, errors.decode()
        return self._process.returncode, output.decode(), errors.decode()


class Conjure:
    """Runs `conjure …` against the stack's store."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "CONJURE_STORE_URL": stack.store_url,
            "CONJURE_STORE_CLUSTER": str(store_settings(stack.store_url).cluster),
            "COLUMNS": "200",
            "PYTHONUNBUFFERED": "",  # as in most shells: what is not flushed is not seen
        }
        self._folder = folder

    async def __call__(self, *arguments: str, stdin: bytes = b"", **variables: str) -> Ended:
        """A process that has imported everything already (`support/warm.py`)."""
        environment = self._environment | variables
        if not warm.shows(environment):
            return await self.cold(*arguments, stdin=stdin, **variables)
        code, output, errors = await asyncio.to_thread(
            warm.run, "conjure", *arguments,
            stdin=stdin, folder=self._folder, environment=environment, limit_s=LIMIT_S,
        )  # fmt: skip
        assert b"Traceback" not in errors, errors.decode()
        return code, output.decode(), errors.decode()

    async def cold(self, *arguments: str, stdin: bytes = b"", **variables: str) -> Ended:
        """The same as a shell starts it, which costs half a second: for what begins with a start."""
        async with self.running(*arguments, **variables) as command:
            return await command.ended(stdin)

    @contextlib.asynccontextmanager
    async def running(self, *arguments: str, **variables: str) -> AsyncIterator[Running]:
        """A command, cold, whose output is read while it runs; it ends with the block at the latest."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "conjure", *arguments,
            cwd=self._folder, env=self._environment | variables, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            yield Running(process)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
