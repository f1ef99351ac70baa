"""Store, server and Envoy, with a model behind author and editor; and what the server logs of each work."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from conjure.administration import administration
from conjure.settings import AuthSettings
from model.engine import MODEL
from support.rest import bearer
from support.stack import new_app, running_edge, running_server, running_store, store_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_WORLD_S, _EDIT_S, _CALL_S = 900, 400, 950

SETTINGS = {
    "CONJURE_LOG_FORMAT": "json",
    "CONJURE_LOG_LEVEL": "info",
    "CONJURE_OPENAI_TIMEOUT_S": "300",
    "CONJURE_AUTHOR_PROVIDER": "openai",
    "CONJURE_AUTHOR_MODEL": MODEL,
    "CONJURE_AUTHOR_MOST_S": str(_WORLD_S),
    "CONJURE_AUTHOR_MOST_CALLS": "100",
    "CONJURE_AUTHOR_MOST_TOKENS": "500000",
    "CONJURE_EDITOR_PROVIDER": "openai",
    "CONJURE_EDITOR_MODEL": MODEL,
    "CONJURE_EDITOR_MOST_S": str(_EDIT_S),
    "CONJURE_EDITOR_MOST_TOKENS": "200000",
    "CONJURE_SERVER_MODEL_DEADLINE_S": str(_CALL_S),
}
"""Generous where a machine is slow, as this engine may share two cores with the server."""


@dataclass
class Stand:
    """An app at a server, whose log is read on from where it was."""

    rest: httpx.AsyncClient
    key: str
    log: Path
    statuses: list[int] = field(default_factory=list)
    """Of all answers."""
    _read: int = 0

    async def ask(self, method: str, path: str, **body: Any) -> httpx.Response:
        """Makes a call with the app's key."""
        answer = await self.rest.request(method, path, headers=bearer(self.key), json=body or None)
        self.statuses.append(answer.status_code)
        return answer

    async def used(self, unit: str) -> int:
        """How many of a unit the day has cost."""
        answer = await self.ask("GET", "/v1/usage")
        return int(answer.json()["usage"].get(unit, 0))

    def logged(self) -> list[dict[str, Any]]:
        """What the server has logged since this was asked last."""
        with self.log.open("rb") as file:
            file.seek(self._read)
            lines = file.read().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith(b"\n")]
        self._read += sum(map(len, whole))
        found = []
        for line in whole:
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return [line for line in found if isinstance(line, dict)]


@contextlib.asynccontextmanager
async def stand(directory: Path, engine_url: str) -> AsyncIterator[Stand]:
    """Starts it all, and ends it."""
    async with contextlib.AsyncExitStack() as opened:
        _, url = await opened.enter_async_context(running_store(directory / "store"))
        settings = SETTINGS | {"CONJURE_OPENAI_URL": engine_url}
        _, port = await opened.enter_async_context(running_server(directory, url, settings))
        _, rest, _ = await opened.enter_async_context(
            running_edge(directory, port, model_timeout_s=_CALL_S + 30.0)
        )
        admin = await opened.enter_async_context(
            administration(store_settings(url), AuthSettings())
        )
        app = await new_app(admin)
        client = await opened.enter_async_context(
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{rest}", trust_env=False, timeout=_CALL_S + 60
            )
        )
        yield Stand(client, app.secret, directory / "server.log")
