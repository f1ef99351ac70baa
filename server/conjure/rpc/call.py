"""One call on its way through the layers."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from conjure.core.caller import ApiCaller, SessionCaller, Tenant, UserCaller
from conjure.core.cells import Count
from conjure.core.codings import accepts_gzip
from conjure.core.credential_forms import looks_secret
from conjure.core.errors import MissingCredential
from conjure.core.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.message import Message

    from conjure.core.context import Trace
    from conjure.core.errors import Reason
    from conjure.core.shares import Holder, Place
    from conjure.rates.limiter import RateLimiter
    from conjure.rpc.context import TransportContext
    from conjure.rpc.methods import Method

EDGE_MARK: Final = "x-conjure-edge"
"""The header by which the edge says that it calls for a REST client. It removes a client's own."""

CLIENT: Final = "x-conjure-client"
"""The header in which the edge gives its client's address. It removes a client's own."""

HOST: Final = "x-conjure-host"
"""The header in which the edge gives the name that its client called, of a GET without a credential."""

# The transcoder makes every request a POST, and notes here what it was.
_ORIGINAL_VERB: Final = "x-envoy-original-method"

RELAYED: Final = "x-conjure-relayed-bin"
"""The headers of a call that a heavy worker answers, as one: what gRPC may not carry among them, too."""

REQUEST_ID: Final = "x-request-id"
TRACEPARENT: Final = "traceparent"

# W3C Trace Context, 3.2: lower case, no id of zeros, no version ff.
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)

_UNCOUNTED: Final = Count()

# What a caller may choose as a request id: bounded as the edge bounds it, and harmless in a log line.
_REQUEST_ID = re.compile(r"[\x20-\x7e]{1,128}")


# An IP address, with the interface that a link-local one belongs to.
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{2,45}(?:%[\w.-]{1,15})?")


