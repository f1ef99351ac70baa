"""Answers are written as the contract says, from the options in the protos (CONTRACT 0)."""

from __future__ import annotations

import json

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp

from conjure.rpc.encode import JSON, encoder_of, is_document
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.v1 import (
    diagnostic_pb2,
    document_pb2,
    entrance_pb2,
    graph_pb2,
    job_pb2,
    rest_pb2,
    world_pb2,
)
from conjure.v1 import graph_service_pb2 as graph_pb
from conjure.v1 import player_service_pb2 as player_pb
from conjure.v1 import session_service_pb2 as session_pb
from conjure.v1 import system_service_pb2 as system_pb
from conjure.v1 import usage_service_pb2 as usage_pb
from conjure.v1 import world_service_pb2 as world_pb
from support.cases import each_of

DOCUMENT = b'{"big":1180591620717411303424,"float":1.0,"spaced" : [ null ] }'


def encode(message):
    text, headers = encoder_of(message.DESCRIPTOR).encode(message)
    return json.loads(text), headers, text


def document(text: bytes = DOCUMENT) -> document_pb2.JsonDocument:
    return document_pb2.JsonDocument(json=text)


def test_what_is_unset_is_null_and_never_left_out():
    shown, headers, _ = encode(session_pb.ConnectResponse(world_id="w", world=document()))
    assert shown["expiresAt"] is None
    assert set(shown) == {
        "worldId", "reactorJwt", "expiresIn", "expiresAt", "world", "schemaVersion"
    }  # fmt: skip
    assert shown["schemaVersion"] == "1.0"
    assert headers == {}


def test_what_is_accepted_stands_alone_and_says_its_status():
    job = job_pb2.AcceptedJob(job_id="j", status="queued")
    shown, headers, _ = encode(world_pb.CreateWorldResponse(world_id="w", rev="1", accepted=job))
    assert shown == {"jobId": "j", "status": "queued", "schemaVersion": "1.0"}
    assert headers == {"x-http-status": "202"}
    shown, headers, _ = encode(world_pb.CreateWorldResponse(world_id="w", rev="1"))
    assert set(shown) == {"worldId", "slug", "ok", "cover", "schemaVersion"}
    assert headers == {"etag": '"1"'}


def test_what_leads_on_says_where_and_its_status():
    shown, headers, _ = encode(player_pb.PlayDemoResponse(location="/embed.html?token=t"))
    assert shown == {"location": "/embed.html?token=t", "schemaVersion": "1.0"}
    assert headers == {"location": "/embed.html?token=t", "x-http-status": "303"}
    encode(player_pb.PlayDemoResponse(location="/again"))[1].clear()
    assert encode(player_pb.PlayDemoResponse(location="/"))[1]["x-http-status"] == "303"


def test_64_bit_integers_are_numbers():
    _, _, text = encode(session_pb.ConnectResponse(expires_at=2**53 + 1, world=document()))
    assert b'"expiresAt":9007199254740993' in text
    shown, _, _ = encode(usage_pb.GetUsageResponse(day="d", usage={"x": 2**60}, caps={}))
    assert shown == {"day": "d", "usage": {"x": 2**60}, "caps": {}, "schemaVersion": "1.0"}


def test_documents_are_spliced_in_byte_for_byte():
    _, _, text = encode(session_pb.ConnectResponse(world=document()))
    assert DOCUMENT in text


def test_a_document_that_is_the_body_gets_the_version_at_its_end():
    shown, headers, text = encode(world_pb.GetWorldResponse(document=document(), rev="7", etag="7"))
    assert text == DOCUMENT[:-1] + b',"schemaVersion":"1.0"}'
    assert shown["schemaVersion"] == "1.0"
    assert headers == {"etag": '"7"'}
    assert encode(world_pb.GetWorldResponse(document=document(b"{}")))[2] == (
        b'{"schemaVersion":"1.0"}'
    )


@pytest.mark.parametrize(
    "message",
    [
        system_pb.GetJwksResponse(jwks=document(b'{"keys":[]}')),
        system_pb.GetWorldSchemaResponse(schema=document(b'{"keys":[]}')),
    ],
)
def test_a_bare_body_is_another_standards_and_stays_untouched(message):
    assert encode(message)[2] == b'{"keys":[]}'


