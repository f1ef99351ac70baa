"""Files that may hold a secret: readable by their owner only, whatever the umask is, and replaced as a whole.

Everything that the program writes goes through here, but for what it prints: keys, certificates' keys,
configurations that name a collector's credential, logs. A file is private from its first byte on; who reads
while it is replaced sees the old one or the new one.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import IO, Final

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
_LONGEST_SOCKET: Final = 103
"""Bytes in the path of a socket: macOS has room for 104 with the zero at its end, Linux for 108."""
UMASK: Final = 0o077
"""For processes whose files are made by others' code: Envoy, the store."""


def private_folder(path: Path) -> None:
    """Makes a folder that only its owner may enter; one that is there becomes so. Raises OSError."""
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) != FOLDER_MODE:
        path.chmod(FOLDER_MODE)


def replace_private(path: Path, data: str | bytes) -> None:
    """Writes a file, or puts another one in the place of what is there; never half of it.

    A symbolic link stays one. What is no file (a pipe, /dev/stdout) is written to. Raises OSError.
    """
    content = data.encode() if isinstance(data, str) else data
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    target = path.resolve()
    # 0600 and a name that nobody knows: mkstemp(3).
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".conjure-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(target)
    except BaseException:  # whatever it was: half a file helps nobody
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def can_be_a_socket(path: Path) -> bool:
    """Whether sockets can have this path, and a URL can say it."""
    try:
        return len(str(path).encode()) <= _LONGEST_SOCKET
    except UnicodeEncodeError:
        return False


def socket_folder(socket: str) -> tempfile.TemporaryDirectory[str] | None:
    """Makes a private folder in which a socket of that name has a path that sockets can have; None: nowhere.

    The folder goes with the object. It is in XDG_RUNTIME_DIR, TMPDIR or /tmp.
    """
    for place in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - 0700, below
        if place and can_be_a_socket(Path(place, f"conjure-{'x' * 8}", socket)):
            with contextlib.suppress(OSError):
                return tempfile.TemporaryDirectory(prefix="conjure-", dir=place)  # of mode 0700
    return None


def create_private(path: Path, data: bytes, *, mode: int = FILE_MODE) -> None:
    """Writes a file that is not there yet; `mode` may say that others may read it. Raises FileExistsError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)


def open_private_log(path: Path) -> IO[bytes]:
    """Opens a file for more lines at its end; an older, readable one becomes private. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE)
    # A device (/dev/null) is somebody else's.
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.fchmod(descriptor, FILE_MODE)
    return os.fdopen(descriptor, "ab")
