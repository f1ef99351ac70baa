"""gRPC reflection, as tools ask it: in both versions, through the edge and straight at a server."""

from __future__ import annotations

import contextlib
import json

import grpc
import pytest
from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2

from conjure.core.errors import Reason
from conjure.rpc.inflight import Streams
from conjure.rpc.over_grpc import KnownRpcs
from conjure.rpc.reflection import MAX_REQUEST_BYTES, MAX_STREAMS, Reflection
from support.rpc import refused
from support.stack import channel
from support.until import LIMIT_S, until

Request, Response = reflection_pb2.ServerReflectionRequest, reflection_pb2.ServerReflectionResponse
VERSIONS = ("v1", "v1alpha")


def stream(opened, version="v1", requests=None):
    call = opened.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
    return call(requests, timeout=LIMIT_S) if requests else call(timeout=LIMIT_S)


async def ask(opened, *requests, version="v1"):
    """What is answered to requests on one stream, in their order."""
    call = stream(opened, version)
    for request in requests:
        await call.write(request.SerializeToString())
    await call.done_writing()
    return [Response.FromString(raw) async for raw in call]


def files(answer):
    raws = answer.file_descriptor_response.file_descriptor_proto
    return [FileDescriptorProto.FromString(raw) for raw in raws]


def of_symbol(name):
    return Request(file_containing_symbol=name)


@pytest.fixture(params=["server", "edge"])
async def opened(request, stack):
    target = stack.server_target if request.param == "server" else stack.edge_grpc_target
    async with channel(target) as found:
        yield found


@contextlib.asynccontextmanager
async def own_server(streams, idle_s):
    """A server with nothing but reflection."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((KnownRpcs(Reflection([], streams, idle_s=idle_s).handlers()),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with channel(f"127.0.0.1:{port}") as found:
            yield found
    finally:
        await server.stop(0)


@pytest.mark.parametrize("version", VERSIONS)
async def test_it_lists_every_service_in_both_versions(opened, version):
    """Its own two among them: a tool picks the newest that it knows."""
    (answer,) = await ask(opened, Request(host="h", list_services=""), version=version)
    found = {service.name for service in answer.list_services_response.service}
    assert {f"grpc.reflection.{each}.ServerReflection" for each in VERSIONS} <= found
    assert {"conjure.v1.WorldService", "grpc.health.v1.Health"} <= found
    assert answer.valid_host == answer.original_request.host == "h"


async def test_whatever_a_file_declares_is_found_by_its_name(server_channel):
    """Services and messages, and what the library's own servicer does not know."""
    declared = {
        "conjure.v1.WorldService": "conjure/v1/world_service.proto",
        "conjure.v1.WorldService.GetWorld": "conjure/v1/world_service.proto",
        "conjure.v1.CreateWorldRequest.run_async": "conjure/v1/world_service.proto",
        "conjure.v1.CreateWorldRequest._premise": "conjure/v1/world_service.proto",
        "conjure.v1.ApiError": "conjure/v1/errors.proto",
        "conjure.v1.REASON_INTERNAL": "conjure/v1/errors.proto",
        "conjure.v1.Reason.REASON_INTERNAL": "conjure/v1/errors.proto",
        "conjure.v1.edge": "conjure/v1/rest.proto",
        "google.rpc.Status": "google/rpc/status.proto",
        "google.protobuf.DescriptorProto.ExtensionRange": "google/protobuf/descriptor.proto",
        "google.protobuf.FieldDescriptorProto.TYPE_BOOL": "google/protobuf/descriptor.proto",
        "grpc.health.v1.Health.Watch": "grpc_health/v1/health.proto",
        "grpc.reflection.v1.ErrorResponse.error_code": "grpc/reflection/v1/reflection.proto",
        "grpc.reflection.v1alpha.ServerReflection": "grpc/reflection/v1alpha/reflection.proto",
    }
    answers = await ask(server_channel, *map(of_symbol, declared))
    found = [files(answer)[0].name for answer in answers]
    assert dict(zip(declared, found, strict=True)) == declared


async def test_extensions_are_found_by_number(server_channel):
    """So a tool can show the options of an RPC."""
    options = "google.protobuf.MethodOptions"
    by_number = reflection_pb2.ExtensionRequest(containing_type=options, extension_number=50_002)
    numbers, file, none = await ask(
        server_channel,
        Request(all_extension_numbers_of_type=options),
        Request(file_containing_extension=by_number),
        Request(all_extension_numbers_of_type="conjure.v1.ApiError"),
    )
    assert numbers.all_extension_numbers_response.base_type_name == options
    assert list(numbers.all_extension_numbers_response.extension_number) == [
        50_001, 50_002, 50_006, 72_295_728,
    ]  # fmt: skip
    assert files(file)[0].name == "conjure/v1/rest.proto"
    assert none.all_extension_numbers_response.base_type_name == "conjure.v1.ApiError"


