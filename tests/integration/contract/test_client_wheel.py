"""The wheel of `make client`: what it needs, how it is typed, and what its calls do when something fails."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from importlib import import_module
from pathlib import Path

import grpc
import pytest

from conjure import __version__
from conjure.core.catalog import CATALOG
from conjure.core.errors import Reason
from conjure.v1 import world_service_pb2
from support.certificates import Certificates
from support.chaos.proxy import Proxy
from support.rpc import client
from support.scripted import READ, WRITE, Scripted
from support.until import LIMIT_S, until

ROOT = Path(__file__).parents[3]
SITE = Path(sysconfig.get_paths()["purelib"])
(EXAMPLE,) = re.findall(
    r"<!-- \S*test_client_wheel\.py runs this block -->\n```python\n(.*?)```",
    (ROOT / "protos/client/README.md").read_text(),
    re.DOTALL,
)
TYPED = """
from conjure_client import ApiError, connect, connect_aio
from conjure_client.v1 import errors_pb2, world_service_pb2, world_service_pb2_grpc

def read() -> str:
    with connect("server:9090", "key", deadline_s=5) as channel:
        stub = world_service_pb2_grpc.WorldServiceStub(channel)
        try:
            return stub.GetWorld(world_service_pb2.GetWorldRequest(id="w")).world.name
        except ApiError as error:
            gone: bool = error.reason == errors_pb2.REASON_NOT_FOUND
            return f"{gone} {error.http_status + 1} {error.diagnostics[0].lint}"

async def read_awaited() -> str:
    async with connect_aio("server:9090", "key") as channel:
        stub = world_service_pb2_grpc.WorldServiceStub(channel)
        return (await stub.GetWorld(world_service_pb2.GetWorldRequest(id="w"))).rev

world_service_pb2.GetWorldRequest(id=1)
connect(9090)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built as `make client` builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    done([sys.executable, str(ROOT / "protos/generate_client.py"), str(source)])
    done([
        sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check",
        "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(folder), str(source),
    ])  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder with the wheel alone."""
    folder = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


@pytest.fixture
def conjure_client(installed, monkeypatch):
    """The package, in this process: beside the server's modules."""
    monkeypatch.syspath_prepend(str(installed))
    return import_module("conjure_client")


