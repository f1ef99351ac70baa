"""Twenty bodies of 12 MiB at once, and a server that may use 1 GiB (CONTRACT 0)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sys
from typing import TYPE_CHECKING

import pytest

from support.rest import assert_error, bearer, import_world
from support.stack import new_app
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.both_ways

MIB = 1 << 20
AT_ONCE = 20
REFUSED = {429, 503}


@contextlib.contextmanager
def limited(pid: int, size: int) -> Iterator[None]:
    """While the body runs a process has no more memory than that; what it starts has."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_DATA)
    resource.prlimit(pid, resource.RLIMIT_DATA, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_DATA, (soft, hard))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
async def test_some_are_served_and_the_others_told_to_come_again(stack, rest):
    """Each of another app, with a picture in a world. Then it serves on."""
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

    with limited(stack.server.pid, 1 << 30):
        pid = stack.server.pid
        assert 200 in await asyncio.gather(*(create(app.secret) for app in apps))
        assert stack.server.pid == pid
        assert await import_world(rest, apps[0].secret)
