"""The way to Envoy's admin page: what operators and `run.sh` ask passes, what a web page can send does not."""

from __future__ import annotations

import stat
from pathlib import Path

import httpx
import pytest

from support.cases import each_of
from support.edge.raw_http import send_bytes

EVIL = "http://evil.example"
NAVIGATED = {"sec-fetch-site": "none"}  # what a browser says of an address that somebody typed


async def asked(edge, verb: str, path: str, **headers: str) -> int:
    """The status of a request to the listener on loopback; `host` is `localhost` unless given."""
    named = {"host": "localhost", **{name.replace("_", "-"): v for name, v in headers.items()}}
    lines = [f"{verb} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    request = "\r\n".join([*lines, "", ""]).encode()
    return (await send_bytes(edge.admin, request)).status_code


async def is_alive(edge) -> bool:
    return edge.process.poll() is None and await asked(edge, "GET", "/ready") == 200


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.1:9901", "[::1]:9901"])
@pytest.mark.parametrize("path", ["/ready", "/stats/prometheus", "/stats?filter=rest"])
async def test_what_operators_ask_is_answered(edge, host, path):
    assert await asked(edge, "GET", path, host=host) == 200
    assert await asked(edge, "GET", path, host=host, **NAVIGATED) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9901"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"host": "evil.example"},  # a name that an attacker makes point to loopback
        {"host": "127.0.0.1.evil.example"},
        {"host": "evil.example:9901"},
        {"host": "10.0.0.1"},
    ],
    ids=str,
)
async def test_what_a_web_page_can_send_is_refused(edge, headers):
    for verb, path in (
        ("POST", "/quitquitquit"), ("POST", "/healthcheck/fail"), ("POST", "/drain_listeners"),
        ("GET", "/stats/prometheus"), ("GET", "/ready"), ("GET", "/config_dump"), ("OPTIONS", "/"),
    ):  # fmt: skip
        assert await asked(edge, verb, path, **headers) == 403
    assert await is_alive(edge)


async def test_two_hosts_are_none(edge):
    for hosts in (b"host: localhost\r\nhost: evil.example\r\n", b"host:\r\n"):
        answer = await send_bytes(edge.admin, b"GET /ready HTTP/1.1\r\n" + hosts + b"\r\n")
        assert answer.status_code == 403


@each_of(
    "path",
    [
        "/", "/quitquitquit", "/config_dump", "/clusters", "/certs", "/logging?level=debug", "/memory",
        "/cpuprofiler?enable=y", "/heap_dump", "/reset_counters", "/reopen_logs", "/healthcheck/ok",
        "/runtime_modify?x=y", "/server_info", "/stats/prometheus/../../quitquitquit", "//quitquitquit",
        "/stats%2F..%2Fquitquitquit", "/quitquitquit?/ready", "/listeners", "/help",
    ],
)  # fmt: skip
async def test_the_rest_of_the_page_is_for_nobody_on_the_network(edge, path):
    for verb in ("GET", "POST", "PUT", "DELETE", "HEAD"):
        assert await asked(edge, verb, path) == 404
    assert await is_alive(edge)


async def test_verbs_are_those_that_are_meant(edge):
    for path in ("/healthcheck/fail", "/drain_listeners"):
        assert await asked(edge, "GET", path) == 404
    for path in ("/ready", "/stats", "/stats/prometheus"):
        assert await asked(edge, "POST", path) == 404


def mode_of(path: Path) -> tuple[int, int]:
    mode = path.stat().st_mode
    return stat.S_IFMT(mode), stat.S_IMODE(mode)


async def test_the_page_is_in_a_file_of_its_owner(edge):
    """Who may open it has all of the page, as the one who runs the edge should."""
    file = Path(edge.config.page_socket)
    assert mode_of(file) == (stat.S_IFSOCK, 0o600)
    assert mode_of(file.parent) == (stat.S_IFDIR, 0o700)
    way = httpx.AsyncHTTPTransport(uds=str(file))
    async with httpx.AsyncClient(transport=way, base_url="http://page") as page:
        assert (await page.get("/server_info")).status_code == 200


def listening_ports(pid: int) -> set[int]:
    """The TCP ports (IPv4) that a process has open (proc(5))."""
    links = [link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    lines = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    return {
        int(fields[1].rpartition(":")[2], 16)
        for fields in map(str.split, lines)
        if fields[3] == "0A" and fields[9] in inodes
    }


async def test_nothing_else_listens(edge):
    config = edge.config
    assert listening_ports(edge.process.pid) == {
        config.rest_port, config.grpc_port, config.admin_port,
    }  # fmt: skip
