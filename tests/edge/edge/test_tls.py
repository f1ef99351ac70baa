"""TLS at the edge and mTLS to the server, with real certificates: who gets in, and who does not."""

from __future__ import annotations

import asyncio
import json
import ssl
import warnings

import grpc
import httpx
import pytest

from conjure.core.transports import EdgeTransport
from conjure.edge.tls import UpstreamTls
from support.certificates import Certificates, secure_channel, server_environment
from support.cli import Conjure
from support.ports import claimed_ports
from support.rest import assert_error, bearer, connect, import_world, mint
from support.rpc import Client
from support.stack import running_edge, running_server
from support.until import LIMIT_S

HEALTH = "/conjure.v1.SystemService/GetHealth"


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """The same names, of another authority."""
    return Certificates(tmp_path_factory.mktemp("theirs"))


@pytest.fixture(scope="module", params=list(EdgeTransport))
def calls(request):
    """How the edge's unary calls come; either way over TLS, so on a port."""
    return {"calls": request.param, "sockets": "", "port_offset": 1}


@pytest.fixture(scope="module")
async def server(stack, ours, calls, tmp_path_factory):
    """The port of a server that only holders of a certificate reach, on the next one too."""
    folder = tmp_path_factory.mktemp("server")
    environment = {f"CONJURE_EDGE_{name.upper()}": str(value) for name, value in calls.items()}
    async with running_server(
        folder,
        stack.store_url,
        {**ours.server_environment, **environment},
        port=claimed_ports(2)[0],
    ) as (_, port):
        yield port


@pytest.fixture(scope="module")
async def edge(server, ours, calls, tmp_path_factory):
    """The REST and the gRPC port of an edge with TLS on both sides."""
    async with running_edge(
        tmp_path_factory.mktemp("edge"), server,
        listener_tls=ours.listener, upstream_tls=ours.upstream(), **calls,
    ) as (_, rest_port, grpc_port):  # fmt: skip
        yield rest_port, grpc_port


@pytest.fixture
async def secure(edge, ours):
    async with httpx.AsyncClient(
        base_url=f"https://localhost:{edge[0]}",
        verify=ours.context(),
        trust_env=False,
        timeout=LIMIT_S,
    ) as client:
        yield client


async def unreachable(channel) -> None:
    """Calls what has to be closed."""
    async with channel as opened:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await opened.unary_unary(HEALTH)(b"", timeout=10)
    assert caught.value.code() in {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }


class TestThrough:
    async def test_everything_works_over_tls_on_both_sides(self, secure, app):
        world_id = await import_world(secure, app.secret)
        path = f"/v1/worlds/{world_id}"
        moved = await secure.patch(
            f"{path}/entrance", json={"state": "cellar"}, headers=bearer(app.secret)
        )
        assert moved.status_code == 200
        token = (await mint(secure, app.secret, world_id))["token"]
        connected = await connect(secure, token)
        assert connected.status_code == 200
        assert connected.json()["world"]["entrance"]["state"] == "cellar"
        watching = secure.stream("GET", f"{path}/events-stream", headers=bearer(app.secret))
        async with watching as stream:
            assert stream.headers["content-type"] == "text/event-stream"
            events = stream.aiter_lines()
            await anext(events)
            await secure.patch(
                f"{path}/entrance", json={"state": "hall"}, headers=bearer(app.secret)
            )
            async with asyncio.timeout(LIMIT_S):
                assert "rev" in await anext(line async for line in events if "data:" in line)

    async def test_browsers_are_told_to_stay_with_tls(self, secure, rest):
        answer = await secure.get("/healthz")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert_error(missing := await secure.get("/nope"), 404)
        assert "strict-transport-security" in missing.headers
        assert "strict-transport-security" not in (await rest.get("/healthz")).headers

    async def test_internal_services_call_through_the_edge_with_a_certificate(
        self, edge, ours, app
    ):
        async with ours.channel(f"localhost:{edge[1]}") as opened:
            assert (await Client(opened, app.secret).get_usage()).caps["session"] == 200

    async def test_http2_is_agreed_on(self, edge, ours):
        context = ours.context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        _, writer = await asyncio.open_connection("localhost", edge[0], ssl=context)
        agreed = writer.get_extra_info("ssl_object")
        assert agreed.selected_alpn_protocol() == "h2"
        assert agreed.version() == "TLSv1.3"
        writer.close()

    async def test_the_command_line_calls_with_a_certificate(self, stack, server, ours, tmp_path):
        conjure = Conjure(stack, tmp_path)
        arguments = ("call", "SystemService/GetHealth", "--target", f"localhost:{server}")
        code, output, _ = await conjure(
            *arguments,
            CONJURE_CALL_TLS_CA=ours.path("ca"),
            CONJURE_CALL_TLS_CERT=ours.path("client"),
            CONJURE_CALL_TLS_KEY=ours.path("client-key"),
        )
        assert code == 0
        assert json.loads(output)


