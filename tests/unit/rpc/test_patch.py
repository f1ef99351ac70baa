"""A patch changes what it names: by the members of a body, or by `update_mask` (CONTRACT 3, AIP-134)."""

from __future__ import annotations

import json

import pytest

from conjure.core.errors import InvalidField
from conjure.rpc.decode import decode_body
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.rpc.patch import named
from conjure.v1 import graph_service_pb2 as graph_pb
from conjure.v1 import version_service_pb2 as version_pb
from conjure.v1 import world_service_pb2 as world_pb
from support.cases import each_of

METHODS = [
    method
    for service in service_descriptors()
    for method in methods_of(service, max_request_bytes=1)
]


def patched(value, request=world_pb.UpdateWorldRequest):
    message = request()
    decode_body(json.dumps(value).encode(), message, except_fields=frozenset({"id"}), is_patch=True)
    return message


@each_of(
    ("body", "changes"),
    [
        ({"name": "x"}, {"name": "x"}),
        ({"patch": {"name": "x"}}, {"name": "x"}),
        ({"patch": {"name": "x"}, "expectedRev": "3"}, {"name": "x"}),
        ({"name": "x", "description": None}, {"name": "x", "description": None}),
        ({"patch": {"cover": None}}, {"cover": None}),
        ({"patch": {"name": "x"}, "visibility": "public"}, {"name": "x", "visibility": "public"}),
        ({"patch": {"name": "x"}, "name": "y"}, {"name": "x"}),
        ({"name": "x", "patch": "an unknown member"}, {"name": "x"}),
        ({"description": "", "other": 1}, {"description": ""}),
    ],
)
def test_a_body_names_what_changes(body, changes):
    assert named(patched(body)) == changes


@each_of(
    "body",
    [{}, {"other": 1}, {"patch": {}}, {"patch": None}, {"expectedRev": "1"}, {"expectedRev": None},
     {"updateMask": {"paths": ["description"]}}, {"update_mask": "description"}, {"id": "x"}],
)  # fmt: skip
def test_a_body_that_names_nothing_known_changes_nothing(body):
    with pytest.raises(InvalidField, match="nothing to change: name one or more of name, "):
        named(patched(body))


@each_of("inner", ["x", 0, False, [], [{}]])
def test_what_stands_in_patch_is_an_object(inner):
    with pytest.raises(InvalidField, match="patch must be an object"):
        patched({"patch": inner})


def test_an_assertion_beside_or_inside_the_patch_is_read():
    assert patched({"patch": {"name": "x"}, "expectedRev": "3"}).expected_rev == "3"
    assert patched({"patch": {"name": "x", "expectedRev": "3"}}).expected_rev == "3"
    entrance = patched({"patch": {"state": "hall"}}, graph_pb.SetEntranceRequest)
    assert entrance.state == "hall"


def test_a_required_field_cannot_be_erased():
    with pytest.raises(InvalidField) as raised:
        named(patched({"name": None, "visibility": None}), required=("name", "visibility"))
    assert raised.value.errors == ("name cannot be erased", "visibility cannot be erased")


def test_over_grpc_the_mask_names():
    request = version_pb.UpdateVersionRequest(title="x")
    assert named(request) == {"title": "x"}
    request.update_mask.paths.append("title")
    assert named(request) == {"title": "x"}
    request.ClearField("title")
    assert named(request) == {"title": None}
    request.update_mask.paths.append("id")
    with pytest.raises(InvalidField, match="update_mask must list some of title, not id"):
        named(request)
    request = world_pb.UpdateWorldRequest(name="x", description="y")
    request.update_mask.paths.append("name")
    assert named(request) == {"name": "x"}, "what is set and not listed stays as it is"


def read_unknown(name: str) -> None:
    (method,) = [method for method in METHODS if method.name == name]
    decode_body(
        b'{"nobodyKnows": 1}',
        method.request(),
        except_fields=method.path_fields,
        must_name=method.must_name,
    )


@pytest.mark.parametrize("name", ["LintGraph", "ValidateGraph", "CreateVersion"])
def test_a_body_of_unknown_members_is_refused_where_all_members_are_optional(name):
    with pytest.raises(InvalidField, match="names nothing that this request takes: "):
        read_unknown(name)


@pytest.mark.parametrize("name", ["Connect", "CreateWorld", "ForkWorld", "CheckoutVersion"])
def test_where_something_else_decides_unknown_members_are_ignored(name):
    """A credential in a header, what a creation lacks, what is REQUIRED; or there is nothing to take."""
    read_unknown(name)
