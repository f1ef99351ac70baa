"""A page in a real browser, by the DevTools protocol over two pipes: what it asks for, says and shows."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

from support.browser import browser
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

# The browser reads commands from descriptor 3 and writes answers to 4.
_WITH_PIPES: Final = """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Page:
    """A page and what has happened in it. `asked`: the addresses of its requests; `said`: errors, CSP's too."""

    def __init__(self, reader: asyncio.StreamReader, commands: int) -> None:
        self._reader = reader
        self._commands = commands
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.asked: list[str] = []
        self.said: list[str] = []

    async def listen(self) -> None:
        """Reads what the browser tells, until it ends."""
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                message = json.loads((await self._reader.readuntil(b"\0"))[:-1])
                waiting = self._waiting.pop(message.get("id", 0), None)
                if waiting is not None:
                    waiting.set_result(message.get("result", message))
                elif message.get("method") == "Network.requestWillBeSent":
                    self.asked.append(message["params"]["request"]["url"])
                elif message.get("method") == "Log.entryAdded":
                    self.said.append(message["params"]["entry"]["text"])
                elif message.get("method") == "Runtime.exceptionThrown":
                    self.said.append(json.dumps(message["params"]))

    async def call(self, method: str, **params: Any) -> Any:
        """Sends a command, and returns its result."""
        number = next(self._numbers)
        command: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session is not None:
            command["sessionId"] = self._session
        answered = self._waiting[number] = asyncio.get_running_loop().create_future()
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        async with asyncio.timeout(LIMIT_S):
            return await answered

    async def open(self, url: str) -> None:
        """Opens an address, which tells from its first request on."""
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        for domain in ("Network", "Log", "Runtime", "Page"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=url)

    async def value(self, script: str) -> Any:
        """The value of an expression in the page; of a promise, what it comes to."""
        found = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def until(self, script: str) -> Any:
        """The value of an expression once it is true."""
        async with asyncio.timeout(LIMIT_S):
            while not (found := await self.value(script)):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        return found


@contextlib.asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[Page]:
    """A page that a browser of its own has opened."""
    program = browser()
    (command_reads, commands), (told, telling) = os.pipe(), os.pipe()
    with (folder / "browser.log").open("wb") as log:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WITH_PIPES, str(command_reads), str(telling),
            program,
            "--remote-debugging-pipe", "--headless=new", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-proxy-server", f"--user-data-dir={folder / 'profile'}",
            # Its sandbox does not start for root, nor in most containers. It opens pages of tests only.
            "--no-sandbox",
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            pass_fds=(command_reads, telling),
            start_new_session=True,  # it has many processes, and all of them are to end
            env={**os.environ, "HOME": str(folder)},
        )  # fmt: skip
    os.close(command_reads)
    os.close(telling)
    reader = asyncio.StreamReader(limit=1 << 24)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(told, "rb", 0)
    )
    page = Page(reader, commands)
    listening = asyncio.ensure_future(page.listen())
    try:
        await page.open(url)
        yield page
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
        listening.cancel()
        transport.close()
        os.close(commands)
