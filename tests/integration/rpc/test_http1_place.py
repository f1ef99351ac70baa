"""Where the listener for edges is: its socket file, its port, its TLS."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import stat

import pytest

from support.certificates import Certificates, server_environment
from support.cli import Conjure
from support.http1 import Http1, Place, request
from support.http1_server import HEALTH, running_edge_server
from support.ports import claimed_port, claimed_ports
from support.stack import running_server
from support.until import until

GOOD = request(HEALTH)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("theirs"))


async def answers(place: Place) -> bool:
    """Whether a call is answered there."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        async with Http1(place) as connection:
            return bool((await connection.ask(GOOD)).message)
    return False


async def until_answered(place: Place) -> None:
    """A server listens for edges a moment after its own port can be connected to."""
    await until(lambda: answers(place))


def on_port(offset: int = 1, **more: str) -> dict[str, str]:
    return {"CONJURE_EDGE_SOCKETS": "", "CONJURE_EDGE_PORT_OFFSET": str(offset), **more}


class TestSocketFiles:
    @pytest.fixture
    def folder(self, tmp_path_factory):
        """A short path: sockets have no long ones."""
        from conjure.core.private_files import socket_folder

        made = socket_folder("65535")
        with made as name:
            yield type(tmp_path_factory.getbasetemp())(name)

    async def test_a_folder_that_is_made_is_private_and_so_is_the_file(
        self, stack, folder, tmp_path
    ):
        environment = {"CONJURE_EDGE_SOCKETS": str(folder / "new")}
        async with running_server(tmp_path, stack.store_url, environment) as (_, port):
            path = folder / "new" / str(port)
            await until(path.exists)
            await until_answered(Place(path=str(path)))
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    async def test_a_folder_that_is_there_stays_as_it_is(self, stack, folder, tmp_path):
        """An operator may let the edge's user in by it."""
        folder.chmod(0o2750)
        before = os.umask(0)
        try:
            environment = {"CONJURE_EDGE_SOCKETS": f"{folder}/"}
            async with running_server(tmp_path, stack.store_url, environment) as (_, port):
                await until_answered(Place(path=f"{folder}/{port}"))
                assert stat.S_IMODE(folder.stat().st_mode) == 0o2750
                assert stat.S_IMODE((folder / str(port)).stat().st_mode) == 0o600
        finally:
            os.umask(before)

    async def test_what_a_killed_server_leaves_is_replaced(self, stack, folder, tmp_path):
        environment = {"CONJURE_EDGE_SOCKETS": str(folder)}
        async with running_server(tmp_path, stack.store_url, environment) as (child, port):
            place, pid = Place(path=f"{folder}/{port}"), child.pid
            await until_answered(place)
            os.kill(pid, signal.SIGKILL)
            await until(lambda: child.pid != pid)  # its supervisor starts it again
            await until_answered(place)

    async def test_a_file_that_is_no_socket_is_not_removed(self, stack, folder, tmp_path):
        port = claimed_port()
        (folder / str(port)).write_text("somebody's")
        environment = {"CONJURE_EDGE_SOCKETS": str(folder), "CONJURE_SERVER_PORT": str(port)}
        code, _, errors = await Conjure(stack, tmp_path)("serve", **environment)
        assert code == 2
        assert "CONJURE_EDGE_SOCKETS" in errors
        assert (folder / str(port)).read_text() == "somebody's"

    async def test_a_path_that_is_too_long_is_named(self, stack, tmp_path):
        environment = {
            "CONJURE_EDGE_SOCKETS": f"/tmp/{'x' * 100}",
            "CONJURE_SERVER_PORT": str(claimed_port()),
        }
        code, _, errors = await Conjure(stack, tmp_path)("serve", **environment)
        assert code == 2
        assert "CONJURE_EDGE_SOCKETS" in errors
        assert "too long" in errors

    async def test_each_worker_has_its_own(self, stack, folder, tmp_path):
        first, second = claimed_ports(2)
        environment = {
            "CONJURE_EDGE_SOCKETS": str(folder),
            "CONJURE_SERVER_WORKERS": "2",
            "CONJURE_SERVER_DRAIN_PAUSE_S": "3",
        }
        async with running_server(tmp_path, stack.store_url, environment, port=first):
            for port in (first, second):
                place = Place(path=f"{folder}/{port}")

                async def is_there(place: Place = place) -> bool:
                    return await answers(place)

                await until(is_there)


