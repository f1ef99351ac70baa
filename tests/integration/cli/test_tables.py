"""What commands list is complete, through a pipe and however few columns a terminal has."""

from __future__ import annotations

import hashlib
import json
import re
import uuid

import pytest

from conjure.store import keyspace
from support.cli import Conjure
from support.rest import import_world
from support.worlds import small_world

LONG = "a name that pushes everything beside it out of eighty columns, as names may do"


@pytest.fixture
def conjure(stack, tmp_path):
    run = Conjure(stack, tmp_path)

    async def narrow(*arguments, code=0):
        found, output, errors = await run(*arguments, COLUMNS="20")
        assert (found, errors) == (code, "")
        return output

    return narrow


def column(table, name):
    """The cells of a column of single words."""
    header, *rows = table.splitlines()
    at = header.index(name)
    return [row[at:].split("  ")[0] for row in rows]


async def test_a_key_is_revoked_by_the_id_that_was_listed(conjure, app):
    key, plaintext = await app.admin.keys.create(app.id, kind="secret", mode="live", name=LONG)
    table = await conjure("keys", "list", "--app", app.id)
    assert set(column(table, "id")) == {key.id, *app.keys.values()}
    row = next(line for line in table.splitlines() if LONG in line)
    await conjure("keys", "revoke", row.split()[0], "--app", app.id)
    keys = json.loads(await conjure("keys", "list", "--app", app.id, "--json"))
    assert [(item["id"], item["name"]) for item in keys if item["revokedAt"]] == [(key.id, LONG)]
    assert {item["id"] for item in keys} == set(column(table, "id"))
    assert plaintext not in json.dumps(keys) + table


async def test_apps(conjure, app):
    table = await conjure("apps", "list")
    apps = json.loads(await conjure("apps", "list", "--json"))
    assert app.id in column(table, "id")
    assert {item["id"] for item in apps} == set(column(table, "id"))
    assert apps[0].keys() == {"id", "name", "owner", "createdAt"}


async def test_signing_keys(conjure, rest):
    published = {key["kid"] for key in (await rest.get("/.well-known/jwks.json")).json()["keys"]}
    kids = column(await conjure("signing-keys", "list"), "kid")
    keys = json.loads(await conjure("signing-keys", "list", "--json"))
    assert published <= set(kids) == {key["kid"] for key in keys}
    assert all(key["signsFrom"] >= key["createdAt"] for key in keys)


async def test_worlds_all_of_them(conjure, app, rest, stack):
    """Also those of the second page."""
    await app.set_caps(generation=103)
    made = [await import_world(rest, app.secret, name=LONG) for _ in range(103)]
    remote = ("--target", stack.server_target, "--key", app.secret)
    table = await conjure("world", "list", *remote)
    worlds = json.loads(await conjure("world", "list", "--json", *remote))
    assert column(table, "id") == [item["id"] for item in worlds] == made[::-1]
    assert table.count(LONG) == 103
    assert len((await conjure("world", "list", "--limit", "101", *remote)).splitlines()) == 102


async def test_differences_of_long_names(conjure, tmp_path):
    """The name of a state is what the next command needs."""
    name = f"{uuid.uuid4()} " * 6 + "end"
    world = {"id": "w"} | small_world()
    (tmp_path / "a.json").write_text(json.dumps(world))
    world["scene"]["states"][name] = world["scene"]["states"]["hall"]
    (tmp_path / "b.json").write_text(json.dumps(world))
    table = await conjure("world", "diff", "a.json", "b.json", code=1)
    assert f"+  state  {name}" in table.splitlines()


async def test_control_characters_and_wide_ones(conjure, app):
    """They can neither move the cursor nor the columns."""
    key, plaintext = await app.admin.keys.create(app.id, kind="secret", mode="live", name="good")
    # As an older release made it, which let any name in.
    record = keyspace.api_key(hashlib.sha256(plaintext.encode()).hexdigest())
    await app.admin.store.write("HSET", record, "name", "evil\x1b[2J\r\u202e[bold]")
    await app.admin.store.write("HDEL", keyspace.app_key_rows(app.id), key.id)
    await app.admin.keys.create(app.id, kind="secret", mode="live", name="灯台守")
    table = await conjure("keys", "list", "--app", app.id)
    assert "evil\\x1b[2J\\r\\u202e[bold]" in table
    assert not set("\x1b\r\u202e") & set(table)
    wide = next(line for line in table.splitlines() if "灯台守" in line)
    moment = re.search(r"\d{4}-\d\d-\d\dT", wide)
    assert moment is not None
    assert moment.start() + 3 == table.splitlines()[0].index("created")  # three are two cells wide
