"""What the protos say about each RPC, read once at start-up.

The descriptors are the only table of methods there is: who may call, the verb and path, limits, required
fields. An RPC without an `auth` rule stops the server from starting.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from google.api import annotations_pb2
from google.protobuf import message_factory

import conjure.v1
from conjure.v1 import auth_pb2, rest_pb2

if TYPE_CHECKING:
    from google.protobuf.descriptor import (
        Descriptor,
        MethodDescriptor,
        ServiceDescriptor,
    )
    from google.protobuf.message import Message

_PATH_FIELD = re.compile(r"\{(\w+)")


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC. `verb` and `path` are None for an RPC that is not on REST."""

    service: str
    name: str
    request: type[Message]
    response: type[Message]
    scheme: int  # a value of auth_pb2.Scheme
    scope: str
    verb: str | None
    path: str | None
    path_fields: frozenset[str]
    has_body: bool
    max_request_bytes: int
    is_creation: bool
    is_stream: bool = False
    event: str = ""  # what its messages are called as Server-Sent Events

    @property
    def full_name(self) -> str:
        """`/conjure.v1.GraphService/SetEntrance`."""
        return f"/{self.service}/{self.name}"

    @property
    def must_name(self) -> bool:
        """Whether a body with members is refused when none of them is known.

        A creation says itself what is missing. Where a session token may stand in the body, it may stand
        elsewhere, and then the body has nothing to say.
        """
        return not self.is_creation and self.scheme != auth_pb2.SCHEME_SESSION_TOKEN


@cache
def service_descriptors() -> tuple[ServiceDescriptor, ...]:
    """Every service of `conjure.v1`."""
    found = []
    for module in pkgutil.iter_modules(conjure.v1.__path__, "conjure.v1."):
        if module.name.endswith("_service_pb2"):
            descriptor = importlib.import_module(module.name).DESCRIPTOR
            found.extend(descriptor.services_by_name.values())
    return tuple(found)


def methods_of(service: ServiceDescriptor, *, max_request_bytes: int) -> tuple[Method, ...]:
    """Reads a service. Raises TypeError when an RPC has no auth rule."""
    return tuple(_method(item, max_request_bytes) for item in service.methods)


def _method(descriptor: MethodDescriptor, common_limit: int) -> Method:
    options: Any = descriptor.GetOptions()
    auth = options.Extensions[auth_pb2.auth]
    if auth.scheme == auth_pb2.SCHEME_UNSPECIFIED:
        raise TypeError(f"{descriptor.full_name} has no (conjure.v1.auth) rule")
    if (auth.scheme == auth_pb2.SCHEME_API_KEY) != bool(auth.scope):
        raise TypeError(f"{descriptor.full_name}: a scope goes with SCHEME_API_KEY, and only there")
    if descriptor.client_streaming:
        raise TypeError(f"{descriptor.full_name}: no client streams")
    edge = options.Extensions[rest_pb2.edge]
    http = options.Extensions[annotations_pb2.http]
    verb = http.WhichOneof("pattern")
    path = getattr(http, verb) if verb else ""
    return Method(
        service=descriptor.containing_service.full_name,
        name=descriptor.name,
        request=message_class(descriptor.input_type),
        response=message_class(descriptor.output_type),
        scheme=auth.scheme,
        scope=auth.scope,
        verb=verb.upper() if verb else None,
        path=path or None,
        path_fields=frozenset(_PATH_FIELD.findall(path)),
        has_body=bool(http.body),
        max_request_bytes=edge.max_request_bytes or common_limit,
        is_creation=edge.creation,
        is_stream=descriptor.server_streaming,
        event=edge.event,
    )


def message_class(descriptor: Descriptor) -> type[Message]:
    """Returns the class of a message type."""
    return message_factory.GetMessageClass(descriptor)
