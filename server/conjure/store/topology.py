"""Which server has which slot, as a server of the cluster tells it."""

from __future__ import annotations

from binascii import crc_hqx
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

from conjure.store.keyspace import hash_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.store.link import Value

SLOTS: Final = 16_384

Address = tuple[str, int]
"""Host and port of a server."""


@dataclass(frozen=True, slots=True)
class Topology:
    """The masters with their slots (first and last, both included), and all servers that were named."""

    ranges: tuple[tuple[int, int, Address], ...]
    servers: frozenset[Address]


def slot_of(key: Value) -> int:
    """The slot of a key (Redis cluster specification): CRC-16/XMODEM of its hash tag."""
    return crc_hqx(hash_tag(str(key)).encode(), 0) % SLOTS


def read_topology(reply: Sequence[Any], asked: Address) -> Topology:
    """Reads the answer to CLUSTER SLOTS: for each range first, last, master, replicas.

    A server is host, port, id, …; one that does not know how it is called leaves the host out: then it
    is the one that was asked. Raises ValueError when no slot is served.
    """
    ranges: list[tuple[int, int, Address]] = []
    servers: set[Address] = set()
    for first, last, *named in reply:
        addresses = [address_of(host, port, asked) for host, port, *_ in named]
        ranges.append((int(first), int(last), addresses[0]))
        servers.update(addresses)
    if not ranges:
        raise ValueError("no slot is served")
    return Topology(tuple(ranges), frozenset(servers))


def address_of(host: bytes | str | None, port: int, asked: Address) -> Address:
    """An address as a server of the cluster says it; `asked` is that server's own."""
    name = host.decode() if isinstance(host, bytes) else host
    return (asked[0] if name in {None, "", "?"} else str(name), int(port))


def address_in(url: str) -> Address:
    """The address in a store URL."""
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 6379


def database_in(url: str) -> int:
    """The number of the database in a store URL."""
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("db") or [parts.path.strip("/")]
    is_path = parts.scheme == "unix" and "db=" not in parts.query
    return int(named[0]) if not is_path and named[0].isdecimal() else 0


def url_at(url: str, address: Address) -> str:
    """The URL with another address: scheme, credentials and options stay."""
    parts = urlsplit(url)
    credentials, at, _ = parts.netloc.rpartition("@")
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    netloc = f"{credentials}{at}{host}:{address[1]}"
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
