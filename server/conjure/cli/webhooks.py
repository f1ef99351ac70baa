"""`conjure webhooks listen`: a receiver on this machine, for a first try."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import signal
import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import httptools
import httpx
import orjson
import typer

from conjure.cli.common import fail, read_dev_file
from conjure.cli.prose import printable
from conjure.webhooks.signatures import PREFIX, signature_problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_HOST: Final = "127.0.0.1"
_MOST_BODY: Final = 1_048_576
_ANSWERS: Final = {204: b"No Content", 400: b"Bad Request"}

webhooks = typer.Typer(no_args_is_help=True, help="Try webhooks.")


@webhooks.callback()
def _group() -> None:
    """Try webhooks."""


@webhooks.command("listen")
def listen(
    port: Annotated[int, typer.Option(help="0: any free one.", min=0, max=65535)] = 0,
    secret: Annotated[
        str | None, typer.Option(help="Of a webhook that is registered already: only listens.")
    ] = None,
    app: Annotated[
        str | None, typer.Option(help="App to register with; default: of `conjure dev`.")
    ] = None,
) -> None:
    """Print and verify what is delivered to this machine, until Ctrl-C.

    Without --secret a webhook for all events is registered at the `conjure dev` of this folder, and removed
    at the end.
    """
    if secret is not None and not _is_secret(secret):
        fail(f"--secret must be {PREFIX} and base64")
    asyncio.run(_listen(port, secret, app))


async def _listen(port: int, secret: str | None, app_id: str | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    receiver = _Receiver()
    try:
        server = await loop.create_server(lambda: _Connection(receiver), _HOST, port)
    except OSError as error:
        fail(f"cannot listen on {_HOST}:{port}: {error.strerror}")
    url = f"http://{_HOST}:{server.sockets[0].getsockname()[1]}/"
    async with server, contextlib.AsyncExitStack() as stack:
        if secret is None:
            secret = await stack.enter_async_context(_registered(url, app_id))
        receiver.secret = secret
        print(f"listening on {url}; Ctrl-C stops", flush=True)
        await stop.wait()
        print()


@contextlib.asynccontextmanager
async def _registered(url: str, app_id: str | None) -> AsyncIterator[str]:
    """Registers `url` for all events at `conjure dev` while the body runs; yields the secret."""
    facts = read_dev_file()
    base, token = facts.get("restUrl"), facts.get("userToken")
    app_id = app_id or facts.get("appId")
    if not (isinstance(base, str) and isinstance(token, str) and isinstance(app_id, str)):
        fail("there is no `conjure dev` in this folder: start it, or give --secret")
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as client:
        made = await _call(
            client, "POST", f"/v1/apps/{app_id}/webhooks", json={"url": url, "events": ["*"]}
        )
        print(f"registered {made['id']} with app {app_id}")
        try:
            yield made["secret"]
        finally:
            await _call(client, "DELETE", f"/v1/apps/{app_id}/webhooks/{made['id']}")
            print(f"removed {made['id']}")


async def _call(client: httpx.AsyncClient, verb: str, path: str, **how: Any) -> Any:
    try:
        answer = await client.request(verb, path, **how)
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        fail(f"{client.base_url} does not answer: {type(error).__name__}")
    if not answer.is_success:
        fail(f"{verb} {path}: {answer.status_code}: {body.get('detail')}")
    return body


def _is_secret(text: str) -> bool:
    try:
        return text.startswith(PREFIX) and bool(
            base64.b64decode(text.removeprefix(PREFIX), validate=True)
        )
    except binascii.Error:
        return False


class _Receiver:
    """Judges and prints deliveries."""

    def __init__(self) -> None:
        self.secret = ""

    def receive(self, headers: dict[str, str], body: bytes) -> int:
        """Prints a delivery; returns the status to answer."""
        problem = signature_problem(self.secret, headers, body, time.time())
        moment = datetime.now().astimezone().strftime("%H:%M:%S")
        if problem is not None:
            print(f"{moment}  refused: {problem}", flush=True)
            return 400
        try:
            event = orjson.loads(body)
            data = orjson.dumps(event["data"]).decode()
            line = f"{event['type']}  {data}  ({event['id']})"
        except (ValueError, TypeError, KeyError):
            line = body.decode(errors="replace")
        print(f"{moment}  verified: {printable(line)}", flush=True)
        return 204


class _Connection(asyncio.Protocol):
    """One connection of a sender; it is kept alive between deliveries."""

    def __init__(self, receiver: _Receiver) -> None:
        self._receiver = receiver
        self._parser = httptools.HttpRequestParser(self)
        self.on_message_begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio, as the next one."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Reads on."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._transport.abort()

    def on_message_begin(self) -> None:
        """Called by the parser, as those that follow."""
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keeps a header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        """Keeps a part of the body; of one that is longer than any delivery, nothing."""
        self._body += body
        if len(self._body) > _MOST_BODY:
            self._transport.abort()

    def on_message_complete(self) -> None:
        """Answers."""
        status = self._receiver.receive(self._headers, bytes(self._body))
        head = b"HTTP/1.1 %d %b\r\n" % (status, _ANSWERS[status])
        length = b"" if status == 204 else b"content-length: 0\r\n"
        self._transport.write(head + length + b"\r\n")
