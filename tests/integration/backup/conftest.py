"""A deployment that has some of everything, filled once and then left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from support.backups import KINDS, asked_at_once, contents, filled, kinds
from support.stack import TestApp, running_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@dataclass
class Source:
    """A store and a folder of assets; no server runs any more."""

    url: str
    assets: Path
    app: TestApp
    world_id: str
    public_id: str


@pytest.fixture(scope="module")
async def source(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Source]:
    directory = tmp_path_factory.mktemp("source")
    async with running_store(directory / "store") as (_, url):
        await asked_at_once(url)
        async with filled(directory, url, directory / "assets") as made:
            found = Source(url, directory / "assets", made.app, made.world_id, made.public_id)
        assert KINDS - kinds(await contents(url)) == set(), "some of everything"
        yield found
