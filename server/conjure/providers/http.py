"""The one way by which anything leaves this process over HTTP (ARCHITECTURE 1.5).

What a call promises, whatever the other side does: it ends within its timeout, counted over the whole
exchange; it reads no more than it asked for; it follows no redirect, so that a credential goes where the
operator said and nowhere else; it is never repeated; its provider has no more of them under way than it may;
and the connection goes to an address that was checked. Environment variables (proxies, .netrc) are not looked
at. Answers are read as they come: nothing is unpacked, and none is asked for packed.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Self

import certifi
import httpcore
import orjson

from conjure import __version__
from conjure.core import metrics
from conjure.core.context import CURRENT_CALL, working_for
from conjure.core.turns import RoundRobin
from conjure.core.urls import HttpUrl, UrlRefused, http_url
from conjure.providers.addresses import Resolver, SystemResolver
from conjure.providers.connections import Connections
from conjure.providers.failures import AddressRefused, CircuitOpen, OutboundError, TlsFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conjure.providers.circuit import Circuit

__all__ = [
    "AddressRefused",
    "Answer",
    "CircuitOpen",
    "OutboundClient",
    "OutboundError",
    "TlsFailed",
]

DEFAULT_MAX_RESPONSE_BYTES: Final = 65_536
_LEAST_CHUNK_BYTES: Final = 64  # what a chunk counts: 64 KB in chunks of 1 took 4 s to read
_MOST_REASON: Final = 300  # characters
_MOST_HEADER: Final = 100  # bytes of a header's value that are kept


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side answered, whatever its status. `retry_after` is that header as it came."""

    status: int
    body: bytes
    retry_after: str | None = None