def done(command: list[str], **environment: str) -> str:
    ended = subprocess.run(
        command, env={**os.environ, **environment}, check=False, text=True, timeout=4 * LIMIT_S,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


async def test_it_works_with_grpcio_and_protobuf_alone(stack, app, wheel, installed, tmp_path):
    """The example of its README runs where nothing else is installed."""
    metadata = zipfile.ZipFile(wheel).read(
        f"{'-'.join(wheel.name.split('-')[:2])}.dist-info/METADATA"
    )
    needs = re.findall(r"^Requires-Dist: ([\w-]+)>=", metadata.decode(), re.MULTILINE)
    assert needs == ["grpcio", "protobuf"]
    assert wheel.name == f"conjure_client-{__version__}-py3-none-any.whl"
    (tmp_path / "google").mkdir()
    for name in ("grpc", "google/protobuf", "google/_upb", "typing_extensions.py"):
        (tmp_path / name).symlink_to(SITE / name)
    for package in installed.iterdir():
        (tmp_path / package.name).symlink_to(package)
    async with client(stack.edge_grpc_target, app.secret) as caller:
        world_id = await caller.new_world()
    output = await asyncio.to_thread(
        done, [sys.executable, "-S", "-c", EXAMPLE],
        PYTHONPATH=str(tmp_path), TARGET=stack.edge_grpc_target, KEY=app.secret, WORLD=world_id,
    )  # fmt: skip
    assert output.splitlines()[1].startswith("409 ")


def test_it_is_typed(installed, tmp_path):
    """Strictly, in itself and for whoever calls it."""
    sample = tmp_path / "sample.py"
    sample.write_text(TYPED)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    ended = subprocess.run(
        [*command, str(sample), str(installed / "conjure_client")],
        cwd=tmp_path, env={**os.environ, "MYPYPATH": str(installed)}, check=False, text=True,
        stdout=subprocess.PIPE, timeout=4 * LIMIT_S,
    )  # fmt: skip
    lines = len(TYPED.splitlines())
    found = [line.split(":")[1] for line in ended.stdout.splitlines() if ": error:" in line]
    assert found == [str(lines - 1), str(lines)], ended.stdout


@pytest.mark.parametrize("order", [("conjure", "conjure_client"), ("conjure_client", "conjure")])
def test_it_stands_beside_the_server_in_one_process(installed, order):
    """Whichever comes first: a message of one is a message of the other."""
    lines = [f"import {name}.v1.world_service_pb2 as {name}_worlds" for name in order]
    lines.append("assert conjure_worlds.GetWorldRequest is conjure_client_worlds.GetWorldRequest")
    path = os.pathsep.join((str(installed), str(ROOT / "server")))
    done([sys.executable, "-c", "\n".join(lines)], PYTHONPATH=path)


async def awaiting(call):
    """A call as a coroutine, which a task wants."""
    return await call


def blocking(conjure_client, server, method, **options):
    """One call by a channel for blocking calls."""
    with conjure_client.connect(server.target, "k", plaintext=True, **options) as channel:
        return channel.unary_unary(method)(b"")


def awaited(conjure_client, server, method, **options):
    """One call by a channel for calls that are awaited."""

    async def call():
        async with conjure_client.connect_aio(
            server.target, "k", plaintext=True, **options
        ) as channel:
            return await channel.unary_unary(method)(b"")

    return asyncio.run(call())


@pytest.mark.parametrize("call", [blocking, awaited])
class TestWhatIsRetried:
    def test_a_read_whenever_the_server_cannot_be_reached(self, conjure_client, call):
        unavailable = grpc.StatusCode.UNAVAILABLE
        with Scripted(unavailable, Reason.OVERLOADED) as server:
            assert call(conjure_client, server, READ) == b""
        assert [one["authorization"] for one in server.calls] == ["Bearer k"] * 3

    def test_a_write_that_had_no_effect(self, conjure_client, call):
        """The server says so: of a store that is down, and of a rate."""
        with Scripted(Reason.STORE_UNAVAILABLE, Reason.RATE_LIMITED) as server:
            assert call(conjure_client, server, WRITE) == b""
        assert len(server.calls) == 3

    @pytest.mark.parametrize(
        "answer",
        [
            grpc.StatusCode.UNAVAILABLE,  # so a broken connection looks, too
            grpc.StatusCode.DEADLINE_EXCEEDED,
            Reason.OUTCOME_UNKNOWN,
            Reason.REVISION_CONFLICT,
            Reason.RUNTIME_NOT_CONFIGURED,
            Reason.INTERNAL,
        ],
    )
    def test_no_write_that_may_have_been_carried_out(self, conjure_client, call, answer):
        with Scripted(answer) as server, pytest.raises(conjure_client.ApiError) as raised:
            call(conjure_client, server, WRITE)
        assert len(server.calls) == 1
        known = isinstance(answer, Reason)
        assert raised.value.http_status == (CATALOG[answer].http if known else 0)
        assert raised.value.code() is not None

    @pytest.mark.parametrize("method", [READ, WRITE])
    def test_four_attempts_at_most(self, conjure_client, call, method):
        refused = [Reason.OVERLOADED] * 9
        with Scripted(*refused) as server, pytest.raises(conjure_client.ApiError):
            call(conjure_client, server, method)
        assert len(server.calls) == 4

    def test_nothing_beyond_the_deadline(self, conjure_client, call):
        """What the server asks to wait for is longer: the caller hears it at once."""
        with (
            Scripted(Reason.STORE_UNAVAILABLE, retry_after="100") as server,
            pytest.raises(conjure_client.ApiError) as raised,
        ):
            call(conjure_client, server, WRITE)
        assert (len(server.calls), raised.value.retry_after_s) == (1, 100)

    @pytest.mark.parametrize("told", ["inf", "nan", "soon"])
    def test_a_wait_that_is_no_time_is_the_clients_own(self, conjure_client, call, told):
        """Also without a deadline, where nothing else bounds it."""
        with Scripted(Reason.STORE_UNAVAILABLE, retry_after=told) as server:
            assert call(conjure_client, server, WRITE, deadline_s=None) == b""
        assert len(server.calls) == 2

    def test_not_when_the_deadline_has_passed(self, conjure_client, call):
        """It is the channel's where the call has none; the first attempt has used it up."""
        with (
            Scripted(is_silent=True) as server,
            pytest.raises(conjure_client.ApiError) as raised,
        ):
            call(conjure_client, server, READ, deadline_s=0.2)
        assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert len(server.calls) <= 1
        assert raised.value.http_status == 0

    def test_nothing_where_it_is_turned_off(self, conjure_client, call):
        for method in (READ, WRITE):
            with (
                Scripted(Reason.STORE_UNAVAILABLE) as server,
                pytest.raises(conjure_client.ApiError),
            ):
                call(conjure_client, server, method, retries=False)
            assert len(server.calls) == 1


async def test_awaited_calls_and_streams_raise_what_the_server_says(stack, app, conjure_client):
    """Against the real one: a failure of a call, and of a stream."""
    worlds = import_module("conjure_client.v1.world_service_pb2_grpc")
    watch = import_module("conjure_client.v1.watch_service_pb2_grpc")
    requests = import_module("conjure_client.v1.watch_service_pb2")
    get = world_service_pb2.GetWorldRequest(id="nothing")
    connect = conjure_client.connect_aio(stack.edge_grpc_target, app.secret, plaintext=True)
    async with connect as channel:
        stub = worlds.WorldServiceStub(channel)
        with pytest.raises(conjure_client.ApiError) as gone:
            await stub.GetWorld(get)
        with pytest.raises(conjure_client.ApiError) as unwatched:
            async for _ in watch.WatchServiceStub(channel).WatchWorld(
                requests.WatchWorldRequest(id="nothing")
            ):
                pass
    assert gone.value.http_status == unwatched.value.http_status == 404
    assert gone.value.request_id in str(gone.value)


async def test_a_connection_that_breaks_is_a_retry_of_reads_alone(stack, app, conjure_client):
    """Against the real one: a read goes on by another connection, a write is its caller's to look at."""
    worlds = import_module("conjure_client.v1.world_service_pb2_grpc")
    async with client(stack.edge_grpc_target, app.secret) as caller:
        world_id = await caller.new_world()
    get = world_service_pb2.GetWorldRequest(id=world_id)
    rename = world_service_pb2.UpdateWorldRequest(id=world_id, name="renamed")
    async with Proxy() as proxy:
        port = proxy.to(int(stack.edge_grpc_target.rpartition(":")[2]))
        connect = conjure_client.connect_aio(f"127.0.0.1:{port}", app.secret, plaintext=True)
        async with connect as channel:
            stub = worlds.WorldServiceStub(channel)
            first = await stub.GetWorld(get)

            async def cut(call):
                """The call, whose connection breaks in the middle of its request."""
                broken, proxy.cut_requests = proxy.broken, 1.0
                waiting = asyncio.ensure_future(awaiting(call))
                await until(lambda: proxy.broken > broken)
                proxy.cut_requests = 0.0
                return await waiting

            assert (await cut(stub.GetWorld(get))).rev == first.rev
            with pytest.raises(conjure_client.ApiError) as raised:
                await cut(stub.UpdateWorld(rename))
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    assert (raised.value.http_status, raised.value.had_no_effect) == (0, False)


def test_a_future_and_an_interceptor_around_see_the_same_error(conjure_client):
    """As they see grpc's own: as the outcome of a call."""

    class Seen(grpc.UnaryUnaryClientInterceptor):
        def intercept_unary_unary(self, continuation, details, request):
            call = continuation(details, request)
            self.error = call.exception()
            return call

    around = Seen()
    with Scripted(Reason.NOT_FOUND, Reason.NOT_FOUND) as server:
        connected = conjure_client.connect(server.target, plaintext=True)
        with grpc.intercept_channel(connected, around) as channel:
            with pytest.raises(conjure_client.ApiError):
                channel.unary_unary(READ)(b"")
            assert isinstance(around.error, conjure_client.ApiError)
        with conjure_client.connect(server.target, plaintext=True) as channel:
            future = channel.unary_unary(READ).future(b"")
            with pytest.raises(conjure_client.ApiError, match="NOT_FOUND"):
                future.result()
            assert future.code() is grpc.StatusCode.NOT_FOUND
    assert "authorization" not in server.calls[0]


def test_tls_is_the_default(conjure_client, tmp_path):
    """With a CA of one's own and a client certificate; plain text reaches nobody there."""
    certificates = Certificates(tmp_path)
    pair = (certificates.read("server-key"), certificates.read("server"))
    demanding = grpc.ssl_server_credentials(
        [pair], certificates.read("ca"), require_client_auth=True
    )
    ours = grpc.ssl_channel_credentials(
        certificates.read("ca"), certificates.read("client-key"), certificates.read("client")
    )
    named = [("grpc.ssl_target_name_override", "server")]
    with Scripted(credentials=demanding) as server:
        with conjure_client.connect(server.target, "k", credentials=ours, options=named) as channel:
            channel.unary_unary(READ)(b"")
        with (
            conjure_client.connect(server.target, "k", deadline_s=5, retries=False) as channel,
            pytest.raises(conjure_client.ApiError) as raised,
        ):
            channel.unary_unary(READ)(b"")
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    assert len(server.calls) == 1


@pytest.mark.parametrize("key", ["a b", "a\nb", "schlüssel"])
def test_a_key_that_is_none_is_refused_and_not_repeated(conjure_client, key):
    """gRPC would refuse the metadata, with the key in its text."""
    with pytest.raises(ValueError, match="a key is printable ASCII") as raised:
        conjure_client.connect("server:1", key)
    assert key not in str(raised.value)
