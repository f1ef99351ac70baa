"""How many calls run: what a drain waits for (grpc/issues/37239: `stop` does not wait for the rest)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from conjure.core.errors import StreamInterrupted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_GIVEN_WAY: Final = (
    "this app, key or address has more streams than its share, and others wait; close some, or"
    " reconnect later and go on from the last message"
)
_STOPPING: Final = "the server is stopping; reconnect and go on from the last message"


class InFlight:
    """Counts calls, those that run and all that ever began; `with` is one call."""

    def __init__(self) -> None:
        self.count = 0
        self.begun = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def __enter__(self) -> None:
        self.count += 1
        self.begun += 1
        self._idle.clear()

    def __exit__(self, *_: object) -> None:
        self.count -= 1
        if self.count == 0:
            self._idle.set()

    async def wait_quiet(self, quiet_s: float, timeout_s: float) -> bool:
        """Waits until no call has come for `quiet_s`; False when `timeout_s` passed first."""
        try:
            async with asyncio.timeout(timeout_s):
                seen = -1
                while seen != self.begun:
                    seen = self.begun
                    await asyncio.sleep(quiet_s)
        except TimeoutError:
            return False
        return True

    async def wait_idle(self, timeout_s: float) -> bool:
        """Waits until no call runs; False when `timeout_s` passed first."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True


class Streams(InFlight):
    """Counts calls that have no end of their own, and ends them when the server stops."""

    def __init__(self) -> None:
        super().__init__()
        self._is_closed = False
        self._scopes: set[asyncio.Timeout] = set()

    @contextlib.asynccontextmanager
    async def until_closed(self) -> AsyncIterator[Callable[[], object]]:
        """Runs the body until `close`, or until what it is given is called: it has to give way.

        Raises StreamInterrupted then.
        """
        if self._is_closed:
            raise StreamInterrupted(_STOPPING)
        scope = asyncio.timeout(None)
        given_way = False

        def give_way() -> None:
            nonlocal given_way
            if scope in self._scopes and not scope.expired():
                given_way = True
                scope.reschedule(asyncio.get_running_loop().time())

        try:
            async with scope:
                self._scopes.add(scope)
                yield give_way
        except TimeoutError:
            if scope.expired():
                raise StreamInterrupted(_GIVEN_WAY if given_way else _STOPPING) from None
            raise
        finally:
            self._scopes.discard(scope)

    def close(self) -> None:
        """Ends all that run and refuses what comes."""
        if self._is_closed:
            return
        self._is_closed = True
        now = asyncio.get_running_loop().time()
        for scope in self._scopes:
            if not scope.expired():  # it ends already: it has to give way
                scope.reschedule(now)
