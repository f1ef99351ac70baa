"""One real stack per run; tests keep apart by having an app each."""

from __future__ import annotations

import atexit
import gc
import os
import resource
import signal
import tempfile
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import HealthCheck, settings

from conjure.core.private_files import socket_folder
from conjure.settings import EdgeSettings
from support.cheaper import cheaper_http
from support.reports import run_and_report
from support.stack import Stack, TestApp, channel, new_app, running_stack, serving_stack
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import grpc.aio


# A slow example is no fault: what work may cost is measured where it matters, in another way (support/cost.py).
# Each run tries other examples; a test that needs more of them in one run says so.
settings.register_profile(
    "steady", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


DESCRIPTORS = 4_096

USUAL_WAY = EdgeSettings().calls
OTHER_WAY = ({"http1", "grpc"} - {USUAL_WAY}).pop()


def pytest_configure() -> None:
    """Gives the run what it needs of the machine.

    Hundreds of connections have two ends each, and some systems begin with 256 descriptors. Servers and edges
    of a run meet on socket files in a folder of its own: a port that goes with another one may be taken.
    """
    # A shell has those that it starts in the background ignore Ctrl-C, and all that they start, too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = socket_folder("65535")
    assert folder is not None, "TMPDIR is too long a path for a socket"
    atexit.register(folder.cleanup)
    os.environ["CONJURE_EDGE_SOCKETS"] = folder.name
    # Assets of all servers of a run, as they share a store.
    assets = tempfile.TemporaryDirectory()
    atexit.register(assets.cleanup)
    os.environ["CONJURE_ASSETS_URL"] = assets.name
    # All servers have the page for developers, and a demo once a test has written which (support/demo.py).
    demo = tempfile.TemporaryDirectory()
    atexit.register(demo.cleanup)
    os.environ["CONJURE_PLAYER_HOME"] = "true"
    os.environ["CONJURE_PLAYER_DEMO_FILE"] = f"{demo.name}/dev.json"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < DESCRIPTORS:
        most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    cheaper_http()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Thousands of tests, and none of them is garbage: nobody looks for it meanwhile, nor among them later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """In a worker, a test that passes is one message and not five."""
    if not hasattr(item.config, "workerinput"):
        return None
    run_and_report(item, nextitem)
    return True


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store", choices=("one", "cluster"), default="one",
        help="what the shared stack stores in: one server, or a cluster of nine",
    )  # fmt: skip
    parser.addoption(
        "--tokens", type=int, default=None,
        help="how many damaged tokens tests/unit/core/test_jwts.py compares, with a seed of its own",
    )  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that looks into the one server's process has nothing to look into on a cluster."""
    if config.getoption("--store") == "one":
        return
    for item in items:
        for marker in item.iter_markers("one_store"):
            item.add_marker(pytest.mark.skip(reason=marker.args[0]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked `both_ways` runs once by each way of edges' unary calls, and is named after it."""
    if metafunc.definition.get_closest_marker("both_ways") and "way" in metafunc.fixturenames:
        # None: as for a test without the mark, so that those share their parts with it.
        metafunc.parametrize(
            "way", [None, OTHER_WAY], ids=[USUAL_WAY, OTHER_WAY], indirect=True, scope="session"
        )


@pytest.fixture(scope="session")
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """How unary calls of edges come to servers: of all that is started while this stands."""
    calls = getattr(request, "param", None) or USUAL_WAY
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONJURE_EDGE_CALLS", calls)
        yield calls


@pytest.fixture(scope="session")
def stack(way: str, request: pytest.FixtureRequest) -> Stack:
    """All that a call passes, by the way that is tried: each is started when it is first asked for."""
    return request.getfixturevalue("usual_stack" if way == USUAL_WAY else "other_stack")


@pytest.fixture(scope="session")
async def usual_stack(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Stack]:
    cluster = request.config.getoption("--store") == "cluster"
    # Whatever is tried by the test that asks for it first.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONJURE_EDGE_CALLS", USUAL_WAY)
        usual = running_stack(tmp_path_factory.mktemp("stack"), cluster=cluster)
        running = await usual.__aenter__()
    try:
        yield running
    finally:
        await usual.__aexit__(None, None, None)


@pytest.fixture(scope="session")
async def other_stack(
    usual_stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """A server and an edge of their own on the same store."""
    directory = tmp_path_factory.mktemp("other_stack")
    async with serving_stack(directory, usual_stack.store_url, usual_stack.store) as running:
        yield running


@pytest.fixture
async def app(stack: Stack) -> TestApp:
    """An app nobody else uses."""
    return await new_app(stack.admin)


@pytest.fixture
async def other_app(stack: Stack) -> TestApp:
    """A second app, to be kept out of the first."""
    return await new_app(stack.admin, "somebody else")


@pytest.fixture(scope="session")
async def rest(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """A REST client without a credential: through Envoy, as the public comes."""
    async with httpx.AsyncClient(
        base_url=stack.rest_url,
        # What an answer says, and its entity tag, are tested as it is; tests of codings ask for one.
        headers={"accept-encoding": "identity"},
        timeout=LIMIT_S,
        trust_env=False,
        limits=httpx.Limits(max_connections=300),
    ) as client:
        yield client


@pytest.fixture(scope="session")
async def server_channel(stack: Stack) -> AsyncIterator[grpc.aio.Channel]:
    """Straight to the server, as an internal service comes."""
    async with channel(stack.server_target) as opened:
        yield opened
