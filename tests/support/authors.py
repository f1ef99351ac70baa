"""Authors for tests: slow, failing, or held up by the test; and a server process of its own with one of them.

A setting of the product names no author of a test, so such a server is started by this file:
`python -m support.authors KIND [ARGUMENT]`, with the environment of `conjure serve`.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conjure.app import serving
from conjure.providers.author import AuthorError, BuiltinAuthor
from conjure.run.child import Child
from conjure.run.ports import wait_for_port
from conjure.settings import Settings
from support.ports import claimed_port
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from conjure.providers.author import AuthoredWorld, AuthorRequest, Report

ROOT = Path(__file__).parents[2]


class SlowAuthor(BuiltinAuthor):
    """Takes `pause_s` before each of its steps."""

    def __init__(self, pause_s: float = 0.2) -> None:
        self._pause_s = pause_s

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        if report is not None:
            await report("planning", 0.0)
        await asyncio.sleep(self._pause_s)
        if report is not None:
            await report("writing", 0.5)
        await asyncio.sleep(self._pause_s)
        return await super().create_world(request, report)


class HeldAuthor(BuiltinAuthor):
    """Writes when the test lets it; tells of each call that it is asked."""

    def __init__(self) -> None:
        self.asked = asyncio.Semaphore(0)
        self.may_write = asyncio.Semaphore(0)

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        if report is not None:
            await report("writing", 0.5)
        self.asked.release()
        await self.may_write.acquire()
        return await super().create_world(request, report)


class EndlessAuthor(BuiltinAuthor):
    """Never comes to an end; tells when it was asked, and when nobody wants its world any more."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.ended = asyncio.Event()

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()
        raise AssertionError


class FailingAuthor(BuiltinAuthor):
    """Fails `times`, and then writes."""

    def __init__(self, times: float = math.inf) -> None:
        self.left = times
        self.calls = 0

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        self.calls += 1
        if self.left:
            self.left -= 1
            raise AuthorError("a secret of the provider that nobody may see")
        return await super().create_world(request, report)


class UnfitAuthor(BuiltinAuthor):
    """Writes a world that the kernel refuses."""

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        made = await super().create_world(request, report)
        made.document["entrance"]["state"] = "nowhere"
        return made


class DeadlyAuthor(BuiltinAuthor):
    """Kills its process at each world whose premise has the word `deadly`."""

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        if "deadly" in request.premise:
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().create_world(request, report)


AUTHORS = {"slow": SlowAuthor, "failing": FailingAuthor, "deadly": DeadlyAuthor}


@contextlib.asynccontextmanager
async def running_author_server(
    directory: Path,
    store_url: str,
    kind: str,
    *arguments: float,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[tuple[Child, int]]:
    """A server process with one of `AUTHORS`, which may be killed. TERM drains it, as `conjure serve`."""
    port = claimed_port()
    child = Child(
        "author-server",
        lambda: [sys.executable, "-m", "support.authors", kind, *map(str, arguments)],
        ready=lambda: wait_for_port(port),
        environment={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(ROOT / "server"), str(ROOT / "tests"))),
            "CONJURE_STORE_URL": store_url,
            "CONJURE_STORE_CLUSTER": str("," in store_url),
            "CONJURE_SERVER_PORT": str(port),
            "CONJURE_SERVER_DRAIN_PAUSE_S": "0.2",
            **(environment or {}),
        },
        log_file=directory / "author-server.log",
        stop_s=LIMIT_S,
        start_s=LIMIT_S,
    )
    async with child:
        yield child, port


async def _serve(kind: str, *arguments: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    author = AUTHORS[kind](*arguments)
    async with serving(Settings.from_environment(), author=author) as (server, _):
        await stop.wait()
        await server.drain()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], *map(float, sys.argv[2:])))
