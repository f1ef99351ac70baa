"""Free TCP ports."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from typing import Final

from conjure.run.child import ChildFailed

# Below the ports that Linux and macOS give to outgoing connections.
_OUTSIDE_EPHEMERAL: Final = (20_000, 32_000)


def free_port(*wanted: int | None, host: str = "127.0.0.1") -> int:
    """Returns the first of `wanted` that can be bound now, else a free port outside the ephemeral range.

    The system assigns ephemeral ports to outgoing connections too: a process that restarts could find such a
    port taken by any connection. Raises OSError when no port is free.
    """
    others = (random.randrange(*_OUTSIDE_EPHEMERAL) for _ in range(100))  # noqa: S311 - no secret
    for port in (*wanted, *others, 0):
        if port is None:
            continue
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            found: int = probe.getsockname()[1]
            return found
    raise OSError("no free port")


def require_free(host: str, port: int) -> None:
    """Raises ChildFailed unless a process could listen there now.

    Envoy would not say: it shares a port with another Envoy of the same user: each gets some of the calls.
    """
    try:
        places = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, kind, protocol, _, address in places:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
    except OSError as error:
        raise ChildFailed(f"{host}:{port} cannot be listened on: {error.strerror}") from error


async def wait_for_port(port: int, host: str = "127.0.0.1") -> None:
    """Returns once something accepts connections there."""
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return
        await asyncio.sleep(0.02)


def reachable(host: str) -> str:
    """Returns the address at which a process that is bound to `host` can be called from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1"}.get(host, host)  # noqa: S104
