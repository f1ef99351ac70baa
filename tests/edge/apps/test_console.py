"""The console's own pages may read what user sessions answer, and pages of nobody else (CONTRACT 0)."""

from __future__ import annotations

import httpx
import pytest

from conjure.edge.cors import Cors
from support.rest import bearer
from support.stack import running_edge
from support.until import LIMIT_S
from support.users import user_token

CONSOLE = "https://console.example"


@pytest.fixture(scope="module")
async def console(stack, tmp_path_factory):
    cors = Cors(console_origins=CONSOLE)
    directory = tmp_path_factory.mktemp("console")
    async with (
        running_edge(directory, stack.server_port, cors=cors) as (_, port, _),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=LIMIT_S, trust_env=False
        ) as client,
    ):
        yield client


@pytest.mark.parametrize("origin", [CONSOLE, "https://evil.example", "null"])
async def test_a_page_that_is_listed_makes_an_app_and_another_cannot(console, origin):
    asks = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    page = {"origin": origin}
    preflight = await console.options("/v1/apps", headers=asks | page)
    token = bearer(user_token())
    made = await console.post("/v1/apps", json={"name": "x"}, headers=token | page)
    refused = await console.get("/v1/apps", headers=page)
    assert (made.status_code, refused.status_code) == (200, 401)
    named = {one.headers.get("access-control-allow-origin") for one in (preflight, made, refused)}
    assert named == {CONSOLE if origin == CONSOLE else None}


async def test_no_page_at_all_without_the_setting(rest):
    answer = await rest.get("/v1/apps", headers=bearer(user_token()) | {"origin": CONSOLE})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control-")]