class TestAtTheServer:
    async def test_a_certificate_of_ours_gets_in(self, server, ours, app):
        async with ours.channel(f"localhost:{server}") as opened:
            assert (await Client(opened, app.secret).get_usage()).caps["session"] == 200

    async def test_plain_text_does_not(self, server):
        await unreachable(grpc.aio.insecure_channel(f"localhost:{server}"))

    async def test_nobody_without_a_certificate_does(self, server, ours):
        await unreachable(ours.channel(f"localhost:{server}", client=None))

    async def test_a_certificate_of_another_authority_does_not(self, server, ours, theirs):
        await unreachable(
            secure_channel(
                f"localhost:{server}", ours.read("ca"), theirs.read("client-key"),
                theirs.read("client"),
            )
        )  # fmt: skip

    async def test_a_server_is_not_a_client(self, server, ours):
        """Who steals the edge's certificate cannot call with it."""
        await unreachable(ours.channel(f"localhost:{server}", client="edge"))

    async def test_callers_notice_a_server_that_is_another(self, server, ours, theirs):
        await unreachable(ours.channel(f"localhost:{server}", ca=theirs.read("ca")))


class TestAtTheEdge:
    async def test_plain_text_is_not_answered(self, edge):
        for port in edge:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            answer = await asyncio.wait_for(reader.read(), LIMIT_S)
            assert b"HTTP/1.1" not in answer
            writer.close()

    async def test_old_tls_is_refused_by_the_edge(self, edge, ours):
        context = ours.context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError, match=r"(?i)alert") as refused:
            await asyncio.open_connection("localhost", edge[0], ssl=context)
        assert "ALERT" in (refused.value.reason or "")

    async def test_grpc_callers_need_a_certificate_and_rest_clients_do_not(self, edge, ours):
        await unreachable(ours.channel(f"localhost:{edge[1]}", client=None))

    @pytest.mark.parametrize("case", ["other authority", "other name", "no certificate"])
    async def test_an_edge_that_cannot_trust_or_be_trusted_says_503(
        self, server, ours, theirs, calls, tmp_path, case
    ):
        upstream = {
            "other authority": UpstreamTls(
                theirs.path("ca"), ours.path("edge-client"), ours.path("edge-client-key"), "server"
            ),
            "other name": ours.upstream(name="store"),
            "no certificate": ours.upstream(client=""),
        }[case]
        async with (
            running_edge(tmp_path, server, statuses=(503,), upstream_tls=upstream, **calls) as (
                _,
                port,
                _,
            ),
            httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as client,
        ):
            answer = await client.get(f"http://127.0.0.1:{port}/v1/usage")
        assert_error(answer, 503)
        assert answer.headers["retry-after"] == "1"


class TestReplacing:
    async def test_new_certificates_are_taken_up_without_a_restart(self, stack, tmp_path):
        old = Certificates(tmp_path / "old")
        new = Certificates(tmp_path / "new")
        used = tmp_path / "used"
        used.mkdir()

        old.install(used)
        environment = server_environment(used)
        async with running_server(tmp_path, stack.store_url, environment) as (child, port):
            pid = child.pid
            async with old.channel(f"localhost:{port}") as before:
                await before.unary_unary(HEALTH)(b"", timeout=LIMIT_S)
                new.install(used)
                async with new.channel(f"localhost:{port}") as after:
                    await after.unary_unary(HEALTH)(b"", timeout=LIMIT_S)
                await before.unary_unary(HEALTH)(b"", timeout=LIMIT_S)  # who is in stays in
            await unreachable(old.channel(f"localhost:{port}"))
            # Nonsense on the disk is not taken up.
            (used / "server.pem").write_text("nonsense")
            async with new.channel(f"localhost:{port}") as again:
                await again.unary_unary(HEALTH)(b"", timeout=LIMIT_S)
            assert child.pid == pid
