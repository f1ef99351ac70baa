"""The listener for edges: its socket file or port, its connections, and their end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.private_files import FILE_MODE, FOLDER_MODE, can_be_a_socket
from conjure.core.room import Room
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
_NOT_HERE: Final = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
"""What an address says that a machine does not have: `localhost` where there is no IPv6, for example."""


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
        self.room = Room(server.large_bodies_bytes)
        self._files = ServerFiles(server) if server.tls_cert else None
        self._connections: set[EdgeConnection] = set()
        self._gone = asyncio.Event()
        self._gone.set()
        self._refused = 0  # connections, since the last sweep
        self._sockets: list[socket.socket] = []
        self._servers: list[asyncio.Server] = []
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

    async def wait_gone(self, timeout_s: float) -> bool:
        """Waits until the last answers are taken; False when `timeout_s` passed first."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._gone.wait()
        except TimeoutError:
            return False
        return True

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
            self._refused += 1
            return False
        self._connections.add(connection)
        self._gone.clear()
        if self._is_leaving:
            connection.leave()
        return True

    def part(self, connection: EdgeConnection) -> None:
        """Forgets a connection."""
        self._connections.discard(connection)
        if not self._connections:
            self._gone.set()

    def _connect(self) -> EdgeConnection:
        return EdgeConnection(self)

    async def _listen_on_file(self, path: Path) -> None:
        name = variable("edge", "sockets")
        if not can_be_a_socket(path):
            raise SettingsError(f"{name}: {path} is too long for a socket")
        try:
            self._sockets = [_socket_file(path)]
            await self._listen(None)
        except OSError as error:
            raise SettingsError(f"{name}: {path} cannot be listened on: {error}") from error

    async def _listen_on_port(self, host: str, port: int) -> str:
        context = None if self._files is None else self._files.context()
        try:
            self._sockets = _sockets_of(host.strip("[]"), port)
            await self._listen(context)
        except OSError as error:
            name = variable("edge", "port_offset")
            raise SettingsError(
                f"{name}: {host}:{port} cannot be used: is it another server's?"
            ) from error
        return f"{host}:{self._sockets[0].getsockname()[1]}"

    async def _listen(self, context: ssl.SSLContext | None) -> None:
        """Takes connections with this TLS from here on; those that are open keep theirs. Raises OSError."""
        async with contextlib.AsyncExitStack() as unless_all:
            servers = []
            for bound in self._sockets:
                server = await self._serve(bound.dup(), context)  # a server closes what it is given
                servers.append(server)
                unless_all.callback(server.close)
            unless_all.pop_all()
        before, self._servers = self._servers, servers
        for server in before:
            server.close()

    async def _serve(self, bound: socket.socket, context: ssl.SSLContext | None) -> asyncio.Server:
        if bound.family == socket.AF_UNIX:
            return await self.loop.create_unix_server(self._connect, sock=bound, backlog=_BACKLOG)
        return await self.loop.create_server(
            self._connect,
            sock=bound,
            backlog=_BACKLOG,
            ssl=context,
            ssl_handshake_timeout=None if context is None else _HANDSHAKE_S,
        )

    async def _renew(self, files: ServerFiles) -> None:
        context = files.changed_context()
        if context is None:
            return
        try:
            await self._listen(context)
        except OSError as error:
            log.warning("new certificates are not used yet", cause=str(error))
            files.look_again()

    def _stop_listening(self) -> None:
        for server in self._servers:
            server.close()
        for bound in self._sockets:
            bound.close()
        self._servers, self._sockets = [], []

    def _sweep(self) -> None:
        self._sweeping = self.loop.call_later(_SWEEP_S, self._sweep)
        now = self.loop.time()
        for connection in tuple(self._connections):
            if connection.due is not None and connection.due <= now:
                connection.abort()
        if self._refused:
            log.warning("edges have more connections than this server takes", refused=self._refused)
            self._refused = 0
        if self._files is not None and self._sockets:
            self._renewing = self.loop.create_task(self._renew(self._files))


def _sockets_of(host: str, port: int) -> list[socket.socket]:
    """Returns a socket for each address of a host that is here, as gRPC has them; `port` 0 is any.

    Raises OSError.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    with contextlib.ExitStack() as unless_all:
        sockets: list[socket.socket] = []
        failure: OSError | None = None
        for family, *_, address in dict.fromkeys(found):
            is_any = family == socket.AF_INET6 and address[0] == "::"
            try:
                bound = socket.create_server(
                    (address[0], port, *address[2:]),
                    family=family,
                    dualstack_ipv6=is_any and socket.has_dualstack_ipv6(),
                )
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
                failure = error
                continue
            sockets.append(unless_all.enter_context(bound))
            port = bound.getsockname()[1]
        if failure is not None and not sockets:
            raise failure
        unless_all.pop_all()
    return sockets


def _socket_file(path: Path) -> socket.socket:
    """Returns a socket that only its owner can connect to, once it listens. Raises OSError."""
    _make_room(path)
    opened = socket.socket(socket.AF_UNIX)
    try:
        opened.bind(str(path))
        path.chmod(FILE_MODE)
    except BaseException:  # whatever it was: nobody would close them
        opened.close()
        raise
    return opened


def _make_room(path: Path) -> None:
    """Makes the folder, unless it is there, and removes what a server that was killed has left."""
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):  # nobody's: the gRPC port that it goes with is ours
            path.unlink()