class TestPorts:
    async def test_a_port_that_is_taken_is_named(self, stack, tmp_path):
        port, taken = claimed_ports(2)
        with socket.create_server(("127.0.0.1", taken)):
            environment = on_port(CONJURE_SERVER_PORT=str(port))
            code, _, errors = await Conjure(stack, tmp_path)("serve", **environment)
        assert code == 2
        assert "CONJURE_EDGE_PORT_OFFSET" in errors
        assert str(taken) in errors

    @pytest.mark.parametrize("host", ["[::1]", "[::]", "localhost", "0.0.0.0"])
    async def test_a_host_is_listened_on_as_grpc_does(self, stack, tmp_path, host):
        """Each address by which the gRPC port can be reached, the listener for edges can, too."""
        environment = on_port(CONJURE_SERVER_HOST=host)
        port, listening = claimed_ports(2)
        expected = {"[::1]": ["::1"], "[::]": ["::1", "127.0.0.1"]}.get(host, ["127.0.0.1"])
        async with running_server_on(tmp_path, stack.store_url, environment, port, expected[0]):
            for address in expected:
                await until_answered(Place(host=address, port=listening))

    async def test_two_workers_have_two_ports(self, stack, tmp_path):
        first = claimed_ports(4)[0]
        environment = on_port(2, CONJURE_SERVER_WORKERS="2", CONJURE_SERVER_DRAIN_PAUSE_S="3")
        async with running_server(tmp_path, stack.store_url, environment, port=first):
            for port in (first + 2, first + 3):

                async def is_there(port: int = port) -> bool:
                    return await answers(Place(port=port))

                await until(is_there)

    @pytest.mark.parametrize("calls", ["http1", "grpc"])
    @pytest.mark.parametrize(("offset", "workers"), [(1, 2), (30_000, 1)])
    async def test_an_offset_without_room_is_refused(self, stack, tmp_path, offset, workers, calls):
        environment = on_port(
            offset, CONJURE_SERVER_PORT="40000", CONJURE_SERVER_WORKERS=str(workers),
            CONJURE_SERVER_DRAIN_PAUSE_S="3", CONJURE_EDGE_CALLS=calls,
        )  # fmt: skip
        code, _, errors = await Conjure(stack, tmp_path)("serve", **environment)
        assert code == 2
        assert "CONJURE_EDGE_PORT_OFFSET" in errors


@contextlib.asynccontextmanager
async def running_server_on(folder, store_url, environment, port, address):
    """`running_server` waits at 127.0.0.1; here one that may be elsewhere."""
    import sys

    from conjure.run.child import Child
    from conjure.run.ports import wait_for_port
    from support.until import LIMIT_S

    child = Child(
        "server", lambda: [sys.executable, "-m", "conjure", "serve"],
        ready=lambda: wait_for_port(port + 1, address),
        environment={**os.environ, "CONJURE_STORE_URL": store_url, "CONJURE_SERVER_PORT": str(port),
                     "CONJURE_SERVER_DRAIN_PAUSE_S": "0.2", **environment},
        log_file=folder / "server.log", start_s=LIMIT_S, stop_s=LIMIT_S,
    )  # fmt: skip
    async with child:
        yield


