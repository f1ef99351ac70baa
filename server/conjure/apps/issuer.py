"""The keys of the identity provider, kept: who verifies a token waits for the provider as rarely as possible.

- They are fetched at the start, and again in the background when they are older than `max_age_s`: a key that
  was withdrawn stops working then.
- A token with a key that is not known may be of a new key: they are fetched again for it, at most once a
  minute, since anybody can invent keys. Whoever waits for the same fetch shares it.
- An issuer that fails is not missed: what is known stays good until it answers again. Only what is not known
  cannot be told, and is 503: it may be of a good key.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, Self

import structlog

from conjure.apps.jwks import KeySet, read_jwks
from conjure.core.errors import IssuerUnavailable
from conjure.providers.http import OutboundClient, OutboundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.apps.jwks import PublicKey

log = structlog.get_logger(__name__)

UNKNOWN_KEY_PAUSE_S: Final = 60.0
"""Between two fetches for keys that are not known."""
RETRY_PAUSE_S: Final = 5.0
"""After a failed fetch."""
_MOST_BYTES: Final = 262_144  # of a JWKS; with chains of certificates it has some 5 KB a key


class IssuerKeys:
    """The keys behind one JWKS URL. `clock` counts seconds, from whenever."""

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float,
        max_age_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._max_age_s = max_age_s
        self._clock = clock
        self._client = OutboundClient(
            "issuer",
            timeout_s=timeout_s,
            max_concurrent=1,
            headers={"accept": "application/json"},
            max_response_bytes=_MOST_BYTES,
        )
        self._known: KeySet | None = None
        self._fetched = 0.0
        self._fetch: asyncio.Task[None] | None = None
        self._has_failed = False
        self._not_before = self._not_for_unknown_before = clock()

    async def __aenter__(self) -> Self:
        self._begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._fetch is not None:
            self._fetch.cancel()
            await asyncio.gather(self._fetch, return_exceptions=True)
        await self._client.close()

    async def find(self, kid: str, algorithm: str) -> PublicKey | None:
        """Returns the key with this id for this algorithm; None when the issuer has no such key.

        Raises IssuerUnavailable when that cannot be told: the issuer has not answered.
        """
        now = self._clock()
        is_old = self._known is not None and now - self._fetched >= self._max_age_s
        if is_old and now >= self._not_before:
            self._begin()
        key = self._look_up(kid, algorithm)
        if key is None:
            await self._wait()
            key = self._look_up(kid, algorithm)
        if key is None and self._fetch is None:
            self._begin_for_unknown()
        if key is None:
            await self._wait()
            key = self._look_up(kid, algorithm)
        if key is None and (self._known is None or self._has_failed):
            raise IssuerUnavailable
        return key

    def _look_up(self, kid: str, algorithm: str) -> PublicKey | None:
        return None if self._known is None else self._known.keys.get((kid, algorithm))

    async def _wait(self) -> None:
        """Waits for the fetch that is under way, if there is one: it is shared by all who need it."""
        if self._fetch is not None:
            await asyncio.shield(self._fetch)  # whoever goes away leaves it to the others

    def _begin_for_unknown(self) -> None:
        now = self._clock()
        if self._known is None:
            if now >= self._not_before:
                self._begin()
        elif now >= self._not_for_unknown_before:
            self._not_for_unknown_before = now + UNKNOWN_KEY_PAUSE_S
            self._begin()

    def _begin(self) -> None:
        if self._fetch is None:
            self._fetch = asyncio.create_task(self._fetch_keys(), name="keys-of-issuer")

    async def _fetch_keys(self) -> None:
        """Never raises: what failed is tried again later."""
        try:
            self._known = read_jwks(await self._ask())
        except (OutboundError, ValueError) as error:
            self._has_failed = True
            self._not_before = self._clock() + RETRY_PAUSE_S
            log.warning("the issuer's keys cannot be had", cause=str(error))
        else:
            self._has_failed = False
            self._fetched = self._clock()
            unused = self._known.unused
            log.info("the issuer's keys", usable=len(self._known.keys), unused=unused[:10])
        finally:
            self._fetch = None

    async def _ask(self) -> bytes:
        answer = await self._client.get(self._url)
        if answer.status != 200:
            raise OutboundError(f"the issuer answered {answer.status}")
        return answer.body
