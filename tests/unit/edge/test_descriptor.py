"""The contract as Envoy gets it."""

from __future__ import annotations

from typing import Any

import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from conjure.edge.cors import Cors
from conjure.edge.descriptor import bound_names, edge_descriptor_set, rest_methods
from conjure.edge.routes import rest_routes
from conjure.v1.graph_service_pb2 import SetEntranceRequest
from conjure.v1.rest_pb2 import RestEnvelope


@pytest.fixture(scope="module")
def derived() -> FileDescriptorSet:
    return FileDescriptorSet.FromString(edge_descriptor_set())


@pytest.fixture(scope="module")
def pool(derived) -> DescriptorPool:
    """The set in the order it has, so a missing or late import raises."""
    pool = DescriptorPool()
    for file in derived.file:
        pool.Add(file)
        pool.FindFileByName(file.name)
    return pool


def test_is_the_same_each_time():
    assert edge_descriptor_set() == edge_descriptor_set()


def test_offers_what_the_contract_offers():
    by_name = {method.name: method for method in rest_methods()}
    connect = by_name["/conjure.v1.SessionService/Connect"]
    assert (connect.verb, connect.path) == ("POST", "/v1/sessions/connect")
    assert connect.binding.has_body
    assert connect.max_request_bytes == 16 << 10
    create = by_name["/conjure.v1.WorldService/CreateWorld"]
    assert create.max_request_bytes == 12 << 20
    usage = by_name["/conjure.v1.UsageService/GetUsage"]
    assert not usage.binding.has_body
    assert usage.max_request_bytes is None


def test_internal_rpcs_are_left_out(derived):
    rpcs = {
        f"/{file.package}.{service.name}/{method.name}"
        for file in derived.file
        for service in file.service
        for method in service.method
    }
    assert rpcs == {method.name for method in rest_methods()}
    assert "/conjure.v1.SessionService/EndSession" not in rpcs
    messages = {message.name for file in derived.file for message in file.message_type}
    assert "EndSessionRequest" not in messages
    assert "ConnectResponse" not in messages


def test_every_answer_is_raw_and_every_body_too(derived):
    methods = [m for file in derived.file for service in file.service for m in service.method]
    for method in methods:
        assert method.output_type == ".google.api.HttpBody"
        assert method.options.Extensions[annotations_pb2.http].body == "http_body"


def test_requests_hold_parameters_and_the_raw_body_only(pool):
    for method in rest_methods():
        service, _, name = method.name.lstrip("/").partition("/")
        request = pool.FindServiceByName(service).methods_by_name[name].input_type
        fields = {field.name: field for field in request.fields}
        parameters = {part.strip("{}") for part in method.path.split("/") if part.startswith("{")}
        assert set(fields) == parameters | {"http_body"}
        assert all(fields[name].type == FieldDescriptorProto.TYPE_STRING for name in parameters)


def test_server_reads_the_same_bytes(pool):
    """A derived request is its original and a RestEnvelope at once."""
    derived = GetMessageClass(pool.FindMessageTypeByName("conjure.v1.SetEntranceRequest"))(id="w1")
    derived.http_body.data = b'{"state":"s"}'
    derived.http_body.content_type = "application/json"
    raw = derived.SerializeToString()
    assert SetEntranceRequest.FromString(raw).id == "w1"
    assert RestEnvelope.FromString(raw).http_body.data == b'{"state":"s"}'


def test_query_cannot_name_a_bound_field():
    assert {"id", "http_body", "http_body.data"} <= set(bound_names(rest_methods()))


def test_every_get_is_bound_to_head_too(derived):
    bound = {
        (rule.custom.kind or rule.WhichOneof("pattern").upper(), rule.custom.path or rule.get)
        for file in derived.file
        for service in file.service
        for method in service.method
        for first in (method.options.Extensions[annotations_pb2.http],)
        for rule in (first, *first.additional_bindings)
        if rule.HasField("custom") or rule.HasField("get")
    }
    gets = {method.path for method in rest_methods() if method.verb == "GET"}
    assert bound == {(verb, path) for verb in ("GET", "HEAD") for path in gets}


def routes() -> list[dict[str, Any]]:
    return rest_routes(
        rest_methods(),
        timeout_s=1,
        model_timeout_s=2,
        transcoder={"max_request_body_size": 1 << 20},
        cors=Cors(),
    )


def test_head_goes_the_way_of_get():
    """Also where no server has seen it: it is sent again."""
    by_verb: dict[str, list[dict[str, Any]]] = {"GET": [], "HEAD": []}
    for route in routes():
        for header in route["match"].get("headers", ()):
            verb = header.get("string_match", {}).get("exact")
            if header["name"] == ":method" and verb in by_verb:
                by_verb[verb].append(route)
    assert len(by_verb["GET"]) == len(by_verb["HEAD"]) > 0
    for get, head in zip(*by_verb.values(), strict=True):
        assert get["name"] == head["name"]
        assert get["route"]["retry_policy"] == head["route"]["retry_policy"]
        assert head["route"]["timeout"] == "1s"


def test_each_path_ends_in_its_405_and_all_in_404():
    paths = [(route["match"].get("path"), route.get("direct_response")) for route in routes()]
    connect = [answer for path, answer in paths if path == "/v1/sessions/connect"]
    # POST, POST of a coded body, preflight, the rest.
    assert connect == [None, {"status": 415}, {"status": 200}, {"status": 405}]
    assert routes()[-1]["direct_response"] == {"status": 404}
    assert paths[4][0] == "/v1/sessions/connect"
