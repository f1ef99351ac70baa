"""Whether this Envoy carries gRPC calls over HTTP/1.1, which is in no specification: tried, not believed.

The configuration is run for a moment as it is rendered, on ports that the system chooses and a socket file,
in front of a server that answers as ours do. What it names beside the way of a call (addresses, certificates,
the collector) is left out, as this machine need not have it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import socket
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httptools
import httpx
from google.api.httpbody_pb2 import HttpBody

from conjure.core.private_files import open_private_log, replace_private, socket_folder
from conjure.core.transports import EdgeTransport
from conjure.edge.observe import Insight
from conjure.edge.render import EdgeError, envoy_command, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.edge.config import EdgeConfig

_LIMIT_S: Final = 60.0
"""For all of it: two seconds, but for a busy machine."""

_ANSWER_S: Final = 10.0
"""For an answer: of one whose end is lost Envoy waits for the end."""

_PAUSE_S: Final = 0.05
_GOES_S: Final = 5.0
_PATH: Final = "/healthz"
_LATE: Final = "/v1/usage"  # the RPC that fails in its trailer
_UNAVAILABLE: Final = 14

_NOT_CARRIED: Final = (
    "this Envoy does not carry gRPC over HTTP/1.1 ({why}): "
    "set CONJURE_EDGE_CALLS=grpc for the edges and for the servers (OPERATIONS.md says in which order)"
)


class _Ended(Exception):
    """Envoy has ended by itself."""


def require_http1(config: EdgeConfig) -> None:
    """Raises EdgeError unless Envoy carries unary calls the way that this configuration asks for."""
    if config.calls is not EdgeTransport.HTTP1:
        return
    found = socket_folder("65535")
    if found is None:
        raise EdgeError("TMPDIR is too long a path for a socket")
    with found as folder:
        asyncio.run(_try(config, Path(folder)))


async def _try(config: EdgeConfig, folder: Path) -> None:
    with socket.socket() as nobody:
        # Bound and not listening: nobody else's gRPC server is asked for its health meanwhile.
        nobody.bind(("127.0.0.1", 0))
        port: int = nobody.getsockname()[1]
        server = _Server()
        async with await asyncio.get_running_loop().create_unix_server(
            lambda: _Connection(server), str(folder / str(port))
        ):
            page = str(folder / "page")
            path = folder / "envoy.yaml"
            replace_private(path, render(_here(config, port, folder, page)))
            command = envoy_command(path, log_level="error")
            try:
                async with asyncio.timeout(_LIMIT_S):
                    with _running(command, folder / "log") as process:
                        await _ask(page, server, process)
            except _Ended as ended:
                said = (folder / "log").read_text(errors="replace").strip()[-1_000:]
                raise EdgeError(f"Envoy ended when it was tried: {said}") from ended
            except TimeoutError:
                raise EdgeError(f"Envoy did not answer within {_LIMIT_S:.0f} s") from None


@contextlib.contextmanager
def _running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (
        open_private_log(log) as output,
        subprocess.Popen(command, stdout=output, stderr=output) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_GOES_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _here(config: EdgeConfig, port: int, folder: Path, page: str) -> EdgeConfig:
    return replace(
        config,
        upstreams=(("127.0.0.1", port),),
        sockets=str(folder),
        rest_host="127.0.0.1",
        rest_port=0,
        grpc_host="127.0.0.1",
        grpc_port=0,
        admin_host="127.0.0.1",
        admin_port=0,
        admin_socket=page,
        insight=Insight(),
        access_log="",
        listener_tls=None,
        upstream_tls=None,
        address_per_s=0,
        health_interval_s=0.1,
        health_timeout_s=_LIMIT_S,
    )


async def _ask(page: str, server: _Server, process: subprocess.Popen[bytes]) -> None:
    """Raises EdgeError, and _Ended."""
    async with _client(uds=page) as admin:
        url = f"http://127.0.0.1:{await _rest_port(admin, process)}"
    async with _client() as client:
        answer = None
        while not server.calls:  # until it knows that the server is well
            answer = await _get(client, url + _PATH)
            await asyncio.sleep(_PAUSE_S)
        if answer is None or (answer.status_code, answer.content) != (httpx.codes.OK, server.body):
            raise EdgeError(_NOT_CARRIED.format(why="a call that was answered has no answer"))
        late = await _get(client, url + _LATE)
        if late is None or late.is_success:
            raise EdgeError(_NOT_CARRIED.format(why="the status of a call was lost"))


async def _get(client: httpx.AsyncClient, url: str) -> httpx.Response | None:
    try:
        return await client.get(url)
    except httpx.TransportError:
        return None


async def _rest_port(admin: httpx.AsyncClient, process: subprocess.Popen[bytes]) -> int:
    while True:
        if process.poll() is not None:
            raise _Ended
        with contextlib.suppress(httpx.TransportError):
            answer = await admin.get("http://page/listeners", params={"format": "json"})
            for listener in json.loads(answer.content).get("listener_statuses", ()):
                if listener["name"] == "rest":
                    port: int = listener["local_address"]["socket_address"]["port_value"]
                    return port
        await asyncio.sleep(_PAUSE_S)


def _client(uds: str | None = None) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(uds=uds)
    return httpx.AsyncClient(transport=transport, trust_env=False, timeout=_ANSWER_S)


@dataclass
class _Server:
    """Answers calls with an `HttpBody` of its own, and one RPC with a status that comes at the end."""

    body: bytes = field(
        default_factory=lambda: json.dumps({"probe": secrets.token_hex(8)}).encode()
    )
    calls: int = 0

    def answer(self, *, is_late: bool) -> bytes:
        self.calls += 1
        message = HttpBody(content_type="application/json", data=self.body).SerializeToString()
        framed = b"\0" + len(message).to_bytes(4, "big") + message
        status = _UNAVAILABLE if is_late else 0
        return (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n"
            b"%x\r\n%b\r\n0\r\ngrpc-status: %d\r\n\r\n" % (len(framed), framed, status)
        )


class _Connection(asyncio.Protocol):
    """One connection of the Envoy that is tried."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._path = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a stream socket
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_begin(self) -> None:
        self._path = b""

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_message_complete(self) -> None:
        if self._parser.get_method() == b"GET":  # for the server's health
            self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        else:
            is_late = not self._path.endswith(b"/GetHealth")
            self._transport.write(self._server.answer(is_late=is_late))
