"""What the protos say about each RPC, and what they may not say."""

from __future__ import annotations

import re

import pytest
from google.api import http_pb2

from conjure.contract import Binding, rpcs, rpcs_of
from conjure.rpc.methods import methods_of
from conjure.settings import ServerSettings
from conjure.v1.document_pb2 import JsonDocument
from support.cases import each_of
from support.edge.services import rule, service_of, two_ways

KIB, MIB = 1 << 10, 1 << 20


def test_every_binding_is_read():
    (found, internal) = rpcs_of(service_of(two_ways(), None))
    assert found.bindings == (
        Binding("DELETE", "/v1/shelves/{id}/books/{key_id}", has_body=False),
        Binding("POST", "/v1/shelves/{id}/books/{key_id}/burn", has_body=True),
    )
    assert found.parameters == {"id", "key_id"}
    assert found.bindings[1].parameters == ("id", "key_id")
    assert found.bindings[1].literals == ("/v1/shelves/", "/books/", "/burn")
    assert internal.bindings == ()
    assert internal.parameters == frozenset()


@pytest.mark.parametrize(
    ("verb", "expected"),
    [("DELETE", "DELETE"), ("POST", "POST"), ("GET", "DELETE"), ("", "DELETE")],
)
def test_a_server_reads_a_request_as_the_binding_of_its_verb_says(verb, expected):
    (method,) = methods_of(service_of(two_ways()), max_request_bytes=1)
    assert method.binding_of(verb).verb == expected


def test_head_is_read_as_get():
    both = rule(http_pb2.HttpRule(post="/x/{id}", body="*"), http_pb2.HttpRule(get="/x/{id}"))
    (method,) = methods_of(service_of(both), max_request_bytes=1)
    assert method.binding_of("HEAD").verb == "GET"


@each_of(
    ("bad", "why"),
    [
        (rule(http_pb2.HttpRule(get="/x/{id=**}")), "whole segment"),
        (rule(http_pb2.HttpRule(get="/x/*")), "whole segment"),
        (rule(http_pb2.HttpRule(post="/x", body="id")), "whole request"),
        (
            http_pb2.HttpRule(custom=http_pb2.CustomHttpPattern(kind="HEAD", path="/x")),
            "unsupported",
        ),
        (
            rule(http_pb2.HttpRule(get="/x/{id}"), http_pb2.HttpRule(get="/x/{key_id}")),
            "different parameters",
        ),
        (rule(http_pb2.HttpRule(get="/x/{id}"), http_pb2.HttpRule(get="/x")), "different"),
        (
            rule(http_pb2.HttpRule(post="/x", body="*"), http_pb2.HttpRule(post="/y")),
            "one path only",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_server_and_edge_could_not_agree_on_stops_the_start(bad, why):
    with pytest.raises(TypeError, match=f"Rpc0.*{why}"):
        rpcs_of(service_of(bad))


WITH_A_DOCUMENT = re.compile(
    r"(POST|PATCH) /v1/worlds(/\{id\}(/(entrance|states|events|ops|validate|lint|edit)(/\{\w+\})?)?)?"
    r"|POST /v1/(perceive|ground/objects)"
    r"|(POST|PATCH) /v1/characters(/\{id\})?"
)


@each_of("rpc", rpcs(), ids=lambda rpc: rpc.full_name)
def test_bodies_have_the_limits_of_the_contract(rpc):
    """CONTRACT 0, the row of 413: by what can stand in a body."""
    for binding in rpc.bindings:
        if binding.verb == "GET":
            assert rpc.max_request_bytes == 0  # its body means nothing
        elif WITH_A_DOCUMENT.fullmatch(f"{binding.verb} {binding.path}"):
            assert rpc.max_request_bytes == 12 * MIB
        else:
            assert rpc.max_request_bytes == 16 * KIB


def test_a_document_without_a_limit_stops_the_start():
    """A new method that forgets to say: it gets the small limit, or nothing starts."""
    forgetful = service_of(two_ways(), holds=JsonDocument.DESCRIPTOR)
    with pytest.raises(TypeError, match=r"Rpc0.*max_request_bytes"):
        rpcs_of(forgetful)
    assert rpcs_of(service_of(two_ways()))[0].limit_bytes(ServerSettings().max_body_bytes) == (
        16 * KIB
    )


def test_the_common_limit_is_for_those_that_state_none():
    by_name = {rpc.name: rpc for rpc in rpcs()}
    assert by_name["GetWorld"].limit_bytes(7) == 7
    assert by_name["CreateWorld"].limit_bytes(7) == 12 * MIB


def test_a_read_of_a_document_says_that_it_comes_in_gzip():
    """A new one that forgets to say gets no start, rather than another answer than all others."""
    read = http_pb2.HttpRule(get="/x/{id}")
    with pytest.raises(TypeError, match=r"Rpc0.*gzip"):
        rpcs_of(service_of(read, answers=JsonDocument.DESCRIPTOR))
    (found,) = rpcs_of(service_of(read, answers=JsonDocument.DESCRIPTOR, gzip=True))
    assert found.is_compressed
    (written,) = rpcs_of(service_of(two_ways(), answers=JsonDocument.DESCRIPTOR))
    assert not written.is_compressed


@pytest.mark.parametrize("bad", [two_ways(), None], ids=["no document", "not on REST"])
def test_gzip_without_a_document_to_compress_stops_the_start(bad):
    with pytest.raises(TypeError, match=r"Rpc0.*gzip"):
        rpcs_of(service_of(bad, gzip=True))


def test_connect_and_the_reads_of_documents_come_in_gzip():
    assert {rpc.name for rpc in rpcs() if rpc.is_compressed} == {
        "Connect", "GetWorld", "GetScene", "ListStates", "ListEvents", "GetState", "GetEvent", "DrawGraph",
        "GetVersion", "GetJwks", "GetWorldSchema", "GetOpenApi", "GetOpenApiYaml", "GetDocs",
        "GetEmbedPage", "GetEmbedModule", "GetEmbedScript", "GetPlayerFile", "GetHome",
    }  # fmt: skip
