"""The wire gives each caller its own reply, whatever happens: the short part of tests/chaos/test_cluster_wire.py."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from urllib.parse import urlsplit

import pytest

from conjure.core.errors import OutcomeUnknown
from conjure.settings import StoreSettings
from conjure.store.client import Store
from support.echo import Echo
from support.stack import running_store
from support.until import LIMIT_S


@pytest.mark.one_store("it has a server of its own")
async def test_replies_match_while_callers_leave_and_connections_are_cut(tmp_path):
    async with contextlib.AsyncExitStack() as opened:
        _, url = await opened.enter_async_context(running_store(tmp_path))
        store, knife = [
            await opened.enter_async_context(Store(StoreSettings(url=url))) for _ in range(2)
        ]
        echo = Echo(store)
        run = asyncio.ensure_future(echo.run(10_000))
        while not run.done():
            await asyncio.sleep(0.1)
            with contextlib.suppress(Exception):
                await knife.read("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await run
        assert echo.checked >= 10_000
        assert echo.cancelled > 50


@pytest.mark.one_store("it has servers of its own")
async def test_one_server_with_a_replica_may_be_told_to_wait_for_it(tmp_path):
    async with contextlib.AsyncExitStack() as opened:
        _, url = await opened.enter_async_context(running_store(tmp_path / "master"))
        replica, replica_url = await opened.enter_async_context(running_store(tmp_path / "replica"))
        settings = StoreSettings(url=url, wait_replicas=1, wait_timeout_s=0.2, recovery_s=0.5)
        store = await opened.enter_async_context(Store(settings))
        with pytest.raises(OutcomeUnknown):
            await store.write("SET", "k", 1)
        await store.read("CONFIG", "SET", "repl-diskless-sync-delay", 0)
        other = await opened.enter_async_context(Store(StoreSettings(url=replica_url)))
        await other.write("REPLICAOF", "127.0.0.1", urlsplit(url).port)
        async with asyncio.timeout(LIMIT_S):
            while True:
                with contextlib.suppress(OutcomeUnknown):
                    await store.write("SET", "k", 2)
                    break
        assert await other.read("GET", "k") == b"2"
        os.kill(replica.pid, signal.SIGSTOP)
        try:
            with pytest.raises(OutcomeUnknown):
                await store.write("SET", "k", 3)
            assert await store.read("GET", "k") == b"3"
        finally:
            os.kill(replica.pid, signal.SIGCONT)
