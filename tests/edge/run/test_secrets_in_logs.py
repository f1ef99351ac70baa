"""Secrets are sent down every path that logs, and then looked for in all that was written."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from typing import TYPE_CHECKING

import jwt

from conjure.v1 import session_service_pb2, world_service_pb2
from conjure.v1.session_service_pb2_grpc import SessionServiceStub
from conjure.v1.world_service_pb2_grpc import WorldServiceStub
from support.reactor import Reactor, answers
from support.rest import bearer, connect, import_world, mint
from support.rpc import client, metadata
from support.stack import USER_SECRET, channel, running_server
from support.until import until

if TYPE_CHECKING:
    import httpx

    from support.stack import TestApp
    from support.watched import Watched

WHSEC = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
FOREIGN_KEY = "sk_live_" + "Q7z" * 14 + "Q"


async def send_them_all(
    watched: Watched, rest: httpx.AsyncClient, app: TestApp
) -> tuple[list[str], set[int]]:
    """Makes calls with secrets where they belong and where they do not; returns secrets and statuses."""
    world = await import_world(rest, app.secret)
    token = (await mint(rest, app.secret, world))["token"]
    user = jwt.encode(
        {"sub": "u", "aud": "authenticated", "exp": time.time() + 3600}, USER_SECRET, "HS256"
    )
    forged = jwt.encode({"sub": "x", "exp": 1}, "k" * 32, "HS256", headers={"kid": app.secret})
    statuses = set()

    async def note(call: object) -> None:
        statuses.add((await call).status_code)  # type: ignore[misc]

    for credential in (app.secret, app.publishable, FOREIGN_KEY, token, user, forged, WHSEC):
        for scheme in ("Bearer", "Basic", "bearer ", ""):
            headers = {"authorization": f"{scheme} {credential}".strip()}
            await note(rest.get(f"/v1/worlds/{world}", headers=headers))
        await note(rest.get(f"/v1/worlds?cursor={credential}", headers=bearer(app.secret)))
        await note(rest.get(f"/v1/worlds/{world}?token={credential}&api_key={credential}"))
        for page in ("/embed.html", "/embed.html%3Ftoken=", "/demo", "/", "/embed.js", "/nowhere"):
            await note(rest.get(f"{page}?token={credential}&token={credential}"))
            await note(rest.head(f"{page};token={credential}?token={credential}"))
        await note(rest.get(f"/player/{credential}/player.js?token={credential}"))
        await note(rest.get(f"/player/0/{credential}"))
        await note(rest.post("/v1/sessions/connect", json={"token": credential}))
        await note(rest.post("/v1/sessions/connect", json={"token": [credential]}))
        await note(rest.post("/v1/sessions/connect", content=f'{{"token": "{credential}'.encode()))
        await note(
            rest.patch(
                f"/v1/worlds/{world}/entrance",
                json={"state": credential, "expectedRev": credential},
                headers=bearer(app.secret) | {"if-match": f'"{credential}"'},
            )
        )
        await note(
            rest.post(
                "/v1/worlds",
                json={"premise": 1, "world": {"name": credential}},
                headers=bearer(app.secret) | {"idempotency-key": credential},
            )
        )
        await note(rest.get("/healthz", headers={"user-agent": "x", "cookie": f"s={credential}"}))
    await note(connect(rest, token, origin="https://elsewhere.test"))
    async with channel(watched.edge_grpc_target) as opened:
        for credential in (app.secret, token, FOREIGN_KEY):
            with contextlib.suppress(Exception):
                await WorldServiceStub(opened).GetWorld(
                    world_service_pb2.GetWorldRequest(id=credential), metadata=metadata(credential)
                )
            with contextlib.suppress(Exception):
                await SessionServiceStub(opened).Connect(
                    session_service_pb2.ConnectRequest(token=credential)
                )
    parts = [*token.split(".")[1:], *user.split(".")[1:], *forged.split(".")[1:]]
    keys = [app.secret, app.publishable, FOREIGN_KEY]
    return [*parts, *keys, *(key[8:] for key in keys), WHSEC, USER_SECRET], statuses


async def test_nothing_secret_is_written(watched, watched_rest, app):
    """At the most talkative level, with a line per call: server log, Envoy's two, spans, numbers."""
    needles, statuses = await send_them_all(watched, watched_rest, app)
    assert {200, 400, 401} <= statuses
    last = await watched_rest.get("/healthz", headers={"x-request-id": uuid.uuid4().hex})
    await watched.access_line(last.headers["x-request-id"])
    lines = [json.loads(line) for line in watched.log().splitlines()]
    assert len([line for line in lines if line["event"] == "call failed"]) > 50
    assert len([line for line in lines if line["event"] == "call"]) > 60
    written = await watched.written()
    found = [
        (name, needle) for name, text in written.items() for needle in needles if needle in text
    ]
    assert not found
    assert "?" not in "".join(
        json.loads(line)["path"] or "" for line in watched.access_log().splitlines()
    )


