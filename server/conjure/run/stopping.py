"""TERM and INT, as the event that a process waits for."""

from __future__ import annotations

import asyncio
import signal


def stop_event() -> asyncio.Event:
    """The event that TERM and INT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