class TestTls:
    async def test_only_holders_of_a_certificate_get_in(self, stack, ours, theirs, tmp_path):
        mixed = theirs.context("client")
        mixed.load_verify_locations(ours.path("ca"))
        tls = ours.context("edge-client")
        async with running_edge_server(
            tmp_path, stack.store_url, ours.server_environment, tls=tls
        ) as server:
            port = server.place.port
            for client in ("edge-client", "client"):
                await until_answered(Place(port=port, tls=ours.context(client)))
            for wrong in (
                None,
                ours.context(),
                mixed,
                ours.context("edge"),
                theirs.context("client"),
            ):
                async with contextlib.AsyncExitStack() as opened:
                    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                        connection = await opened.enter_async_context(
                            Http1(Place(port=port, tls=wrong))
                        )
                        connection.write(GOOD)
                        assert await connection.ended() in {b"", b"\x15\x03\x03\x00\x02\x02\x0a"}
            async with Http1(server.place) as connection:
                agreed = connection.writer.get_extra_info("ssl_object")
                assert agreed.version() == "TLSv1.3"
            await until(server.is_quiet)
            assert "Traceback" not in server.log_file.read_text()

    async def test_http2_is_not_agreed_on(self, stack, ours, tmp_path):
        tls = ours.context("edge-client")
        tls.set_alpn_protocols(["h2", "http/1.1"])
        async with (
            running_edge_server(
                tmp_path, stack.store_url, ours.server_environment, tls=tls
            ) as server,
            Http1(server.place) as connection,
        ):
            agreed = connection.writer.get_extra_info("ssl_object")
            assert agreed.selected_alpn_protocol() == "http/1.1"

    async def test_slow_readers_are_given_up_over_tls_too(self, stack, app, ours, tmp_path):
        from conjure.v1 import world_service_pb2 as world_pb
        from support.http1 import framed, http1_channel
        from support.rpc import Client

        tls = ours.context("edge-client")
        environment = {
            **ours.server_environment, "CONJURE_EDGE_TRANSFER_S": "0.5", "CONJURE_HEAVY_WORKERS": "0",
        }  # fmt: skip
        async with running_edge_server(tmp_path, stack.store_url, environment, tls=tls) as server:
            async with http1_channel(server.place) as opened:
                made = await Client(opened, app.secret).new_world(ballast="x" * (10 << 20))
            message = framed(world_pb.GetWorldRequest(id=made).SerializeToString())
            data = request(
                "/conjure.v1.WorldService/GetWorld", message, f"authorization: Bearer {app.secret}"
            )
            assert len((await server.ask(data)).message) > 10 << 20
            await until(server.is_quiet)
            async with Http1(server.place, reads=False) as connection:
                connection.write(data)
                await until(lambda: server.open_connections() == 0)

    async def test_new_certificates_are_used_for_new_connections(self, stack, tmp_path):
        old, new = Certificates(tmp_path / "old"), Certificates(tmp_path / "new")
        used = tmp_path / "used"
        used.mkdir()
        old.install(used)
        before, after = old.context("edge-client"), new.context("edge-client")
        async with running_edge_server(
            tmp_path, stack.store_url, server_environment(used), tls=before
        ) as server:
            port = server.place.port

            async def new_ones_work() -> bool:
                return await answers(Place(port=port, tls=after))

            async with Http1(server.place) as inside:
                assert (await inside.ask(GOOD)).message
                assert not await new_ones_work()
                new.install(used)
                await until(new_ones_work)
                assert (await inside.ask(GOOD)).message  # who is in stays in
            assert not await answers(server.place)
            # Nonsense on the disk is not taken up, and said once.
            (used / "server.pem").write_text("nonsense")
            await until(lambda: "cannot be used" in server.log_file.read_text())
            for _ in range(3):
                assert await new_ones_work()
                await asyncio.sleep(0.5)
            assert server.log_file.read_text().count("cannot be used") == 1
            old.install(used)

            async def old_ones_work() -> bool:
                return await answers(server.place)

            await until(old_ones_work)

    async def test_a_key_that_wants_a_password_is_refused_and_nobody_is_asked(
        self, stack, ours, tmp_path
    ):
        used = tmp_path / "used"
        used.mkdir()
        ours.install(used)
        key = used / "server-key.pem"
        from cryptography.hazmat.primitives import serialization as forms

        loaded = forms.load_pem_private_key(key.read_bytes(), None)
        locked = forms.BestAvailableEncryption(b"secret")
        key.write_bytes(loaded.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, locked))
        environment = on_port(
            CONJURE_SERVER_PORT=str(claimed_ports(2)[0]), **server_environment(used)
        )
        code, _, errors = await Conjure(stack, tmp_path)("serve", **environment)
        assert code == 2
        assert "CONJURE_SERVER_TLS" in errors
