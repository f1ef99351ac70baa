"""Reactor: `POST {base}/tokens` gives a token for one session of one model (CONTRACT 6.2)."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, Self

import httpx
import orjson

from conjure.providers.runtime.port import RuntimeFailed, RuntimeToken

if TYPE_CHECKING:
    from conjure.providers.runtime.port import RuntimeLease
    from conjure.settings import RuntimeSettings

_LONGEST_TOKEN_S: Final = 7 * 86_400
_MAX_RESPONSE_BYTES: Final = 65_536  # a token answer is under 2 KB; more is not one


class ReactorRuntime:
    """The client of Reactor's token endpoint. Never follows redirects, never retries."""

    is_remote = True

    def __init__(self, settings: RuntimeSettings) -> None:
        self._model = settings.reactor_model
        self._timeout_s = settings.timeout_s
        self._url = f"{settings.reactor_url.rstrip('/')}/tokens"
        self._client = httpx.AsyncClient(
            headers={"Reactor-API-Key": settings.reactor_api_key},
            timeout=settings.timeout_s,
            follow_redirects=False,  # the API key goes where the operator said, nowhere else
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    def require(self) -> None:
        """Configured: settings verify that."""

    async def token(self, lease: RuntimeLease) -> RuntimeToken:
        """Asks for a token. Raises RuntimeFailed: refused, unreachable, slow, or not a token."""
        request = {
            "expires_after": lease.seconds,
            "authorization_details": [
                {
                    "type": "session",
                    "resources": {"models": {"match": [self._model]}},
                    "constraints": {
                        "max_sessions": 1,
                        "max_session_duration_seconds": lease.seconds,
                    },
                }
            ],
        }
        try:
            # httpx counts its timeout anew for each read; this one is for the whole exchange.
            async with asyncio.timeout(self._timeout_s):
                answer = await self._post(request)
        except TimeoutError as error:
            raise RuntimeFailed(f"no answer within {self._timeout_s} s") from error
        except httpx.HTTPError as error:
            raise RuntimeFailed(f"{type(error).__name__}: {error}") from error
        return _read_token(answer)

    async def _post(self, request: dict[str, Any]) -> bytes:
        async with self._client.stream("POST", self._url, json=request) as response:
            if response.status_code not in {200, 201}:
                raise RuntimeFailed(f"the token endpoint answered {response.status_code}")
            received = bytearray()
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > _MAX_RESPONSE_BYTES:
                    raise RuntimeFailed("the token endpoint answered at too great length")
            return bytes(received)


def _read_token(answer: bytes) -> RuntimeToken:
    try:
        body = orjson.loads(answer)
    except ValueError as error:
        raise RuntimeFailed("the token endpoint did not answer with JSON") from error
    if not isinstance(body, dict):
        raise RuntimeFailed("the token endpoint did not answer with an object")
    jwt, expires_at = body.get("jwt"), body.get("expires_at")
    if not isinstance(jwt, str) or not jwt:
        raise RuntimeFailed("the token endpoint answered without a jwt")
    if isinstance(expires_at, bool) or not isinstance(expires_at, int | float):
        raise RuntimeFailed("the token endpoint answered without a numeric expires_at")
    # Also NaN, milliseconds instead of seconds, and numbers that no time can be.
    if not 1 <= expires_at - time.time() <= _LONGEST_TOKEN_S:
        raise RuntimeFailed("the token endpoint gave a token that has expired, or never does")
    remaining = int(expires_at - time.time())
    return RuntimeToken(jwt=jwt, expires_in_s=remaining, expires_at_s=int(expires_at))
