"""Two servers behind one edge keep a world in the memory of one: its writers do not undo each other's working copy."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import httpx
import redis

from conjure.administration import administration
from conjure.settings import AuthSettings
from load.meters import monitored, round_trips
from support.rest import bearer, import_world
from support.stack import new_app, running_edge, running_server, running_store, store_settings
from support.until import LIMIT_S

if TYPE_CHECKING:
    from pathlib import Path

WORLDS: Final = 7
"""Odd: in turn each world would meet the other server every time."""

ROUNDS: Final = 3


async def test_a_warm_entrance_write_is_one_round_trip(tmp_path: Path):
    async with contextlib.AsyncExitStack() as opened:
        _, url = await opened.enter_async_context(running_store(tmp_path / "store"))
        ports = []
        for name in ("a", "b"):
            directory = tmp_path / name
            directory.mkdir()
            _, port = await opened.enter_async_context(
                running_server(directory, url, {"CONJURE_QUEUE_INLINE": "false"})
            )
            ports.append(port)
        _, rest_port, _ = await opened.enter_async_context(running_edge(tmp_path, *ports))
        admin = await opened.enter_async_context(
            administration(store_settings(url), AuthSettings())
        )
        app = await new_app(admin)
        store = opened.enter_context(
            contextlib.closing(redis.Redis.from_url(url, decode_responses=True))
        )
        rest = await opened.enter_async_context(
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{rest_port}", timeout=LIMIT_S, trust_env=False
            )
        )
        worlds = [await import_world(rest, app.secret) for _ in range(WORLDS)]

        async def write() -> None:
            for _ in range(ROUNDS):
                for world_id in worlds:
                    answer = await rest.patch(
                        f"/v1/worlds/{world_id}/entrance",
                        json={"state": "hall"},
                        headers=bearer(app.secret),
                    )
                    assert answer.status_code == 200, answer.text

        await write()
        trips = round_trips(await monitored(store, write()))
    # A key that is asked for again is allowed for; a lost working copy each time would be twice as many.
    assert WORLDS * ROUNDS <= trips <= 1.25 * WORLDS * ROUNDS