async def test_what_is_answered_makes_a_client_that_speaks_the_contracts_json(server_channel):
    """Whoever saves the files accepts `worldId`, prints `expiresIn`, and sees the comments."""
    (answer,) = await ask(server_channel, of_symbol("conjure.v1.SessionService"))
    found = files(answer)
    pool = descriptor_pool.DescriptorPool()
    for file in reversed(found):  # an import comes after all that need it
        pool.AddSerializedFile(file.SerializeToString())
    service = pool.FindServiceByName("conjure.v1.SessionService")
    method = service.methods_by_name["MintSessionToken"]
    request = message_factory.GetMessageClass(method.input_type)()
    json_format.Parse('{"worldId": "w"}', request)
    assert request.world_id == "w"
    answered = message_factory.GetMessageClass(method.output_type)(expires_in=3)
    assert json.loads(json_format.MessageToJson(answered)) == {"expiresIn": 3}
    members = [one for file in found for message in file.message_type for one in message.field]
    assert [one.name for one in members if not one.HasField("json_name")] == []
    assert any("Mints" in each.leading_comments for each in found[0].source_code_info.location)


async def test_an_import_is_sent_once_a_stream(server_channel):
    """What is asked for is sent again; what it needs is there already."""
    name = Request(file_by_filename="conjure/v1/graph_service.proto")
    first, second, other = await ask(
        server_channel, name, name, of_symbol("conjure.v1.WorldService")
    )
    names = [file.name for file in files(first)]
    assert names[0] == "conjure/v1/graph_service.proto"
    assert len(names) == len(set(names)) > 5
    assert [file.name for file in files(second)] == names[:1]
    assert not set(names) & {file.name for file in files(other)}


async def test_what_is_not_there_is_an_answer_of_the_stream(server_channel):
    """It goes on after it."""
    unknown = reflection_pb2.ExtensionRequest(containing_type="conjure.v1.ApiError")
    *answers, last = await ask(
        server_channel,
        of_symbol(""),
        of_symbol("conjure.v1"),
        of_symbol("conjure.v1.WorldService.getworld"),
        Request(file_by_filename="/etc/passwd"),
        Request(file_containing_extension=unknown),
        Request(all_extension_numbers_of_type="conjure.v1.Nothing"),
        Request(),
        Request(list_services=""),
    )
    assert [answer.error_response.error_code for answer in answers] == [5, 5, 5, 5, 5, 5, 3]
    assert all(answer.error_response.error_message for answer in answers)
    assert last.list_services_response.service


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (of_symbol("x" * MAX_REQUEST_BYTES).SerializeToString(), Reason.PAYLOAD_TOO_LARGE),
        (b"\xff" * 12_582_912, Reason.PAYLOAD_TOO_LARGE),
        (b"\xff", Reason.MALFORMED_REQUEST),
        (b"\x22\x01\xff", Reason.MALFORMED_REQUEST),  # a symbol that is not UTF-8
    ],
)
async def test_what_is_no_request_ends_the_stream(opened, raw, reason):
    """As every failure ends a call: none of it is echoed."""
    call = stream(opened)
    await call.write(raw)
    await refused(call.read(), reason)


class TestAStreamThatDoesNotEnd:
    async def test_it_is_ended_when_nothing_comes(self):
        """The answers that it had are not lost."""
        async with own_server(Streams(), idle_s=0.2) as opened:
            call = stream(opened)
            await call.write(Request(list_services="").SerializeToString())
            assert await call.read()
            await refused(call.read(), Reason.STREAM_INTERRUPTED)

    async def test_it_is_ended_when_its_answers_are_not_read(self):
        """Flow control stops the server's writes: that counts as silence."""
        name = Request(file_by_filename="google/protobuf/descriptor.proto").SerializeToString()
        streams = Streams()

        async def endless():
            while True:
                yield name

        async with own_server(streams, idle_s=0.5) as opened:
            call = stream(opened, requests=endless())
            await until(lambda: streams.begun and not streams.count)
            call.cancel()

    async def test_it_does_not_hold_up_a_server_that_stops(self):
        """A drain ends it as it ends every stream."""
        streams = Streams()
        async with own_server(streams, idle_s=LIMIT_S) as opened:
            call = stream(opened)
            await call.write(Request(list_services="").SerializeToString())
            assert await call.read()
            streams.close()
            assert await streams.wait_idle(LIMIT_S)
            await refused(call.read(), Reason.STREAM_INTERRUPTED)

    async def test_there_are_only_so_many(self):
        """The next one is told at once, and there is room when another has ended."""
        async with own_server(Streams(), idle_s=LIMIT_S) as opened:
            calls = [stream(opened) for _ in range(MAX_STREAMS)]
            for call in calls:
                await call.write(Request(list_services="").SerializeToString())
                assert await call.read()
            await refused(stream(opened).read(), Reason.OVERLOADED)
            await calls[0].done_writing()
            assert await calls[0].read() is grpc.aio.EOF
            assert await ask(opened, Request(list_services=""))
