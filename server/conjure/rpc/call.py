"""One call on its way through the layers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from conjure.core.caller import ApiCaller, SessionCaller, Tenant, UserCaller
from conjure.core.errors import MissingCredential
from conjure.core.ids import new_id
from conjure.core.metrics import Count

if TYPE_CHECKING:
    from collections.abc import Mapping

    import grpc.aio
    from google.protobuf.message import Message

    from conjure.core.context import Trace
    from conjure.core.errors import Reason
    from conjure.rpc.methods import Method

    Context = grpc.aio.ServicerContext[bytes, bytes]

EDGE_MARK: Final = "x-conjure-edge"
"""The header by which the edge says that it calls for a REST client. It removes a client's own."""

CLIENT: Final = "x-conjure-client"
"""The header in which the edge gives its client's address. It removes a client's own."""

# The transcoder makes every request a POST, and notes here what it was.
_ORIGINAL_VERB: Final = "x-envoy-original-method"

REQUEST_ID: Final = "x-request-id"
TRACEPARENT: Final = "traceparent"

# W3C Trace Context, 3.2: lower case, no id of zeros, no version ff.
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)

_UNCOUNTED: Final = Count()

# What a caller may choose as a request id: bounded as the edge bounds it, and harmless in a log line.
_REQUEST_ID = re.compile(r"[\x20-\x7e]{1,128}")


class Call:
    """A call: what came in, who calls, and the headers that go out."""

    __slots__ = (
        "caller",
        "context",
        "failure",
        "headers",
        "headers_sent",
        "is_replayed",
        "is_rest",
        "method",
        "not_modified",
        "raw",
        "request_id",
        "request_message",
        "response_headers",
        "round_trips",
        "trace",
    )

    def __init__(self, method: Method, context: Context, raw: bytes) -> None:
        self.method = method
        self.context = context
        self.raw = raw
        self.headers = read_metadata(context)
        self.is_rest = EDGE_MARK in self.headers
        self.request_id = request_id_of(self.headers)
        self.caller: ApiCaller | UserCaller | SessionCaller | None = None
        self.request_message: Message | None = None
        self.response_headers: dict[str, str] = {}
        self.not_modified = False
        self.is_replayed = False
        self.headers_sent = False
        self.failure: Reason | None = None
        self.round_trips = _UNCOUNTED  # the layer that observes puts its method's there
        self.trace: Trace | None = None

    def release(self) -> None:
        """Lets go of the request, which nobody reads any more.

        What aborts a call over gRPC keeps the frames that it passed, and grpc keeps that: a circle, in which
        a body of megabytes would wait for the garbage collector.
        """
        self.raw = b""
        self.request_message = None

    def log_fields(self) -> dict[str, str]:
        """What every log line about this call says (core.context)."""
        fields = {"request_id": self.request_id, "method": self.method.full_name}
        if isinstance(self.caller, ApiCaller | SessionCaller):
            fields["app"], fields["mode"] = self.caller.tenant.app, self.caller.tenant.mode
        trace_id = trace_id_of(self.headers) if self.trace is None else self.trace.trace_id
        if trace_id is not None:
            fields["trace_id"] = trace_id
        return fields

    async def send_headers(self, headers: dict[str, str]) -> None:
        """Sends the answer's headers; after this its status cannot change any more."""
        self.headers_sent = True
        await self.context.send_initial_metadata(tuple(headers.items()))

    @property
    def client(self) -> str:
        """The address of who calls: as the edge saw it, else that of the connection."""
        return self.headers.get(CLIENT) or self.context.peer().rpartition(":")[0]

    @property
    def verb(self) -> str:
        """The verb of the HTTP request, upper case; empty for a call that did not come through the edge."""
        return self.headers.get(_ORIGINAL_VERB, "")

    @property
    def bearer(self) -> str | None:
        """The credential of `authorization: Bearer …`; None without such a header.

        Raises MissingCredential when the header is there and is of another scheme (RFC 6750).
        """
        header = self.headers.get("authorization")
        if header is None:
            return None
        scheme, _, credential = header.partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            raise MissingCredential("authorization must be: Bearer <credential>")
        return credential.strip()

    @property
    def api_caller(self) -> ApiCaller:
        """The caller of an RPC that asks for an API key."""
        assert isinstance(self.caller, ApiCaller)  # noqa: S101 - the auth layer put it there
        return self.caller

    @property
    def tenant(self) -> Tenant:
        """The tenant that an API key stands for."""
        return self.api_caller.tenant

    @property
    def session(self) -> SessionCaller:
        """The caller of an RPC that asks for a session token."""
        assert isinstance(self.caller, SessionCaller)  # noqa: S101 - the auth layer put it there
        return self.caller

    @property
    def idempotency_key(self) -> str | None:
        """The `Idempotency-Key` as it came; whoever uses it checks it (`usage.idempotency`)."""
        return self.headers.get("idempotency-key")


def request_id_of(headers: Mapping[str, str]) -> str:
    """The id that a caller gives its call; a new one when it gives none, or one that cannot be logged."""
    given = headers.get(REQUEST_ID, "")
    return given if _REQUEST_ID.fullmatch(given) else new_id()


def trace_id_of(headers: Mapping[str, str]) -> str | None:
    """The trace that a caller says its call belongs to; None when it says none, or says it wrongly."""
    found = _TRACEPARENT.fullmatch(headers.get(TRACEPARENT, ""))
    return None if found is None else found["trace_id"]


def read_metadata(context: Context) -> dict[str, str]:
    """Returns the text headers of a call; repeated ones are joined as in HTTP (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for key, value in context.invocation_metadata() or ():
        if isinstance(value, str):
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers
