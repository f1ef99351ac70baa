"""The command line as a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from support.stack import store_settings
from support.until import LIMIT_S

if TYPE_CHECKING:
    from pathlib import Path

    from support.stack import Stack


class Conjure:
    """Runs `conjure …` against the stack's store."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "CONJURE_STORE_URL": stack.store_url,
            "CONJURE_STORE_CLUSTER": str(store_settings(stack.store_url).cluster),
            "COLUMNS": "200",
        }
        self._folder = folder

    async def __call__(
        self, *arguments: str, stdin: bytes = b"", **variables: str
    ) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "conjure", *arguments,
            cwd=self._folder, env=self._environment | variables, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, errors = await asyncio.wait_for(process.communicate(stdin), LIMIT_S)
        assert process.returncode is not None
        assert b"Traceback" not in errors, errors.decode()
        return process.returncode, output.decode(), errors.decode()
