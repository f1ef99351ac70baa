"""Callers that take a place and keep it: streams, slow senders, slow readers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter
from typing import TYPE_CHECKING, Final

from support.abuse.flood import LOST, SOURCE
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from support.abuse.ground import Ground
    from support.abuse.neighbour import Neighbour

UNANSWERED: Final = -1
"""Counted where a connection is open and nothing has been answered, as nothing could be."""

_ROUNDS: Final = 3  # of the neighbour's, while all hold on
_AT_ONCE: Final = 50
_WINDOW: Final = 4096  # what a slow reader takes; the rest waits at the edge


def holding(
    ground: Ground, sent: bytes, count: int, *, answers: bool = True
) -> Callable[[Neighbour], Awaitable[Counter[int]]]:
    """An attack by so many connections that each send this, and then neither read nor send any more.

    `answers`: whether the beginning of an answer is waited for.
    """

    async def act(neighbour: Neighbour) -> Counter[int]:
        found: Counter[int] = Counter()
        gate = asyncio.Semaphore(_AT_ONCE)
        opened: list[socket.socket] = []

        async def take() -> None:
            async with gate, asyncio.timeout(LIMIT_S):
                found[await _take(ground.port, sent, opened, answers=answers)] += 1

        try:
            await asyncio.gather(*(take() for _ in range(count)))
            await neighbour.rounds(_ROUNDS)
        finally:
            for one in opened:
                one.close()
        return found

    return act


async def _take(port: int, sent: bytes, opened: list[socket.socket], *, answers: bool) -> int:
    """Opens a connection and leaves it open; returns the status of what begins to be answered."""
    loop = asyncio.get_running_loop()
    one = socket.socket()
    opened.append(one)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW)
    one.setblocking(False)
    with contextlib.suppress(OSError):
        if SOURCE is not None:
            one.bind(SOURCE)
        await loop.sock_connect(one, ("127.0.0.1", port))
        await loop.sock_sendall(one, sent)
        if not answers:
            return UNANSWERED
        head = await loop.sock_recv(one, 64)
        if head:
            return int(head.split(b" ", 2)[1])
    return LOST
