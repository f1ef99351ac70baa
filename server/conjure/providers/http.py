"""The one way by which anything leaves this process over HTTP (ARCHITECTURE 1.5).

What a call promises, whatever the other side does: it ends within its timeout, counted over the whole
exchange; it reads no more than it asked for; it follows no redirect, so that a credential goes where the
operator said and nowhere else; it is never repeated; its provider has no more of them under way than it may;
and the connection goes to an address that was checked. Environment variables (proxies, .netrc) are not looked
at. Answers are read as they come: nothing is unpacked, and none is asked for packed.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
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
from conjure.providers.answers import Answer, StreamedAnswer, exchanging, whole
from conjure.providers.circuit import Attempt
from conjure.providers.connections import Connections
from conjure.providers.failures import AddressRefused, CircuitOpen, OutboundError, TlsFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from conjure.providers.circuit import Circuit


__all__ = [
    "AddressRefused",
    "Answer",
    "CircuitOpen",
    "OutboundClient",
    "OutboundError",
    "StreamedAnswer",
    "TlsFailed",
]

DEFAULT_MAX_RESPONSE_BYTES: Final = 65_536


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

    @contextlib.asynccontextmanager
    async def stream(
        self, url: str, body: Any, *, first_s: float, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[StreamedAnswer]:
        """Sends a JSON body and yields the answer while it is made. Raises OutboundError.

        Entering takes until the first piece, or a refusal, is there: `first_s` at most, waiting for its turn
        included. The client's timeout and size are those of the whole answer. Leaving ends the call at once,
        and the connection unless all was read.
        """
        where = _checked(url)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout_s
        first = min(deadline, loop.time() + first_s)
        sent = {"content-type": "application/json", **_lower(headers or {})}
        own: Exception | None = None
        with self._observed("POST", where, min(first_s, self._timeout_s)) as seen:
            async with self._turn(first):
                with self._attempt() as attempt:
                    async with contextlib.AsyncExitStack() as stack:
                        with exchanging():
                            async with asyncio.timeout_at(first):
                                response = await stack.enter_async_context(
                                    self._response(first, "POST", where, orjson.dumps(body), sent)
                                )
                                answer = StreamedAnswer(
                                    response, deadline=deadline, most_bytes=self._max_response_bytes
                                )
                                await answer.begin()
                        seen.status = answer.status
                        try:
                            yield answer
                        except Exception as error:  # noqa: BLE001 - no fault of the other side
                            own = error
                        refusal = answer.refusal
                        attempt.worked = answer.broke is None and not (
                            refusal is not None and self._has_failed(refusal)
                        )
                        seen.outcome = answer.broke or "answered"
        if own is not None:
            raise own

    async def _call(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        where = _checked(url)
        with self._observed(method, where, self._timeout_s) as seen:
            deadline = asyncio.get_running_loop().time() + self._timeout_s
            async with self._turn(deadline):
                # After the turn: who waited behind what hangs is refused with the others.
                with self._attempt() as attempt:
                    with exchanging():
                        async with (
                            asyncio.timeout_at(deadline),
                            self._response(deadline, method, where, content, headers) as response,
                        ):
                            answer = await whole(
                                response, most_bytes=self._max_response_bytes, cuts=self._cuts
                            )
                    attempt.worked = not self._has_failed(answer)
            seen.outcome, seen.status = "answered", answer.status
        return answer

    @contextlib.contextmanager
    def _observed(self, method: str, where: HttpUrl, within_s: float) -> Iterator[_Seen]:
        """Around a call: its metrics and its span. Raises OutboundError for a TimeoutError."""
        call = CURRENT_CALL.get()
        trace = None if call is None else call.trace
        span = (
            None
            if trace is None
            else trace.outbound(self._provider, method, where.host, where.port)
        )
        seen = _Seen()
        begun = perf_counter()
        try:
            yield seen
        except TimeoutError as error:
            seen.outcome = "timed_out"
            raise OutboundError(f"no answer within {within_s} s") from error
        except (asyncio.CancelledError, GeneratorExit):
            seen.outcome = "abandoned"
            raise
        except CircuitOpen:
            seen.outcome = "circuit_open"
            raise
        except AddressRefused:
            seen.outcome = "address_refused"
            raise
        finally:
            metrics.PROVIDER_CALLS.at(self._provider, seen.outcome).add()
            metrics.PROVIDER_DURATION.at(self._provider).observe(perf_counter() - begun)
            if span is not None:
                span.end(seen.status, None if seen.outcome == "answered" else seen.outcome)

    @contextlib.asynccontextmanager
    async def _turn(self, deadline: float) -> AsyncIterator[None]:
        app = working_for()
        async with asyncio.timeout_at(deadline):
            await self._turns.take(app)
        try:
            yield
        finally:
            self._turns.end(app)

    def _attempt(self) -> contextlib.AbstractContextManager[Attempt]:
        return (
            contextlib.nullcontext(Attempt()) if self._circuit is None else self._circuit.attempt()
        )

    @contextlib.asynccontextmanager
    async def _response(
        self,
        deadline: float,
        method: str,
        url: HttpUrl,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> AsyncIterator[httpcore.Response]:
        """Sends a request; yields its answer, of which the head is there."""
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
                yield response
            finally:
                await response.aclose()


class _Seen:
    """What is known of a call when it ends."""

    __slots__ = ("outcome", "status")

    def __init__(self) -> None:
        self.outcome = "failed"
        self.status: int | None = None


def _checked(url: str) -> HttpUrl:
    try:
        return http_url(url)
    except UrlRefused as error:
        raise OutboundError(f"the URL {error}") from error


def _is_servers_fault(answer: Answer) -> bool:
    return answer.status >= 500


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
