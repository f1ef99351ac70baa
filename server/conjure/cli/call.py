"""`conjure call`: any RPC from the command line, JSON in and out, in the manner of grpcurl."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import grpc
import typer

from conjure.cli.common import fail
from conjure.cli.remote import (
    CALL_S,
    KeyOption,
    TargetOption,
    as_json,
    authorization,
    dev_credentials,
    explain,
    remote,
)
from conjure.rpc.decode import decode_body
from conjure.rpc.methods import Method, methods_of, service_descriptors
from conjure.v1 import auth_pb2

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from conjure.cli.remote import Remote

_WANTED: Final[dict[int, str]] = {
    auth_pb2.SCHEME_API_KEY: "an API key",
    auth_pb2.SCHEME_SESSION_TOKEN: "a session token",
    auth_pb2.SCHEME_USER: "a user token",
}


def call(
    method: Annotated[
        str, typer.Argument(help="Service/Method, for example GraphService/GetScene")
    ],
    data: Annotated[str, typer.Option("-d", "--data", help="The request as JSON.")] = "{}",
    target: TargetOption = None,
    key: KeyOption = None,
    token: Annotated[
        str | None, typer.Option(help="Session token, or user token (default: of `conjure dev`).")
    ] = None,
    header: Annotated[list[str] | None, typer.Option("-H", help="name: value")] = None,
) -> None:
    """Call an RPC over gRPC and print the answer as JSON, a stream as a line per message.

    The RPC decides which credential is sent: an API key, a token or none.
    """
    found = _find(method)
    server = remote(target, key)
    request = found.request()
    is_patch = any(binding.verb == "PATCH" for binding in found.bindings)
    decode_body(data.encode(), request, except_fields=frozenset(), is_patch=is_patch)
    metadata = [_header(text) for text in header or []]
    if "authorization" not in dict(metadata):
        metadata += authorization(credential(found, request, target=target, key=key, token=token))
    try:
        asyncio.run(_call(server, found, request.SerializeToString(), metadata))
    except grpc.aio.AioRpcError as error:
        fail("\n  ".join(explain(error)))


def credential(
    method: Method,
    request: Message,
    *,
    target: str | None = None,
    key: str | None,
    token: str | None,
) -> str:
    """Returns what a method is called with, by its scheme; empty for none.

    `key` and `token` are those that were given; instead of them an API key and a user token may come from the
    `conjure dev` of this folder, when `target` is its server. A session token may also stand in the request.
    Ends the program when the wrong one was given, or a session token is missing.
    """
    scheme = method.scheme
    if scheme == auth_pb2.SCHEME_PUBLIC:
        return ""
    dev = dev_credentials(target)
    needs = f"{method.full_name.removeprefix('/conjure.v1.')} takes {_WANTED[scheme]}"
    if scheme == auth_pb2.SCHEME_API_KEY:
        if token is not None:
            fail(f"{needs}: --key, not --token")
        return str(key or dev.get("secretKey", ""))
    if key is not None:
        fail(f"{needs}: --token, not --key")
    if scheme == auth_pb2.SCHEME_USER:
        return str(token or dev.get("userToken", ""))
    if token is None and not getattr(request, "token", ""):
        example = f"""-d '{{"worldId": "{dev.get("worldId", "…")}"}}'"""
        fail(
            f'{needs}: --token TOKEN, or "token" in the data.'
            f" To make one: conjure call SessionService/MintSessionToken {example}"
        )
    return token or ""


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip().lower(), value.strip()


async def _call(
    server: Remote, method: Method, raw: bytes, metadata: list[tuple[str, str]]
) -> None:
    async with server.channel() as channel:
        if method.is_stream:
            stream: Any = channel.unary_stream(method.full_name)
            async for answer in stream(raw, metadata=metadata):
                _print(method, answer)
        else:
            invoke: Any = channel.unary_unary(method.full_name)
            _print(method, await invoke(raw, metadata=metadata, timeout=CALL_S))


def _print(method: Method, answer: bytes) -> None:
    sys.stdout.buffer.write(as_json(method.response.FromString(answer)) + b"\n")
    sys.stdout.buffer.flush()


def _find(name: str) -> Method:
    wanted = name.lstrip("/").removeprefix("conjure.v1.").replace(".", "/")
    known = [
        method for service in service_descriptors() for method in methods_of(service, max_request_bytes=0)
    ]  # fmt: skip
    for method in known:
        if method.full_name == f"/conjure.v1.{wanted}":
            return method
    names = "\n  ".join(method.full_name.removeprefix("/conjure.v1.") for method in known)
    return fail(f"no such method: {name}. There are:\n  {names}")
