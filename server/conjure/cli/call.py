"""`conjure call`: any RPC from the command line, JSON in and out, in the manner of grpcurl."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated, Any

import grpc
import typer
from google.rpc import status_pb2

from conjure.cli.common import fail, read_dev_file
from conjure.rpc.decode import decode_body
from conjure.rpc.encode import encoder_of
from conjure.rpc.methods import Method, methods_of, service_descriptors
from conjure.v1 import errors_pb2


def call(
    method: Annotated[
        str, typer.Argument(help="Service/Method, for example GraphService/GetScene")
    ],
    data: Annotated[str, typer.Option("-d", "--data", help="The request as JSON.")] = "{}",
    target: Annotated[
        str | None, typer.Option(help="host:port; default: of `conjure dev`.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="API key or token; default: of `conjure dev`.")
    ] = None,
    header: Annotated[list[str] | None, typer.Option("-H", help="name: value")] = None,
) -> None:
    """Call an RPC over gRPC and print the answer as JSON."""
    found = _find(method)
    dev = read_dev_file()
    address = target or dev.get("grpcTarget")
    if not address:
        fail("--target host:port is needed: no `conjure dev` has run in this folder")
    metadata = [("authorization", f"Bearer {key or dev.get('secretKey', '')}")]
    for text in header or []:
        name, _, value = text.partition(":")
        metadata.append((name.strip().lower(), value.strip()))
    request = found.request()
    decode_body(data.encode(), request, except_fields=frozenset())
    try:
        answer = asyncio.run(_call(address, found, request.SerializeToString(), metadata))
    except grpc.aio.AioRpcError as error:
        fail(_explain(error))
    body, _ = encoder_of(found.response.DESCRIPTOR).encode(found.response.FromString(answer))
    sys.stdout.buffer.write(body + b"\n")


async def _call(address: str, method: Method, raw: bytes, metadata: list[tuple[str, str]]) -> bytes:
    options = (("grpc.max_receive_message_length", -1),)
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        invoke: Any = channel.unary_unary(method.full_name)
        answer: bytes = await invoke(raw, metadata=metadata, timeout=30)
        return answer


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


def _explain(error: grpc.aio.AioRpcError) -> str:
    lines = [f"{error.code().name}: {error.details()}"]
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            for detail in status_pb2.Status.FromString(value).details:
                message = errors_pb2.ApiError()
                if detail.Unpack(message):
                    lines += [f"  {text}" for text in message.errors]
                    lines += [f"  {d.path}: {d.message} [{d.lint}]" for d in message.diagnostics]
    return "\n".join(lines)
