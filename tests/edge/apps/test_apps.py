"""Apps over REST: made, listed in pages, and seen by their owner alone (CONTRACT 1)."""

from __future__ import annotations

import asyncio
import json

import pytest

from conjure.core.ids import new_id
from support.rest import assert_error, bearer
from support.users import make_app, make_key, user_token


async def test_an_app_is_made_and_listed(rest):
    token = user_token()
    made = await rest.post("/v1/apps", json={"name": "My game"}, headers=bearer(token))
    assert made.status_code == 200
    app = made.json()
    assert set(app) == {"id", "name", "created_at", "schemaVersion"}
    assert app["name"] == "My game"
    listed = await rest.get("/v1/apps", headers=bearer(token))
    assert listed.status_code == 200
    del app["schemaVersion"]
    assert listed.json() == {"apps": [app], "nextCursor": None, "schemaVersion": "1.0"}


async def test_pages_are_newest_first_and_hold_every_app_once(rest):
    token = user_token()
    made = [await make_app(rest, token, f"game {n}") for n in range(5)]
    seen, cursor = [], {}
    while True:
        page = (
            await rest.get("/v1/apps", params={"limit": 2, **cursor}, headers=bearer(token))
        ).json()
        seen += [app["id"] for app in page["apps"]]
        if page["nextCursor"] is None:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert seen == made[::-1]


async def test_a_page_may_begin_after_the_time_of_a_row(rest):
    token = user_token()
    first = await make_app(rest, token)
    await asyncio.sleep(0.002)
    await make_app(rest, token)
    apps = (await rest.get("/v1/apps", headers=bearer(token))).json()["apps"]
    after = {"cursor": apps[0]["created_at"]}
    page = (await rest.get("/v1/apps", params=after, headers=bearer(token))).json()
    assert [app["id"] for app in page["apps"]][-1] == first


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "many"}, {"cursor": "Zm9v"}], ids=str
)
async def test_bad_pages_are_refused(rest, query):
    assert_error(await rest.get("/v1/apps", params=query, headers=bearer(user_token())), 400)


@pytest.mark.parametrize(
    "name",
    [None, "", " ", "x" * 101, 7, ["a"], {"a": 1}, "a\nb", "a\x00", "a\x7f", "\u2028", "\ud800"],
    ids=ascii,
)
async def test_a_bad_name_is_refused_and_leaves_nothing(rest, name):
    token = user_token()
    body = json.dumps({} if name is None else {"name": name})  # a lone surrogate as an escape
    assert_error(await rest.post("/v1/apps", content=body, headers=bearer(token)), 400)
    assert (await rest.get("/v1/apps", headers=bearer(token))).json()["apps"] == []


async def test_names_are_kept_as_they_are(rest):
    token = user_token()
    names = ["x" * 100, "Ünïcödé 👩‍👩‍👧 שלום", "a:b:c", "  spaced  ", "7"]
    for name in names:
        await make_app(rest, token, name)
    apps = (await rest.get("/v1/apps", headers=bearer(token))).json()["apps"]
    assert [app["name"] for app in apps] == names[::-1]


async def test_two_users_do_not_see_each_other(rest):
    one, two = user_token(), user_token()
    app_id = await make_app(rest, one)
    key = await make_key(rest, one, app_id)
    assert (await rest.get("/v1/apps", headers=bearer(two))).json()["apps"] == []
    keys = f"/v1/apps/{app_id}/keys"
    nowhere = f"/v1/apps/{new_id()}/keys"
    for verb, path, absent in (
        ("POST", keys, nowhere),
        ("GET", keys, nowhere),
        ("GET", keys, "/v1/apps/not-a-uuid/keys"),
        ("DELETE", f"{keys}/{key['id']}", f"{nowhere}/{key['id']}"),
        ("POST", f"{keys}/{key['id']}/revoke", f"{nowhere}/{key['id']}/revoke"),
    ):
        theirs = await rest.request(verb, path, headers=bearer(two))
        missing = await rest.request(verb, absent, headers=bearer(two))
        assert_error(theirs, 404)
        assert theirs.content == missing.content
    (still,) = (await rest.get(keys, headers=bearer(one))).json()["keys"]
    assert still["revoked_at"] is None


@pytest.mark.parametrize("path", ["/v1/apps", "/v1/apps/0198c5a2-3b1e-7c4d-9f60-2b7a4e8d1c35/keys"])
async def test_only_user_sessions_get_in(rest, app, path):
    for credential in (app.secret, app.publishable, user_token(aud="another"), user_token(exp=1)):
        assert_error(await rest.get(path, headers=bearer(credential)), 401)
        assert_error(await rest.post(path, json={"name": "x"}, headers=bearer(credential)), 401)
    assert_error(await rest.get(path), 401)


async def test_a_user_token_opens_no_world(rest):
    assert_error(await rest.get("/v1/worlds", headers=bearer(user_token())), 401)
