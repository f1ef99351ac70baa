"""Walks through a deed, and strikes at each step of it: what was asked for must have happened once all the same.

A trial is one strike: a store, a process and an app of its own, and a deed that is asked for until it is answered.
The walk tries the first step, the second, and so on, until a deed is over before its strike came: then every step has
been tried. A step is a command to the store that has to do with the app (`steps.py`).

What is struck: the process, with SIGKILL; the store, with SIGKILL, after which it starts again from its file; or the
way between them. A process may be one of its own (`OwnProcess`), or stand in the test's (`InProcess`), which takes a
tenth of the time: from the strike on nothing of it comes to the store, which is all that a kill is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import grpc.aio

from conjure.administration import administration
from conjure.app import serving
from conjure.core.errors import StoreUnavailable
from conjure.run.child import _ending_with_parent
from conjure.run.ports import wait_for_port
from conjure.settings import AuthSettings, Settings, StoreSettings
from support.chaos.steps import Moment, Steps, scripts
from support.ports import claimed_port
from support.rpc import stubborn_client
from support.stack import USER_SECRET, new_app, running_store
from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conjure.administration import Administration
    from conjure.run.child import Child
    from support.rpc import Client
    from support.stack import TestApp

_AGAIN_S: Final = 0.05


class Struck(StrEnum):
    """What a strike hits."""

    PROCESS = "the process"
    STORE = "the store"
    WAY = "the way between them"


class Life(Protocol):
    """A process that serves and works; another one when it was ended."""

    port: int

    async def start(self) -> None: ...
    def strike(self) -> None:
        """Ends it in the middle of whatever it does."""
        ...

    async def bury(self) -> None:
        """Returns when nothing of it is left."""
        ...


class InProcess:
    """A server in the test's own process. Whoever strikes it sees to it that it cannot reach the store."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self.port = claimed_port()
        self._environment = {**os.environ, "CONJURE_HEAVY_WORKERS": "0", **environment}
        self._opened = contextlib.AsyncExitStack()

    async def start(self) -> None:
        settings = Settings.from_environment(self._environment)
        await self._opened.enter_async_context(serving(settings, port=self.port))

    def strike(self) -> None:
        """Nothing more is needed: the proxy lets nothing pass."""

    async def bury(self) -> None:
        await self._opened.aclose()


