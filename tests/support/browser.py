"""A real browser, without a driver: it opens a page of a test, and the page tells what it has seen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import pytest

from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PAGE: Final = """<!doctype html><meta charset="utf-8"><title>A test</title><script type="module">
const told = {};
try { told.seen = await (async () => { %s })(); } catch (error) { told.error = `${error}`; }
await fetch("/told", {method: "POST", body: JSON.stringify(told)});
</script>"""


def browser() -> str:
    """Where the browser is. The test says it aloud when there is none."""
    for name in _NAMES:
        if (found := shutil.which(name)) is not None:
            return found
    pytest.skip("NOT TESTED: there is no browser here (apt-get install chromium)")


class Page:
    """A page of an origin of its own, and what its script has returned."""

    def __init__(self, script: str) -> None:
        self._body = (_PAGE % script).encode()
        self.told: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one request of the browser."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        line, _, rest = head.partition("\r\n")
        status, body = HTTPStatus.NOT_FOUND, b""
        if line.startswith("get / "):
            status, body = HTTPStatus.OK, self._body
        elif line.startswith("post /told "):
            length = int(rest.partition("content-length:")[2].partition("\r\n")[0])
            told = json.loads(await reader.readexactly(length))
            status = HTTPStatus.NO_CONTENT
            if not self.told.done():
                self.told.set_result(told)
        writer.write(
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/html\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()


async def seen_by_a_browser(script: str, folder: Path) -> Any:
    """What `script`, the body of an async function, returns in a page that a browser has opened."""
    program, page = browser(), Page(script)
    server = await asyncio.start_server(page.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, _running(program, f"http://127.0.0.1:{port}/", folder) as child:
        ended = asyncio.ensure_future(child.wait())
        try:
            async with asyncio.timeout(LIMIT_S):
                await asyncio.wait({page.told, ended}, return_when=asyncio.FIRST_COMPLETED)
            assert page.told.done(), (folder / "browser.log").read_text(errors="replace")[-2_000:]
        finally:
            ended.cancel()
    told = page.told.result()
    assert "error" not in told, told["error"]
    return told["seen"]


@contextlib.asynccontextmanager
async def _running(
    program: str, url: str, folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    with (folder / "browser.log").open("wb") as log:
        child = await asyncio.create_subprocess_exec(
            program,
            "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-proxy-server",
            f"--user-data-dir={folder / 'profile'}",
            # Its sandbox does not start for root, nor in most containers. It opens pages of tests only.
            "--no-sandbox",
            url,
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,  # it has many processes, and all of them are to end
            env={**os.environ, "HOME": str(folder)},
        )  # fmt: skip
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