class OutboundClient:
    """Calls one provider, or many hosts for one purpose.

    `timeout_s` is for a whole call, waiting for its turn included. `allows_private` is for URLs of the
    operator, who may call what they like; without it only public addresses are called. A circuit is for a
    client of one host. `trust` replaces the authorities that certificates must be of. `cuts`: of an answer
    that is longer than `max_response_bytes` the rest is not read; without it, such an answer is none. For one
    app at most `most_each` may be under way. `has_failed` tells the circuit which answers are failures: by
    default those of a status from 500 on.
    """

    def __init__(
        self,
        provider: str,
        *,
        timeout_s: float,
        max_concurrent: int,
        headers: Mapping[str, str] | None = None,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
        allows_private: bool = True,
        resolver: Resolver | None = None,
        circuit: Circuit | None = None,
        trust: ssl.SSLContext | None = None,
        cuts: bool = False,
        most_each: int | None = None,
        has_failed: Callable[[Answer], bool] | None = None,
    ) -> None:
        self._provider = provider
        self._timeout_s = timeout_s
        self._max_response_bytes = max_response_bytes
        self._cuts = cuts
        self._turns = RoundRobin(max_concurrent, most_each=most_each)
        self._headers = {
            "accept": "*/*",
            "accept-encoding": "identity",
            "user-agent": f"conjure/{__version__}",
            **_lower(headers or {}),
        }
        self._circuit = circuit
        self._has_failed = has_failed or _is_servers_fault
        self._connections = Connections(
            resolver or SystemResolver(),
            allows_private=allows_private,
            trust=trust or _usual_trust(),
            most_idle=max_concurrent,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends its connections."""
        await self._connections.close()

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Asks for a document. Raises OutboundError."""
        return await self._call("GET", url, None, headers or {})

    async def post_json(self, url: str, body: Any) -> Answer:
        """Sends a JSON body and returns the answer. Raises OutboundError."""
        return await self.post(
            url, orjson.dumps(body), headers={"content-type": "application/json"}
        )

    async def post(self, url: str, content: bytes, *, headers: Mapping[str, str]) -> Answer:
        """Sends these bytes as they are and returns the answer. Raises OutboundError."""
        return await self._call("POST", url, content, headers)

    async def _call(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        try:
            where = http_url(url)
        except UrlRefused as error:
            raise OutboundError(f"the URL {error}") from error
        call = CURRENT_CALL.get()
        trace = None if call is None else call.trace
        span = (
            None
            if trace is None
            else trace.outbound(self._provider, method, where.host, where.port)
        )
        outcome, status = "failed", None
        begun = perf_counter()
        try:
            answer = await self._in_turn(method, where, content, headers)
            outcome, status = "answered", answer.status
        except TimeoutError as error:
            outcome = "timed_out"
            raise OutboundError(f"no answer within {self._timeout_s} s") from error
        except asyncio.CancelledError:
            outcome = "abandoned"
            raise
        except CircuitOpen:
            outcome = "circuit_open"
            raise
        except AddressRefused:
            outcome = "address_refused"
            raise
        finally:
            metrics.PROVIDER_CALLS.at(self._provider, outcome).add()
            metrics.PROVIDER_DURATION.at(self._provider).observe(perf_counter() - begun)
            if span is not None:
                span.end(status, None if outcome == "answered" else outcome)
        return answer

    async def _in_turn(
        self, method: str, url: HttpUrl, content: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        app = working_for()
        async with asyncio.timeout_at(deadline):
            await self._turns.take(app)
        try:
            if self._circuit is None:
                return await self._within(deadline, method, url, content, headers)
            # After the turn: who waited behind what hangs is refused with the others.
            with self._circuit.attempt() as attempt:
                answer = await self._within(deadline, method, url, content, headers)
                attempt.worked = not self._has_failed(answer)
            return answer
        finally:
            self._turns.end(app)

    async def _within(
        self,
        deadline: float,
        method: str,
        url: HttpUrl,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> Answer:
        try:
            async with asyncio.timeout_at(deadline):
                return await self._exchange(deadline, method, url, content, headers)
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            if isinstance(error, TimeoutError):
                raise
            failed = TlsFailed if isinstance(error.__cause__, ssl.SSLError) else OutboundError
            # The parser quotes what it cannot read. The other side may make that pages long, or repeat the
            # credential that it was sent: no log gets it.
            reason = str(error).partition(": bytearray(")[0]
            raise failed(f"{type(error).__name__}: {reason[:_MOST_REASON]}") from error

    async def _exchange(
        self,
        deadline: float,
        method: str,
        url: HttpUrl,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> Answer:
        sent = {**self._headers, **_lower(headers), "host": url.authority}
        if content is not None:
            sent["content-length"] = str(len(content))
        request = httpcore.Request(
            method,
            httpcore.URL(
                scheme=url.scheme.encode(),
                host=url.host.encode(),
                port=url.port,
                target=url.target.encode(),
            ),
            headers=list(sent.items()),
            content=content,
        )
        most = self._max_response_bytes
        async with self._connections.to(url, deadline=deadline, body_bytes=most) as connection:
            response = await connection.handle_async_request(request)
            try:
                received, weight = bytearray(), 0
                async for chunk in response.aiter_stream():
                    received += chunk
                    weight += max(len(chunk), _LEAST_CHUNK_BYTES)
                    if weight > most:
                        if self._cuts:
                            break  # and with it the connection, which has the rest in it
                        raise OutboundError("the answer is longer than any that is expected")
            finally:
                await response.aclose()
            return Answer(response.status, bytes(received), _header(response, b"retry-after"))


def _is_servers_fault(answer: Answer) -> bool:
    return answer.status >= 500


def _header(response: httpcore.Response, wanted: bytes) -> str | None:
    for name, value in response.headers:
        if name.lower() == wanted:
            return bytes(value[:_MOST_HEADER]).decode("latin-1")
    return None


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    """So that one that is given replaces the usual one."""
    return {name.lower(): value for name, value in headers.items()}


@functools.cache
def _usual_trust() -> ssl.SSLContext:
    """The authorities of browsers: images of containers often have none of their own."""
    trust = ssl.create_default_context(cafile=certifi.where())
    # Else who is called may demand one handshake after the other, each a millisecond of this process.
    trust.options |= ssl.OP_NO_RENEGOTIATION
    return trust
