"""What Envoy knows of the contract, derived from the generated modules.

The transcoder must route and bind path parameters, and nothing else: the server reads the body and
the query itself, since only it knows JSON as the contract means it. So Envoy gets a contract of its
own, in which an annotated RPC takes path parameters and a raw body and returns a rendered body.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from google.api import annotations_pb2, http_pb2, httpbody_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

import conjure.v1
from conjure.v1.auth_pb2 import SCHEME_PUBLIC, auth
from conjure.v1.rest_pb2 import EdgeRule, RestEnvelope, edge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor import Descriptor, FileDescriptor, MethodDescriptor

BODY_FIELD = RestEnvelope.DESCRIPTOR.fields_by_name["http_body"]
VERBS = ("get", "put", "post", "delete", "patch")
DEFAULT_REQUEST_BYTES = 1024 * 1024
PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class RestMethod:
    """One verb on one path, and the RPC behind it."""

    name: str  # as gRPC calls it: `/conjure.v1.WorldService/GetWorld`
    verb: str  # upper case
    path: str  # `/v1/worlds/{id}`
    has_body: bool
    browser: bool
    max_request_bytes: int
    is_public: bool  # nobody proves who they are
    is_stream: bool = False


def rest_methods() -> tuple[RestMethod, ...]:
    """Returns all that the REST face offers, in the order of the contract."""
    return tuple(
        RestMethod(
            name=f"/{method.containing_service.full_name}/{method.name}",
            verb=_pattern(binding)[0].upper(),
            path=_pattern(binding)[1],
            has_body=bool(binding.body),
            browser=_edge_rule(method).browser,
            max_request_bytes=_edge_rule(method).max_request_bytes or DEFAULT_REQUEST_BYTES,
            is_public=method.GetOptions().Extensions[auth].scheme == SCHEME_PUBLIC,
            is_stream=method.server_streaming,
        )
        for method in _annotated_methods()
        for binding in _bindings(_rule(method))
    )


def streams() -> tuple[str, ...]:
    """Returns the gRPC paths of all RPCs that stream."""
    return tuple(
        f"/{method.containing_service.full_name}/{method.name}"
        for method in _methods()
        if method.server_streaming
    )


def bound_names(methods: Iterable[RestMethod]) -> tuple[str, ...]:
    """Returns each name by which a query string could reach into a derived request."""
    names = dict.fromkeys(name for method in methods for name in PARAMETER.findall(method.path))
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
    for method in _annotated_methods():
        file = derived.setdefault(method.containing_service.file.name, _new_file(method))
        request = _derived_request(method)
        known = requests.get(method.input_type.full_name)
        if known is None:
            requests[method.input_type.full_name] = request
            file.message_type.append(request)
        elif known != request:
            raise ValueError(f"{method.input_type.full_name}: its RPCs bind different parameters")
        rpc = _service(file, method.containing_service.name).method.add(
            name=method.name,
            input_type=f".{method.input_type.full_name}",
            output_type=f".{httpbody_pb2.HttpBody.DESCRIPTOR.full_name}",
            # The transcoder then passes each message's bytes on as they come.
            server_streaming=method.server_streaming or None,
        )
        rpc.options.Extensions[annotations_pb2.http].CopyFrom(_derived_rule(_rule(method)))
    imports = _with_imports((annotations_pb2.DESCRIPTOR, httpbody_pb2.DESCRIPTOR))
    return FileDescriptorSet(
        file=[*imports, *(derived[name] for name in sorted(derived))]
    ).SerializeToString(deterministic=True)


def _annotated_methods() -> Iterator[MethodDescriptor]:
    """Yields every RPC of the package that has a REST face."""
    for method in _methods():
        if method.GetOptions().HasExtension(annotations_pb2.http):
            if method.client_streaming:
                raise ValueError(f"{method.full_name}: a client stream has no REST face")
            yield method


def _methods() -> Iterator[MethodDescriptor]:
    """Yields every RPC of the package."""
    names = (module.name for module in pkgutil.iter_modules(conjure.v1.__path__))
    for name in sorted(name for name in names if name.endswith("_service_pb2")):
        file: FileDescriptor = importlib.import_module(f"conjure.v1.{name}").DESCRIPTOR
        for service in file.services_by_name.values():
            yield from service.methods


def _rule(method: MethodDescriptor) -> http_pb2.HttpRule:
    return method.GetOptions().Extensions[annotations_pb2.http]


def _edge_rule(method: MethodDescriptor) -> EdgeRule:
    return method.GetOptions().Extensions[edge]


def _bindings(rule: http_pb2.HttpRule) -> Iterator[http_pb2.HttpRule]:
    return chain((rule,), rule.additional_bindings)


def _pattern(rule: http_pb2.HttpRule) -> tuple[str, str]:
    """Returns the verb and the path template; only what the routes can match exactly is allowed."""
    verb = rule.WhichOneof("pattern")
    if verb not in VERBS:
        raise ValueError(f"unsupported HTTP rule: {rule}")
    template: str = getattr(rule, verb)
    if re.search(r"[{}*=]", PARAMETER.sub("", template)):
        raise ValueError(f"{template}: a parameter is one whole segment, `{{name}}`")
    return verb, template


def _derived_rule(rule: http_pb2.HttpRule) -> http_pb2.HttpRule:
    derived = http_pb2.HttpRule()
    derived.CopyFrom(rule)
    for binding in _bindings(derived):
        # Also where the contract has no body: else the transcoder would merge a client's JSON into the
        # request, and `{"id": …}` in the body of a GET would replace the id of its path.
        binding.body = BODY_FIELD.name
    return derived


def _derived_request(method: MethodDescriptor) -> DescriptorProto:
    """Returns the request under its own name, with the path parameters and the raw body only."""
    source: Descriptor = method.input_type
    bindings = list(_bindings(_rule(method)))
    # A dict rather than a set keeps the order of the contract.
    parameters = dict.fromkeys(
        name for binding in bindings for name in PARAMETER.findall(_pattern(binding)[1])
    )
    request = DescriptorProto(name=source.name)
    for name in parameters:
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


def _new_file(method: MethodDescriptor) -> FileDescriptorProto:
    source = method.containing_service.file
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
