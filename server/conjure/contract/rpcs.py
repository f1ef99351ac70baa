"""What the protos say about each RPC: the only reader of their options.

The descriptors are the only table of RPCs there is. Servers take from it who may call and what a request may
hold, the edge which verbs and paths lead to an RPC, so the two cannot disagree.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2

import conjure.v1
from conjure.v1 import auth_pb2, rest_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.api import http_pb2
    from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor

_NO_SIDE_EFFECTS: Final = descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS
_VERBS: Final = ("get", "put", "post", "delete", "patch")
_PARAMETER: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Binding:
    """A verb on a path that leads to an RPC."""

    verb: str  # upper case
    path: str  # `/v1/worlds/{id}`
    has_body: bool  # whether the request's fields come from a JSON body; else from the query

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path's parameters, in its order."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def literals(self) -> tuple[str, ...]:
        """The texts between the parameters: one more than there are parameters."""
        return tuple(_PARAMETER.split(self.path)[::2])


@dataclass(frozen=True, slots=True)
class Operation:
    """What documentation says of an RPC over REST."""

    id: str  # `setEntrance`
    takes_idempotency_key: bool
    example: str  # a body, JSON text; empty: none
    any_of: tuple[str, ...]  # members of which one must stand in the body


@dataclass(frozen=True, slots=True)
class Rpc:
    """One RPC and its options."""

    descriptor: MethodDescriptor
    scheme: int  # a value of auth_pb2.Scheme
    scope: str  # empty unless the scheme is SCHEME_API_KEY
    accepts_expired: bool  # a session token that has run out will do
    bindings: tuple[Binding, ...]  # none: not on REST
    max_request_bytes: int  # 0: the common limit
    is_creation: bool
    is_read: bool  # it has no side effects
    is_stream: bool  # of answers; no RPC has a stream of requests
    event: str  # what its messages are called as Server-Sent Events
    is_compressed: bool  # for who accepts gzip
    waits_for_model: bool
    operation: Operation

    @property
    def service(self) -> str:
        """`conjure.v1.GraphService`."""
        return str(self.descriptor.containing_service.full_name)

    @property
    def name(self) -> str:
        """`SetEntrance`."""
        return str(self.descriptor.name)

    @property
    def full_name(self) -> str:
        """`/conjure.v1.GraphService/SetEntrance`, as gRPC calls it."""
        return f"/{self.service}/{self.name}"

    @property
    def parameters(self) -> frozenset[str]:
        """The fields that the path fills: the same ones in each binding."""
        return frozenset(self.bindings[0].parameters) if self.bindings else frozenset()

    @property
    def is_lasting(self) -> bool:
        """Whether it is a stream without an end of its own: it lasts for as long as its caller likes.

        Other streams are calls that tell their answer while it is made: they end when a model has.
        """
        return self.is_stream and not self.waits_for_model

    @property
    def asserts_revision(self) -> bool:
        """Whether its callers can say which revision they expect (`rpc.assertions`)."""
        return "expected_rev" in self.descriptor.input_type.fields_by_name

    @property
    def must_name(self) -> bool:
        """Whether a body with members is refused when none of them is known.

        A creation says itself what is missing. Where a session token may stand in the body, it may stand
        elsewhere, and then the body has nothing to say.
        """
        return not self.is_creation and self.scheme != auth_pb2.SCHEME_SESSION_TOKEN

    def limit_bytes(self, common: int) -> int:
        """Returns the largest request body; `common` is the limit of RPCs that state none."""
        return self.max_request_bytes or common


@cache
def service_descriptors() -> tuple[ServiceDescriptor, ...]:
    """Returns every service of `conjure.v1`, in the order of their files' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(conjure.v1.__path__))
    return tuple(
        service
        for name in names
        if name.endswith("_service_pb2")
        for service in importlib.import_module(
            f"conjure.v1.{name}"
        ).DESCRIPTOR.services_by_name.values()
    )


@cache
def rpcs() -> tuple[Rpc, ...]:
    """Returns every RPC of `conjure.v1`. Raises TypeError for one that breaks a rule below."""
    return tuple(rpc for service in service_descriptors() for rpc in rpcs_of(service))


def rpcs_of(service: ServiceDescriptor) -> tuple[Rpc, ...]:
    """Reads a service.

    Raises TypeError for an RPC without an auth rule, with a scope that does not fit its scheme, with a stream
    of requests, with a document in its request and no limit for it, with a document in its answer and nothing
    said about gzip, or with a path that routes cannot match exactly.
    """
    return tuple(_rpc(method) for method in service.methods)


