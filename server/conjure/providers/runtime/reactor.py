"""Reactor: `POST {base}/tokens` gives a token for one session of one model (CONTRACT 6.2)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self

import orjson

from conjure.providers.circuit import Circuit
from conjure.providers.http import OutboundClient, OutboundError
from conjure.providers.runtime.port import RuntimeFailed, RuntimeToken

if TYPE_CHECKING:
    from conjure.providers.runtime.port import RuntimeLease
    from conjure.settings import RuntimeSettings

_LONGEST_TOKEN_S: Final = 7 * 86_400
_MAX_CONCURRENT: Final = (
    100  # token calls under way per process; the next ones wait within their timeout
)


class ReactorRuntime:
    """The client of Reactor's token endpoint."""

    def __init__(self, settings: RuntimeSettings) -> None:
        self.timeout_s = settings.timeout_s
        self._model = settings.reactor_model
        self._url = f"{settings.reactor_url.rstrip('/')}/tokens"
        self._client = OutboundClient(
            "reactor",
            timeout_s=settings.timeout_s,
            max_concurrent=_MAX_CONCURRENT,
            headers={"Reactor-API-Key": settings.reactor_api_key},
            circuit=Circuit(
                "reactor", failures=settings.circuit_failures, open_s=settings.circuit_open_s
            ),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

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
            answer = await self._client.post_json(self._url, request)
        except OutboundError as error:
            raise RuntimeFailed(str(error)) from error
        if answer.status not in {200, 201}:
            raise RuntimeFailed(f"the token endpoint answered {answer.status}")
        return _read_token(answer.body)


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
