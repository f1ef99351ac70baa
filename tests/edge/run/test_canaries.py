"""Credentials in every place of a request that is not theirs, and then no file of the run has one."""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote

import grpc
import pytest

from conjure.edge.observe import Insight
from conjure.settings import TracingSettings
from support.collector import running_collector
from support.edge.envoy import Edge
from support.edge.raw_http import send_bytes
from support.h2 import END_HEADERS, END_STREAM, HEADERS, Http2, block, frame
from support.ports import claimed_port
from support.rest import bearer, import_world
from support.stack import channel
from support.watched import all_is_written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SECRET = "Canary7Zq9"
JWT = f"eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJwMSJ9{SECRET}.c2lnbmF0dXJl{SECRET}"
PLAIN = {
    "secret key": f"sk_test_{SECRET}xx",
    "live key": f"sk_live_{SECRET}xx",
    "publishable key": f"pk_live_{SECRET}xx",
    "webhook secret": f"whsec_{SECRET}xx",
    "token": JWT,
    "upper case": f"SK_TEST_{SECRET}xx",
    "bearer": f"Bearer+{SECRET}",
    "assignment": f"access_token={SECRET}",
}
ENCODED = {
    "underscore": f"sk%5Ftest_{SECRET}",
    "first letter": f"%73k_live_{SECRET}",
    "all of it": "".join(f"%{ord(c):02X}" for c in f"pk_test_{SECRET}"),
    "twice": f"sk%255Ftest%255f{SECRET}",
    "webhook": f"whsec%5f{SECRET}",
    "dots": JWT.replace(".", "%2E"),
    "a letter of a token": JWT.replace("e", "%65", 1),
    "assignment": f"token%3D{SECRET}",
}
FORMS = {**PLAIN, **{f"encoded {name}": form for name, form in ENCODED.items()}}
# What comes out when somebody decodes it, and what stands there when nobody has.
NEEDLES = (SECRET, quote(SECRET), "".join(f"%{ord(c):02X}" for c in SECRET))


def places(credential: str) -> Iterator[bytes]:
    """Requests with the credential in each place: the beginning of each path leads to another end."""
    host = "host: edge\r\n"
    for line in (
        f"GET /v1/worlds/{credential}",  # 401, without a key
        f"GET /v1/worlds/{credential}/scene?x={credential}",
        f"POST /v1/worlds/x/states/{credential}",  # 405
        f"GET /{credential}",  # 404
        f"GET /{credential}/%ff",
        f"GET /healthz?token={credential}",  # 200
        f"GET http://{credential}.example/healthz",  # 200: the host of the absolute form
    ):
        yield f"{line} HTTP/1.1\r\n{host}\r\n".encode()
    for name in (
        "user-agent", "x-request-id", "referer", "cookie", "x-client-trace-id", "traceparent",
        "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-b3-traceid", "accept",
        "x-envoy-downstream-service-cluster", "x-envoy-original-path", "idempotency-key", "origin",
        "content-type", "if-none-match", "baggage", "last-event-id", "grpc-timeout", "via",
    ):  # fmt: skip
        yield f"GET /v1/usage HTTP/1.1\r\n{host}{name}: {credential}\r\n\r\n".encode()
        # The same where it is refused before there is a route, and with a body that is too large.
        yield f"GET /v1/usage HTTP/1.1\r\n{name}: {credential}\r\n\r\n".encode()
        yield f"GET /healthz HTTP/1.0\r\n{name}: {credential}\r\n\r\n".encode()
        large = "content-length: 20000000\r\n"
        yield f"POST /v1/worlds HTTP/1.1\r\n{host}{name}: {credential}\r\n{large}\r\n".encode()
    state = f"tracestate: v={credential}\r\ntraceparent: 00-{'ab' * 16}-{'cd' * 8}-01\r\n"
    yield f"GET /v1/usage HTTP/1.1\r\n{host}{state}\r\n".encode()
    yield f"GET /healthz HTTP/1.1\r\nhost: {credential}\r\n\r\n".encode()
    yield f"{credential} /healthz HTTP/1.1\r\n{host}\r\n".encode()
    yield f"GET /v1/usage HTTP/1.1\r\n{host}a_{credential}: 1\r\n\r\n".encode()


async def send_everywhere(rest_url: str, grpc_target: str, credential: str) -> set[int]:
    """Sends all of `places` and the same over HTTP/2 and gRPC; returns the statuses."""
    statuses = set()
    for request in places(credential):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            statuses.add((await send_bytes(rest_url, request)).status_code)
    async with Http2(int(rest_url.rpartition(":")[2])) as connection:
        fields = [
            (":method", credential), (":scheme", "http"), (":path", f"/{credential}"),
            (":authority", credential), ("user-agent", credential),
        ]  # fmt: skip
        await connection.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, block(fields)))
        await asyncio.sleep(0.05)
    await call_everywhere(grpc_target, credential)
    return statuses


