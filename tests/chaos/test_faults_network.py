"""What lies between the parts fails: connections are reset, and thousands of callers are slow."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import time

import httpx
import pytest

from support.chaos.deployment import deployment
from support.chaos.proxy import Proxy
from support.chaos.trial import trial
from support.rest import bearer, import_world
from support.until import LIMIT_S
from support.worlds import prose_world

pytestmark = pytest.mark.chaos

FAULT_S = 4.0


async def test_the_connections_between_edge_and_server_break(tmp_path):
    async with Proxy(1, to_server=True) as one, Proxy(2, to_server=True) as other:

        def through(ports):
            return [one.to(ports[0]), other.to(ports[1])]

        async with deployment(tmp_path, ports_seen_as=through) as deployed:

            async def cut():
                end = time.monotonic() + FAULT_S
                while time.monotonic() < end:
                    for proxy in (one, other):
                        proxy.cut_replies = proxy.cut_requests = 0.01
                    await asyncio.sleep(0.3)
                    one.cut_all()
                    other.cut_all()
                one.cut_replies = one.cut_requests = other.cut_replies = other.cut_requests = 0
                return [time.monotonic()]

            await trial(
                deployed, "Envoy to server: connections reset, 1 % of pieces cut in two", cut
            )
        assert one.broken + other.broken > 10


SLOW = 2_000
DRIP_S = 0.5


async def test_two_thousand_slow_callers(tmp_path):
    """Half of them send a byte now and then, half read as little: the others do not notice."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3 * SLOW:
        pytest.skip(
            f"{hard} file descriptors are too few for {SLOW} connections and their other ends"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3 * SLOW), hard))
    try:
        async with deployment(tmp_path) as deployed:
            async with httpx.AsyncClient(
                base_url=deployed.rest_url, trust_env=False, timeout=LIMIT_S
            ) as rest:
                large = await import_world(rest, deployed.app.secret, **prose_world(200_000))
            port = int(deployed.rest_url.rpartition(":")[2])
            key = deployed.app.secret

            async def crowd():
                slow = asyncio.gather(
                    *(_drips(port, key) for _ in range(SLOW // 2)),
                    *(_sips(port, key, large) for _ in range(SLOW // 2)),
                )
                await asyncio.sleep(0)
                held = await asyncio.wait_for(slow, LIMIT_S)
                assert sum(held) > SLOW * 0.9, f"only {sum(held)} were held for long"
                return [time.monotonic()]

            await trial(deployed, f"{SLOW:,} slow callers for 8 s", crowd, felt=False)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


LAST_S = 8.0


async def _drips(port, key):
    """Sends a request byte by byte; True when it could for as long as it wanted."""
    text = b"POST /v1/worlds HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    text += (
        f"authorization: {bearer(key)['authorization']}\r\ncontent-length: 1000\r\n\r\n".encode()
    )
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            end = time.monotonic() + LAST_S
            writer.write(text)
            while time.monotonic() < end:
                writer.write(b"{")
                await writer.drain()
                await asyncio.sleep(DRIP_S)
            return not reader.at_eof()
        finally:
            writer.transport.abort()
    return False


async def _sips(port, key, world_id):
    """Asks for a large world and reads a little of it at a time."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError), socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setblocking(False)
        await loop.sock_connect(raw, ("127.0.0.1", port))
        text = f"GET /v1/worlds/{world_id} HTTP/1.1\r\nhost: x\r\n"
        text += f"authorization: {bearer(key)['authorization']}\r\n\r\n"
        await loop.sock_sendall(raw, text.encode())
        end = time.monotonic() + LAST_S
        while time.monotonic() < end:
            if not await loop.sock_recv(raw, 64):
                return False
            await asyncio.sleep(DRIP_S)
        return True
    return False
