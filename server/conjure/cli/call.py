"""`conjure call`: any RPC from the command line, JSON in and out, in the manner of grpcurl."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any

import grpc
import typer

from conjure.cli.common import fail
from conjure.cli.remote import CALL_S, KeyOption, TargetOption, as_json, explain, remote
from conjure.rpc.decode import decode_body
from conjure.rpc.methods import Method, methods_of, service_descriptors

if TYPE_CHECKING:
    from conjure.cli.remote import Remote


def call(
    method: Annotated[
        str, typer.Argument(help="Service/Method, for example GraphService/GetScene")
    ],
    data: Annotated[str, typer.Option("-d", "--data", help="The request as JSON.")] = "{}",
    target: TargetOption = None,
    key: KeyOption = None,
    header: Annotated[list[str] | None, typer.Option("-H", help="name: value")] = None,
) -> None:
    """Call an RPC over gRPC and print the answer as JSON, a stream as a line per message."""
    found = _find(method)
    server = remote(target, key)
    metadata = server.metadata
    for text in header or []:
        name, _, value = text.partition(":")
        metadata.append((name.strip().lower(), value.strip()))
    request = found.request()
    is_patch = any(binding.verb == "PATCH" for binding in found.bindings)
    decode_body(data.encode(), request, except_fields=frozenset(), is_patch=is_patch)
    try:
        asyncio.run(_call(server, found, request.SerializeToString(), metadata))
    except grpc.aio.AioRpcError as error:
        fail("\n  ".join(explain(error)))


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
