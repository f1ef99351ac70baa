"""Who may do what with versions, and what is not there (CONTRACT 0.1, 4)."""

from __future__ import annotations

import pytest

from support.edge.editor import NOWHERE
from support.rest import assert_error, bearer


def routes(world_id: str, version: str) -> list[tuple[str, str, dict]]:
    """Every route of versions, with a body that would do; the last one leaves nothing to call."""
    path = f"/v1/worlds/{world_id}"
    return [
        ("GET", f"{path}/versions", {}),
        ("GET", f"{path}/versions/{version}", {}),
        ("GET", f"{path}/versions/{version}/diff/{version}", {}),
        ("POST", f"{path}/versions", {"json": {}}),
        ("POST", f"{path}/checkout", {"json": {"versionId": version}}),
        ("PATCH", f"{path}/versions/{version}", {"json": {"title": "x"}}),
        ("DELETE", f"{path}/versions/{version}", {}),
    ]


class TestAccess:
    async def test_versions_are_there_for_their_own_app_and_mode_alone(
        self, rest, app, other_app, editor
    ):
        a = await editor.save()
        tree = await editor.tree()
        for verb, path, request in routes(editor.world_id, a):
            for key in (other_app.secret, other_app.live_secret, app.live_secret):
                assert_error(await rest.request(verb, path, headers=bearer(key), **request), 404)
        assert await editor.tree() == tree

    async def test_no_route_opens_without_a_credential(self, rest, editor):
        for verb, path, request in routes(editor.world_id, await editor.save()):
            assert_error(await rest.request(verb, path, **request), 401)

    async def test_a_publishable_key_reads_and_does_nothing_else(self, rest, app, editor):
        statuses = []
        for verb, path, request in routes(editor.world_id, await editor.save()):
            answer = await rest.request(verb, path, headers=bearer(app.publishable), **request)
            statuses.append(answer.status_code)
            if answer.status_code == 403:
                assert "worlds:write" in answer.json()["detail"]
        assert statuses == [200] * 3 + [403] * 4

    @pytest.mark.parametrize("name", [NOWHERE, "nope", "%C3%A9"])
    async def test_what_is_not_there_is_404_on_every_route(self, rest, app, editor, name):
        a = await editor.save()
        wrong = routes(name, a) + [
            route for route in routes(editor.world_id, name) if name in route[1]
        ]
        for verb, path, request in wrong:
            answer = await rest.request(verb, path, headers=bearer(app.secret), **request)
            assert_error(answer, 404)

    async def test_another_verb_is_405(self, rest, app, editor):
        for path, allowed in (
            ("/versions", "GET, HEAD, POST"),
            (f"/versions/{NOWHERE}", "DELETE, GET, HEAD, PATCH"),
            (f"/versions/{NOWHERE}/diff/{NOWHERE}", "GET, HEAD"),
            ("/checkout", "POST"),
        ):
            answer = await editor.call("PUT", path, json={})
            assert_error(answer, 405)
            assert sorted(answer.headers["allow"].split(", ")) == allowed.split(", ")
