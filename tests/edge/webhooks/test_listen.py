"""`conjure webhooks listen`: a first try of webhooks, on this machine."""

from __future__ import annotations

import json

import httpx
import pytest

from conjure.core.caller import Tenant
from conjure.core.ids import new_id
from conjure.webhooks.signatures import new_secret, signed_headers
from support.cli import Conjure
from support.users import make_app, user_token
from support.webhooks import happen, listed


@pytest.fixture
def conjure(stack, tmp_path) -> Conjure:
    return Conjure(stack, tmp_path)


async def test_it_registers_prints_what_happens_and_removes_itself(rest, stack, conjure, tmp_path):
    token = user_token()
    app_id = await make_app(rest, token)
    facts = {"restUrl": stack.rest_url, "userToken": token, "appId": app_id}
    (tmp_path / ".conjure").mkdir()
    (tmp_path / ".conjure" / "dev.json").write_text(json.dumps(facts))
    async with conjure.running("webhooks", "listen") as command:
        assert (await command.line()).startswith("registered ")
        assert (await command.line()).startswith("listening on http://127.0.0.1:")
        (webhook,) = await listed(rest, token, app_id)
        assert webhook["events"] == ["*"]
        event_id = await happen(stack.admin.store, Tenant(app_id, "test"), jti="a\x1b[2J\nb")
        line = await command.line()
        assert "verified: session.ended" in line
        assert event_id in line
        assert line.strip().isprintable()
        command.interrupt()
        code, output, _ = await command.ended()
        assert code == 0
        assert f"removed {webhook['id']}" in output
    assert await listed(rest, token, app_id) == []


async def test_with_a_secret_it_only_listens_and_says_what_is_wrong(conjure):
    secret, event_id = new_secret(), new_id()
    async with conjure.running("webhooks", "listen", "--secret", secret) as command:
        url = (await command.line()).split()[2].rstrip(";")
        async with httpx.AsyncClient(trust_env=False) as client:
            forged = signed_headers(new_secret(), event_id, 1, b"{}")
            assert (await client.post(url, content=b"{}", headers=forged)).status_code == 400
        assert "refused: webhook-timestamp" in await command.line()
        command.interrupt()
        assert (await command.ended())[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--secret", "nothing"], "--secret must be whsec_ and base64"),
        ([], "there is no `conjure dev` in this folder"),
    ],
)
async def test_what_cannot_work_ends_it_with_one_line(conjure, arguments, said):
    code, _, errors = await conjure("webhooks", "listen", *arguments)
    assert code == 2
    assert said in errors
