"""Store, server and Envoy, with a model behind author, editor and brain; and what the server logs of each work."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from conjure.administration import administration
from conjure.settings import AuthSettings
from support.rest import bearer
from support.stack import new_app, running_edge, running_server, running_store, store_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_WORK_S, _CALL_S = 5_400, 5_500

SETTINGS = {
    "CONJURE_LOG_FORMAT": "json",
    "CONJURE_LOG_LEVEL": "info",
    "CONJURE_OPENAI_TIMEOUT_S": "1800",
    "CONJURE_AUTHOR_PROVIDER": "openai",
    "CONJURE_AUTHOR_MOST_S": str(_WORK_S),
    "CONJURE_AUTHOR_MOST_CALLS": "100",
    "CONJURE_AUTHOR_REPAIRS": "1",  # a model this small writes nothing better the third time
    "CONJURE_AUTHOR_MOST_TOKENS": "500000",
    "CONJURE_JOBS_ATTEMPT_S": str(_CALL_S),
    "CONJURE_EDITOR_PROVIDER": "openai",
    "CONJURE_EDITOR_MOST_S": str(_WORK_S),
    "CONJURE_EDITOR_MOST_TURNS": "3",
    "CONJURE_EDITOR_MOST_TOKENS": "14000",
    "CONJURE_BRAIN_PROVIDER": "openai",
    "CONJURE_BRAIN_MOST_S": str(_WORK_S),
    "CONJURE_SERVER_MODEL_DEADLINE_S": str(_CALL_S),
}
"""Generous where a machine is slow, as this engine may share two cores with the server."""


@dataclass
class Stand:
    """An app at a server, and its log."""

    rest: httpx.AsyncClient
    key: str
    log: Path
    statuses: list[int] = field(default_factory=list)
    """Of all answers."""
    _read: int = 0

    async def ask(
        self,
        method: str,
        path: str,
        *,
        request_id: str | None = None,
        as_player: str | None = None,
        **body: Any,
    ) -> httpx.Response:
        """Makes a call with the app's key, or with the token of a player."""
        headers = bearer(as_player or self.key) | (
            {} if request_id is None else {"x-request-id": request_id}
        )
        answer = await self.rest.request(method, path, headers=headers, json=body or None)
        self.statuses.append(answer.status_code)
        return answer

    async def used(self, unit: str) -> int:
        """How many of a unit the day has cost."""
        answer = await self.ask("GET", "/v1/usage")
        return int(answer.json()["usage"].get(unit, 0))

    def logged(self, request_id: str | None) -> list[dict[str, Any]]:
        """What the server has logged about a request; None: about none, since that was asked last."""
        with self.log.open("rb") as file:
            lines = file.read().splitlines()
        fresh = range(self._read if request_id is None else 0, len(lines))
        if request_id is None:
            self._read = len(lines)
        found = []
        for at in fresh:
            with contextlib.suppress(ValueError):  # the last may be half written
                line = json.loads(lines[at])
                if isinstance(line, dict) and line.get("request_id") == request_id:
                    found.append(line)
        return found


@contextlib.asynccontextmanager
async def stand(directory: Path, url: str, model: str) -> AsyncIterator[Stand]:
    """Starts it all, and ends it."""
    async with contextlib.AsyncExitStack() as opened:
        _, store = await opened.enter_async_context(running_store(directory / "store"))
        settings = SETTINGS | {
            "CONJURE_OPENAI_URL": url,
            "CONJURE_AUTHOR_MODEL": model,
            "CONJURE_EDITOR_MODEL": model,
            "CONJURE_BRAIN_MODEL": model,
        }
        _, port = await opened.enter_async_context(running_server(directory, store, settings))
        _, rest, _ = await opened.enter_async_context(
            running_edge(directory, port, model_timeout_s=_CALL_S + 30.0)
        )
        admin = await opened.enter_async_context(
            administration(store_settings(store), AuthSettings())
        )
        app = await new_app(admin)
        client = await opened.enter_async_context(
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{rest}", trust_env=False, timeout=_CALL_S + 60
            )
        )
        yield Stand(client, app.secret, directory / "server.log")
