"""What more than one file of this folder needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cluster import running_cluster
from support.stack import running_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(scope="package")
async def quiet_store(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """The URL of a store that no server works on: nobody finds there what has run out."""
    directory = tmp_path_factory.mktemp("quiet-store")
    if request.config.getoption("--store") == "cluster":
        async with running_cluster(directory) as cluster:
            yield cluster.url
    else:
        async with running_store(directory) as (_, url):
            yield url
