"""The folder of `conjure dev`: one at a time in it, and nobody else's to read."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from support import warm
from support.dev import Dev, dev
from support.rest import bearer
from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def conjure(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command in the folder."""
    clean = {name: text for name, text in os.environ.items() if name != "CONJURE_STORE_URL"}
    code, output, errors = await asyncio.to_thread(
        warm.run, "conjure", *arguments,
        stdin=b"", folder=folder, environment=clean, limit_s=LIMIT_S,
    )  # fmt: skip
    return code, output.decode(), errors.decode()


OLD = ("envoy.yaml", "server.log", "access.log", "envoy.log")


@pytest.fixture(scope="module")
async def running(tmp_path_factory) -> AsyncIterator[Dev]:
    """By a umask that forbids nothing, in a folder where an older release left readable files."""
    folder = tmp_path_factory.mktemp("dev")
    (folder / ".conjure").mkdir(mode=0o755)
    for name in OLD:
        (folder / ".conjure" / name).write_text("old\n")
        (folder / ".conjure" / name).chmod(0o644)
    async with dev(folder, umask=0) as first:
        yield first
        url = first.facts["storeUrl"]
    await assert_nobody_answers(url)


async def assert_nobody_answers(store_url: str) -> None:
    with pytest.raises((RedisError, OSError)):
        async with Redis.from_url(store_url) as client:
            await client.ping()


def open_to_others(folder: Path) -> dict[str, str]:
    """What others may read or write of `.conjure`, and its mode."""
    return {
        str(path.relative_to(folder)): oct(path.lstat().st_mode)
        for path in (folder / ".conjure", *(folder / ".conjure").rglob("*"))
        if path.lstat().st_mode & 0o077
    }


def contents(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """What is in a folder: mode, inode, time of the last change of the content, and the bytes of each file."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        is_file = stat.S_ISREG(status.st_mode)
        # The first one's parts may write by themselves: logs, and what servers have the store write now and then.
        changes = is_file and path.suffix in {".log", ".aof"}
        found[str(path.relative_to(folder))] = (
            status.st_mode,
            status.st_ino,
            0 if changes or path.is_dir() else status.st_mtime_ns,
            path.read_bytes() if is_file and not changes else b"",
        )
    return found


async def answers(running: Dev) -> bool:
    """Whether REST serves the demo world at the address that the first one printed."""
    facts = running.facts
    async with httpx.AsyncClient(
        base_url=facts["restUrl"], trust_env=False, timeout=LIMIT_S
    ) as client:
        try:
            answer = await client.get(
                f"/v1/worlds/{facts['worldId']}", headers=bearer(facts["secretKey"])
            )
        except httpx.HTTPError:
            return False
        return answer.status_code == 200


async def test_a_second_one_touches_nothing(running):
    """It says so in one line; the first one serves on, also when its edge has been started again."""
    assert await answers(running)
    folder = running.folder
    before, facts = contents(folder / ".conjure"), running.facts
    code, _, errors = await conjure(folder, "dev", "--rest-port", "8099")
    assert code == 2
    assert errors == "conjure: .conjure is in use: another `conjure dev` runs there\n"
    assert contents(folder / ".conjure") == before

    os.kill(facts["pids"]["edge"], signal.SIGKILL)

    def is_replaced() -> bool:
        return bool(running.facts["pids"]["edge"] != facts["pids"]["edge"])

    await until(is_replaced)
    await until(partial(answers, running))
    assert running.facts["restUrl"] == facts["restUrl"]


async def test_a_killed_part_comes_back(running):
    """Store, server and Envoy are started again; dev.json has the new process ids."""
    before = running.facts
    for part in ("store", "server", "edge"):
        os.kill(before["pids"][part], signal.SIGKILL)
        await until(partial(is_back, running, part, before))


async def is_back(running: Dev, part: str, before: dict[str, Any]) -> bool:
    """Whether a part that was killed runs again, under another process id, and all of it serves."""
    if running.facts["pids"][part] == before["pids"][part]:
        return False
    return await answers(running)


async def test_the_folder_is_in_use_for_as_long_as_any_part_runs(tmp_path):
    """A `dev` that was killed leaves parts that still end; what they have open is not written over.

    And what it makes in a new folder is nobody else's to read, by a umask that forbids nothing.
    """
    async with dev(tmp_path, umask=0) as first:
        assert open_to_others(tmp_path) == {}
        edge = first.facts["pids"]["edge"]
        os.kill(edge, signal.SIGSTOP)  # it cannot end, as it would when its parent does
        first.process.kill()
        await first.process.wait()
        before = contents(tmp_path / ".conjure")
        try:
            code, _, errors = await conjure(tmp_path, "dev")
            assert (code, "is in use" in errors) == (2, True)
            for name in ("envoy.yaml", "dev.json", "user-jwt-secret"):
                assert contents(tmp_path / ".conjure")[name] == before[name]
        finally:
            os.kill(edge, signal.SIGKILL)


async def test_nobody_else_can_read_what_is_written(running):
    """Keys, the store's data, configurations and logs, by a umask that forbids nothing."""
    facts = running.facts
    assert await answers(running)
    os.kill(facts["pids"]["edge"], signal.SIGKILL)
    await until(partial(answers, running))
    code, _, errors = await conjure(running.folder, "apps", "create", "another")
    assert (code, errors) == (0, "")
    assert open_to_others(running.folder) == {}
    assert {"dev.json", "envoy.yaml", "server.log", "access.log", "user-jwt-secret"} <= {
        path.name for path in (running.folder / ".conjure").iterdir()
    }


async def test_what_an_older_release_left_readable_is_private_again(running):
    folder = running.folder / ".conjure"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / "access.log").read_text().startswith("old\n")


