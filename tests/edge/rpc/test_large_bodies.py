"""Twenty bodies of 12 MiB at once, and a server that may use 1 GiB, or less (CONTRACT 0)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from support.rest import assert_error, bearer, import_world
from support.stack import new_app, serving_stack
from support.until import LIMIT_S
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1 << 20
AT_ONCE = 20
REFUSED = {429, 503}
NEEDED_BY_ONE = 320
"""MiB that have to be free for a body of 12 MiB (OPERATIONS.md, "Scale")."""


def data_bytes(pid: int) -> int:
    """What counts for the limit."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmData:")[2].split()[0]) * 1024


@contextlib.contextmanager
def limited(pid: int, size: int) -> Iterator[None]:
    """While the body runs a process has no more memory than that; what it starts has."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_DATA)
    resource.prlimit(pid, resource.RLIMIT_DATA, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_DATA, (soft, hard))


async def create_at_once(stack, rest) -> list[int]:
    """Has worlds with a picture created, each of another app; returns the statuses, each of the contract."""
    apps = [await new_app(stack.admin) for _ in range(AT_ONCE)]
    picture = "data:image/png;base64," + "iVBORw0KGgo" * (12 * MIB // 11 - 200)
    text = json.dumps({"world": small_world(cover=picture)}).encode()
    assert 12 * MIB - 4096 < len(text) <= 12 * MIB

    async def create(key: str) -> int:
        answer = await rest.post("/v1/worlds", content=text, headers=bearer(key))
        if answer.status_code != 200:
            assert answer.status_code in REFUSED, answer.text[:200]
            assert_error(answer, answer.status_code)
            assert int(answer.headers["retry-after"]) > 0
        return answer.status_code

    return await asyncio.gather(*(create(app.secret) for app in apps))


@pytest.mark.both_ways
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
async def test_some_are_served_and_the_others_told_to_come_again(stack, rest, app):
    """Each of another app, with a picture in a world. Then it serves on."""
    with limited(stack.server.pid, 1 << 30):
        pid = stack.server.pid
        assert 200 in await create_at_once(stack, rest)
        assert stack.server.pid == pid
        assert await import_world(rest, app.secret)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
async def test_where_there_is_less_memory_fewer_are_served_and_no_connection_breaks(
    stack, tmp_path, app
):
    """A server that ran out of it in the midst of a call was ended by a library, and with it all other calls.

    Over gRPC bodies are gRPC's until they are whole: without memory for them it ends connections by itself.
    """
    async with (
        serving_stack(tmp_path, stack.store_url, stack.store) as own,
        httpx.AsyncClient(base_url=own.rest_url, timeout=LIMIT_S, trust_env=False) as rest,
    ):
        pid = own.server.pid
        for more in (400, 200, 50):  # MiB above what it has now
            with limited(pid, data_bytes(pid) + more * MIB):
                served = (await create_at_once(own, rest)).count(200)
                assert own.server.pid == pid
                assert await import_world(rest, app.secret)
                assert served or more < NEEDED_BY_ONE
