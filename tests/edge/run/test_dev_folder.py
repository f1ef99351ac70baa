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
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from support.dev import Dev, dev
from support.rest import bearer
from support.until import LIMIT_S, until


async def conjure(folder: Path, *arguments: str) -> tuple[int | None, str, str]:
    """Exit code, output and errors of a command in the folder."""
    clean = {name: text for name, text in os.environ.items() if name != "CONJURE_STORE_URL"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "conjure", *arguments, cwd=folder, env=clean,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), LIMIT_S)
    return process.returncode, output.decode(), errors.decode()


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


async def test_a_second_one_touches_nothing(tmp_path):
    """It says so in one line; the first one serves on, also when its edge has been started again."""
    async with dev(tmp_path) as first:
        assert await answers(first)
        before, facts = contents(tmp_path / ".conjure"), first.facts
        code, _, errors = await conjure(tmp_path, "dev", "--rest-port", "8099")
        assert code == 2
        assert errors == "conjure: .conjure is in use: another `conjure dev` runs there\n"
        assert contents(tmp_path / ".conjure") == before

        os.kill(facts["pids"]["edge"], signal.SIGKILL)

        def is_replaced() -> bool:
            return bool(first.facts["pids"]["edge"] != facts["pids"]["edge"])

        await until(is_replaced)
        await until(partial(answers, first))
        assert first.facts["restUrl"] == facts["restUrl"]


async def test_the_folder_is_in_use_for_as_long_as_any_part_runs(tmp_path):
    """A `dev` that was killed leaves parts that still end; what they have open is not written over."""
    async with dev(tmp_path) as first:
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


async def test_nobody_else_can_read_what_is_written(tmp_path):
    """Keys, the store's data, configurations and logs, by a umask that forbids nothing."""
    async with dev(tmp_path, umask=0) as running:
        facts = running.facts
        assert await answers(running)
        os.kill(facts["pids"]["edge"], signal.SIGKILL)
        await until(partial(answers, running))
        code, _, errors = await conjure(tmp_path, "apps", "create", "another")
        assert (code, errors) == (0, "")
        folder = tmp_path / ".conjure"
        open_to_others = {
            str(path.relative_to(tmp_path)): oct(path.lstat().st_mode)
            for path in (folder, *folder.rglob("*"))
            if path.lstat().st_mode & 0o077
        }
        assert open_to_others == {}
        assert {"dev.json", "envoy.yaml", "server.log", "access.log", "user-jwt-secret"} <= {
            path.name for path in folder.iterdir()
        }


async def test_what_an_older_release_left_readable_is_private_again(tmp_path):
    folder = tmp_path / ".conjure"
    folder.mkdir(mode=0o755)
    for name in ("envoy.yaml", "server.log", "access.log", "envoy.log"):
        (folder / name).write_text("old\n")
        (folder / name).chmod(0o644)
    async with dev(tmp_path):
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


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", ["short", "long and, odd é " * 9], ids=["short", "long"])
async def test_the_store_is_reached_by_a_socket_of_its_users_only(tmp_path, name):
    """Also in a folder whose path is longer than a socket's may be; commands and libraries find it."""
    folder = tmp_path / name
    folder.mkdir()
    async with dev(folder) as running:
        facts = running.facts
        assert listening(facts["pids"]["store"]) == set()
        path = Path(unquote(urlsplit(facts["storeUrl"]).path))
        assert modes_of(path) == (stat.S_IFSOCK | 0o600, stat.S_IFDIR | 0o700)
        async with Redis.from_url(facts["storeUrl"]) as client:
            assert await client.ping()
        code, output, _ = await conjure(folder, "signing-keys", "list", "--json")
        assert (code, "kid" in output) == (0, True)
        os.kill(facts["pids"]["store"], signal.SIGKILL)
        await until(partial(answers, running))
    if name != "short":
        assert not is_there(path.parent)
    with pytest.raises((RedisError, OSError)):
        async with Redis.from_url(facts["storeUrl"]) as client:
            await client.ping()


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
