"""`conjure call` with the credential that the method asks for, from the dev.json of its folder."""

from __future__ import annotations

import json

import pytest

from support.cli import Conjure
from support.rest import import_world


@pytest.fixture
async def world_id(rest, app):
    return await import_world(rest, app.secret)


@pytest.fixture
def conjure(stack, app, world_id, tmp_path):
    """In a folder where `conjure dev` seems to run: its dev.json names the test's stack."""
    facts = {"grpcTarget": stack.edge_grpc_target, "secretKey": app.secret, "worldId": world_id}
    (tmp_path / ".conjure").mkdir()
    (tmp_path / ".conjure" / "dev.json").write_text(json.dumps(facts))
    return Conjure(stack, tmp_path)


async def test_a_player_connects_from_the_shell(conjure, world_id):
    """With the key of the development a token is minted, and with the token it is exchanged."""
    mint = json.dumps({"worldId": world_id})
    _, minted, _ = await conjure("call", "SessionService/MintSessionToken", "-d", mint)
    token = json.loads(minted)["token"]
    code, _, errors = await conjure("call", "SessionService/Connect")
    assert code == 2
    assert errors.startswith("conjure: SessionService/Connect takes a session token: --token TOKEN")
    assert mint in errors
    for arguments in (("--token", token), ("-d", json.dumps({"token": token}))):
        code, output, errors = await conjure("call", "SessionService/Connect", *arguments)
        assert (code, errors) == (0, "")
        assert json.loads(output)["worldId"] == world_id


async def test_a_header_of_ones_own_is_the_only_credential(conjure):
    header = ("-H", "Authorization: Bearer sk_test_nobody")
    code, _, errors = await conjure("call", "WorldService/ListWorlds", *header)
    assert code == 2
    assert "UNAUTHENTICATED" in errors
    assert (await conjure("call", "WorldService/ListWorlds"))[0] == 0


async def test_a_public_method_is_called_without_a_credential(conjure):
    code, output, _ = await conjure("call", "SystemService/GetHealth", "--key", "anything")
    assert code == 0
    assert json.loads(output)["status"]
