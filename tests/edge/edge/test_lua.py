"""Which answers Lua is run for: each one that it is run for pays for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import grpc
import httpx
import pytest

from support.edge.upstream import json_answer
from support.until import LIMIT_S

if TYPE_CHECKING:
    from support.edge.envoy import Edge

CONNECT = "/v1/sessions/connect"
USAGE = "/v1/usage"


async def runs(edge: Edge) -> int:
    """How many scripts Envoy has run so far."""
    async with httpx.AsyncClient(timeout=LIMIT_S, trust_env=False) as admin:
        stats = (await admin.get(f"{edge.admin}/stats")).text
    assert re.search(r"^http\.rest\.lua\.errors: 0$", stats, re.MULTILINE)
    found = re.search(r"^http\.rest\.lua\.executions: (\d+)$", stats, re.MULTILINE)
    assert found
    return int(found[1])


async def fail(call, context):
    await context.abort(grpc.StatusCode.UNAVAILABLE, "text of the library")


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", USAGE, 200),
        ("POST", CONNECT, 200),
        ("GET", "/nope", 404),
        ("PUT", USAGE, 405),
        ("OPTIONS", CONNECT, 405),
    ],
)
async def test_an_answer_that_keeps_its_status_meets_no_script(edge, client, verb, path, status):
    before = await runs(edge)
    assert (await client.request(verb, path)).status_code == status
    assert await runs(edge) == before


@pytest.mark.parametrize("status", [200, 202, 204, 304, 401, 409, 422, 429, 503])
async def test_a_status_of_the_server_is_set_by_one(edge, client, upstream, status):
    upstream.answer = json_answer(headers=(("x-http-status", str(status)),))
    before = await runs(edge)
    assert (await client.get(USAGE)).status_code == status
    assert await runs(edge) == before + 1


async def test_what_no_server_rendered_is_made_json_by_one(edge, client, upstream):
    upstream.answer = fail
    before = await runs(edge)
    assert (await client.post(CONNECT)).status_code == 504
    assert await runs(edge) == before + 1


async def test_a_head_loses_its_body_by_one_more(edge, client, upstream):
    before = await runs(edge)
    assert (await client.head(USAGE)).status_code == 200
    assert await runs(edge) == before + 1
    upstream.answer = json_answer(headers=(("x-http-status", "404"),))
    assert (await client.head(USAGE)).status_code == 404
    assert await runs(edge) == before + 3