def _rpc(method: MethodDescriptor) -> Rpc:
    options: Any = method.GetOptions()
    auth = options.Extensions[auth_pb2.auth]
    if auth.scheme == auth_pb2.SCHEME_UNSPECIFIED:
        raise TypeError(f"{method.full_name} has no (conjure.v1.auth) rule")
    if (auth.scheme == auth_pb2.SCHEME_API_KEY) != bool(auth.scope):
        raise TypeError(f"{method.full_name}: a scope goes with SCHEME_API_KEY, and only there")
    if auth.accepts_expired and auth.scheme != auth_pb2.SCHEME_SESSION_TOKEN:
        raise TypeError(f"{method.full_name}: accepts_expired goes with SCHEME_SESSION_TOKEN")
    if method.client_streaming:
        raise TypeError(f"{method.full_name}: no client streams")
    edge = options.Extensions[rest_pb2.edge]
    if not edge.max_request_bytes and _holds_document(method.input_type):
        raise TypeError(
            f"{method.full_name}: a request that holds a document states its max_request_bytes"
        )
    bindings = tuple(_bindings(method)) if options.HasExtension(annotations_pb2.http) else ()
    has_document = (
        bool(bindings)
        and not method.server_streaming
        and _holds_document(method.output_type)
        # Pictures of many kinds are small already: nothing is gained by packing them once more.
        and method.output_type.GetOptions().Extensions[rest_pb2.body].media_type != "image/*"
    )
    if edge.gzip and not has_document:
        raise TypeError(f"{method.full_name}: gzip is for answers over REST that hold a document")
    if has_document and not edge.gzip and any(binding.verb == "GET" for binding in bindings):
        raise TypeError(f"{method.full_name}: a GET whose answer holds a document states gzip")
    return Rpc(
        descriptor=method,
        scheme=auth.scheme,
        scope=auth.scope,
        accepts_expired=auth.accepts_expired,
        bindings=bindings,
        max_request_bytes=edge.max_request_bytes,
        is_creation=edge.creation,
        is_read=options.idempotency_level == _NO_SIDE_EFFECTS,
        is_stream=method.server_streaming,
        event=edge.event,
        is_compressed=edge.gzip,
        waits_for_model=edge.waits_for_model,
        operation=_operation(method, options.Extensions[rest_pb2.operation]),
    )


def _operation(method: MethodDescriptor, rule: rest_pb2.OperationRule) -> Operation:
    return Operation(
        id=rule.id or method.name[0].lower() + method.name[1:],
        takes_idempotency_key=rule.idempotency_key,
        example=rule.example,
        any_of=tuple(rule.any_of),
    )


def _holds_document(message: Descriptor, seen: frozenset[str] = frozenset()) -> bool:
    """Whether bytes stand in a message or in a part of it: a document (`JsonDocument`), a picture."""
    if message.full_name in seen:
        return False
    seen |= {message.full_name}
    return any(
        field.type == field.TYPE_BYTES
        or (field.message_type is not None and _holds_document(field.message_type, seen))
        for field in message.fields
    )


def _bindings(method: MethodDescriptor) -> Iterator[Binding]:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    found: dict[str, Binding] = {}
    for one in (rule, *rule.additional_bindings):
        binding = _binding(method, one)
        same_verb = found.setdefault(binding.verb, binding)
        # A server knows the verb of a request and not its path: these may not depend on the path.
        if same_verb.has_body != binding.has_body:
            raise TypeError(f"{method.full_name}: {binding.verb} has a body on one path only")
        if any(set(binding.parameters) != set(other.parameters) for other in found.values()):
            raise TypeError(f"{method.full_name}: its paths have different parameters")
        yield binding


def _binding(method: MethodDescriptor, rule: http_pb2.HttpRule) -> Binding:
    verb = rule.WhichOneof("pattern")
    if verb not in _VERBS:
        raise TypeError(f"{method.full_name}: unsupported HTTP rule: {rule}")
    path = str(getattr(rule, verb))
    if re.search(r"[{}*=]", _PARAMETER.sub("", path)):
        raise TypeError(f"{method.full_name}: a parameter is one whole segment, `{{name}}`: {path}")
    if rule.body not in {"", "*"}:
        raise TypeError(f"{method.full_name}: a body fills the whole request (`*`) or nothing")
    return Binding(verb.upper(), path, has_body=bool(rule.body))
