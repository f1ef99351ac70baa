"""The graph of a character is edited as that of any world, and its stances follow (CONTRACT 3, 5)."""

from __future__ import annotations

import pytest

from support.characters import new_character
from support.rest import assert_error, bearer


@pytest.fixture
async def one(rest, app) -> str:
    return await new_character(rest, app.secret)


async def stances(rest, app, one: str) -> dict[str, tuple[str, str | None]]:
    """Label and mood by id; the graph is as they say."""
    headers = bearer(app.secret)
    found = (await rest.get(f"/v1/characters/{one}", headers=headers)).json()["stances"]
    scene = (await rest.get(f"/v1/worlds/{one}/scene", headers=headers)).json()
    names = [stance["id"] for stance in found]
    assert set(names) == set(scene["states"])
    lint = await rest.post(f"/v1/worlds/{one}/lint", json={}, headers=headers)
    assert lint.json()["diagnostics"] == []
    speaking = next(event for event in scene["events"] if event["name"] == "Speaking")
    assert sorted(speaking["from"]) == sorted(names)
    for to in names:
        ways = [event for event in scene["events"] if event.get("to") == to]
        assert {name for way in ways for name in way["from"]} == set(names) - {to}
    return {stance["id"]: (stance["label"], stance["mood"]) for stance in found}


async def test_stances_follow(rest, app, one):
    """A state that is added, renamed or removed is a stance that is; so in a batch, an edit in words, a checkout."""
    headers, path = bearer(app.secret), f"/v1/worlds/{one}"

    async def call(verb: str, where: str, **body: object):
        answer = await rest.request(verb, f"{path}{where}", json=body or None, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    first = (await call("POST", "/versions", title="first"))["versionId"]
    before = await stances(rest, app, one)
    added = await call("POST", "/states", id="asleep", base="Eyes shut.")
    assert added["world"]["character"]["stances"][-1] == {"id": "asleep", "label": "asleep"}
    assert await stances(rest, app, one) == before | {"asleep": ("asleep", None)}
    await call("POST", "/ops", ops=[
        {"op": "rename_state", "state": "glad", "to": "merry"},
        {"op": "update_state", "id": "merry", "patch": {"narration": "Laughs."}},
        {"op": "add_state", "id": "glad", "base": "A smile."},
        {"op": "delete_state", "id": "wary"},
    ])  # fmt: skip
    now = await stances(rest, app, one)
    assert (now["merry"], now["glad"]) == (("Glad", "warm"), ("glad", None))
    assert "wary" not in now
    await call("DELETE", "/states/asleep")
    await call("PATCH", "/entrance", state="merry")
    await call("POST", "/edit", instruction="Add a place called pensive: She looks into the fire.")
    assert set(await stances(rest, app, one)) == {*now, "pensive"} - {"asleep"}
    await call("POST", "/checkout", versionId=first)
    assert await stances(rest, app, one) == before


REFUSED = [
    ("DELETE", "/events/Speaking", None, "cannot be deleted or renamed"),
    ("PATCH", "/events/Speaking", {"name": "Talking"}, "cannot be deleted or renamed"),
    ("PATCH", "/events/Speaking", {"hidden": None}, "stays a hidden override"),
    ("PATCH", "/events/Speaking", {"kind": "terminal"}, "stays a hidden override"),
    ("PATCH", "/events/Speaking", {"from": ["calm"]}, "comes from all of its stances"),
    ("DELETE", "/events/Glad", None, "stances stay connected"),
    ("DELETE", "/states/calm", None, "the entrance"),
    ("POST", "/states", {"id": "end", "base": "The end.", "ending": {"kind": "win"}}, "is no ending"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "where", "body", "told"), REFUSED)
async def test_what_would_break_it_is_refused(rest, app, one, verb, where, body, told):
    """400, with the reason; nothing changes."""
    headers = bearer(app.secret)
    before = (await rest.get(f"/v1/worlds/{one}", headers=headers)).headers["etag"]
    answer = await rest.request(verb, f"/v1/worlds/{one}{where}", json=body, headers=headers)
    assert told in assert_error(answer, 400)["detail"]
    assert (await rest.get(f"/v1/worlds/{one}", headers=headers)).headers["etag"] == before


async def test_an_edit_in_words_cannot_break_it(rest, app, one):
    """What an editor proposes is held to the same, and the unit is given back."""
    headers = bearer(app.secret)
    asked = {"instruction": 'Delete the event "Speaking".'}
    answer = await rest.post(f"/v1/worlds/{one}/edit", json=asked, headers=headers)
    assert "cannot be deleted" in assert_error(answer, 400)["detail"]
    assert (await rest.get("/v1/usage", headers=headers)).json()["usage"]["edit"] == 0
    await stances(rest, app, one)


async def test_at_most_24(rest, app):
    """A stance more than there may be is refused."""
    one = await new_character(rest, app.secret, stances=[{"id": f"s{n}"} for n in range(24)])
    answer = await rest.post(
        f"/v1/worlds/{one}/states", json={"base": "One more."}, headers=bearer(app.secret)
    )
    assert "at most 24 stances" in assert_error(answer, 400)["detail"]