def listening(pid: int) -> set[str]:
    """The TCP sockets on which a process listens, as /proc/net/tcp names them."""
    own = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            own.add(str(entry.readlink()))
        except OSError:
            continue  # closed meanwhile
    lines = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return {line[1] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in own}


def modes_of(path: Path) -> tuple[int, int]:
    """Of a file and of its folder."""
    return path.stat().st_mode, path.parent.stat().st_mode


def is_there(path: Path) -> bool:
    return path.exists()


async def assert_reached_by_a_private_socket(running: Dev) -> Path:
    """The store's; commands and libraries find it."""
    facts = running.facts
    assert listening(facts["pids"]["store"]) == set()
    path = Path(unquote(urlsplit(facts["storeUrl"]).path))
    assert modes_of(path) == (stat.S_IFSOCK | 0o600, stat.S_IFDIR | 0o700)
    async with Redis.from_url(facts["storeUrl"]) as client:
        assert await client.ping()
    code, output, _ = await conjure(running.folder, "signing-keys", "list", "--json")
    assert (code, "kid" in output) == (0, True)
    os.kill(facts["pids"]["store"], signal.SIGKILL)
    await until(partial(answers, running))
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_the_store_is_reached_by_a_socket_of_its_users_only(running):
    await assert_reached_by_a_private_socket(running)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_and_in_a_folder_whose_path_is_longer_than_a_sockets(tmp_path):
    """And when `dev` has ended, the folder that was made for the socket is gone."""
    folder = tmp_path / ("long and, odd é " * 9)
    folder.mkdir()
    async with dev(folder) as running:
        url = running.facts["storeUrl"]
        path = await assert_reached_by_a_private_socket(running)
    assert not is_there(path.parent)
    await assert_nobody_answers(url)


async def test_a_port_that_another_program_has_is_not_shared(tmp_path):
    """Envoy would share it with another Envoy, and each would get a part of the calls."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, errors = await conjure(tmp_path, "dev", "--rest-port", str(port))
        assert code == 2
        assert f"127.0.0.1:{port} cannot be listened on: Address already in use" in errors
        assert not (tmp_path / ".conjure" / "envoy.yaml").exists()
