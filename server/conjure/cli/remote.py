"""Calls of commands to a running server, over gRPC: address, credential, TLS and errors."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import grpc
import typer
from google.rpc import status_pb2

from conjure.cli.common import fail, read_dev_file
from conjure.rpc.encode import encoder_of
from conjure.v1 import errors_pb2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

T = TypeVar("T")

TargetOption = Annotated[str | None, typer.Option(help="host:port; default: of `conjure dev`.")]
KeyOption = Annotated[str | None, typer.Option(help="API key; default: of `conjure dev`.")]

CALL_S = 30.0
_SHOWN = 3
_THIS_MACHINE = {"127.0.0.1", "localhost", "[::1]"}


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a server is and with which API key it is called; an empty one is not sent."""

    address: str
    key: str

    @property
    def metadata(self) -> list[tuple[str, str]]:
        """What a call with the API key carries."""
        return authorization(self.key)

    @contextlib.asynccontextmanager
    async def channel(self) -> AsyncIterator[grpc.aio.Channel]:
        """A connection; a world may be larger than what gRPC takes by default."""
        options = (("grpc.max_receive_message_length", -1),)
        credentials = _tls()
        async with (
            grpc.aio.insecure_channel(self.address, options=options)
            if credentials is None
            else grpc.aio.secure_channel(self.address, credentials, options=options)
        ) as opened:
            yield opened


def authorization(credential: str) -> list[tuple[str, str]]:
    """The metadata that carries a credential; none without one."""
    return [("authorization", f"Bearer {credential}")] if credential else []


def remote(target: str | None, key: str | None) -> Remote:
    """Returns the server that was named, else that of `conjure dev` in this folder."""
    dev = read_dev_file()
    address = target or dev.get("grpcTarget")
    if not address:
        fail("--target host:port is needed: no `conjure dev` has run in this folder")
    return Remote(str(address), str(key or dev_credentials(target).get("secretKey", "")))


def dev_credentials(target: str | None) -> dict[str, Any]:
    """Returns what `conjure dev` wrote in this folder, when its server is meant; else nothing.

    Its keys go to itself alone: another server that was named must not learn them.
    """
    dev = read_dev_file()
    if target is None or target == dev.get("grpcTarget"):
        return dev
    host, _, port = target.rpartition(":")
    ports = {str(number) for number in dev.get("ports", {}).values()}
    return dev if host in _THIS_MACHINE and port in ports else {}


def _tls() -> grpc.ChannelCredentials | None:
    """Returns TLS credentials from the environment: a CA to verify the server, and a client certificate.

    These are no options: a shell or a container that needs TLS needs it for every command.
    """
    names = ("CA", "KEY", "CERT")
    ca, key, cert = (os.environ.get(f"CONJURE_CALL_TLS_{name}", "") for name in names)
    if not ca:
        return None
    try:
        return grpc.ssl_channel_credentials(
            Path(ca).read_bytes(),
            Path(key).read_bytes() if key else None,
            Path(cert).read_bytes() if cert else None,
        )
    except OSError as error:
        fail(f"CONJURE_CALL_TLS_*: {error}")


def run_remote(server: Remote, action: Callable[[grpc.aio.Channel], Awaitable[T]]) -> T:
    """Runs calls to a server; a refusal ends the program with one line."""

    async def connected() -> T:
        async with server.channel() as channel:
            return await action(channel)

    try:
        return asyncio.run(connected())
    except grpc.aio.AioRpcError as error:
        head, *rest = explain(error)
        if error.code() is grpc.StatusCode.UNAVAILABLE and _api_error(error) is None:
            fail(f"no server answers at {server.address}")
        more = f"; and {len(rest) - _SHOWN} more" if len(rest) > _SHOWN else ""
        text = "; ".join([head, *rest[:_SHOWN]]) + more
        fail(" ".join(text.split()))


def explain(error: grpc.aio.AioRpcError) -> list[str]:
    """Returns the lines of an error: code and text first, then one per field and finding."""
    lines = [f"{error.code().name}: {error.details()}"]
    message = _api_error(error)
    if message is not None:
        lines += [text for text in message.errors if text != error.details()]
        lines += [f"{d.path}: {d.message} [{d.lint}]" for d in message.diagnostics]
    return lines


def _api_error(error: grpc.aio.AioRpcError) -> errors_pb2.ApiError | None:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            for detail in status_pb2.Status.FromString(value).details:
                message = errors_pb2.ApiError()
                if detail.Unpack(message):
                    return message
    return None


def as_json(message: Any) -> bytes:
    """A message as the REST face writes it."""
    body, _ = encoder_of(message.DESCRIPTOR).encode(message)
    return body
