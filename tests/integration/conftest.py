"""What more than one file of this folder needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cluster import running_cluster
from support.model import ModelServer
from support.rpc import Client, client
from support.stack import running_server, running_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import grpc.aio

    from support.stack import Stack, TestApp


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    """A server of models, for all tests of a file."""
    with ModelServer() as server:
        yield server


@pytest.fixture
def model(running: ModelServer) -> ModelServer:
    """The same, as it was at its beginning."""
    running.reset()
    return running


@pytest.fixture(scope="package")
async def quiet_store(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """The URL of a store that no server works on: nobody finds there what has run out, or delivers what was told."""
    directory = tmp_path_factory.mktemp("quiet-store")
    if request.config.getoption("--store") == "cluster":
        async with running_cluster(directory) as cluster:
            yield cluster.url
    else:
        async with running_store(directory) as (_, url):
            yield url


@pytest.fixture(scope="session")
async def second_server(
    usual_stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[int]:
    """The port of another server process on the same store."""
    async with running_server(tmp_path_factory.mktemp("second"), usual_stack.store_url) as (
        _,
        port,
    ):
        yield port


@pytest.fixture
async def both(
    server_channel: grpc.aio.Channel, second_server: int, app: TestApp
) -> AsyncIterator[tuple[Client, Client]]:
    """The same app at two server processes."""
    async with client(second_server, app.secret) as other:
        yield Client(server_channel, app.secret), other
