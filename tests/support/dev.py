"""`conjure dev` as a process of its own, in a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path


class Dev:
    """A running `conjure dev`."""

    def __init__(self, folder: Path, process: asyncio.subprocess.Process, output: str) -> None:
        self.folder = folder
        self.process = process
        self.output = output

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / ".conjure" / "dev.json").read_text())
        return found

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self.process.wait(), LIMIT_S)


@contextlib.asynccontextmanager
async def dev(
    folder: Path,
    *,
    umask: int = -1,
    program: Sequence[str | Path] = (sys.executable, "-m", "conjure"),
    **environment: str,
) -> AsyncIterator[Dev]:
    """Runs one in a folder, once it is ready; `umask` as the shell would have it."""
    process = await asyncio.create_subprocess_exec(
        *program, "dev",
        cwd=folder, env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE, umask=umask,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        output = await asyncio.wait_for(process.stdout.readuntil(b"Ctrl-C stops"), LIMIT_S)
        yield Dev(folder, process, output.decode())
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.wait(), LIMIT_S)
