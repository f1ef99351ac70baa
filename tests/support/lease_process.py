"""The sessions of a server in a process of its own, which can be killed at any moment.

It is forked from a process that has imported all of it, so that a new one is there in a moment. It is told what to do
through a pipe, and tells of each credential that a runtime has given it before it does anything else with that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any

import pytest

from conjure.administration import administration
from conjure.core.cleanup import Cleanup
from conjure.core.errors import (
    AppError,
    InvalidCredential,
    RuntimeUnavailable,
    SessionCapacity,
    SessionMinutesExhausted,
)
from conjure.core.ids import new_id
from conjure.providers.runtime import LocalRuntime, ReactorRuntime
from conjure.queue.directory import Directory
from conjure.sessions.endings import Endings
from conjure.sessions.leases import Leases
from conjure.sessions.store import SessionStore
from conjure.sessions.tokens import SessionTokens
from conjure.settings import AuthSettings, CapSettings, RuntimeSettings, SessionSettings
from conjure.store import keyspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from conjure.core.caller import SessionCaller
    from conjure.settings import StoreSettings
    from conjure.store.client import Store

EXPECTED = (InvalidCredential, RuntimeUnavailable, SessionCapacity, SessionMinutesExhausted)
LEAVES_S = 0.003
HOLD_MS = 300
"""What an asker may take at most: others of its token wait so long for one that was killed."""

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


def _fork_from_what_has_all_of_it() -> None:
    """Starts the process that others are forked from. Python before 3.13 does not tell it where modules are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        forkserver.ensure_running()


@dataclass(frozen=True)
class Place:
    """What a process works with."""

    store: StoreSettings
    lease_s: int
    reactor_port: int | None
    """None: the runtime is `local`."""


@dataclass(frozen=True)
class Made:
    """A credential that a runtime has given, with its times in ms."""

    jti: str
    jwt: str
    begin_ms: int
    end_ms: int


@dataclass(frozen=True)
class Dropped:
    """A credential that a process did not store, as it had become too late for it: nobody has it."""

    jti: str
    jwt: str


class LeaseProcess:
    """A process, and the next one when it was killed.

    `made` is called with what a runtime has given it, `dropped` with what it has not kept of that.
    """

    def __init__(
        self,
        place: Place,
        made: Callable[[LeaseProcess, Made], None],
        dropped: Callable[[Dropped], None],
    ) -> None:
        self._place = place
        self._made = made
        self._dropped = dropped
        self._asked: dict[str, asyncio.Future[Any]] = {}
        self._killing = asyncio.Lock()
        self._start()

    def _start(self) -> None:
        _fork_from_what_has_all_of_it()
        self._pipe, theirs = _FORKS.Pipe()
        self._process = _FORKS.Process(target=_run, args=(theirs, self._place), daemon=True)
        self._process.start()
        theirs.close()
        asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._read)

    async def ask(self, what: str, *arguments: Any) -> Any:
        """Has it do something; returns what came of it, None also when it was killed meanwhile."""
        name = new_id()
        asked = self._asked[name] = asyncio.get_running_loop().create_future()
        with contextlib.suppress(OSError):
            self._pipe.send((name, what, arguments))
        return await asked

    async def kill(self) -> None:
        """Ends it at once, whatever it does, and starts the next one."""
        async with self._killing:
            assert self._process.pid is not None
            os.kill(self._process.pid, signal.SIGKILL)
            await asyncio.to_thread(self._process.join)
            self._read()  # what it has said before
            self._close()
            self._start()

    def close(self) -> None:
        """Ends it for good."""
        self._process.kill()
        self._process.join()
        self._close()

    def _close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pipe.fileno())
        self._pipe.close()
        for asked in self._asked.values():
            if not asked.done():
                asked.set_result(None)
        self._asked.clear()

    def _read(self) -> None:
        try:
            while self._pipe.poll():
                name, said = self._pipe.recv()
                if isinstance(said, Made):
                    self._made(self, said)
                elif isinstance(said, Dropped):
                    self._dropped(said)
                elif (asked := self._asked.pop(name)) and isinstance(said, Exception):
                    asked.set_exception(said)
                else:
                    asked.set_result(said)
        except (EOFError, OSError):  # it was killed
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())


def _run(pipe: Connection, place: Place) -> None:
    asyncio.run(_serve(pipe, place))


