"""The servers of a store one by one, for those who need each: a check, a backup, a restore.

Everybody else goes by keys (`store.cluster`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import RedisError, ResponseError

from conjure.settings import variable
from conjure.store.link import NoReply, NotSent
from conjure.store.topology import SLOTS, address_in, read_topology, url_at
from conjure.store.wire import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from conjure.settings import StoreSettings

Run = Callable[..., Awaitable[Any]]
"""Runs a command on one server. Raises NotSent, NoReply or RedisError."""

TROUBLE: Final = (NotSent, NoReply, RedisError)
"""What comes of commands that were not answered as they should be."""

REFUSED: Final = (ResponseError,)
"""Of these: the server is there, and does not do it for us."""

_PAGE: Final = 1_000
_FLAGS, _FIRST_SLOTS = 2, 8
"""Where a line of CLUSTER NODES says them."""


class WrongServer(Exception):
    """The URL leads to a server that is not all of the store, or not the one that is written to."""


@dataclass(frozen=True, slots=True)
class Master:
    """A server that has keys. `slots`: first and last, both included; `is_moving`: some are on their way."""

    url: str
    id: str
    slots: tuple[tuple[int, int], ...]
    is_moving: bool


@contextlib.asynccontextmanager
async def connected(settings: StoreSettings, url: str) -> AsyncIterator[Run]:
    """Yields what runs a command on one server and raises NotSent, NoReply or RedisError."""
    wire = Wire(settings, url)

    def run(*command: str | bytes | int) -> Awaitable[Any]:
        return wire.call(command)  # no coroutine of its own: some run a million of these

    try:
        yield run
    finally:
        await wire.close()


async def master_urls(settings: StoreSettings) -> list[str]:
    """Returns the URL of each master of a cluster, as the first server that answers knows them."""
    trouble: Exception = NotSent("no server is named")
    for url in settings.urls:
        try:
            async with connected(settings, url) as run:
                reply = await run("CLUSTER", "SLOTS")
            ranges = read_topology(reply, address_in(url)).ranges
            return [url_at(url, address) for address in dict.fromkeys(at for _, _, at in ranges)]
        except ValueError as error:  # it serves no slot: another one may
            trouble = NotSent(str(error))
        except TROUBLE as error:
            trouble = error
    raise trouble


async def survey(settings: StoreSettings) -> tuple[Master, ...]:
    """Returns every master, each as it sees itself. Raises WrongServer, NotSent, NoReply, RedisError."""
    if not settings.cluster:
        async with connected(settings, settings.url) as run:
            info = ""
            with contextlib.suppress(
                ResponseError
            ):  # whoever may not ask knows what the URL leads to
                info = (await run("INFO")).decode(errors="replace")
        why = wrong_server(facts_in(info), settings)
        if why is not None:
            raise WrongServer(why)
        return (Master(settings.url, "", ((0, SLOTS - 1),), is_moving=False),)
    found = []
    for url in await master_urls(settings):
        async with connected(settings, url) as run:
            found.append(_itself(url, (await run("CLUSTER", "NODES")).decode()))
    return tuple(sorted(found, key=lambda master: master.url))


def facts_in(info: str) -> dict[str, str]:
    """The lines of INFO, `name:value`, under all of its headings."""
    pairs = (line.partition(":") for line in info.splitlines())
    return {name: value for name, colon, value in pairs if colon}


def wrong_server(info: Mapping[str, str], settings: StoreSettings) -> str | None:
    """Returns why a server is not the one that the settings should lead to, by its INFO; or None."""
    if info.get("role") in {"slave", "replica"}:
        return "a read-only replica: the URL must lead to the primary"
    is_cluster = info.get("cluster_enabled") == "1"
    if is_cluster != settings.cluster and "cluster_enabled" in info:
        what = "a server of a cluster" if is_cluster else "not a server of a cluster"
        return f"{what}: {variable('store', 'cluster')} must be {str(is_cluster).lower()}"
    return None


def _itself(url: str, nodes: str) -> Master:
    """Reads a server's own line of CLUSTER NODES (Redis cluster specification)."""
    lines = [line.split() for line in nodes.splitlines()]
    own = next(line for line in lines if "myself" in line[_FLAGS].split(","))
    if "master" not in own[_FLAGS].split(","):
        raise NotSent("a server was replaced a moment ago")
    parts = own[_FIRST_SLOTS:]
    bounds = [part.partition("-") for part in parts if not part.startswith("[")]
    return Master(
        url=url,
        id=own[0],
        slots=tuple((int(first), int(last or first)) for first, _, last in bounds),
        is_moving=any(part.startswith("[") for part in parts),
    )


async def keys_on(run: Run) -> AsyncIterator[list[bytes]]:
    """Yields all keys of a server, some at a time; one that moves within it may come twice."""
    cursor = b"0"
    while True:
        cursor, keys = await run("SCAN", cursor, "COUNT", _PAGE)
        if keys:
            yield keys
        if cursor == b"0":
            return