class OwnProcess:
    """A `conjure serve` process. No supervisor: whoever ends it starts the next one."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self.port = claimed_port()
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3] / "server"),
            "CONJURE_SERVER_PORT": str(self.port),
            **environment,
        }
        self._log = directory / "server.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *_ending_with_parent([sys.executable, "-m", "conjure", "serve"]),
                env=self._environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        async with asyncio.timeout(LIMIT_S):
            await wait_for_port(self.port)

    def strike(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)

    async def bury(self) -> None:
        if self._process is None:
            return
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()


@dataclass(frozen=True)
class Ground:
    """What a deed may use. `admin` reaches the store straight, past the proxy."""

    admin: Administration
    app: TestApp
    port: int


class Deed(Protocol):
    """Something that is asked for, and has to happen once."""

    async def prepare(self, ground: Ground) -> None:
        """Makes what it needs; nothing of that is a step."""
        ...

    async def ask(self, caller: Client) -> None:
        """Asks for it, as if it was the first time. Raises AioRpcError when it was not answered."""
        ...

    async def is_over(self) -> bool:
        """Whether nothing more will happen, now that it was answered."""
        ...

    async def violations(self) -> list[str]:
        """A sentence for each promise that was broken."""
        ...


@dataclass
class Trial:
    """One strike, and what came of it."""

    at: int | str
    moment: Moment
    struck: Struck
    steps: list[str] = field(default_factory=list)
    was_struck: bool = False
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.struck} struck {self.moment} step {self.at} of {self.steps}: {self.violations}"
        )


@dataclass(frozen=True)
class Walk:
    """How trials are made. `environment` is of the server; `at_once`: trials at the same time."""

    directory: Path
    deed: Callable[[], Deed]
    life: Callable[[Mapping[str, str], Path], Life]
    environment: Mapping[str, str] = field(default_factory=dict)
    at_once: int = 4

    async def whole(self, struck: Struck, moment: Moment) -> list[Trial]:
        """Tries every step; returns the trials. The last ones were over before their strike."""
        trials: list[Trial] = []
        while not trials or trials[-1].was_struck:
            first = len(trials) + 1
            trials += await self.some(struck, moment, range(first, first + self.at_once))
        return trials

    async def some(self, struck: Struck, moment: Moment, steps: Sequence[int | str]) -> list[Trial]:
        """Tries these steps, by number or by the name of the first one."""
        free = asyncio.Semaphore(self.at_once)

        async def one(at: int | str) -> Trial:
            async with free:
                return await self.trial(at, struck, moment)

        return list(await asyncio.gather(*map(one, steps)))

    async def trial(self, at: int | str, struck: Struck, moment: Moment) -> Trial:
        """One strike; 0: none, the steps are only counted."""
        trial = Trial(at, moment, struck)
        directory = Path(tempfile.mkdtemp(dir=self.directory))
        async with contextlib.AsyncExitStack() as opened:
            store, url = await opened.enter_async_context(running_store(directory / "store"))
            steps = await opened.enter_async_context(Steps())
            steps.to(int(url.rpartition(":")[2].partition("/")[0]))
            life = self.life(
                {**_QUICK, **self.environment, "CONJURE_STORE_URL": url_of(steps)}, directory
            )
            admin = await opened.enter_async_context(
                administration(StoreSettings(url=url), AuthSettings())
            )
            for script in scripts():  # else the first use of each would be two steps
                await admin.store.read("SCRIPT", "LOAD", script.source)
            app = await new_app(admin)
            opened.push_async_callback(life.bury)
            await life.start()
            deed = self.deed()
            await deed.prepare(Ground(admin, app, life.port))
            caller = await opened.enter_async_context(stubborn_client(life.port, app.secret))
            strike = {
                Struck.PROCESS: life.strike,
                Struck.STORE: lambda: os.kill(store.pid, signal.SIGKILL),
                Struck.WAY: lambda: None,
            }[struck]
            steps.arm(app.id, at, moment, strike)
            over = asyncio.create_task(_until_over(deed, caller))
            hit = asyncio.create_task(steps.struck.wait())
            try:
                await asyncio.wait({over, hit}, return_when=asyncio.FIRST_COMPLETED)
                trial.was_struck = steps.struck.is_set()
                if trial.was_struck:
                    await _recover(struck, steps, life, store)
                else:
                    steps.calm()
                await over
            except TimeoutError:
                trial.violations = [f"it was not over in {LIMIT_S:g} s"]
            finally:
                for task in (over, hit):
                    task.cancel()
                await asyncio.gather(over, hit, return_exceptions=True)
            trial.steps = list(steps.taken)
            trial.violations += await _violations(deed)
        return trial


_QUICK: Final = {
    "CONJURE_AUTH_USER_JWT_SECRET": USER_SECRET,
    "CONJURE_SERVER_DRAIN_PAUSE_S": "0",
    "CONJURE_STORE_TIMEOUT_S": "2",
    "CONJURE_STORE_RECOVERY_S": "2",
}
"""Patience for a store that is struck, and no more for one that a struck process will never reach again."""


def url_of(steps: Steps) -> str:
    """Where the store is, as the struck process knows it."""
    return f"redis://127.0.0.1:{steps.port}/0"


async def _recover(struck: Struck, steps: Steps, life: Life, store: Child) -> None:
    """Lets time pass as it does after a strike, and everything go on."""
    if struck is Struck.PROCESS:
        await life.bury()
        steps.calm()
        await life.start()
    else:
        await asyncio.sleep(_AGAIN_S)
        steps.calm()


async def _violations(deed: Deed) -> list[str]:
    """Asks the deed, again while what was struck last is not back."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            try:
                return await deed.violations()
            except (grpc.aio.AioRpcError, StoreUnavailable):
                await asyncio.sleep(_AGAIN_S)


async def _until_over(deed: Deed, caller: Client) -> None:
    """Asks until there is an answer, then waits until all is done. Raises TimeoutError."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            try:
                await deed.ask(caller)
            except grpc.aio.AioRpcError:
                await asyncio.sleep(_AGAIN_S)
            else:
                break

    async def is_over() -> bool:
        with contextlib.suppress(StoreUnavailable):  # it may be what was struck
            return await deed.is_over()
        return False

    await until(is_over)
