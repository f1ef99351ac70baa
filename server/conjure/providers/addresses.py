"""Which addresses a name has, and which of them this process may be sent to (SSRF).

Whoever may choose a URL must not reach what only this process reaches: its own machine, its network, the
metadata service of its cloud. So a name is resolved once, *every* address that it has must be a public one,
and the connection goes to one of those (`providers.connections`), whatever the name leads to a moment later.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final, Protocol

from conjure.providers.failures import AddressRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_LOOKUPS: Final = 16  # threads of a resolver
_MOST_ADDRESSES: Final = 64  # of one name; who has more is playing

# Global unicast, as IANA gives it out: all else of IPv6 is private, local, reserved or a way to IPv4.
_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
# What `ipaddress` calls global (in some releases of Python) and is none of the internet's unicast addresses.
_REFUSED: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "100.64.0.0/10",  # this network; behind carriers (and Alibaba's metadata)
        "168.63.129.16/32",  # Azure's wire server
        "192.0.0.0/24", "192.88.99.0/24",  # protocol assignments (and Oracle's metadata); 6to4 relays
        "224.0.0.0/4", "240.0.0.0/4",  # multicast, reserved
        "2001::/23", "2001:db8::/32", "3fff::/20",  # protocol assignments, documentation
    )
)  # fmt: skip


class Resolver(Protocol):
    """Finds the addresses of a name."""

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Returns them as texts, the best first. Raises OSError or UnicodeError when there are none."""
        ...


class SystemResolver:
    """Asks the system, as every program does (/etc/hosts, DNS).

    In threads of its own, a bounded number: names whose servers never answer hold up each other, and not the
    store's name in the event loop's own few threads. They are daemons: none holds up the end of the process.
    """

    def __init__(self, most: int = _MOST_LOOKUPS) -> None:
        self._turns = asyncio.Semaphore(most)

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Returns the addresses (`Resolver`)."""
        await self._turns.acquire()
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Sequence[str]] = loop.create_future()

        def tell(addresses: Sequence[str], error: Exception | None) -> None:
            self._turns.release()  # only now: a lookup goes on when nobody waits for it any more
            if found.done():
                return
            if error is None:
                found.set_result(addresses)
            else:
                found.set_exception(error)

        def look_up() -> None:
            addresses: Sequence[str] = ()
            error: Exception | None = None
            try:
                rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                addresses = [str(row[4][0]) for row in rows]
            except (OSError, UnicodeError) as raised:
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop has been closed
                loop.call_soon_threadsafe(tell, addresses, error)

        try:
            threading.Thread(target=look_up, name="lookup", daemon=True).start()
        except RuntimeError as raised:  # no more threads
            self._turns.release()
            raise OSError(str(raised)) from raised
        return await found


def is_public(text: str) -> bool:
    """Whether an address is a unicast address of the internet, also one that leads to IPv4.

    What is not an address, or has a zone (`fe80::1%eth0`), is none.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return _is_public(address)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        inner = _inner(address)
        if inner is not None:
            return _is_public(inner)
        if address not in _UNICAST or address.teredo is not None:
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not any(
            network.version == address.version and address in network for network in _REFUSED
        )
    )


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one end at. Teredo's are found by a server: refused as such."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return None


async def checked_addresses(
    host: str, port: int, *, allows_private: bool, resolver: Resolver
) -> tuple[str, ...]:
    """Returns the addresses of a name or of an address, all of which may be called.

    Raises AddressRefused: it has none, or one of them is not public and that is not allowed. One is enough:
    a name with a public and a private address is the way in that this closes.
    """
    try:
        addresses: Sequence[str] = (str(ip_address(host)),)
    except ValueError:
        try:
            addresses = await resolver.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise AddressRefused(f"{host} has no address: {error}") from error
    distinct = tuple(dict.fromkeys(addresses))
    if not 0 < len(distinct) <= _MOST_ADDRESSES:
        raise AddressRefused(f"{host} has {len(distinct)} addresses")
    if not allows_private:
        for address in distinct:
            if not is_public(address):
                raise AddressRefused(f"{host} leads to {address}, which is not a public address")
    return distinct