async def test_what_others_say_is_written_without_secrets(stack, tmp_path, app):
    """A runtime that repeats our key in its refusal; a collector that is away, with its credential."""
    key = "reactor-hunter2-key"
    refusal = {"error": f"bad key {key}; you sent Bearer {key} and {FOREIGN_KEY}"}
    async with Reactor() as endpoint:
        endpoint.answer = answers(403, refusal)
        environment = {
            "CONJURE_LOG_LEVEL": "debug",
            "CONJURE_LOG_CALLS": "1",
            "CONJURE_RUNTIME_PROVIDER": "reactor",
            "CONJURE_RUNTIME_REACTOR_URL": f"http://127.0.0.1:{endpoint.port}/",
            "CONJURE_RUNTIME_REACTOR_API_KEY": key,
            "CONJURE_RUNTIME_REACTOR_MODEL": "m",
            "CONJURE_TRACING_ENDPOINT": "http://127.0.0.1:9",
            "CONJURE_TRACING_HEADERS": "authorization=Bearer hunter2-collector",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }
        async with (
            running_server(tmp_path, stack.store_url, environment) as (_, port),
            client(port, app.secret) as caller,
        ):
            (minted,) = await caller.new_tokens(1)
            with contextlib.suppress(Exception):
                await caller.connect(minted.token)
            await caller.list_worlds()
            # The exporter says that it cannot send, in a line like the others.
            await until(lambda: "opentelemetry" in (tmp_path / "server.log").read_text())
    log = (tmp_path / "server.log").read_text()
    assert "the runtime gave no token" in log
    assert '"stopped"' in log
    assert "Traceback" not in log
    assert "hunter2" not in log
    assert FOREIGN_KEY[8:] not in log


async def test_a_collector_that_does_not_answer_holds_nobody_up(stack, tmp_path, app):
    """No call, and not the end of the server. The exporter would wait for an hour; who waited for it would be
    told of a deadline, or be killed in the end."""
    taken: list[asyncio.StreamWriter] = []

    def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(writer)

    async with await asyncio.start_server(take, "127.0.0.1", 0) as silent:
        environment = {
            "CONJURE_TRACING_ENDPOINT": f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "3600",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }
        async with (
            running_server(tmp_path, stack.store_url, environment) as (_, port),
            client(port, app.secret) as caller,
        ):
            await caller.list_worlds()
            await until(lambda: bool(taken))
            for _ in range(20):
                await caller.list_worlds()
        for writer in taken:
            writer.close()
    assert '"stopped"' in (tmp_path / "server.log").read_text()


async def test_a_stores_password_is_not_written(stack, tmp_path):
    """A store that takes no password refuses one: the server says that it has no store, and no more."""
    url = stack.store_url.replace("redis://", "redis://:hunter2@")
    environment = {"CONJURE_LOG_LEVEL": "debug"}
    async with (
        running_server(tmp_path, url, environment) as (_, port),
        client(port, FOREIGN_KEY) as caller,
    ):
        with contextlib.suppress(Exception):
            await caller.world(str(uuid.uuid4()))
    log = (tmp_path / "server.log").read_text()
    assert "the security epoch cannot be read" in log
    assert "hunter2" not in log
