"""What the edge's image and docker-compose.yml run, without an engine: edge/run.sh and the health check."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
from dataclasses import fields
from pathlib import Path

import httpx
import pytest
import yaml

from conjure.edge.admin import private_socket
from conjure.edge.config import EdgeConfig
from conjure.edge.render import envoy_binary, render
from conjure.run.child import Child
from conjure.run.ports import wait_for_port
from conjure.settings import CorsSettings, EdgeSettings, variable
from support.cli import Conjure
from support.ports import claimed_port
from support.rest import bearer
from support.stack import agreed_on
from support.until import LIMIT_S, until
from support.worlds import small_world
from support.yaml_text import parsed

ROOT = Path(__file__).parents[3]
EDGE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["edge"]


@pytest.fixture
async def contained(stack, tmp_path):
    """An edge as its container runs it, and the URLs of its REST face and of its admin page."""
    rest, admin = claimed_port(), claimed_port()
    host, _, port = stack.server_target.rpartition(":")
    config = tmp_path / "envoy.yaml"
    config.write_text(
        render(
            EdgeConfig(
                upstreams=((host, int(port)),),
                rest_port=rest,
                grpc_port=claimed_port(),
                admin_port=admin,
                admin_socket=private_socket(),
                access_log="",
                health_timeout_s=LIMIT_S,
                **agreed_on(),
            )
        )
    )
    child = Child(
        "edge",
        lambda: ["bash", str(ROOT / "edge/run.sh"), str(config), str(admin)],
        ready=lambda: wait_for_port(rest),
        environment={**os.environ, "PATH": f"{envoy_binary().parent}:{os.environ['PATH']}"},
        log_file=tmp_path / "edge.log",
        start_s=LIMIT_S,
        stop_s=LIMIT_S,
    )
    async with child:
        yield child, f"http://127.0.0.1:{rest}", f"http://127.0.0.1:{admin}"


def is_healthy(url: str) -> bool:
    """What the check in docker-compose.yml says of the edge at this URL."""
    kind, *command = EDGE["healthcheck"]["test"]
    assert kind == "CMD"
    command = [re.sub(r"\b8080\b", url.rpartition(":")[2], part) for part in command]
    return subprocess.run(command, timeout=LIMIT_S, check=False).returncode == 0


def listens(url: str) -> bool:
    """Whether a new connection is taken."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


async def test_the_health_check_passes_when_the_edge_serves(contained):
    """The one of the compose file: an edge that serves is healthy, where nobody listens is not."""
    _, url, _ = contained
    await until(lambda: is_healthy(url))
    assert not is_healthy(f"http://127.0.0.1:{claimed_port()}")


async def test_a_call_under_way_is_answered_when_the_edge_is_recorded_to_stop(contained, app):
    """TERM: who comes now is refused, who was there is answered."""
    child, url, admin = contained
    begun, go_on = asyncio.Event(), asyncio.Event()
    body = httpx.Request("POST", url, json={"world": small_world()}).content

    async def slowly():
        yield body[:20]
        begun.set()
        await go_on.wait()
        yield body[20:]

    async with httpx.AsyncClient(base_url=url, timeout=LIMIT_S, trust_env=False) as rest:
        call = asyncio.create_task(
            rest.post(
                "/v1/worlds",
                content=slowly(),
                headers=bearer(app.secret) | {"content-type": "application/json"},
            )
        )
        await begun.wait()

        async def is_under_way() -> bool:
            """Whether Envoy has read the first part."""
            stats = await rest.get(f"{admin}/stats?filter=rest.downstream_rq_active")
            return stats.text.endswith("_active: 1\n")

        await until(is_under_way)
        stopping = asyncio.create_task(child.__aexit__())
        await until(lambda: not listens(url))
        go_on.set()
        answer = await call
    assert answer.status_code == 200, answer.text
    await stopping


def test_what_only_the_edge_reads_reaches_its_image():
    """Its configuration is made in the build: a variable that is no argument of it would do nothing."""
    build = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["edge"]["build"]
    defaults = dict(
        re.findall(r"^ARG (\w+)=(.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    )
    for name, default in (
        (variable("cors", one.name), one.default) for one in fields(CorsSettings)
    ):
        assert defaults[name] == f'"{default}"'
        assert build["args"][name].startswith(f"${{{name}")


@pytest.mark.parametrize("calls", ["http1", "grpc"])
async def test_the_edges_image_calls_where_the_server_listens(stack, tmp_path, calls):
    """Its configuration is made in the build, by a command that knows the server by its name only."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    server = compose["server"]["environment"]
    build = compose["edge"]["build"]["args"]
    assert server["CONJURE_EDGE_CALLS"] == build["CONJURE_EDGE_CALLS"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "ARG CONJURE_EDGE_CALLS" in dockerfile
    (options,) = re.findall(r"bin/conjure (edge .*) --write", dockerfile)
    written = tmp_path / "envoy.yaml"
    code, _, errors = await Conjure(stack, tmp_path)(
        *options.split(), "--write", str(written), CONJURE_EDGE_CALLS=calls, CONJURE_EDGE_SOCKETS=""
    )
    assert (code, errors) == (0, "")
    clusters = parsed(written.read_text())["static_resources"]["clusters"]
    called = {
        cluster["name"]: (address["address"], address["port_value"])
        for cluster in clusters
        if cluster["name"] != "admin"
        for locality in cluster["load_assignment"]["endpoints"]
        for found in locality["lb_endpoints"]
        for address in [found["endpoint"]["address"]["socket_address"]]
    }
    port = int(server["CONJURE_SERVER_PORT"])
    over_http1 = ("server", EdgeSettings().port_of(port))
    assert called["servers"] == ("server", port)
    if calls == "http1":
        assert called["unary"] == over_http1
        assert f"EXPOSE {port} {over_http1[1]}\n" in dockerfile
    else:
        assert over_http1 not in called.values()
