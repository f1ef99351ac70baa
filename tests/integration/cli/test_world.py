"""`conjure world`: real processes against the real server, over gRPC."""

from __future__ import annotations

import asyncio
import json

import pytest

from conjure.store import keyspace
from support.cli import Conjure
from support.ports import claimed_port
from support.rest import bearer, import_world
from support.worlds import small_world

ODD = {
    "numbers": [1, 1.0, 1e22, -0.0, 2**53 + 1, 0.1, 2**80],
    "text": 'é \u2028 " \\ / 🜁',
    "nested": {"none": None, "": [[], {}]},
}


@pytest.fixture
def world(stack, tmp_path, app):
    """`conjure world …` with a key of the test's app."""
    conjure = Conjure(stack, tmp_path)

    async def run(*arguments, key=app.secret, stdin=b"", cold=False):
        return await (conjure.cold if cold else conjure)(
            "world", *arguments, "--target", stack.server_target, "--key", key, stdin=stdin
        )

    return run


async def test_worlds_are_listed_and_shown(world, rest, app):
    made = [
        await import_world(rest, app.secret, name=name) for name in ("[bold]one", "two\x1b[31m")
    ]
    (code, table, _), (_, listed, _), (_, shown, _), (_, facts, _) = await asyncio.gather(
        world("list", cold=True),
        world("list", "--json", "--limit", "1"),
        world("get", made[0]),
        world("get", made[0], "--json"),
    )
    assert code == 0
    assert [line.split()[0] for line in table.splitlines()[1:]] == made[::-1]
    assert "[bold]one" in table
    assert "\x1b" not in table
    assert [item["id"] for item in json.loads(listed)] == made[1:]
    assert "[bold]one" in shown
    facts = json.loads(facts)
    assert (facts["id"], facts["rev"], facts["states"], facts["events"], facts["entrance"]) == (
        made[0], "1", 2, 2, "hall",
    )  # fmt: skip


async def test_export_and_import_are_faithful_to_the_byte(world, rest, app, tmp_path):
    world_id = await import_world(rest, app.secret, oddities=ODD)
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert await world("export", world_id, "-o", str(first)) == (0, "", "")
    code, output, _ = await world("import", str(first))
    assert code == 0
    copy = output.strip()
    assert copy != world_id
    await world("export", copy, "--output", str(second))
    assert second.read_bytes() == first.read_bytes().replace(world_id.encode(), copy.encode())
    assert json.loads(first.read_bytes())["oddities"] == ODD
    read = await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))
    assert first.read_bytes()[:-1] == read.content[: len(first.read_bytes()) - 1]
    code, output, _ = await world(
        "import", "-", "--name", "Renamed", stdin=first.read_bytes(), cold=True
    )
    assert code == 0
    renamed = await rest.get(f"/v1/worlds/{output.strip()}", headers=bearer(app.secret))
    assert renamed.json()["name"] == "Renamed"


async def test_lint_of_a_world_and_of_a_file(world, rest, app, tmp_path):
    world_id = await import_world(rest, app.secret)
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"id": "w"} | small_world(outro={"state": "attic"})))
    (code, text, _), (failed, findings, _) = await asyncio.gather(
        world("lint", world_id), world("lint", str(bad), "--json")
    )
    assert code == 0
    assert "no-ending" in text
    assert failed == 1
    assert json.loads(findings)[0]["lint"] == "dangling-ref"


async def test_diff_of_worlds_and_files(world, rest, app, tmp_path):
    world_id = await import_world(rest, app.secret)
    other = small_world()
    other["scene"]["states"] = {
        "hall": other["scene"]["states"]["hall"] | {"lights": 1.0},
        "attic": {"base": "A dusty attic."},
    }
    other["scene"]["events"][0]["to"] = "attic"
    del other["scene"]["events"][1]
    file = tmp_path / "other.json"
    file.write_text(json.dumps(other))
    (code, text, _), (same, none, _), (_, told, _) = await asyncio.gather(
        world("diff", world_id, str(file)),
        world("diff", world_id, world_id),
        world("diff", world_id, str(file), "--json"),
    )
    assert code == 1
    assert {tuple(line.rstrip().split(None, 2)) for line in text.splitlines()[1:]} == {
        ("+", "state", "attic"),
        ("-", "state", "cellar"),
        ("~", "state", "hall"),
        ("-", "event", "Go up"),
        ("~", "event", "Go down"),
    }
    assert (same, none) == (0, "no state and no event differs\n")
    assert json.loads(told) == {
        "a": world_id,
        "b": str(file),
        "states": {"added": ["attic"], "removed": ["cellar"], "changed": ["hall"]},
        "events": {"added": [], "removed": ["Go up"], "changed": ["Go down"]},
    }


async def test_mistakes_are_one_line_and_exit_code_2(world, stack, app, tmp_path):
    unknown = "00000000-0000-4000-8000-000000000000"
    (tmp_path / "list.json").write_text("[]")
    refused = tmp_path / "refused.json"
    refused.write_text(json.dumps(small_world(outro={"state": "attic"})))
    conjure = Conjure(stack, tmp_path)
    nobody = f"127.0.0.1:{claimed_port()}"
    mistakes = {
        "NOT_FOUND": world("get", unknown),
        "nowhere.json": world("import", "nowhere.json"),
        "is no world": world("diff", "list.json", "list.json"),
        "dangling-ref": world("import", str(refused)),
        f"no server answers at {nobody}": conjure("world", "list", "--target", nobody),
        "--target host:port is needed": conjure("world", "list"),
    }
    for said, (code, output, errors) in zip(
        mistakes, await asyncio.gather(*mistakes.values()), strict=True
    ):
        assert (code, output) == (2, ""), said
        assert said in errors
        assert errors.startswith("conjure: ")
        assert len(errors.splitlines()) == 1


async def test_call_prints_a_stream_as_it_comes(stack, rest, app, tmp_path):
    """Each message when it comes: the first is read before the stream is made to end."""
    world_id = await import_world(rest, app.secret)
    async with Conjure(stack, tmp_path).running(
        "call", "WatchService/WatchWorld", "-d", json.dumps({"id": world_id}),
        "--target", stack.edge_grpc_target, "--key", app.secret,
    ) as watching:  # fmt: skip
        first = json.loads(await watching.line())
        await stack.admin.store.write("DEL", keyspace.world(app.tenant(), world_id))
        code, output, errors = await watching.ended()
    assert first | {"time": None} == {"rev": "1", "ops": [], "time": None, "reset": True}
    assert (code, output) == (2, "")
    assert "NOT_FOUND" in errors


async def test_an_edit_in_words_prints_its_reply(world, rest, app):
    world_id = await import_world(rest, app.secret)
    code, said, _ = await world("edit", world_id, 'Describe the hall as "A hall with one lamp."')
    assert code == 0
    assert said.strip()
    _, text, _ = await world("edit", world_id, "Make it nicer somehow", "--json")
    edited = json.loads(text)
    assert edited["world"]["scene"]["states"]["hall"]["base"] == "A hall with one lamp."
    assert "Nothing is changed." in edited["reply"]
    code, _, problem = await world("edit", world_id, "x", "--rev", "0-old")
    assert code != 0
    assert "ABORTED" in problem
