"""What a layer may ask of the transport that carries a call: nothing of gRPC's, nothing of HTTP's.

Two transports carry calls: grpc.aio (`rpc.grpc_context`) and gRPC messages over HTTP/1.1 (`rpc.http1`).
Layers and servicers know neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conjure.core.catalog import Code

    Metadata = Iterable[tuple[str, str | bytes]]


class TransportContext(Protocol):
    """One call, as its transport sees it."""

    @property
    def may_be_marked(self) -> bool:
        """Whether the edge's mark is believed of this call (`rpc.call.EDGE_MARK`)."""

    def read_headers(self) -> dict[str, str]:
        """Returns the text headers, names in lower case; repeated ones joined (RFC 9110, 5.3)."""

    def peer(self) -> str:
        """Returns the address of who is connected, without a port."""

    def time_remaining(self) -> float | None:
        """Returns the seconds until the caller's own deadline; None when it has none."""

    async def send_headers(self, headers: Mapping[str, str]) -> None:
        """Sends the headers of the answer, once; a transport may keep them until there is more to send."""

    def set_trailers(self, trailers: Metadata) -> None:
        """Sets what follows the answer."""

    async def abort(self, code: Code, text: str, trailers: Metadata) -> NoReturn:
        """Ends the call with a status other than OK. Raises what only the transport may catch."""


class StreamTransportContext(TransportContext, Protocol):
    """One call that is answered by many messages."""

    async def write(self, message: bytes) -> None:
        """Sends a message and waits for room for the next one. Raises CancelledError: nobody reads."""