async def call_everywhere(target: str, credential: str) -> None:
    """gRPC calls with it in the method's name, the authority, the user agent and each metadata."""
    agent = (("grpc.primary_user_agent", credential), ("grpc.default_authority", credential))
    async with grpc.aio.insecure_channel(target, options=agent) as opened:
        for method in (
            f"/{credential}/Get", f"/conjure.v1.WorldService/{credential}",
            "/conjure.v1.WorldService/GetWorld",
        ):  # fmt: skip
            for name in (
                "x-request-id",
                "x-client-trace-id",
                "tracestate",
                "x-envoy-original-path",
            ):
                with contextlib.suppress(grpc.RpcError):
                    metadata = (
                        (name, credential),
                        ("traceparent", f"00-{'ab' * 16}-{'cd' * 8}-01"),
                    )
                    await opened.unary_unary(method)(b"", metadata=metadata)


def canaries(written: dict[str, str]) -> list[str]:
    return [
        text[max(0, found.start() - 300) : found.end() + 60]
        for text in written.values()
        for needle in NEEDLES
        for found in re.finditer(re.escape(needle), text, re.IGNORECASE)
    ]


def files_of(folder: Path) -> dict[str, str]:
    return {
        str(path): path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("forms", [PLAIN, ENCODED], ids=["plain", "encoded"])
async def test_no_file_keeps_a_credential(watched, watched_rest, app, forms):
    """Through both listeners and at the server's own port; files of the run, spans and numbers."""
    world = await import_world(watched_rest, app.secret)
    for credential in forms.values():
        statuses = await send_everywhere(watched.rest_url, watched.edge_grpc_target, credential)
        assert {200, 401, 404, 405, 413, 426} <= statuses
        await call_everywhere(watched.server_target, credential)
        for name in ("user-agent", "x-request-id", "referer"):
            headers = bearer(app.secret) | {name: credential}
            answer = await watched_rest.get(f"/v1/worlds/{world}", headers=headers)
            assert answer.status_code == 200
            assert SECRET not in answer.headers["x-request-id"]
    await all_is_written(watched.collector, watched.rest_url, watched.access_log)
    written = files_of(watched.directory) | {"spans": repr(watched.collector.spans)}
    assert {path.rpartition("/")[2] for path in written} >= {
        "access.log", "envoy.log", "server.log", "spans",
    }  # fmt: skip
    assert not canaries(written)


async def test_no_file_keeps_a_credential_of_a_call_that_no_server_took(tmp_path):
    """The server is away: 503 and the reasons for it are written too."""
    async with running_collector() as collector:
        insight = Insight(TracingSettings(collector.url))
        async with Edge(tmp_path, claimed_port(), insight=insight) as edge:
            for credential in FORMS.values():
                assert 503 in await send_everywhere(edge.rest, edge.grpc, credential)
            await all_is_written(
                collector, edge.rest, (edge.folder / "access.log").read_text, status=503
            )
        assert not canaries(files_of(tmp_path) | {"spans": repr(collector.spans)})


async def test_what_is_kept_of_such_a_line(watched, watched_rest, app):
    """Enough to find the call by: its route, and an id of its own that the answer has too."""
    headers = bearer(app.secret) | {"x-request-id": PLAIN["live key"], "user-agent": "tester"}
    answer = await watched_rest.get(f"/v1/worlds/{PLAIN['secret key']}", headers=headers)
    uuid.UUID(answer.headers["x-request-id"])
    line = await watched.access_line(answer.headers["x-request-id"])
    assert (line["path"], line["route"], line["user_agent"]) == (
        "[redacted]", "/v1/worlds/{id}", "tester",
    )  # fmt: skip
    *_, call = watched.lines(answer.headers["x-request-id"])
    assert (call["event"], call["code"]) == ("call", "NOT_FOUND")


async def test_other_names_are_kept(watched, watched_rest, app):
    """What only looks a little like it is no credential: an operator reads it as it came."""
    agent = "Mozilla/5.0 (X11; Linux) Keyword/1.0 risk_testing"
    for name in ("Step%20outside%2Fin", "basic", "journey.to.the.end", "monkey", "token"):
        request_id = str(uuid.uuid4())
        headers = bearer(app.secret) | {"user-agent": agent, "x-request-id": request_id}
        await watched_rest.get(f"/v1/worlds/x/states/{name}", headers=headers)
        line = await watched.access_line(request_id)
        assert (line["path"], line["user_agent"]) == (f"/v1/worlds/x/states/{name}", agent)


async def test_a_name_in_metadata_that_is_none(watched):
    """At the server's own port nobody has looked before."""
    async with channel(watched.server_target) as opened:
        call = opened.unary_unary("/conjure.v1.WorldService/GetWorld")(
            b"", metadata=(("x-request-id", PLAIN["live key"]),)
        )
        with pytest.raises(grpc.RpcError):
            await call
        trailing = dict(await call.trailing_metadata())
    uuid.UUID(str(trailing["x-request-id"]))
