"""What the edge's image and docker-compose.yml run, without an engine: edge/run.sh and the health check."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import httpx
import pytest
import yaml

from conjure.edge.render import EdgeConfig, envoy_binary, render
from conjure.run.child import Child
from conjure.run.ports import free_port, wait_for_port
from support.rest import bearer
from support.worlds import small_world

ROOT = Path(__file__).parents[3]
EDGE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["edge"]


@pytest.fixture
async def contained(stack, tmp_path):
    """An edge as its container runs it, and the URL of its REST face."""
    rest, admin = free_port(), free_port()
    host, _, port = stack.server_target.rpartition(":")
    config = tmp_path / "envoy.yaml"
    config.write_text(
        render(
            EdgeConfig(
                upstreams=((host, int(port)),),
                rest_port=rest,
                grpc_port=free_port(),
                admin_port=admin,
                access_log="",
            )
        )
    )
    child = Child(
        "edge",
        lambda: ["bash", str(ROOT / "edge/run.sh"), str(config), str(admin)],
        ready=lambda: wait_for_port(rest),
        environment={**os.environ, "PATH": f"{envoy_binary().parent}:{os.environ['PATH']}"},
        log_file=tmp_path / "edge.log",
        stop_s=20,
    )
    async with child:
        yield child, f"http://127.0.0.1:{rest}"


async def health_check(url: str) -> int:
    """The exit code of the check in docker-compose.yml, asked of this edge."""
    kind, *command = EDGE["healthcheck"]["test"]
    assert kind == "CMD"
    command = [re.sub(r"\b8080\b", url.rpartition(":")[2], part) for part in command]
    return await (await asyncio.create_subprocess_exec(*command)).wait()


async def test_the_health_check_passes_when_the_edge_serves(contained):
    """The one of the compose file: an edge that serves is healthy, where nobody listens is not."""
    _, url = contained
    async with asyncio.timeout(20):
        while await health_check(url) != 0:
            await asyncio.sleep(0.2)
    assert await health_check(f"http://127.0.0.1:{free_port()}") != 0


async def test_a_call_under_way_is_answered_when_the_edge_is_told_to_stop(contained, app):
    """TERM: who comes now is refused, who was there is answered."""
    child, url = contained
    begun, go_on = asyncio.Event(), asyncio.Event()
    body = httpx.Request("POST", url, json={"world": small_world()}).content

    async def slowly():
        yield body[:20]
        begun.set()
        await go_on.wait()
        yield body[20:]

    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as rest:
        call = asyncio.create_task(
            rest.post(
                "/v1/worlds",
                content=slowly(),
                headers=bearer(app.secret) | {"content-type": "application/json"},
            )
        )
        await begun.wait()
        await asyncio.sleep(0.5)  # Envoy has read the first part
        stopping = asyncio.create_task(child.__aexit__())
        async with asyncio.timeout(20):
            while await listens(url):
                await asyncio.sleep(0.05)
        go_on.set()
        answer = await call
    assert answer.status_code == 200, answer.text
    await stopping


async def listens(url: str) -> bool:
    """Whether a new connection is taken."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
