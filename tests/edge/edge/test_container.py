"""What the edge's image and docker-compose.yml run, without an engine: edge/run.sh and the health check."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
from pathlib import Path

import httpx
import pytest
import yaml

from conjure.edge.render import EdgeConfig, envoy_binary, render
from conjure.run.child import Child
from conjure.run.ports import free_port, wait_for_port
from support.rest import bearer
from support.until import until
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


def is_healthy(url: str) -> bool:
    """What the check in docker-compose.yml says of the edge at this URL."""
    kind, *command = EDGE["healthcheck"]["test"]
    assert kind == "CMD"
    command = [re.sub(r"\b8080\b", url.rpartition(":")[2], part) for part in command]
    return subprocess.run(command, timeout=10, check=False).returncode == 0


def listens(url: str) -> bool:
    """Whether a new connection is taken."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


async def test_the_health_check_passes_when_the_edge_serves(contained):
    """The one of the compose file: an edge that serves is healthy, where nobody listens is not."""
    _, url = contained
    await until(lambda: is_healthy(url))
    assert not is_healthy(f"http://127.0.0.1:{free_port()}")


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
        await until(lambda: not listens(url))
        go_on.set()
        answer = await call
    assert answer.status_code == 200, answer.text
    await stopping
