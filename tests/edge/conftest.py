"""What the REST tests begin with: a world, and what stands in the store before a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from support.edge.editor import Editor
from support.rest import import_world
from support.until import LIMIT_S
from support.watched import Watched, running_watched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.stack import Stack


@pytest.fixture
async def world_id(rest, app) -> str:
    """A small world of `app`, in test mode, at its first revision."""
    return await import_world(rest, app.secret)


@pytest.fixture
def editor(rest, app, world_id) -> Editor:
    return Editor(rest, app.secret, world_id)


@pytest.fixture(scope="session")
async def watched(
    usual_stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Watched]:
    """A server and an edge that tell all about themselves, on the store that all share."""
    directory = tmp_path_factory.mktemp("watched")
    async with running_watched(directory, usual_stack.store_url) as running:
        yield running


@pytest.fixture(scope="session")
async def watched_rest(watched: Watched) -> AsyncIterator[httpx.AsyncClient]:
    """A REST client of those."""
    async with httpx.AsyncClient(
        base_url=watched.rest_url, timeout=LIMIT_S, trust_env=False
    ) as client:
        yield client
