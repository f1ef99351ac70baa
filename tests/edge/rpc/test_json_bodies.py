"""JSON bodies, on every route that takes one: what is read, and what is said of the rest (CONTRACT 0)."""

from __future__ import annotations

import pytest

from support.edge.every_rpc import RPCS, Place, case_of, http_request
from support.rest import assert_error, bearer, mint
from support.stack import new_app

BOM = b"\xef\xbb\xbf"
ROUTES = [
    case_of(name, way)
    for name, rpc in RPCS.items()
    for way, binding in enumerate(rpc.ways)
    if binding.has_body
]
NAMES = [f"{case.verb} {RPCS[case.rpc].ways[case.way].path}" for case in ROUTES]


@pytest.fixture
async def place(rest, app) -> Place:
    return await Place.made(rest, app, "private")


@pytest.fixture(scope="module")
async def shared_place(stack, rest) -> Place:
    """For bodies that cannot be read, which change nothing."""
    return await Place.made(rest, await new_app(stack.admin), "private")


@pytest.fixture
def send(rest, shared_place):
    """Sends bytes to a route, with whatever credential it asks for."""

    async def post(case, content: bytes, place: Place = shared_place):
        path, _ = http_request(case, place)
        headers = bearer(place.credential(case.rpc))
        return await rest.request(case.verb, path, content=content, headers=headers)

    return post


WRONG = [
    (b'{"a": 1,\n "b": }', "the JSON is not valid: unexpected text, at line 2 column 7"),
    (b'{"a": ', "the JSON is not valid: it ends too early, at line 1 column 7"),
    (b'{"a": NaN}', "the JSON is not valid: NaN and Infinity are no JSON, at line 1 column 7"),
    (b'{"a": "\x01"}', "the JSON is not valid: a control character that is not escaped, at line 1 column 8"),
    (b'{"a": "\\ud800"}', "the JSON is not valid: half of a surrogate pair, at line 1 column 8"),
    (b'{"a": "\xff"}', "the JSON is not valid: it is not UTF-8, at line 1 column 8"),
    (b'{"x": {"a": 1e309}}', "the JSON has a number out of range, at line 1 column 13"),
    (b'{"x": [' + b"9" * 401 + b"]}", "the JSON has a number out of range, at line 1 column 8"),
    (b'{"x": {"a": 1, "a": 2}}', 'the member "a" stands twice in one object, at line 1 column 16'),
    (b"[" * 3_000 + b"]" * 3_000, "the JSON is nested too deeply; 254 levels are the limit"),
]  # fmt: skip
KINDS_OF_WRONG = [
    "text",
    "end",
    "nan",
    "control",
    "surrogate",
    "utf-8",
    "1e309",
    "401 digits",
    "twice",
    "deep",
]
FEW = ROUTES[::9]


@pytest.mark.parametrize("route", FEW, ids=NAMES[::9])
@pytest.mark.parametrize(("content", "told"), WRONG, ids=KINDS_OF_WRONG)
async def test_what_is_wrong_is_recorded_with_its_place(send, route, content, told):
    assert assert_error(await send(route, content), 400)["detail"] == told


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
async def test_every_route_reads_its_body_so(send, route):
    content, told = WRONG[-2]
    assert assert_error(await send(route, content), 400)["detail"] == told


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
async def test_a_byte_order_mark_is_skipped(send, place, route):
    """It is done, or refused for what it is (nobody looks at frames here)."""
    _, content = http_request(route, place)
    answer = await send(route, BOM + content, place)
    assert answer.status_code == route.status, answer.text


async def test_an_integer_may_be_written_with_a_fraction_of_nothing(rest, app, world_id):
    text = b'{"worldId": "%s", "ttlSeconds": 60.0}' % world_id.encode()
    answer = await rest.post("/v1/sessions/token", content=text, headers=bearer(app.secret))
    assert answer.json()["expiresIn"] == 60
    text = text.replace(b"60.0", b"60.5")
    answer = await rest.post("/v1/sessions/token", content=text, headers=bearer(app.secret))
    assert assert_error(answer, 400)["detail"] == "ttlSeconds must be an integer"


async def test_a_body_of_unknown_members_is_refused_where_it_would_decide(rest, app, world_id):
    """`{"wrold": …}` must not lint the stored world instead."""
    for route in ("lint", "validate", "versions"):
        answer = await rest.post(
            f"/v1/worlds/{world_id}/{route}", json={"wrold": {}}, headers=bearer(app.secret)
        )
        assert "names nothing" in assert_error(answer, 400)["detail"]
        answer = await rest.post(
            f"/v1/worlds/{world_id}/{route}", json={}, headers=bearer(app.secret)
        )
        assert answer.status_code == 200
    token = (await mint(rest, app.secret, world_id))["token"]
    answer = await rest.post("/v1/sessions/connect", json={"other": 1}, headers=bearer(token))
    assert answer.status_code == 200
