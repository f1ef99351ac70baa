"""The command line, as operators use it: real processes, the real store. Each command starts cold here once."""

from __future__ import annotations

import json

import pytest

from support.cli import Conjure
from support.rest import bearer, import_world
from support.until import until
from support.worlds import small_world


@pytest.fixture
def conjure(stack, tmp_path) -> Conjure:
    return Conjure(stack, tmp_path)


async def test_a_key_is_made_listed_and_revoked(conjure, rest):
    """The key works until it is revoked, and soon nowhere."""
    _, app_id, _ = await conjure("apps", "create", "from the command line")
    app_id = app_id.strip()
    code, key, _ = await conjure("keys", "create", "--app", app_id, "--kind", "secret")
    assert code == 0
    key = key.strip()
    assert key.startswith("sk_test_")
    assert (await rest.get("/v1/worlds", headers=bearer(key))).status_code == 200

    _, listed, _ = await conjure("keys", "list", "--app", app_id)
    assert key not in listed
    row = next(line for line in listed.splitlines() if key[-4:] in line)
    code, _, _ = await conjure("keys", "revoke", row.split()[0], "--app", app_id)
    assert code == 0

    async def is_refused() -> bool:
        return (await rest.get("/v1/worlds", headers=bearer(key))).status_code == 401

    await until(is_refused)


async def test_an_app_and_its_first_key_are_made_by_one_command(conjure, rest):
    """What a person does first: the app's id, and below it a key that works."""
    code, output, _ = await conjure.cold("apps", "create", "first", "--key", "secret")
    assert code == 0
    app_id, key = output.split()
    assert key.startswith("sk_test_")
    assert (await rest.get("/v1/worlds", headers=bearer(key))).status_code == 200
    assert key[-4:] in (await conjure.cold("keys", "list", "--app", app_id))[1]


@pytest.mark.parametrize("option", [("--key", "golden"), ("--key", "secret", "--mode", "dead")])
async def test_an_app_whose_key_would_be_refused_is_not_made(conjure, option):
    """Both or neither."""
    code, output, errors = await conjure("apps", "create", "no such key", *option)
    assert (code, output) == (2, "")
    assert option[-2] in errors
    assert "no such key" not in (await conjure("apps", "list"))[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("keys", "create", "--app", "00000000-0000-4000-8000-000000000000"), "not found"),
        (("keys", "create", "--app", "x", "--kind", "golden"), "kind must be"),
        (("caps", "--app", "x", "wishes=3"), "is not unit=number"),
        (("caps", "--app", "x", "generation=-1"), "is not unit=number"),
        (("lint", "nowhere.json"), "nowhere.json"),
        (("edge", "--upstream", "nowhere", "--write", "x.yaml"), "is not host:port"),
        (("call", "GraphService/Nothing"), "no such method"),
    ],
)
async def test_a_mistake_is_one_line_and_exit_code_2(conjure, arguments, said):
    """No traceback, no success."""
    code, _, errors = await conjure(*arguments)
    assert code == 2
    assert said in errors
    assert errors.startswith("conjure: ")


async def test_caps_of_an_app(conjure, rest, app):
    """What is set shows at once in GET /v1/usage."""
    code, _, _ = await conjure.cold("caps", "--app", app.id, "generation=7", "live_sessions=3")
    assert code == 0
    usage = (await rest.get("/v1/usage", headers=bearer(app.secret))).json()
    assert usage["caps"]["generation"] == 7


async def test_lint_says_what_the_server_would(conjure, tmp_path):
    """Exit 0 without errors, 1 with; findings for people, or JSON for programs."""
    good = tmp_path / "good.json"
    good.write_text(json.dumps({"id": "w"} | small_world()))
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"id": "w"} | small_world(outro={"state": "attic"})))
    assert (await conjure("lint", str(good)))[0] == 0
    code, output, _ = await conjure("lint", str(bad))
    assert code == 1
    assert "outro.state" in output
    assert "dangling-ref" in output
    code, output, _ = await conjure.cold("lint", "--json", "-", stdin=bad.read_bytes())
    assert code == 1
    assert json.loads(output)[0]["lint"] == "dangling-ref"


async def test_edge_writes_and_validates(conjure, tmp_path):
    """The written configuration is the one that Envoy accepts."""
    assert (await conjure.cold("edge", "--validate"))[0] == 0
    target = tmp_path / "envoy.yaml"
    assert (await conjure("edge", "--upstream", "server:8090", "--write", str(target)))[0] == 0
    assert "STRICT_DNS" in target.read_text()


async def test_call_is_grpc_from_the_shell(conjure, rest, stack, app):
    """JSON in, JSON out; a failure shows its fields and findings."""
    world_id = await import_world(rest, app.secret)
    common = ("--target", stack.edge_grpc_target, "--key", app.secret)
    code, output, _ = await conjure.cold(
        "call", "GraphService/SetEntrance", "-d",
        json.dumps({"id": world_id, "state": "cellar"}), *common,
    )  # fmt: skip
    assert code == 0
    assert json.loads(output)["world"]["entrance"]["state"] == "cellar"
    code, _, errors = await conjure.cold(
        "call", "GraphService/SetEntrance", "-d",
        json.dumps({"id": world_id, "state": "attic"}), *common,
    )  # fmt: skip
    assert code == 2
    assert "FAILED_PRECONDITION" in errors
    assert "dangling-ref" in errors


async def test_signing_keys_rotate(conjure, rest):
    """A new key is published before it signs."""
    before = {key["kid"] for key in (await rest.get("/.well-known/jwks.json")).json()["keys"]}
    code, output, _ = await conjure("signing-keys", "rotate")
    assert code == 0
    kid = output.split()[0]
    _, listed, _ = await conjure.cold("signing-keys", "list")
    assert kid in listed

    async def published() -> set[str]:
        return {key["kid"] for key in (await rest.get("/.well-known/jwks.json")).json()["keys"]}

    async def is_published() -> bool:
        return kid in await published()

    await until(is_published)
    assert await published() == before | {kid}
