"""The store cannot write, or its connections break, under load."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import subprocess
import time

import pytest

from support.chaos.deployment import deployment
from support.chaos.proxy import Proxy
from support.chaos.trial import trial
from support.until import until

pytestmark = pytest.mark.chaos

FAULT_S = 4.0


async def test_the_store_may_not_append(tmp_path):
    """Its file may not grow: the store exits, as it must, and its successors do, until there is room again.

    RLIMIT_FSIZE stands for a full disk where none can be made; each new process gets it at once.
    """
    async with deployment(tmp_path) as deployed:
        exits = set()

        async def refuse():
            unlimited = resource.RLIM_INFINITY
            end = time.monotonic() + FAULT_S
            while time.monotonic() < end:
                with contextlib.suppress(ProcessLookupError):
                    pid = deployed.store.pid
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (_appended(tmp_path), unlimited))
                    exits.add(pid)
                await asyncio.sleep(0.005)
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(deployed.store.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
            return [time.monotonic()]

        await trial(deployed, f"the store may not append for {FAULT_S:.0f} s", refuse)
        assert len(exits) > 1, "the store met the limit"


def _appended(directory):
    """The size of the store's append-only file: the limit at which nothing more goes in."""
    folder = directory / "store" / "appendonlydir"
    return max(file.stat().st_size for file in folder.glob("*.incr.aof"))


async def test_the_disk_of_the_store_is_full(tmp_path):
    """A real one: a small file system in memory, filled up and freed again."""
    with _small_disk(tmp_path / "store") as disk:
        async with deployment(tmp_path) as deployed:

            async def fill():
                first = deployed.store.pid
                _fill(disk / "ballast")
                await until(lambda: deployed.store.pid != first)
                await asyncio.sleep(FAULT_S)
                (disk / "ballast").unlink()
                return [time.monotonic()]

            await trial(deployed, "the disk of the store is full", fill)


@contextlib.contextmanager
def _small_disk(folder):
    folder.mkdir(parents=True)
    command = [
        shutil.which("mount") or "mount",
        "-t",
        "tmpfs",
        "-o",
        "size=64m",
        "conjure-chaos",
        folder,
    ]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip(
            "no file system can be mounted here; RLIMIT_FSIZE stands for it in another test"
        )
    try:
        yield folder
    finally:
        subprocess.run([shutil.which("umount") or "umount", "-l", folder], check=True)


def _fill(file):
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))


async def test_the_connections_to_the_store_are_killed(tmp_path):
    async with deployment(tmp_path) as deployed:

        async def kill():
            end = time.monotonic() + FAULT_S
            while time.monotonic() < end:
                await asyncio.sleep(0.1)
                # Not this very connection, which belongs to the test.
                await deployed.admin.store.write(
                    "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"
                )
            return [time.monotonic()]

        await trial(
            deployed, f"CLIENT KILL ten times a second for {FAULT_S:.0f} s", kill, felt=None
        )


async def test_the_connections_to_the_store_break_in_the_middle_of_replies(tmp_path):
    async with Proxy() as proxy:

        def through(url):
            return f"redis://127.0.0.1:{proxy.to(int(url.rpartition(':')[2].partition('/')[0]))}/0"

        async with deployment(tmp_path, store_seen_as=through) as deployed:

            async def cut():
                proxy.cut_replies = proxy.cut_requests = 0.02
                await asyncio.sleep(FAULT_S)
                proxy.cut_replies = proxy.cut_requests = 0
                return [time.monotonic()]

            await trial(deployed, "server to store: 2 % of pieces cut in two", cut, felt=None)
        assert proxy.broken > 10
