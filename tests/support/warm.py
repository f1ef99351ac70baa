"""Commands and servers as processes that have imported everything already: half a second of CPU less each.

A process of the run's own (`python -m support.warm`) imports the command line, and starts nothing: no thread, no
loop, no gRPC. It forks for each of them. So that is a process as any other, with streams, environment, folder, umask,
signals and exit code of its own. What it does not show is how it starts: what is imported when, and options of Python.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import ctypes
import functools
import gc
import importlib
import json
import os
import pkgutil
import random
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn

from conjure.run.child import Child

if TYPE_CHECKING:
    from collections.abc import Mapping
    from io import TextIOWrapper

_TESTS: Final = Path(__file__).parents[1]
_SERVER: Final = str(_TESTS.parent / "server")
_SLICE: Final = 65_536
_READ_ONCE: Final = ("PYTHON", "LD_", "LC_", "LANG", "MALLOC_", "GRPC_", "OPENSSL_")
_PR_SET_PDEATHSIG: Final = 1


def run(
    module: str,
    *arguments: str,
    stdin: bytes,
    folder: Path,
    environment: Mapping[str, str],
    limit_s: float,
) -> tuple[int, bytes, bytes]:
    """`python -m module …`: its exit code, output and errors. Raises TimeoutError, and has ended it then."""
    told, tell = socket.socketpair()
    with told, contextlib.ExitStack() as stack:
        theirs, ours = [], []
        for reads in (True, False, False):
            ends = os.pipe()
            theirs.append(ends[not reads])
            ours.append(stack.enter_context(open(ends[reads], "wb" if reads else "rb", 0)))  # noqa: PTH123
        with tell:
            _ask(told, tell, theirs, [module, *arguments], folder, environment)
        for fd in theirs:
            os.close(fd)
        feed, out, err = ours
        found = {file.fileno(): bytearray() for file in (out, err, told)}
        try:
            _exchange(feed, stdin, found, time.monotonic() + limit_s)
        except TimeoutError:
            pid, _, code = bytes(found[told.fileno()]).partition(b"\n")
            if pid and not code:
                os.kill(int(pid), signal.SIGKILL)
            raise
        code = found[told.fileno()].split()[1]
        return int(code), bytes(found[out.fileno()]), bytes(found[err.fileno()])


class Process:
    """What `asyncio.subprocess.Process` is, as far as a `Child` needs it."""

    def __init__(self, pid: int, code: asyncio.Task[int]) -> None:
        self.pid = pid
        self._code = code

    @property
    def returncode(self) -> int | None:
        return self._code.result() if self._code.done() else None

    async def wait(self) -> int:
        return await asyncio.shield(self._code)

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class WarmChild(Child):
    """`python -m module …` as a child that has imported everything already, in a session of its own."""

    async def _spawned(self, output: IO[bytes] | None) -> asyncio.subprocess.Process:
        executable, option, *argv = self._command()
        environment = os.environ if self._environment is None else self._environment
        # One that has died comes back as it does in production: in no less time.
        again = self._process is not None
        if again or not shows(environment) or self._pass_fds or output is None:
            return await super()._spawned(output)
        assert (executable, option) == (sys.executable, "-m")
        told, tell = socket.socketpair()
        nothing = os.open(os.devnull, os.O_RDONLY)
        with tell:
            streams = [nothing, output.fileno(), output.fileno()]
            _ask(told, tell, streams, argv, Path.cwd(), environment, child=True)
        os.close(nothing)
        # Nothing is awaited before whoever asked knows the process, and can end it.
        pid, _, rest = told.recv(_SLICE).partition(b"\n")
        task = asyncio.create_task(_code(told, rest), name=f"end-of-{int(pid)}")
        process: Any = Process(int(pid), task)
        return process  # type: ignore[no-any-return]


async def _code(told: socket.socket, rest: bytes) -> int:
    """The exit code, once it is told."""
    with told:
        told.setblocking(False)
        return int(rest or await asyncio.get_running_loop().sock_recv(told, _SLICE))


def shows(environment: Mapping[str, str]) -> bool:
    """Whether a process that was forked is what a new one would be with this environment.

    Python, libraries and gRPC's core read some of it only once.
    """
    for name in {*environment, *os.environ}:
        if not name.startswith(_READ_ONCE) or environment.get(name) == os.environ.get(name):
            continue
        if environment.get(name) != {"PYTHONPATH": _SERVER, "PYTHONUNBUFFERED": ""}.get(name, name):
            return False
    return True


def _ask(
    told: socket.socket,
    tell: socket.socket,
    streams: list[int],
    argv: list[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    child: bool = False,
) -> None:
    """Asks for a process; it tells its id, and what forked it its exit code."""
    asked = {
        "argv": argv,
        "folder": str(folder),
        "environment": dict(environment),
        "umask": _umask(),
        "child": child,
    }
    socket.send_fds(_forker(), [b"."], [*streams, tell.fileno()])
    told.sendall(json.dumps(asked).encode() + b"\n")


def _exchange(feed: IO[bytes], stdin: bytes, found: dict[int, bytearray], until: float) -> None:
    """Writes an input, and reads the others to their ends. Raises TimeoutError."""
    os.set_blocking(feed.fileno(), False)
    left = memoryview(stdin)
    with selectors.DefaultSelector() as selector:
        for fd in found:
            selector.register(fd, selectors.EVENT_READ)
        if left:
            selector.register(feed, selectors.EVENT_WRITE)
        else:
            feed.close()
        while selector.get_map():
            if not (ready := selector.select(until - time.monotonic())):
                raise TimeoutError
            for key, _ in ready:
                if key.fileobj is feed:
                    with contextlib.suppress(BlockingIOError):
                        left = _written(key.fd, left)
                    if not left:
                        selector.unregister(feed)
                        feed.close()
                    continue
                data = os.read(key.fd, _SLICE)
                found[key.fd] += data
                if not data:
                    selector.unregister(key.fd)


def _written(fd: int, left: memoryview) -> memoryview:
    """Writes some; returns what is left, and nothing for a process that has ended without reading all."""
    try:
        return left[os.write(fd, left[:_SLICE]) :]
    except BrokenPipeError:
        return left[:0]


def _umask() -> int:
    """As a process that this one starts would inherit it."""
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


@functools.cache
def _forker() -> socket.socket:
    """The way to the process that forks: it ends with this one, which is all that holds the other end."""
    ours, theirs = socket.socketpair()
    with theirs:
        path = os.pathsep.join((_SERVER, str(_TESTS)))
        process = subprocess.Popen(
            [sys.executable, "-m", "support.warm", str(theirs.fileno())],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
        )  # fmt: skip

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


# ── in the process that forks ──


def _serve(control: socket.socket) -> list[str] | None:
    """Forks for each that is asked for; returns in the new process, and with None when nobody can ask any more."""
    running: dict[int, socket.socket] = {}
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C of a whole run: it ends when the run has
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if woken in ready:
                woken.recv(_SLICE)
                _reap(running)
            if control not in ready:
                continue
            asked, fds, _, _ = socket.recv_fds(control, 1, 4)
            if not asked:
                return None
            tell = socket.socket(fileno=fds.pop())
            pid = os.fork()
            if pid:
                running[pid] = tell
                for fd in fds:
                    os.close(fd)
                continue
            signal.set_wakeup_fd(-1)
            for other in (control, woken, wake, *running.values()):
                other.close()
            return _become(tell, fds)


def _reap(running: dict[int, socket.socket]) -> None:
    """Tells of all that have ended."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with running.pop(pid) as tell, contextlib.suppress(OSError):  # who asked may be gone
            tell.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(tell: socket.socket, fds: list[int]) -> list[str]:
    """Makes of a new process what was asked for; returns its arguments."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tell, tell.makefile("rb") as file:
        tell.sendall(f"{os.getpid()}\n".encode())
        asked: dict[str, Any] = json.loads(file.readline())
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    if asked["child"]:
        os.setsid()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.chdir(asked["folder"])
    os.umask(asked["umask"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    # What modules make once per process.
    importlib.import_module("conjure.core.grpc_environment").prepare(os.environ)
    ids, worker = map(importlib.import_module, ("conjure.core.ids", "conjure.queue.worker"))
    ids._THIS_PROCESS = ids.new_id()  # type: ignore[attr-defined]
    worker._PHASE = random.random()  # type: ignore[attr-defined]
    return list(asked["argv"])


def _fresh_streams() -> None:
    """What Python makes of the three descriptors when it starts."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old: TextIOWrapper = getattr(sys, name)
        new = open(  # noqa: SIM115 - until the process ends
            number, "w" if number else "r", 1 if name == "stderr" else -1,
            encoding=old.encoding, errors=old.errors, closefd=False,
        )  # fmt: skip
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


def _end(code: int) -> NoReturn:
    """What Python does at its end, without taking all modules apart: that costs more than most commands."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except OSError:  # nobody reads any more; Python says so, and with this code
        raise SystemExit(code) from None
    sys.stderr.flush()
    os._exit(code)


def _main() -> None:
    cli = importlib.import_module("conjure.cli")
    for found in pkgutil.iter_modules(cli.__path__, "conjure.cli."):
        importlib.import_module(found.name)
    for name in ("conjure.run.serve", "conjure.run.dev"):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what nobody looks through is not copied
    with socket.socket(fileno=int(sys.argv[1])) as control:
        arguments = _serve(control)
    if arguments is not None:
        _fresh_streams()
        sys.argv = arguments
        try:
            runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            if not isinstance(ended.code, int):
                raise
            _end(ended.code)
        _end(0)


if __name__ == "__main__":
    _main()
