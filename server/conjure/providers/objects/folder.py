"""Objects in a folder, which any number of processes may share."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from conjure.providers.objects.port import MOST_OBJECT_BYTES, ObjectsError

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

_PART: Final = ".part-"
_ABANDONED_S: Final = 3600.0  # what is written takes seconds


class FolderObjects:
    """Keeps objects as files.

    A file is written beside its place under a name of its own, flushed to disk and renamed: whoever looks
    finds all of it or nothing, also after a crash. What a crash leaves is removed by a later `put` into that
    folder.
    """

    def __init__(self, folder: str, *, timeout_s: float, concurrent: int) -> None:
        self._folder = Path(folder).absolute()
        self._timeout_s = timeout_s
        self._turns = asyncio.Semaphore(concurrent)
        # Threads of its own: those that a disk hangs up are not missed elsewhere.
        self._threads = ThreadPoolExecutor(concurrent, thread_name_prefix="assets")

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        """Stores an object. Raises ObjectsError."""
        await self._run(lambda: _write(self._folder / name, content))

    async def get(self, name: str) -> bytes | None:
        """Returns an object. Raises ObjectsError."""
        return await self._run(lambda: _read(self._folder / name))

    async def delete(self, name: str) -> None:
        """Removes an object. Raises ObjectsError."""
        await self._run(lambda: _remove(self._folder / name))

    async def _run(self, work: Callable[[], _T]) -> _T:
        """Runs what may block, a full or hanging disk included, in a thread."""
        try:
            async with asyncio.timeout(self._timeout_s), self._turns:
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except (OSError, TimeoutError) as error:
            raise ObjectsError(f"the folder of assets: {error!r}"[:300]) from error


def _write(path: Path, content: bytes) -> None:
    made = _make_folder(path.parent)
    part = path.with_name(f"{_PART}{secrets.token_hex(8)}")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:  # whatever it was: half a file helps nobody
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    for folder in (path.parent, *made):
        _flush(folder)
    _tidy(path.parent)


def _make_folder(folder: Path) -> list[Path]:
    """Makes a folder and those that it is in; returns those that got a new entry."""
    if folder.is_dir():
        return []
    above = _make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):  # another process was here
        folder.mkdir(mode=0o700)
    return [*above, folder.parent]


def _flush(folder: Path) -> None:
    """Has the names in a folder outlive the machine; not every system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _tidy(folder: Path) -> None:
    """Removes what writers that have died have left."""
    old = time.time() - _ABANDONED_S
    with contextlib.suppress(OSError):
        for part in folder.glob(f"{_PART}*"):
            if part.stat().st_mtime < old:
                part.unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_OBJECT_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if len(content) > MOST_OBJECT_BYTES:
        raise OSError("it is larger than an object may be")
    return content


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
