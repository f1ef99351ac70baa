"""A little of everything that a deployment is for, without end: what the dashboard shows, and what makes no alert.

Callers rest between their calls: a fault has to be seen in what a deployment does that is not full.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import grpc.aio
import httpx

from support.assets import asset_path
from support.chaos.deployment import plain_channel
from support.pictures import encoded, in_base64
from support.rest import bearer
from support.rpc import Client
from support.worlds import prose_world, small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from support.alerting.deployment import Scene
    from support.stack import TestApp

REST_S: Final = 0.1
SELDOM_S: Final = 0.5
HEAVY_WORLD: Final = {"data": prose_world(20_000)}
"""What a heavy worker lints, in a few milliseconds."""
FRAME: Final = {"frame_b64": in_base64(encoded())}
_STATES: Final = ("hall", "cellar")


class Life:
    """The callers of one app. `answers` counts what they were told, by kind of call and status; 0 is no answer."""

    def __init__(self, scene: Scene, app: TestApp) -> None:
        self._scene = scene
        self._rest = scene.rest
        self._key = bearer(app.secret)
        self._app = app
        self.tenant = app.tenant()
        self.world = ""
        self.cover = ""
        self.answers: Counter[tuple[str, int]] = Counter()

    def failures(self) -> dict[tuple[str, int], int]:
        """What nobody should have been told."""
        return {told: n for told, n in self.answers.items() if told[1] >= 500 or told[1] == 0}

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[Life]:
        """Makes a world, and has everybody call while the body runs."""
        made = await self.ask("import", "POST", "/v1/worlds", {"world": small_world()})
        self.world = made["worldId"]
        drawn = await self.ask("generate", "POST", "/v1/worlds", {"premise": "a lamp in the fog"})
        self.cover = asset_path(drawn["cover"])
        steps = [*[self._edit, self._play] * 2, self._internal, self._watch]
        seldom = [self._job, self._lint, self._look, self._mistake]
        async with plain_channel(self._scene.deployed.edge_grpc) as channel:
            self._internal_client = Client(channel, self._app.secret)
            tasks = [
                *(asyncio.create_task(_again(step, REST_S)) for step in steps),
                *(asyncio.create_task(_again(step, SELDOM_S)) for step in seldom),
            ]
            try:
                yield self
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def ask(
        self, kind: str, method: str, path: str, body: Any = None, **headers: str
    ) -> dict[str, Any]:
        """A call; its answer if it is one of 2xx, else nothing."""
        status = 0
        try:
            answer = await self._rest.request(method, path, json=body, headers=self._key | headers)
            status = answer.status_code
            is_json = answer.headers.get("content-type") == "application/json"
            found: dict[str, Any] = answer.json() if answer.is_success and is_json else {}
        except httpx.HTTPError:
            return {}
        finally:
            self.answers[kind, status] += 1
        return found

    async def _edit(self) -> None:
        for state in _STATES:
            await self.ask("read", "GET", f"/v1/worlds/{self.world}/scene")
            await self.ask("write", "PATCH", f"/v1/worlds/{self.world}/entrance", {"state": state})
            await asyncio.sleep(REST_S)

    async def _play(self) -> None:
        await play(self, self.world, ends=True)

    async def _internal(self) -> None:
        """As a service of the operator's own."""
        with contextlib.suppress(grpc.aio.AioRpcError):
            await self._internal_client.list_worlds(limit=1)

    async def _job(self) -> None:
        await self.ask("job", "POST", "/v1/worlds", {"premise": "a mill by a river", "async": True})

    async def _lint(self) -> None:
        await self.ask("lint", "POST", f"/v1/worlds/{self.world}/lint", HEAVY_WORLD)

    async def _look(self) -> None:
        await self.ask("look", "POST", "/v1/perceive", FRAME)
        await self.ask("cover", "GET", self.cover)

    async def _mistake(self) -> None:
        """An author's, not ours."""
        path = f"/v1/worlds/{self.world}/entrance"
        await self.ask("mistake", "PATCH", path, {"state": "nowhere"})

    async def _watch(self) -> None:
        with contextlib.suppress(httpx.HTTPError):
            async with self._rest.stream(
                "GET", f"/v1/worlds/{self.world}/events-stream", headers=self._key
            ) as shown:
                async for _ in shown.aiter_bytes():
                    pass


async def play(life: Life, world: str, *, ends: bool) -> None:
    """A token, a session, a reload of the page; `ends`: the player says goodbye."""
    minted = await life.ask("mint", "POST", "/v1/sessions/token", {"worldId": world})
    if not minted:
        return
    token = bearer(minted["token"])
    for _ in range(2):
        await life.ask("connect", "POST", "/v1/sessions/connect", **token)
    if ends:
        await life.ask("end", "POST", "/v1/sessions/end", **token)


async def _again(step: Callable[[], Awaitable[None]], rest_s: float) -> None:
    while True:
        await step()
        await asyncio.sleep(rest_s)