async def _serve(pipe: Connection, place: Place) -> None:
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as opened:
        admin = await opened.enter_async_context(administration(place.store, AuthSettings()))
        sessions = SessionSettings(lease_s=place.lease_s, global_live_sessions=10_000)
        store = SessionStore(
            admin.store, CapSettings(), sessions, is_cluster=place.store.cluster, idempotency_s=60
        )
        if place.reactor_port is None:
            tokens = SessionTokens(SessionSettings(), admin.signing_keys)
            runtime: Any = LocalRuntime(tokens.sign, admin.signing_keys.kid_at, issuer="conjure")
        else:
            runtime = await opened.enter_async_context(
                ReactorRuntime(
                    RuntimeSettings(
                        reactor_url=f"http://127.0.0.1:{place.reactor_port}",
                        reactor_api_key="k", reactor_model="m", timeout_s=30,
                    )
                )
            )  # fmt: skip
        _tell_what_is_given(runtime, pipe)
        _tell_what_is_dropped(store, admin.store, pipe)
        endings = Endings(admin.store, store, Directory(admin.store))
        sessions_of = _Sessions(store, endings, runtime)
        tasks: set[asyncio.Task[None]] = set()

        async def answer(name: str, what: str, arguments: tuple[Any, ...]) -> None:
            try:
                said = await getattr(sessions_of, what)(*arguments)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test is told
                said = RuntimeError(repr(error))
            pipe.send((name, said))

        gone = asyncio.Event()

        def read() -> None:
            try:
                while pipe.poll():
                    task = loop.create_task(answer(*pipe.recv()))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
            except EOFError:  # whoever has started it
                loop.remove_reader(pipe.fileno())
                gone.set()

        loop.add_reader(pipe.fileno(), read)
        await gone.wait()


def _tell_what_is_given(runtime: Any, pipe: Connection) -> None:
    ask = runtime.token

    async def token(lease: Any) -> Any:
        given = await ask(lease)
        begin = lease.ends_at_ms - lease.seconds * 1000
        end = min(lease.ends_at_ms, (given.expires_at_s or 0) * 1000 or lease.ends_at_ms)
        pipe.send(("", Made(lease.jti, given.jwt, begin, end)))
        return given

    runtime.token = token


def _tell_what_is_dropped(sessions: Any, store: Store, pipe: Connection) -> None:
    settle = sessions.settle

    async def settled(session: SessionCaller, *arguments: Any, **times: Any) -> bool | None:
        is_live: bool | None = await settle(session, *arguments, **times)
        kept = times["kept"]
        if kept and not is_live:  # of an ended session it is stored all the same
            stored = await store.read("GET", keyspace.credential(session.tenant, session.jti))
            if is_live is None or stored != kept:
                pipe.send(("", Dropped(session.jti, json.loads(kept)["jwt"])))
        return is_live

    sessions.settle = settled


class _Sessions:
    """What it can be asked for."""

    def __init__(self, store: SessionStore, endings: Endings, runtime: Any) -> None:
        self._store, self._endings, self._runtime = store, endings, runtime
        self._begin()

    def _begin(self) -> None:
        self._cleanup = Cleanup(last_wait_s=60)
        self._leases = Leases(self._store, self._endings, self._runtime, self._cleanup)
        self._leases._hold_ms = min(self._leases._hold_ms, HOLD_MS)

    async def settle(self) -> None:
        """Waits for what goes on."""
        await self._cleanup.__aexit__()
        self._begin()

    async def connect(self, session: SessionCaller) -> str | None:
        """As SessionService does it; returns the credential, None for a refusal."""
        op = new_id()
        try:
            admission = await self._leases.admit(session, op, known_rev="1")
        except EXPECTED:
            return None
        except BaseException:
            await self._leases.withdraw(session, op)
            raise
        try:
            return (await self._leases.credential(session, admission, op)).jwt
        except EXPECTED:
            return None

    async def leave(self, session: SessionCaller) -> str | None:
        """A connect whose caller goes away."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVES_S):
                return await self.connect(session)
        return None

    async def crash(self, session: SessionCaller) -> None:
        """What a connect does up to its admission, and nothing more."""
        hold_ms = self._leases._hold_ms
        with contextlib.suppress(AppError):
            await self._store.admit(
                session, new_id(), known_rev="1", hold_ms=min(hold_ms, 50), is_stored=hold_ms > 0
            )

    async def end(self, session: SessionCaller, revoke_s: int) -> None:
        await self._endings.end(session.tenant, session.jti, new_id(), revoke_s=revoke_s)

    async def track(self, session: SessionCaller) -> bool:
        return await self._store.track(session.tenant, session.jti, "the runtime's own id")
