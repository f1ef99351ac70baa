"""A client for each receiver: connections of one are looked at for its own deliveries alone.

The HTTP library goes through all connections of a pool for each call, and asks the system about each idle
one: with a hundred receivers in one pool a delivery cost 4.6 ms instead of 1.2.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core.background import Background

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conjure.providers.http import Answer, OutboundClient

_MOST: Final = 256  # receivers whose connections are kept, beside those that are being called
_IDLE_S: Final = 10.0  # for so long: twice as long as a connection of a client


@dataclass(slots=True)
class _Receiver:
    client: OutboundClient
    calls: int = 0
    used: float = 0.0


class Receivers(Background):
    """Posts to any number of receivers. `make` makes a client."""

    def __init__(self, make: Callable[[], OutboundClient]) -> None:
        self._make = make
        self._known: dict[str, _Receiver] = {}  # by origin, that which was called last at the end

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__(*_)
        await self._forget(tuple(self._known))

    @property
    def known(self) -> int:
        """How many receivers have a client now."""
        return len(self._known)

    async def post(self, url: str, content: bytes, *, headers: Mapping[str, str]) -> Answer:
        """Sends these bytes as they are and returns the answer. `url` is in its one spelling.

        Raises OutboundError.
        """
        origin = url[: url.index("/", len("https://"))]
        receiver = self._known.pop(origin, None) or _Receiver(self._make())
        self._known[origin] = receiver
        receiver.calls += 1
        try:
            await self._make_room()
            return await receiver.client.post(url, content, headers=headers)
        finally:
            receiver.calls -= 1
            receiver.used = time.monotonic()

    async def _make_room(self) -> None:
        if len(self._known) > _MOST:
            idle = (origin for origin, each in self._known.items() if not each.calls)
            oldest = next(idle, None)
            if oldest is not None:
                await self._forget([oldest])

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(_IDLE_S)
            since = time.monotonic() - _IDLE_S
            await self._forget(
                [
                    origin
                    for origin, each in self._known.items()
                    if not each.calls and each.used < since
                ]
            )

    async def _forget(self, origins: Iterable[str]) -> None:
        # Taken out first: whoever calls it meanwhile has a new client.
        for receiver in [self._known.pop(origin) for origin in origins]:
            await receiver.client.close()
