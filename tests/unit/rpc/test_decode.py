"""JSON and queries are read strictly: what is ill-typed is named, nothing is guessed (CONTRACT 0)."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.errors import InvalidField, MalformedRequest
from conjure.rpc.decode import check_required, decode_body, decode_query, required_fields
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.v1 import graph_service_pb2 as graph_pb
from conjure.v1 import session_service_pb2 as session_pb
from conjure.v1 import world_service_pb2 as world_pb
from support.cases import each_of

NOTHING: frozenset[str] = frozenset()


def body(message, value, except_fields=NOTHING):
    decode_body(
        value if isinstance(value, bytes) else json.dumps(value).encode(),
        message,
        except_fields=except_fields,
    )
    return message


@each_of(
    ("message", "value", "error"),
    [
        (session_pb.MintSessionTokenRequest, {"worldId": 5}, "worldId must be a string"),
        (session_pb.MintSessionTokenRequest, {"worldId": True}, "worldId must be a string"),
        (session_pb.MintSessionTokenRequest, {"worldId": ["x"]}, "worldId must be a string"),
        (session_pb.MintSessionTokenRequest, {"ttlSeconds": "300"}, "ttlSeconds must be an integer"),
        (session_pb.MintSessionTokenRequest, {"ttlSeconds": 300.5}, "ttlSeconds must be an integer"),
        (session_pb.MintSessionTokenRequest, {"ttlSeconds": True}, "ttlSeconds must be an integer"),
        (session_pb.MintSessionTokenRequest, {"ttlSeconds": 2**31}, "ttlSeconds must be an integer"),
        (session_pb.MintSessionTokenRequest, {"ttlSeconds": 2**70}, "ttlSeconds must be an integer"),
        (session_pb.MintSessionTokenRequest, {"ttlSeconds": {}}, "ttlSeconds must be an integer"),
        (world_pb.CreateWorldRequest, {"async": "true"}, "async must be true or false"),
        (world_pb.CreateWorldRequest, {"async": 1}, "async must be true or false"),
        (world_pb.CreateWorldRequest, {"frame_b64": 1}, "frame_b64 must be a string"),
        (graph_pb.SetEntranceRequest, {"image": "x.png"}, "image must be an object"),
        (graph_pb.SetEntranceRequest, {"image": []}, "image must be an object"),
        (graph_pb.SetEntranceRequest, {"image": {"src": 1}}, "image.src must be a string"),
        (graph_pb.SetEntranceRequest, {"expectedRev": 3}, "expectedRev must be a string"),
    ],
)  # fmt: skip
def test_what_is_ill_typed_is_named(message, value, error):
    with pytest.raises(InvalidField) as raised:
        body(message(), value)
    assert raised.value.errors == (error,)


@pytest.mark.parametrize("text", [b"60", b"60.0", b"6e1", b"6.00E+1"])
def test_an_integer_may_be_written_as_any_number(text):
    message = body(session_pb.MintSessionTokenRequest(), b'{"ttlSeconds":' + text + b"}")
    assert message.ttl_seconds == 60


@pytest.mark.parametrize("text", [b"1e300", b"2147483648.0", b"-2147483649.0"])
def test_an_integer_is_in_range_however_it_is_written(text):
    with pytest.raises(InvalidField):
        body(session_pb.MintSessionTokenRequest(), b'{"ttlSeconds":' + text + b"}")


def test_every_ill_typed_member_is_named_at_once():
    with pytest.raises(InvalidField) as raised:
        body(graph_pb.SetEntranceRequest(), {"state": 1, "image": {"src": 1, "label": 2}})
    assert len(raised.value.errors) == 3


@each_of("text", [b"[]", b"null", b'"x"', b"5", b"{", b"\xff", b"{} {}", b"NaN"])
def test_what_is_no_json_object_is_malformed(text):
    with pytest.raises(MalformedRequest):
        body(session_pb.MintSessionTokenRequest(), text)


@each_of("text", [b"", b"  \n", b"{}", b'{"worldId":null}', b'{"other":{"x":[1]}}'])
def test_null_and_unknown_members_count_as_absent(text):
    assert body(session_pb.MintSessionTokenRequest(), text) == session_pb.MintSessionTokenRequest()


def test_members_go_by_their_json_names_only():
    message = body(session_pb.MintSessionTokenRequest(), {"world_id": "x", "ttlSeconds": 60})
    assert not message.HasField("world_id")
    assert message.ttl_seconds == 60


def test_an_empty_text_is_present():
    assert body(graph_pb.SetEntranceRequest(), {"state": ""}).HasField("state")


def test_the_path_wins_over_the_body():
    message = body(graph_pb.SetEntranceRequest(id="path"), {"id": "body"}, frozenset({"id"}))
    assert message.id == "path"


def test_a_document_keeps_its_meaning():
    odd = {"big": 2**70, "float": 1.0, "none": [None, {"x": None}]}
    assert json.loads(body(world_pb.CreateWorldRequest(), {"world": odd}).world.json) == odd
    assert body(world_pb.CreateWorldRequest(), {"world": [1.0]}).world.json == b"[1.0]"


@each_of(
    ("query", "limit", "cursor"),
    [
        ("", None, None),
        ("?limit=5", 5, None),
        ("?limit=5&limit=7", 7, None),
        ("?cursor=a%2Bb", None, "a+b"),
        ("?cursor=", None, ""),
        ("?other=1&limit=-3", -3, None),
    ],
)
def test_queries(query, limit, cursor):
    message = world_pb.ListWorldsRequest()
    decode_query(f"/v1/worlds{query}", message, except_fields=NOTHING)
    assert (message.limit if message.HasField("limit") else None) == limit
    assert (message.cursor if message.HasField("cursor") else None) == cursor


@each_of("text", ["", "x", "1.0", "1e2", "+5", "0x5", "2147483648", "9" * 30, "%D9%A5", "5%20"])
def test_a_query_that_is_no_integer_is_named(text):
    with pytest.raises(InvalidField) as raised:
        decode_query(
            f"/v1/worlds?limit={text}", world_pb.ListWorldsRequest(), except_fields=NOTHING
        )
    assert raised.value.errors == ("limit must be an integer",)


def test_required_fields_come_from_the_protos():
    with pytest.raises(InvalidField) as raised:
        check_required(graph_pb.SetEntranceRequest(image={}))
    assert raised.value.errors == ("id is required", "state is required", "image.src is required")
    with pytest.raises(InvalidField, match="state is required"):
        check_required(graph_pb.SetEntranceRequest(id="x", state=""))
    check_required(graph_pb.SetEntranceRequest(id="x", state=" "))
    assert required_fields(world_pb.CreateWorldRequest.DESCRIPTOR) == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "state", "image", "src", "label", "world", "async", "ttlSeconds"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
REQUESTS = [
    method.request
    for service in service_descriptors()
    for method in methods_of(service, max_request_bytes=1)
    if any(binding.has_body for binding in method.bindings)
]


@given(st.sampled_from(REQUESTS), VALUES)
def test_any_json_is_read_or_refused_by_name(request_type, value):
    try:
        text = json.dumps(value, allow_nan=False).encode()
    except ValueError:
        return
    with contextlib.suppress(InvalidField, MalformedRequest):
        body(request_type(), text)
