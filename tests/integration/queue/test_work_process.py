"""`conjure work` as a process of its own: it does what servers leave to it, and never ends without a drain."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from conjure.core.caller import Tenant
from conjure.core.ids import new_id
from conjure.queue.directory import Directory
from conjure.queue.kinds import JOBS
from conjure.store.client import Store
from conjure.worlds.requests import NewWorld
from support.authors import ROOT
from support.jobs import job_store
from support.stack import running_store, store_settings
from support.until import LIMIT_S, until


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
async def test_it_works_and_drains_on_whatever_ends_it(tmp_path):
    """HUP is what a terminal that is closed sends, and a service manager that reloads."""
    tenant, job_id = Tenant(new_id(), "live"), new_id()
    async with (
        running_store(tmp_path) as (_, url),
        Store(store_settings(url)) as store,
    ):
        jobs = job_store(store)
        await jobs.accept(tenant, job_id, new_id(), NewWorld("a lamp"), None)
        await Directory(store).announce(tenant, JOBS)
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "conjure", "work",
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "server"),
                "CONJURE_STORE_URL": url,
                "CONJURE_METRICS_PORT": "0",
                "CONJURE_LOG_FORMAT": "json",
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:

            async def is_done() -> bool:
                return (await jobs.get(tenant, job_id)).status == "succeeded"

            await until(is_done)
            worker.send_signal(signal.SIGHUP)
            said, _ = await asyncio.wait_for(worker.communicate(), LIMIT_S)
        finally:
            if worker.returncode is None:
                worker.kill()
    assert worker.returncode == 0, said.decode()
    assert b"draining" in said
    assert b"stopped" in said
