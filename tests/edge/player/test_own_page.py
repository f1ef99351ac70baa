"""The player's own page uses a token that is bound to the page around it (CONTRACT 0.1, 12)."""

from __future__ import annotations

import pytest

from conjure.contract import rpcs
from conjure.core.errors import Reason
from conjure.v1 import auth_pb2
from support.rest import assert_error, bearer, connect, mint
from support.rpc import client, refused

ORIGIN = "https://play.example"
FOREIGN = "https://evil.example"

ASK_FOR_A_SESSION_TOKEN = [
    binding.path
    for rpc in rpcs()
    if rpc.scheme == auth_pb2.SCHEME_SESSION_TOKEN
    for binding in rpc.bindings
    if binding.verb == "POST"
]

# What browsers send along with a `fetch` or a beacon of a page of our own.
OWN = {
    "origin": "http://10.1.2.3:8080",
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "cors",
    "sec-fetch-dest": "empty",
}


@pytest.fixture
async def bound(rest, app, world_id) -> str:
    return str((await mint(rest, app.secret, world_id, origin=ORIGIN))["token"])


@pytest.fixture
async def nothing_taken(rest, app):
    """No refusal may have cost seconds or a slot."""
    yield
    usage = await rest.get("/v1/usage", headers=bearer(app.secret))
    assert usage.json()["usage"]["session_seconds"] == 0


@pytest.mark.both_ways
@pytest.mark.parametrize("path", ASK_FOR_A_SESSION_TOKEN)
async def test_wherever_a_session_token_is_asked_for(stack, rest, bound, path):
    for headers in ({}, {"origin": FOREIGN}, OWN | {"sec-fetch-site": "cross-site"}):
        refused = await rest.post(path, json={"token": bound}, headers=headers)
        assert_error(refused, 401)
    # It is not refused for its token; that the rest of the request is empty may be.
    for headers in (OWN, {"origin": stack.rest_url}, {"origin": ORIGIN}):
        answer = await rest.post(path, json={"token": bound}, headers=headers)
        assert answer.status_code != 401, answer.text


@pytest.mark.usefixtures("nothing_taken")
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": FOREIGN, "sec-fetch-site": "same-site"},
        {"origin": FOREIGN, "sec-fetch-site": "cross-site"},
        {"origin": FOREIGN, "sec-fetch-site": "none"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "Same-Origin"},
        {"sec-fetch-site": "same-origin, cross-site"},
        {"sec-fetch-site": "cross-site, same-origin"},
        {"sec-fetch-mode": "same-origin"},
        {"origin": "same-origin"},
        {"x-conjure-own-page": "1"},
    ],
    ids=str,
)
async def test_what_is_no_own_page(rest, bound, headers):
    assert_error(await connect(rest, bound, **headers), 401)


@pytest.mark.usefixtures("nothing_taken")
async def test_where_pictures_are_is_no_own_page_when_the_browser_says_so(stack, rest, bound):
    """A CDN in front of the pictures may have pages of others."""
    for site in ("cross-site", "same-site", "none", ""):
        headers = {"origin": stack.rest_url, "sec-fetch-site": site}
        assert_error(await connect(rest, bound, **headers), 401)


@pytest.mark.usefixtures("nothing_taken")
async def test_a_header_that_comes_twice_is_not_what_a_browser_sends(rest, bound):
    for second in ("cross-site", "same-origin"):
        headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-site", second)]
        answer = await rest.post(
            "/v1/sessions/connect", json={"token": bound}, headers=[("origin", FOREIGN), *headers]
        )
        assert_error(answer, 401)


@pytest.mark.usefixtures("nothing_taken")
async def test_an_own_page_makes_no_other_token_good(rest, bound):
    head, claims, signature = bound.split(".")
    for forged in (f"{head}.{claims}.AAAA", f"{head}.{claims[:-4]}AAAA.{signature}", "x", ""):
        answer = await rest.post("/v1/sessions/connect", headers=bearer(forged or "-") | OWN)
        assert_error(answer, 401)


async def test_callers_over_grpc_have_the_same_rule(stack, bound):
    async with client(stack.server_target) as caller:
        for headers in ({}, {"origin": FOREIGN}, {"sec_fetch_site": "cross-site"}):
            await refused(caller.connect(bound, **headers), Reason.INVALID_CREDENTIAL)
        assert (await caller.connect(bound, sec_fetch_site="same-origin")).expires_at
