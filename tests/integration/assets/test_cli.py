"""`conjure assets`: what operators see of pictures. Others of the run are there too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conjure.assets.names import object_name
from conjure.core.ids import new_id
from conjure.settings import Settings
from conjure.store import keyspace
from support.assets import assets_of, svg
from support.cli import Conjure


@pytest.fixture
def conjure(stack, tmp_path) -> Conjure:
    return Conjure(stack, tmp_path)


def file_of(sha256: str) -> Path:
    folder = Settings.from_environment().assets.folder
    assert folder is not None
    return Path(folder) / object_name(sha256, "svg")


async def test_what_is_missing_or_damaged_is_named(conjure, stack, app):
    assets = assets_of(stack.admin.store)
    files = [file_of((await assets.keep(app.tenant(), svg(new_id()))).sha256) for _ in range(3)]
    files[1].unlink()
    files[2].write_bytes(b"<svg/>")
    whole, missing, damaged = ("/".join(file.parts[-3:]) for file in files)
    code, output, _ = await conjure("assets", "check", "--json")
    told = json.loads(output)
    assert code == 1
    assert told["assets"] >= 3
    assert missing in told["missing"]
    assert damaged in told["damaged"]
    assert whole not in {*told["missing"], *told["damaged"], *told["unreadable"]}
    code, output, _ = await conjure("assets", "check")
    assert code == 1
    assert f"damaged    {damaged}" in output.splitlines()


async def test_what_nobody_needs_is_removed_at_once(conjure, stack, app):
    store = stack.admin.store
    old, new = [await assets_of(store).keep(app.tenant(), svg(new_id())) for _ in range(2)]
    await store.write("HSET", keyspace.asset_claims(old.sha256), app.tenant().tag, 1)
    code, output, _ = await conjure("assets", "collect")
    assert (code, output.split()[1:2]) == (0, ["assets,"])
    gone, there = file_of(old.sha256), file_of(new.sha256)
    assert not gone.exists()
    assert there.exists()
