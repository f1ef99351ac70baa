"""The one way by which anything leaves this process over HTTP (ARCHITECTURE 1.5).

What a call promises, whatever the other side does: it ends within its timeout, counted over the whole
exchange; it reads no more than it asked for; it follows no redirect, so that a credential goes where the
operator said and nowhere else; it is never repeated; and its provider has no more of them under way than it
may. Environment variables (proxies, .netrc) are not looked at.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from conjure.core import metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_MAX_RESPONSE_BYTES: Final = 65_536


class OutboundError(Exception):
    """There is no answer: unreachable, too slow, or too long. The text is for the log, never for a caller."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side answered, whatever its status."""

    status: int
    body: bytes


class OutboundClient:
    """Calls one provider. `timeout_s` is for a whole call, waiting for its turn included."""

    def __init__(
        self,
        provider: str,
        *,
        timeout_s: float,
        max_concurrent: int,
        headers: Mapping[str, str] | None = None,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
    ) -> None:
        self._provider = provider
        self._timeout_s = timeout_s
        self._max_response_bytes = max_response_bytes
        self._turns = asyncio.Semaphore(max_concurrent)
        self._client = httpx.AsyncClient(
            headers=dict(headers or {}),
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends its connections."""
        await self._client.aclose()

    async def post_json(self, url: str, body: Any) -> Answer:
        """Sends a JSON body and returns the answer. Raises OutboundError."""
        outcome = "failed"
        begun = perf_counter()
        try:
            # httpx counts its timeout anew for each read; this one is for the whole exchange.
            async with asyncio.timeout(self._timeout_s), self._turns:
                answer = await self._exchange(url, body)
            outcome = "answered"
        except TimeoutError as error:
            outcome = "timed_out"
            raise OutboundError(f"no answer within {self._timeout_s} s") from error
        except httpx.HTTPError as error:
            raise OutboundError(f"{type(error).__name__}: {error}") from error
        finally:
            metrics.PROVIDER_CALLS.at(self._provider, outcome).add()
            metrics.PROVIDER_DURATION.at(self._provider).observe(perf_counter() - begun)
        return answer

    async def _exchange(self, url: str, body: Any) -> Answer:
        async with self._client.stream("POST", url, json=body) as response:
            received = bytearray()
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > self._max_response_bytes:
                    raise OutboundError("the answer is longer than any that is expected")
            return Answer(response.status_code, bytes(received))
