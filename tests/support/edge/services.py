"""Services made on the spot, for what no service of the contract has yet."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from google.api import annotations_pb2, http_pb2
from google.protobuf import descriptor_pb2, descriptor_pool

from conjure.v1 import auth_pb2, rest_pb2

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, ServiceDescriptor

_NUMBERS = count()  # a pool takes each name once


def service_of(
    *rules: http_pb2.HttpRule | None,
    holds: Descriptor | None = None,
    answers: Descriptor | None = None,
    gzip: bool = False,
    scheme: auth_pb2.Scheme = auth_pb2.SCHEME_PUBLIC,
) -> ServiceDescriptor:
    """A service made on the spot, with an RPC for each HTTP rule.

    Its requests have `id`, `key_id`, and a part that `holds` a message of another file. Its answers are the
    same, unless they are one of another file.
    """
    package = f"conjure.v1.test_{next(_NUMBERS)}"
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{package}.proto", package=package, syntax="proto3"
    )
    request = file.message_type.add(name="Request")
    for number, name in enumerate(("id", "key_id"), start=1):
        request.field.add(name=name, number=number, label="LABEL_OPTIONAL", type="TYPE_STRING")
    if holds is not None:
        file.dependency.append(holds.file.name)
        part = request.nested_type.add(name="Part")
        part.field.add(
            name="held", number=1, label="LABEL_OPTIONAL", type="TYPE_MESSAGE",
            type_name=f".{holds.full_name}",
        )  # fmt: skip
        request.field.add(
            name="part", number=3, label="LABEL_REPEATED", type="TYPE_MESSAGE",
            type_name=f".{package}.Request.Part",
        )  # fmt: skip
    response = f"{package}.Request"
    if answers is not None:
        file.dependency.append(answers.file.name)
        response = answers.full_name
    service = file.service.add(name="Service")
    for number, rule in enumerate(rules):
        method = service.method.add(
            name=f"Rpc{number}", input_type=f".{package}.Request", output_type=f".{response}"
        )
        method.options.Extensions[rest_pb2.edge].gzip = gzip
        method.options.Extensions[auth_pb2.auth].scheme = scheme
        if rule is not None:
            method.options.Extensions[annotations_pb2.http].CopyFrom(rule)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    found: ServiceDescriptor = pool.FindServiceByName(f"{package}.Service")
    return found


def rule(*bindings: http_pb2.HttpRule) -> http_pb2.HttpRule:
    """One rule of several bindings."""
    first, *others = bindings
    first.additional_bindings.extend(others)
    return first


def two_ways() -> http_pb2.HttpRule:
    """Two ways to one RPC, as CONTRACT 1 has them for keys; at paths that the contract has not."""
    return rule(
        http_pb2.HttpRule(delete="/v1/shelves/{id}/books/{key_id}"),
        http_pb2.HttpRule(post="/v1/shelves/{id}/books/{key_id}/burn", body="*"),
    )
