"""The listener for edges: its socket file or port, its connections, and their end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.private_files import FILE_MODE, FOLDER_MODE, can_be_a_socket
from conjure.rpc.http1.connection import EdgeConnection
from conjure.rpc.tls import ServerFiles
from conjure.settings import SettingsError, variable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from conjure.rpc.health import Health
    from conjure.rpc.layer import Step
    from conjure.rpc.methods import Method
    from conjure.settings import EdgeSettings, ServerSettings

log = structlog.get_logger(__name__)

_SWEEP_S: Final = 0.5
"""How often connections are looked at, and certificates; how late a limit of time may be."""
_HANDSHAKE_S: Final = 10.0
_BACKLOG: Final = 1_024


class EdgeListener:
    """Takes the unary calls of edges: a socket file where edge and server share a machine, else a port.

    The port has the TLS of the gRPC port; the socket file is for whoever may enter its folder.
    """

    def __init__(
        self,
        server: ServerSettings,
        edge: EdgeSettings,
        table: Mapping[bytes, tuple[Method, Step]],
        health: Health,
        most_bytes: int,
    ) -> None:
        """`table` has the unary RPCs by their full names; `most_bytes` is the largest body of any of them."""
        self.loop = asyncio.get_running_loop()
        self.limits = edge
        self.table = table
        self.health = health
        self.most_bytes = most_bytes
        self._files = ServerFiles(server) if server.tls_cert else None
        self._connections: set[EdgeConnection] = set()
        self._socket: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._sweeping: asyncio.TimerHandle | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._is_leaving = False

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    async def start(self, host: str, port: int, *, anywhere: bool) -> str:
        """Begins to listen for the worker whose gRPC port is `port`; returns where.

        `anywhere`: any port will do, as any did for gRPC. Raises SettingsError when none can be had.
        """
        if self.limits.sockets:
            path = self.limits.socket_of(port)
            await self._listen_on_file(Path(path))
            where = f"unix:{path}"
        else:
            number = 0 if anywhere else self.limits.port_of(port)
            where = await self._listen_on_port(host, number)
        self._sweeping = self.loop.call_later(_SWEEP_S, self._sweep)
        return where

    def leave(self) -> None:
        """From here on each answer is the last one of its connection."""
        self._is_leaving = True
        for connection in self._connections:
            connection.leave()

    def close(self) -> None:
        """Takes no more connections, and ends those that wait for nothing."""
        self._stop_listening()
        for connection in tuple(self._connections):
            connection.close_unless_busy()

    def abort(self) -> None:
        """Ends everything at once."""
        self._stop_listening()
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in tuple(self._connections):
            connection.abort()

    def join(self, connection: EdgeConnection) -> bool:
        """Takes a new connection in; False when there are too many."""
        if len(self._connections) >= self.limits.max_connections:
            log.warning("an edge has more connections than this server takes")
            return False
        self._connections.add(connection)
        if self._is_leaving:
            connection.leave()
        return True

    def part(self, connection: EdgeConnection) -> None:
        """Forgets a connection."""
        self._connections.discard(connection)

    def _connect(self) -> EdgeConnection:
        return EdgeConnection(self)

    async def _listen_on_file(self, path: Path) -> None:
        name = variable("edge", "sockets")
        if not can_be_a_socket(path):
            raise SettingsError(f"{name}: {path} is too long for a socket")
        try:
            _make_room(path)
            self._server = await self.loop.create_unix_server(
                self._connect, str(path), backlog=_BACKLOG
            )
            _close_to_others(path)
        except OSError as error:
            raise SettingsError(f"{name}: {path} cannot be listened on: {error}") from error

    async def _listen_on_port(self, host: str, port: int) -> str:
        context = None if self._files is None else self._files.context()
        try:
            family, *_, address = socket.getaddrinfo(
                host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            self._socket = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
            await self._listen(context)
        except OSError as error:
            name = variable("edge", "port_offset")
            raise SettingsError(
                f"{name}: {host}:{port} cannot be used: is it another server's?"
            ) from error
        return f"{host}:{self._socket.getsockname()[1]}"

    async def _listen(self, context: ssl.SSLContext | None) -> None:
        """Takes connections with this TLS from here on; those that are open keep theirs."""
        assert self._socket is not None  # noqa: S101 - there is a port
        before = self._server
        self._server = await self.loop.create_server(
            self._connect,
            sock=self._socket.dup(),
            backlog=_BACKLOG,
            ssl=context,
            ssl_handshake_timeout=None if context is None else _HANDSHAKE_S,
        )
        if before is not None:
            before.close()

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _sweep(self) -> None:
        now = self.loop.time()
        for connection in tuple(self._connections):
            if connection.due is not None and connection.due <= now:
                connection.abort()
        if self._files is not None and self._socket is not None:
            context = self._files.changed_context()
            if context is not None:
                self._renewing = self.loop.create_task(self._listen(context))
        self._sweeping = self.loop.call_later(_SWEEP_S, self._sweep)


def _make_room(path: Path) -> None:
    """Makes the folder, unless it is there, and removes what a server that was killed has left."""
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):  # nobody's: the gRPC port that it goes with is ours
            path.unlink()


def _close_to_others(path: Path) -> None:
    path.chmod(FILE_MODE)
