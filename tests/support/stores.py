"""Store processes that are configured otherwise than ours are."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis

from conjure.run.child import Child
from conjure.run.embedded_store import store_binary
from conjure.run.ports import wait_for_port
from support.ports import claimed_port
from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@contextlib.asynccontextmanager
async def configured_store(
    directory: Path, *options: str, bind: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Runs a store with the given options after those of ours; yields its port."""
    directory.mkdir(exist_ok=True)  # noqa: ASYNC240 - a test's own folder
    port = claimed_port()
    # A cluster's bus has a port too: by default it is 10,000 higher, which somebody else may have.
    bus = ("--cluster-port", str(claimed_port())) if "--cluster-enabled" in options else ()
    command = [
        store_binary(), "--port", str(port), "--dir", str(directory), "--bind", bind,
        "--appendonly", "yes", "--appendfsync", "always", "--save", "", *bus, *options,
    ]  # fmt: skip
    child = Child(
        "store",
        lambda: command,
        ready=lambda: wait_for_port(port),
        log_file=directory / "store.log",
        start_s=LIMIT_S,
    )
    async with child:
        yield port


async def command(port: int, *arguments: str) -> Any:
    """Runs a command as the store's administrator."""
    async with Redis(port=port) as client:
        # Else the library turns replies into objects of its own.
        client.response_callbacks.clear()
        return await client.execute_command(*arguments)


async def cluster_is_up(port: int) -> None:
    """Returns once the cluster that the server belongs to serves. Raises TimeoutError."""

    async def is_up() -> bool:
        return b"cluster_state:ok" in await command(port, "CLUSTER", "INFO")

    await until(is_up)


def own_address() -> str | None:
    """An address of this machine that is not loopback; None when it has none. Nothing is sent."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("198.51.100.1", 9))
        address: str = probe.getsockname()[0]
        return None if address.startswith("127.") else address
    return None