def test_a_bare_body_of_members():
    assert encode(system_pb.GetHealthResponse(status="ok"))[0] == {"status": "ok"}


def test_etag_is_a_header_and_where_it_is_not_hidden_a_member():
    result = graph_pb2.GraphWriteResult(world=document(), rev="3")
    shown, headers, _ = encode(graph_pb.SetEntranceResponse(result=result))
    assert set(shown) == {"world", "diagnostics", "rev", "schemaVersion"}
    assert (shown["rev"], headers) == ("3", {"etag": '"3"'})
    shown, headers, _ = encode(world_pb.CreateWorldResponse(world_id="w", rev="1"))
    assert set(shown) == {"worldId", "slug", "ok", "cover", "schemaVersion"}
    assert (shown["ok"], headers) == (False, {"etag": '"1"'})


def test_an_entrance_is_its_document():
    message = graph_pb.GetSceneResponse(
        states=document(b"{}"),
        events=document(b"[]"),
        entrance=entrance_pb2.Entrance(state="a", document=document(b'{"state":"a","x":1.0}')),
        rev="2",
    )
    shown, headers, text = encode(message)
    assert shown == {
        "states": {}, "events": [], "entrance": {"state": "a", "x": 1.0}, "rev": "2",
        "schemaVersion": "1.0",
    }  # fmt: skip
    assert b'{"state":"a","x":1.0}' in text
    assert headers == {"etag": '"2"'}


def test_members_that_are_left_out_when_unset():
    plain = diagnostic_pb2.KernelDiagnostic(lint="l", severity="error", path="p", message="m")
    located = diagnostic_pb2.KernelDiagnostic(loc=diagnostic_pb2.DiagnosticLocation(field="base"))
    result = graph_pb2.GraphWriteResult(world=document(), diagnostics=[plain, located])
    shown, _, _ = encode(graph_pb.SetEntranceResponse(result=result))
    first, second = shown["diagnostics"]
    assert first == {"lint": "l", "severity": "error", "path": "p", "message": "m"}
    assert second["loc"] == {"field": "base"}


def test_times_and_lists():
    world = world_pb2.World(id="w", created_at=Timestamp(seconds=1_700_000_000, nanos=999_000_000))
    shown, _, _ = encode(world_pb.ListWorldsResponse(worlds=[world]))
    assert shown["nextCursor"] is None
    (listed,) = shown["worlds"]
    assert listed["created_at"] == "2023-11-14T22:13:20.999Z"
    assert listed["slug"] is listed["cover"] is listed["updated_at"] is None
    assert encode(world_pb.ListWorldsResponse())[0]["worlds"] == []


ANSWERS = [
    method.response
    for service in service_descriptors()
    for method in methods_of(service, max_request_bytes=1)
    if method.bindings and encoder_of(method.response.DESCRIPTOR).media_type == JSON
]


@each_of("answer", ANSWERS, ids=lambda answer: answer.DESCRIPTOR.name)
def test_every_rest_answer_has_the_members_that_its_options_say(answer):
    """An empty message still shows each member, but for what is hidden, inlined or omitted."""
    descriptor = answer.DESCRIPTOR
    message = answer()
    expected = set()
    for field in descriptor.fields:
        rule = field.GetOptions().Extensions[rest_pb2.rest]
        if is_document(field):
            getattr(message, field.name).json = b'{"document":1}'
            if rule.inline:
                expected.add("document")
                continue
        if rule.inline:
            inner = getattr(message, field.name)
            for each in field.message_type.fields:
                if is_document(each):
                    getattr(inner, each.name).json = b"{}"
                expected.add(each.json_name)
        elif not (rule.hidden or rule.omit_unset or rule.accepted):
            expected.add(field.json_name)
        if field.type == FieldDescriptor.TYPE_MESSAGE and field.name == "entrance":
            getattr(message, field.name).document.json = b"{}"
    if not descriptor.GetOptions().Extensions[rest_pb2.body].bare:
        expected.add("schemaVersion")
    assert set(encode(message)[0]) == expected
