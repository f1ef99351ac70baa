"""What a server knows of each RPC: the contract's entry, the classes of its messages and its limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf import message_factory

from conjure.contract import Binding, Rpc, rpcs_of, service_descriptors

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, ServiceDescriptor
    from google.protobuf.message import Message

__all__ = ["Binding", "Method", "message_class", "methods_of", "service_descriptors"]


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC."""

    service: str
    name: str
    request: type[Message]
    response: type[Message]
    scheme: int  # a value of auth_pb2.Scheme
    scope: str
    accepts_expired: bool
    bindings: tuple[Binding, ...]  # none: not on REST
    path_fields: frozenset[str]
    max_request_bytes: int
    is_creation: bool
    is_read: bool
    asserts_revision: bool  # the request has `expected_rev` (rpc.assertions)
    is_stream: bool = False
    is_lasting: bool = False  # it is a stream, and has no end of its own
    event: str = ""  # what its messages are called as Server-Sent Events
    is_compressed: bool = False  # for who accepts gzip
    waits_for_model: bool = False
    must_name: bool = False  # a body with members names a known one

    @property
    def full_name(self) -> str:
        """`/conjure.v1.GraphService/SetEntrance`."""
        return f"/{self.service}/{self.name}"

    def binding_of(self, verb: str) -> Binding | None:
        """Returns the binding that a REST request of this verb came by.

        The first one when no binding has the verb: somebody marked a call and did not come through the edge.
        None for an RPC that is not on REST.
        """
        wanted = "GET" if verb == "HEAD" else verb  # RFC 9110, 9.3.2: the same but for the body
        for binding in self.bindings:
            if binding.verb == wanted:
                return binding
        return self.bindings[0] if self.bindings else None


def methods_of(service: ServiceDescriptor, *, max_request_bytes: int) -> tuple[Method, ...]:
    """Reads a service; `max_request_bytes` is the limit of RPCs that state none.

    Raises TypeError when an RPC has no auth rule, or breaks another rule of `conjure.contract`.
    """
    return tuple(_method(rpc, max_request_bytes) for rpc in rpcs_of(service))


def _method(rpc: Rpc, common_limit: int) -> Method:
    return Method(
        service=rpc.service,
        name=rpc.name,
        request=message_class(rpc.descriptor.input_type),
        response=message_class(rpc.descriptor.output_type),
        scheme=rpc.scheme,
        scope=rpc.scope,
        accepts_expired=rpc.accepts_expired,
        bindings=rpc.bindings,
        path_fields=rpc.parameters,
        max_request_bytes=rpc.limit_bytes(common_limit),
        is_creation=rpc.is_creation,
        is_read=rpc.is_read,
        asserts_revision=rpc.asserts_revision,
        is_stream=rpc.is_stream,
        is_lasting=rpc.is_lasting,
        event=rpc.event,
        is_compressed=rpc.is_compressed,
        waits_for_model=rpc.waits_for_model,
        must_name=rpc.must_name,
    )


def message_class(descriptor: Descriptor) -> type[Message]:
    """Returns the class of a message type."""
    return message_factory.GetMessageClass(descriptor)
