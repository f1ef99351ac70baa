"""Ports that no other test run on this machine takes between choosing one and listening on it."""

from __future__ import annotations

import contextlib
import socket
from typing import Final

from conjure.run.ports import free_port

_CLAIMS: Final[list[socket.socket]] = []
"""Held for as long as this process lives; the system lets go of them when it ends."""


def claimed_port() -> int:
    """A free TCP port on loopback that no other process of tests is given while this one lives.

    Seconds can pass on a busy machine until a part listens, and runs beside this one choose from the same
    ports. The claim is the UDP port of the same number: it is exclusive, and nothing here speaks UDP.
    """
    return claimed_ports(1)[0]


def claimed_ports(count: int) -> list[int]:
    """Ports in a row, as the workers of a server take them, each as `claimed_port` has it."""
    while True:
        first = free_port()
        with contextlib.ExitStack() as held, contextlib.suppress(OSError, OverflowError):
            claims = [
                held.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(count)
            ]
            ports = list(range(first, first + count))
            for port, claim in zip(ports, claims, strict=True):
                claim.bind(("127.0.0.1", port))
            if all(free_port(port) == port for port in ports):
                _CLAIMS.extend(claims)
                held.pop_all()
                return ports
