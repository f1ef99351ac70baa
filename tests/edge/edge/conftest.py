"""An edge by itself, before a server that answers what a test tells it to: one of each per file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from support.edge.envoy import Edge
from support.edge.upstream import Upstream
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(scope="module")
async def upstream(way: str) -> AsyncIterator[Upstream]:
    async with Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
async def edge(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    async with Edge(tmp_path_factory.mktemp("edge"), upstream.port) as edge:
        yield edge


@pytest.fixture
async def client(edge: Edge, upstream: Upstream) -> AsyncIterator[httpx.AsyncClient]:
    upstream.reset()
    async with httpx.AsyncClient(base_url=edge.rest, timeout=LIMIT_S, trust_env=False) as client:
        yield client
