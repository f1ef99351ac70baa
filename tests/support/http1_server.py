"""A server of its own for those who hurt its listener for edges, and what it must be like afterwards."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conjure.settings import Settings
from support.http1 import Answer, Http1, Place, request
from support.ports import claimed_port, claimed_ports
from support.scrape import scrape
from support.stack import running_server
from support.until import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from conjure.run.child import Child

HEALTH = "/conjure.v1.SystemService/GetHealth"
_LISTENS = "00010000"  # __SO_ACCEPTCON
_SIGNS = ("Traceback", '"level": "error"', "never retrieved")


def socket_place(port: int) -> Place:
    """Where the server with this gRPC port listens for edges, in this run of the tests."""
    return Place(path=Settings.from_environment().edge.socket_of(port))


@dataclass
class EdgeServer:
    """Where it is."""

    child: Child
    port: int
    place: Place
    metrics_url: str
    log_file: Path

    def descriptors(self) -> dict[int, str]:
        """What the process has open, by number (Linux)."""
        found = {}
        for entry in Path(f"/proc/{self.child.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found[int(entry.name)] = str(entry.readlink())
        return found

    def open_connections(self) -> int:
        """How many of them are connections of edges."""
        held = set(self.descriptors().values())
        return sum(f"socket:[{inode}]" in held for inode in self._at_its_place())

    def _at_its_place(self) -> Iterator[str]:
        """The inodes of connections to where it listens, as /proc/net has them."""
        tables = Path(f"/proc/{self.child.pid}/net")
        if self.place.path:
            for line in (tables / "unix").read_text().splitlines():
                fields = line.split()
                if fields[-1] == self.place.path and fields[3] != _LISTENS:
                    yield fields[6]
            return
        port = f":{self.place.port:04X}"
        for name in ("tcp", "tcp6"):
            for line in (tables / name).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(port) and fields[3] != "0A":  # LISTEN
                    yield fields[9]

    async def running(self) -> int:
        """Calls that run now."""
        return int((await scrape(self.metrics_url)).total("conjure_rpc_in_flight", kind="call"))

    async def is_quiet(self) -> bool:
        """Whether nothing is left of those who came: no call, no connection."""
        return await self.running() == 0 and self.open_connections() == 0

    async def must_be_well(self) -> None:
        """Nothing is left, nothing was logged as a fault, and it serves on."""
        await until(self.is_quiet)
        text = self.log_file.read_text()
        assert not [sign for sign in _SIGNS if sign in text], text[-3_000:]
        assert (await self.ask()).message is not None

    async def ask(self, data: bytes | None = None) -> Answer:
        """Sends a request on a connection of its own."""
        async with Http1(self.place) as connection:
            return await connection.ask(request(HEALTH) if data is None else data)


@contextlib.asynccontextmanager
async def running_edge_server(
    directory: Path, store_url: str, environment: Mapping[str, str] | None = None, **place: Any
) -> AsyncIterator[EdgeServer]:
    """Starts one on a store. With `place` it listens on a port there, else on a socket file."""
    metrics = claimed_port()
    variables = {"CONJURE_METRICS_PORT": str(metrics), **(environment or {})}
    port = claimed_port()
    where = socket_place(port)
    if place:
        port, listening = claimed_ports(2)
        where = Place(port=listening, **place)
        variables |= {"CONJURE_EDGE_SOCKETS": "", "CONJURE_EDGE_PORT_OFFSET": "1"}
    async with running_server(directory, store_url, variables, port=port) as (child, _):
        server = EdgeServer(
            child, port, where, f"http://127.0.0.1:{metrics}/metrics", directory / "server.log"
        )

        async def is_listening() -> bool:
            with contextlib.suppress(OSError):
                await server.ask()
                return True
            return False

        await until(is_listening)
        yield server
