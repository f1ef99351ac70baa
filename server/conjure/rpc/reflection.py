"""gRPC reflection (grpc.reflection.v1 and v1alpha): the contract for callers who have no generated code.

The library's servicer knows no name of a method or an enum's value, answers fields without their JSON names,
speaks v1alpha alone, and reads whatever it is sent for as long as somebody sends it.

Whoever reaches the port may ask: it tells what is in the repository, and nothing of any tenant. What it costs
is bounded: a request is a name, so it is short; an import is sent once a stream; a stream on which nothing
comes, or nothing is taken, is ended; and there are only so many at once.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from conjure.contract.files import FileIndex, contract_files, files_behind
from conjure.core.catalog import Code
from conjure.core.errors import (
    AppError,
    MalformedRequest,
    Overloaded,
    PayloadTooLarge,
    StreamInterrupted,
)
from conjure.rpc.call import request_id_of
from conjure.rpc.errors import abort
from conjure.rpc.grpc_context import GrpcContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from conjure.rpc.grpc_context import GrpcServicerContext
    from conjure.rpc.inflight import Streams

MAX_REQUEST_BYTES: Final = 4_096
"""A request is a name and a host; the longest name of a contract has some hundred characters."""
MAX_STREAMS: Final = 64
"""At once in a process: a tool has one, for a second."""
IDLE_S: Final = 60.0

_PACKAGES: Final = ("grpc.reflection.v1", "grpc.reflection.v1alpha")
SERVICES: Final = tuple(f"{package}.ServerReflection" for package in _PACKAGES)
_TOO_LONG: Final = f"a request of reflection has {MAX_REQUEST_BYTES} bytes at most"
_TOO_MANY: Final = "as many streams of reflection as there may be; try again later"
_SILENT: Final = "nothing came, or was taken, for long; ask again on a new stream"


class Reflection:
    """Answers in both versions."""

    def __init__(self, names: Sequence[str], streams: Streams, *, idle_s: float = IDLE_S) -> None:
        """`names` are the services that there are, besides its own.

        A stream may be silent, or leave an answer on its way, for `idle_s`.
        """
        self._idle_s = idle_s
        self._services = sorted((*names, *SERVICES))
        self._index = _index()
        self._streams = streams
        self._open = 0

    def handlers(self) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
        """Returns the handler of each version's RPC by its full name."""
        # Raw bytes in and out, so that a request is measured before it is read. The messages of both versions
        # are the same bytes.
        handler: grpc.RpcMethodHandler[Any, Any] = grpc.stream_stream_rpc_method_handler(
            self._serve
        )
        return {f"/{service}/ServerReflectionInfo": handler for service in SERVICES}

    async def _serve(self, requests: AsyncIterator[bytes], context: GrpcServicerContext) -> None:
        ours = GrpcContext(context)
        try:
            with self._streams:
                await self._serve_one(requests, ours)
        except AppError as error:
            await abort(ours, request_id_of(ours.read_headers()), error)

    async def _serve_one(self, requests: AsyncIterator[bytes], context: GrpcContext) -> None:
        if self._open >= MAX_STREAMS:
            raise Overloaded(_TOO_MANY)
        self._open += 1
        try:
            async with self._streams.until_closed(), asyncio.timeout(self._idle_s) as silence:
                now = asyncio.get_running_loop().time
                answers = Answers(self._index, self._services)
                async for raw in requests:
                    await context.write(answers.answer(raw))
                    silence.reschedule(now() + self._idle_s)
        except TimeoutError:
            raise StreamInterrupted(_SILENT) from None
        finally:
            self._open -= 1


class Answers:
    """The answers of one stream."""

    def __init__(self, index: FileIndex, services: Sequence[str]) -> None:
        self._index = index
        self._services = services
        self._sent: set[str] = set()

    def answer(self, raw: bytes) -> bytes:
        """Answers a request. Raises AppError for what is none."""
        if len(raw) > MAX_REQUEST_BYTES:
            raise PayloadTooLarge(_TOO_LONG)
        try:
            request = reflection_pb2.ServerReflectionRequest.FromString(raw)
        except DecodeError:
            raise MalformedRequest from None
        response = reflection_pb2.ServerReflectionResponse(
            valid_host=request.host, original_request=request
        )
        try:
            self._fill(response, request)
        except KeyError:
            response.error_response.error_code = Code.NOT_FOUND.value
            response.error_response.error_message = "this server has no such thing"
        data: bytes = response.SerializeToString()
        return data

    def _fill(self, response: Any, request: Any) -> None:
        """Raises KeyError for what is not there."""
        index = self._index
        match request.WhichOneof("message_request"):
            case "file_by_filename":
                self._add_files(response, request.file_by_filename)
            case "file_containing_symbol":
                self._add_files(response, index.by_symbol[request.file_containing_symbol])
            case "file_containing_extension":
                wanted = request.file_containing_extension
                self._add_files(
                    response, index.by_extension[wanted.containing_type, wanted.extension_number]
                )
            case "all_extension_numbers_of_type":
                name = request.all_extension_numbers_of_type
                numbers = index.extension_numbers(name)
                response.all_extension_numbers_response.base_type_name = name
                response.all_extension_numbers_response.extension_number.extend(numbers)
            case "list_services":
                for service in self._services:
                    response.list_services_response.service.add(name=service)
            case _:
                response.error_response.error_code = Code.INVALID_ARGUMENT.value
                response.error_response.error_message = "the request asks for nothing"

    def _add_files(self, response: Any, name: str) -> None:
        if name not in self._index.by_name:
            raise KeyError(name)
        wanted = [
            each
            for each in self._index.with_imports(name)
            if each == name or each not in self._sent
        ]
        self._sent.update(wanted)
        response.file_descriptor_response.file_descriptor_proto.extend(
            self._index.by_name[each] for each in wanted
        )


@cache
def _index() -> FileIndex:
    """All that a caller may ask for."""
    return FileIndex.of(
        (
            *contract_files(),
            *files_behind(health_pb2.DESCRIPTOR),
            *(_own_file(package) for package in _PACKAGES),
        )
    )


def _own_file(package: str) -> FileDescriptorProto:
    """Returns the protocol's own file in one of its versions: they differ in the package's name alone."""
    (file,) = files_behind(reflection_pb2.DESCRIPTOR)
    file.ClearField("options")  # of languages other than the caller's
    file.name = f"{package.replace('.', '/')}/reflection.proto"
    file.package = package
    for message in file.message_type:
        for field in message.field:
            field.type_name = _within(package, field.type_name)
    for service in file.service:
        for method in service.method:
            method.input_type = _within(package, method.input_type)
            method.output_type = _within(package, method.output_type)
    return file


def _within(package: str, name: str) -> str:
    return name.replace(".grpc.reflection.v1alpha.", f".{package}.")