class Call:
    """A call: what came in, who calls, and the headers that go out."""

    __slots__ = (
        "bill",
        "caller",
        "context",
        "failure",
        "give_way",
        "has_gzip",
        "headers",
        "headers_sent",
        "is_dropped",
        "is_misplaced",
        "is_replayed",
        "is_rest",
        "method",
        "not_modified",
        "place",
        "raw",
        "request_id",
        "request_message",
        "response_headers",
        "round_trips",
        "trace",
    )

    def __init__(
        self,
        method: Method,
        context: TransportContext,
        raw: bytes,
        relayed: dict[str, str] | None = None,
    ) -> None:
        """`relayed` are the headers as the process has read them that relays the call."""
        self.method = method
        self.context = context
        self.raw = raw
        self.headers = context.read_headers() if relayed is None else relayed
        is_marked = EDGE_MARK in self.headers
        self.is_rest = is_marked and context.may_be_marked
        self.is_misplaced = is_marked and not self.is_rest and _ORIGINAL_VERB in self.headers
        """An edge, as it seems, where none is believed: it would make noise of a typed answer."""
        self.request_id = request_id_of(self.headers)
        self.caller: ApiCaller | UserCaller | SessionCaller | None = None
        self.request_message: Message | None = None
        self.response_headers: dict[str, str] = {}
        self.not_modified = False
        self.has_gzip = False  # what the caller has is the answer in gzip
        self.is_replayed = False
        self.headers_sent = False
        self.is_dropped = False
        """There was no room for its request, which was read to its end: a request can be refused then."""
        self.failure: Reason | None = None
        self.round_trips = _UNCOUNTED  # the layer that observes puts its method's there
        self.trace: Trace | None = None
        self.bill: RateLimiter | None = None  # the layer that limits puts it there
        self.place: Place  # the layer that admits puts it there
        self.give_way: Callable[[], object]  # of a stream: the layer that ends it puts it there

    def release(self) -> None:
        """Lets go of the request, which nobody reads any more.

        What aborts a call over gRPC keeps the frames that it passed, and grpc keeps that: a circle, in which
        a body of megabytes would wait for the garbage collector.
        """
        self.raw = b""
        self.request_message = None

    @property
    def app(self) -> str:
        """The app that it works for; empty when none is known."""
        return self.caller.tenant.app if isinstance(self.caller, ApiCaller | SessionCaller) else ""

    def log_fields(self) -> dict[str, str]:
        """What every log line about this call says (core.context)."""
        fields = {"request_id": self.request_id, "method": self.method.full_name}
        if isinstance(self.caller, ApiCaller | SessionCaller):
            fields["app"], fields["mode"] = self.caller.tenant.app, self.caller.tenant.mode
        trace_id = trace_id_of(self.headers) if self.trace is None else self.trace.trace_id
        if trace_id is not None:
            fields["trace_id"] = trace_id
        return fields

    def worked(self, seconds: float) -> None:
        """Charges the caller for heavy work on behalf of this call (seconds of a processor)."""
        if self.bill is not None and self.caller is not None:
            self.bill.worked(self.caller, seconds)

    async def send_headers(self, headers: dict[str, str]) -> None:
        """Sends the answer's headers; after this its status cannot change any more."""
        self.headers_sent = True
        await self.context.send_headers(headers)

    @property
    def client(self) -> str:
        """Where the call comes from: the address as the edge saw it, else that of the connection.

        Whoever reaches this port is believed (SECURITY.md); but only an address is one: names of any length
        would fill the memory of whoever counts by them. Of an IPv6 address it is the network (/64): whoever
        has one address there has all of them.
        """
        given = self.headers.get(CLIENT, "")
        address = given if _ADDRESS.fullmatch(given) else self.context.peer()
        return network_of(address) if ":" in address else address

    @property
    def address(self) -> Holder:
        """The same as a holder of shares."""
        return "address", self.client

    @property
    def host(self) -> str:
        """The name that a REST client called, without a port; empty where the edge tells none (`HOST`)."""
        return self.headers.get(HOST, "") if self.is_rest else ""

    @property
    def verb(self) -> str:
        """The verb of the HTTP request, upper case; empty for a call that did not come through the edge."""
        return self.headers.get(_ORIGINAL_VERB, "")

    @property
    def takes_gzip(self) -> bool:
        """Whether the answer may go out in gzip: over REST, where the contract and the caller say so."""
        return (
            self.is_rest
            and self.method.is_compressed
            and accepts_gzip(self.headers.get("accept-encoding"))
        )

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
    def user_id(self) -> str:
        """The `sub` of the caller of an RPC that asks for a user session."""
        assert isinstance(self.caller, UserCaller)  # noqa: S101 - the auth layer put it there
        return self.caller.user_id

    @property
    def session(self) -> SessionCaller:
        """The caller of an RPC that asks for a session token."""
        assert isinstance(self.caller, SessionCaller)  # noqa: S101 - the auth layer put it there
        return self.caller

    @property
    def idempotency_key(self) -> str | None:
        """The `Idempotency-Key` as it came; whoever uses it checks it (`usage.idempotency`)."""
        return self.headers.get("idempotency-key")


@lru_cache(4096)
def network_of(address: str) -> str:
    """Returns the /64 of an IPv6 address, as gRPC or the edge writes it; of others what tells them apart."""
    text = unquote(address.removeprefix("ipv6:").removeprefix("ipv4:")).strip("[]")
    try:
        parsed = IPv6Address(text)
    except AddressValueError:
        return text
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"


def request_id_of(headers: Mapping[str, str]) -> str:
    """The id that a caller gives its call; a new one when it gives none, or one that cannot be logged.

    It stands in each log line and span of the call: one that may be a credential is not taken.
    """
    given = headers.get(REQUEST_ID, "")
    return given if _REQUEST_ID.fullmatch(given) and not looks_secret(given) else new_id()


def trace_id_of(headers: Mapping[str, str]) -> str | None:
    """The trace that a caller says its call belongs to; None when it says none, or says it wrongly."""
    found = _TRACEPARENT.fullmatch(headers.get(TRACEPARENT, ""))
    return None if found is None else found["trace_id"]
