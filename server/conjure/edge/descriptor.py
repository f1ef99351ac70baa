"""The contract as Envoy's transcoder gets it, derived from the protos.

The transcoder must route and bind path parameters, and nothing else: the server reads the body and
the query itself, since only it knows JSON as the contract means it. So Envoy gets a contract of its
own, in which an annotated RPC takes path parameters and a raw body and returns a rendered body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.api import annotations_pb2, http_pb2, httpbody_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

from conjure.contract import Binding, Rpc, rpcs
from conjure.v1.auth_pb2 import SCHEME_PUBLIC, SCHEME_USER
from conjure.v1.rest_pb2 import RestEnvelope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.descriptor import FileDescriptor

BODY_FIELD = RestEnvelope.DESCRIPTOR.fields_by_name["http_body"]


@dataclass(frozen=True, slots=True)
class RestMethod:
    """One verb on one path, and the RPC behind it."""

    name: str  # as gRPC calls it: `/conjure.v1.WorldService/GetWorld`
    binding: Binding
    max_request_bytes: int | None  # None: the common limit
    is_public: bool  # nobody proves who they are
    is_for_users: bool  # of the console: people who are signed in
    is_read: bool  # it changes nothing
    is_stream: bool = False
    is_lasting: bool = False  # it is a stream, and has no end of its own
    is_compressed: bool = False  # for who accepts gzip
    waits_for_model: bool = False

    @property
    def verb(self) -> str:
        """`GET`."""
        return self.binding.verb

    @property
    def path(self) -> str:
        """`/v1/worlds/{id}`."""
        return self.binding.path


def rest_methods() -> tuple[RestMethod, ...]:
    """Returns all that is on REST, in the order of the contract.

    HEAD is not listed: it goes with every GET (RFC 9110, 9.1).
    """
    return tuple(
        RestMethod(
            name=rpc.full_name,
            binding=binding,
            max_request_bytes=rpc.max_request_bytes or None,
            is_public=rpc.scheme == SCHEME_PUBLIC,
            is_for_users=rpc.scheme == SCHEME_USER,
            is_read=rpc.is_read,
            is_stream=rpc.is_stream,
            is_lasting=rpc.is_lasting,
            is_compressed=rpc.is_compressed,
            waits_for_model=rpc.waits_for_model,
        )
        for rpc in rpcs()
        for binding in rpc.bindings
    )


def streams() -> tuple[str, ...]:
    """Returns the gRPC paths of all streams that have no end of their own."""
    return tuple(rpc.full_name for rpc in rpcs() if rpc.is_lasting)


def calls_of_models() -> tuple[str, ...]:
    """Returns the gRPC paths of all RPCs that wait for models."""
    return tuple(rpc.full_name for rpc in rpcs() if rpc.waits_for_model)


def bound_names(methods: Iterable[RestMethod]) -> tuple[str, ...]:
    """Returns each name by which a query string could reach into a derived request."""
    names = dict.fromkeys(name for method in methods for name in method.binding.parameters)
    camel = (re.sub(r"_(\w)", lambda match: match[1].upper(), name) for name in names)
    body = (BODY_FIELD.name, *(f"{BODY_FIELD.name}.{field}" for field in ("content_type", "data")))
    return tuple(dict.fromkeys((*names, *camel, *body)))


def edge_descriptor_set() -> bytes:
    """Returns the serialized FileDescriptorSet for Envoy.

    It holds the annotated RPCs and their requests only: internal RPCs and the shape of responses
    are none of the edge's business.
    """
    derived: dict[str, FileDescriptorProto] = {}
    requests: dict[str, DescriptorProto] = {}
    for rpc in rpcs():
        if not rpc.bindings:
            continue
        method = rpc.descriptor
        file = derived.setdefault(method.containing_service.file.name, _new_file(rpc))
        request = _derived_request(rpc)
        known = requests.get(method.input_type.full_name)
        if known is None:
            requests[method.input_type.full_name] = request
            file.message_type.append(request)
        elif known != request:
            raise ValueError(f"{method.input_type.full_name}: its RPCs bind different parameters")
        added = _service(file, method.containing_service.name).method.add(
            name=method.name,
            input_type=f".{method.input_type.full_name}",
            output_type=f".{httpbody_pb2.HttpBody.DESCRIPTOR.full_name}",
            # The transcoder then passes each message's bytes on as they come.
            server_streaming=rpc.is_stream or None,
        )
        added.options.Extensions[annotations_pb2.http].CopyFrom(_derived_rule(rpc))
    imports = _with_imports((annotations_pb2.DESCRIPTOR, httpbody_pb2.DESCRIPTOR))
    return FileDescriptorSet(
        file=[*imports, *(derived[name] for name in sorted(derived))]
    ).SerializeToString(deterministic=True)


def _derived_rule(rpc: Rpc) -> http_pb2.HttpRule:
    first, *others = [rule for binding in rpc.bindings for rule in _derived_bindings(binding)]
    first.additional_bindings.extend(others)
    return first


def _derived_bindings(binding: Binding) -> list[http_pb2.HttpRule]:
    # With a body also where the contract has none: else the transcoder would merge a client's JSON into the
    # request, and `{"id": …}` in the body of a GET would replace the id of its path.
    rule = http_pb2.HttpRule(body=BODY_FIELD.name)
    setattr(rule, binding.verb.lower(), binding.path)
    if binding.verb != "GET":
        return [rule]
    head = http_pb2.CustomHttpPattern(kind="HEAD", path=binding.path)
    return [rule, http_pb2.HttpRule(custom=head, body=BODY_FIELD.name)]


def _derived_request(rpc: Rpc) -> DescriptorProto:
    """Returns the request under its own name, with the path parameters and the raw body only."""
    source = rpc.descriptor.input_type
    request = DescriptorProto(name=source.name)
    for name in rpc.bindings[0].parameters:
        field = source.fields_by_name.get(name)
        if field is None or field.type != FieldDescriptorProto.TYPE_STRING or field.is_repeated:
            raise ValueError(f"{source.full_name}.{name}: a path parameter is a string field")
        request.field.add(
            name=name,
            number=field.number,
            label=FieldDescriptorProto.LABEL_OPTIONAL,
            type=FieldDescriptorProto.TYPE_STRING,
        )
    request.field.add(
        name=BODY_FIELD.name,
        number=BODY_FIELD.number,
        label=FieldDescriptorProto.LABEL_OPTIONAL,
        type=FieldDescriptorProto.TYPE_MESSAGE,
        type_name=f".{httpbody_pb2.HttpBody.DESCRIPTOR.full_name}",
    )
    return request


def _new_file(rpc: Rpc) -> FileDescriptorProto:
    source = rpc.descriptor.containing_service.file
    return FileDescriptorProto(
        name=source.name,
        package=source.package,
        syntax="proto3",
        dependency=[annotations_pb2.DESCRIPTOR.name, httpbody_pb2.DESCRIPTOR.name],
    )


def _service(file: FileDescriptorProto, name: str) -> ServiceDescriptorProto:
    for service in file.service:
        if service.name == name:
            return service
    return file.service.add(name=name)


def _with_imports(files: Iterable[FileDescriptor]) -> list[FileDescriptorProto]:
    """Returns the files and everything they import, imports first as Envoy wants them."""
    found: dict[str, FileDescriptorProto] = {}

    def visit(file: FileDescriptor) -> None:
        if file.name in found:
            return
        for dependency in file.dependencies:
            visit(dependency)
        found[file.name] = FileDescriptorProto.FromString(file.serialized_pb)

    for file in files:
        visit(file)
    return list(found.values())
