"""PATCH /v1/worlds/{id}/entrance: forms of credentials and addresses, tried on one RPC (CONTRACT 0.1).

Who may call what stands in `rpc/test_access_matrix.py`.
"""

from __future__ import annotations

import uuid

import pytest

from support.rest import assert_error, bearer, import_world
from support.until import until

BODY = {"state": "cellar"}


@pytest.fixture
async def untouched(rest, app, world_id):
    """Nothing of the world may have changed when the test is over."""

    async def read() -> tuple[bytes, str]:
        answer = await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))
        return answer.content, answer.headers["etag"]

    before = await read()
    yield
    assert await read() == before


@pytest.mark.usefixtures("untouched")
class TestWithoutACredential:
    @pytest.mark.parametrize(
        "header",
        [
            "",
            "Bearer",
            "Basic {key}",
            "{key}",
            "Token {key}",
            "Bearer {key}x",
            "Bearer {key},",
            "Bearer {key} {key}",
            "Bearer sk_test_",
            "Bearer sk_test_" + "a" * 43,
            "Bearer sk_live_" + "0" * 43,
            "Bearer xx_test_" + "0" * 43,
            "Bearer " + "a" * 6000,
            "Bearer null",
        ],
    )
    async def test_a_malformed_or_unknown_credential_is_401(self, rest, app, world_id, header):
        answer = await rest.patch(
            f"/v1/worlds/{world_id}/entrance",
            json=BODY,
            headers={"authorization": header.format(key=app.secret)},
        )
        body = assert_error(answer, 401)
        assert app.secret not in body["detail"]

    async def test_the_key_counts_with_its_case(self, rest, app, world_id):
        swapped = app.secret[:8] + app.secret[8:].swapcase()
        answer = await rest.patch(
            f"/v1/worlds/{world_id}/entrance", json=BODY, headers=bearer(swapped)
        )
        assert_error(answer, 401)

    async def test_two_credentials_are_none(self, rest, app, other_app, world_id):
        headers = [
            ("authorization", f"Bearer {app.secret}"),
            ("authorization", f"Bearer {other_app.secret}"),
        ]
        answer = await rest.patch(f"/v1/worlds/{world_id}/entrance", json=BODY, headers=headers)
        assert_error(answer, 401)

    async def test_a_key_in_the_query_or_the_body_is_none(self, rest, app, world_id):
        answer = await rest.patch(
            f"/v1/worlds/{world_id}/entrance?token={app.secret}&authorization=Bearer+{app.secret}",
            json=BODY | {"token": app.secret, "authorization": f"Bearer {app.secret}"},
        )
        assert_error(answer, 401)

    async def test_strangers_are_not_told_what_else_is_wrong(self, rest):
        answer = await rest.patch("/v1/worlds/not-a-world/entrance", content=b"{not json")
        assert_error(answer, 401)


class TestRevokedKeys:
    async def test_a_revoked_key_stops_working(self, rest, app, world_id):
        """It is used all the time, so that it stands in every cache there is; once refused, it stays so."""
        path = f"/v1/worlds/{world_id}/entrance"
        assert (await rest.patch(path, json=BODY, headers=bearer(app.secret))).status_code == 200
        await app.admin.keys.revoke(app.id, app.keys["secret"])

        async def is_refused() -> bool:
            answer = await rest.patch(path, json=BODY, headers=bearer(app.secret))
            if answer.is_success:
                return False
            assert_error(answer, 401)
            return True

        await until(is_refused)
        for _ in range(5):
            answer = await rest.patch(path, json=BODY, headers=bearer(app.secret))
            assert_error(answer, 401)

    async def test_other_keys_of_the_app_go_on_working(self, rest, app, world_id):
        await app.admin.keys.revoke(app.id, app.keys["publishable"])
        answer = await rest.patch(
            f"/v1/worlds/{world_id}/entrance", json=BODY, headers=bearer(app.secret)
        )
        assert answer.status_code == 200


class TestWorldsThatAreNotThere:
    @pytest.mark.parametrize(
        "name",
        [
            str(uuid.UUID(int=0)),
            "11111111-2222-4333-8444-555555555555",
            "not-a-world",
            "0",
            "null",
            "%20",
            "11111111222243338444555555555555",
            "{{11111111-2222-4333-8444-555555555555}}",
            "11111111-2222-4333-8444-55555555555%35x",
            "..%2F..%2Fusage",
            "*",
        ],
    )
    async def test_an_unknown_or_malformed_id_is_404(self, rest, app, name):
        answer = await rest.patch(
            f"/v1/worlds/{name}/entrance", json=BODY, headers=bearer(app.secret)
        )
        assert_error(answer, 404)

    @pytest.mark.usefixtures("untouched")
    async def test_somebody_elses_world_is_not_there(self, rest, app, other_app, world_id):
        for key in (other_app.secret, app.live_secret, other_app.live_secret):
            for headers, body in (
                ({}, BODY),
                ({}, {"state": "attic"}),
                ({}, BODY | {"expectedRev": "1"}),
                ({"if-match": "*"}, BODY),
                ({"if-match": '"other"'}, BODY),
            ):
                answer = await rest.patch(
                    f"/v1/worlds/{world_id}/entrance", json=body, headers=bearer(key) | headers
                )
                found = assert_error(answer, 404)
                assert set(found) == {"detail", "schemaVersion"}

    async def test_the_modes_of_one_app_are_walls(self, rest, app):
        live = await import_world(rest, app.live_secret)
        path = f"/v1/worlds/{live}/entrance"
        assert_error(await rest.patch(path, json=BODY, headers=bearer(app.secret)), 404)
        answer = await rest.patch(path, json=BODY, headers=bearer(app.live_secret))
        assert answer.status_code == 200

    async def test_an_id_is_found_in_capitals_and_percent_encoded(self, rest, app, world_id):
        encoded = "".join(f"%{ord(character):02X}" for character in world_id)
        for name in (world_id.upper(), encoded):
            answer = await rest.patch(
                f"/v1/worlds/{name}/entrance", json=BODY, headers=bearer(app.secret)
            )
            assert answer.status_code == 200, answer.text
            assert answer.json()["world"]["id"] == world_id

    async def test_an_id_in_the_query_does_not_replace_the_one_in_the_path(
        self, rest, app, world_id
    ):
        other = await import_world(rest, app.secret)
        answer = await rest.patch(
            f"/v1/worlds/{world_id}/entrance?id={other}&http_body.data=e30",
            json=BODY | {"id": other},
            headers=bearer(app.secret),
        )
        assert answer.json()["world"]["id"] == world_id
