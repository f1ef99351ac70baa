"""Characters over REST: made, read, listed, changed, forked, deleted (CONTRACT 5)."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from random import Random

import pytest

from support.characters import BRAIN, GREETING, STANCES, maren, new_character
from support.rest import assert_error, bearer, import_world

COVER = "https://example.com/maren.png"
SHOWN_STANCES = [{name: stance[name] for name in ("id", "label", "mood")} for stance in STANCES]
HIDDEN = dict.fromkeys((*BRAIN, "modelId", "free"))


def whole(character_id: str, **members: object) -> dict[str, object]:
    """What her owner is answered."""
    return {
        "id": character_id,
        "slug": "maren",
        "name": "Maren",
        "description": "The keeper of a lighthouse.",
        "cover": COVER,
        "visibility": "private",
        "voiceId": "alto-1",
        "modelId": "small-1",
        "free": True,
        "greeting": GREETING,
        "intro": {"kicker": "Skarn Head", "title": "Maren", "hint": "Ask about the lamp."},
        "stances": SHOWN_STANCES,
        **BRAIN,
        "schemaVersion": "1.0",
    } | members


async def get(rest, key: str, character_id: str, **headers: str):
    return await rest.get(f"/v1/characters/{character_id}", headers=bearer(key) | headers)


async def patch(rest, key: str, character_id: str, body: object, **headers: str):
    path = f"/v1/characters/{character_id}"
    return await rest.patch(path, json=body, headers=bearer(key) | headers)


@pytest.mark.both_ways
async def test_a_life(rest, app):
    """A character is made of what is said, and is read, listed, changed and deleted as that."""
    headers = bearer(app.secret)
    made = await rest.post("/v1/characters", json=maren(), headers=headers)
    assert made.status_code == 200, made.text
    body = made.json()
    one = body.pop("id")
    assert body == {"slug": "maren", "kind": "character", "cover": COVER, "schemaVersion": "1.0"}
    read = await get(rest, app.secret, one)
    assert read.json() == whole(one)
    assert read.headers["etag"] == made.headers["etag"]
    again = await get(rest, app.secret, one, **{"if-none-match": read.headers["etag"]})
    assert again.status_code == 304

    # Its graph is that of a world, and the kernel has nothing to say about it.
    world = (await rest.get(f"/v1/worlds/{one}", headers=headers)).json()
    assert world["kind"] == "character"
    assert world["entrance"] == {"state": "calm", "image": {"src": COVER}}
    assert list(world["scene"]["states"]) == ["calm", "glad", "wary", "grieving"]
    [speaking] = [event for event in world["scene"]["events"] if event["name"] == "Speaking"]
    assert (speaking["kind"], speaking["hidden"]) == ("override", True)
    lint = await rest.post(f"/v1/worlds/{one}/lint", json={}, headers=headers)
    assert lint.json()["diagnostics"] == []

    listed = (await rest.get("/v1/characters", headers=headers)).json()
    shown = whole(one)
    del shown["schemaVersion"]
    assert listed == {"characters": [shown], "nextCursor": None, "schemaVersion": "1.0"}
    assert (await rest.get("/v1/worlds", headers=headers)).json()["worlds"] == []

    fork = (await rest.post(f"/v1/characters/{one}/forks", headers=headers)).json()
    two = fork.pop("id")
    assert fork == body | {"slug": "maren-fork"}
    copy = (await get(rest, app.secret, two)).json()
    assert copy == whole(two, slug="maren-fork", name="Maren (fork)")

    deleted = await rest.delete(f"/v1/characters/{one}", headers=headers)
    assert deleted.json() == {"ok": True, "deleted": one, "schemaVersion": "1.0"}
    for _ in range(2):
        assert_error(await get(rest, app.secret, one), 404)
        assert_error(await rest.delete(f"/v1/characters/{one}", headers=headers), 404)
    assert (await rest.delete(f"/v1/worlds/{two}", headers=headers)).status_code == 200
    assert (await rest.get("/v1/characters", headers=headers)).json()["characters"] == []


async def test_who_sees_the_brain(rest, app, other_app):
    """Only a secret key of its own app and mode: not its publishable key, and no other app, nor its fork."""
    one = await new_character(rest, app.secret)
    hidden = whole(one) | HIDDEN
    pk = await get(rest, app.publishable, one)
    assert pk.json() == hidden
    assert pk.headers["etag"] != (await get(rest, app.secret, one)).headers["etag"]
    listed = await rest.get("/v1/characters", headers=bearer(app.publishable))
    assert listed.json()["characters"] == [
        {k: v for k, v in hidden.items() if k != "schemaVersion"}
    ]
    assert_error(await get(rest, other_app.secret, one), 404)
    assert_error(await get(rest, app.live_secret, one), 404)
    shared = await patch(rest, app.secret, one, {"visibility": "unlisted"})
    assert shared.json() == whole(one, visibility="unlisted")
    seen = await get(rest, other_app.secret, one)
    assert seen.json() == hidden | {"visibility": "unlisted"}
    path = f"/v1/characters/{one}/forks"
    fork = (await rest.post(path, headers=bearer(other_app.secret))).json()["id"]
    copy = (await get(rest, other_app.secret, fork)).json()
    assert {name: copy[name] for name in BRAIN} == dict.fromkeys(BRAIN)
    assert (copy["greeting"], copy["stances"]) == (GREETING, SHOWN_STANCES)
    for verb, body in (("PATCH", {"name": "Mine"}), ("DELETE", None)):
        refused = await rest.request(
            verb, f"/v1/characters/{one}", json=body, headers=bearer(other_app.secret)
        )
        assert_error(refused, 404)
        refused = await rest.request(
            verb, f"/v1/characters/{one}", json=body, headers=bearer(app.publishable)
        )
        assert_error(refused, 403)


async def test_a_tag_stands_for_one_answer(rest, app):
    """Who may read it stands in the answer and moves no revision: the tag says both, and asserts the revision."""
    one = await new_character(rest, app.secret)
    before = (await get(rest, app.secret, one)).headers["etag"]
    changed = await patch(rest, app.secret, one, {"visibility": "public"}, **{"if-match": before})
    assert changed.status_code == 200
    tag = changed.headers["etag"]
    assert tag != before
    now = await get(rest, app.secret, one, **{"if-none-match": before})
    assert (now.status_code, now.json()["visibility"], now.headers["etag"]) == (200, "public", tag)
    assert (await get(rest, app.secret, one, **{"if-none-match": tag})).status_code == 304
    greeted = await patch(rest, app.secret, one, {"greeting": "Hm?"}, **{"if-match": tag})
    assert greeted.status_code == 200
    assert_error(await patch(rest, app.secret, one, {"greeting": "No"}, **{"if-match": tag}), 409)
    assert_error(
        await patch(rest, app.secret, one, {"greeting": "No", "expectedRev": tag[1:-1]}), 409
    )
    rev = (await rest.get(f"/v1/worlds/{one}/scene", headers=bearer(app.secret))).json()["rev"]
    body = {"greeting": "Aye?", "expectedRev": rev}
    assert (await patch(rest, app.secret, one, body)).json()["greeting"] == "Aye?"


async def test_patches(rest, app):
    """A patch changes what it names in one write, and null erases what may be missing."""
    one = await new_character(rest, app.secret)
    said = {
        "name": "Old Maren", "description": None, "cover": "https://example.com/2.png",
        "visibility": "unlisted", "persona": "Another one.", "scene": None, "greeting": None,
        "lore": "Less.", "examples": None, "modelId": None, "voiceId": None, "free": False,
        "intro": {"title": "M"}, "subject": "A woman of eighty.",
    }  # fmt: skip
    path, headers = f"/v1/worlds/{one}", bearer(app.secret)
    before = (await rest.get(f"{path}/scene", headers=headers)).json()
    answer = await patch(rest, app.secret, one, {"patch": said})
    expected = whole(one) | {name: said[name] for name in said if name != "subject"}
    expected |= {"description": "", "intro": {"kicker": None, "title": "M", "hint": None}}
    assert answer.json() == expected
    world = (await rest.get(path, headers=headers)).json()
    assert world["entrance"]["image"]["src"] == said["cover"]
    assert world["scene"]["states"]["calm"]["base"].startswith("A woman of eighty. A level gaze")
    assert world["scene"]["events"] == before["events"]
    assert "scene" not in world["character"]
    number = int(answer.headers["etag"].strip('"').partition("-")[0])
    assert number == int(before["rev"].partition("-")[0]) + 1
    # The same again changes nothing, so that the revision stays.
    again = await patch(rest, app.secret, one, said)
    assert (again.json(), again.headers["etag"]) == (expected, answer.headers["etag"])
    erased = await patch(rest, app.secret, one, {"intro": None, "cover": None})
    assert (erased.json()["intro"], erased.json()["cover"]) == (None, None)


async def test_prose_follows_the_name(rest, app):
    """Of a character whose looks nobody has described, by either route; and then the description."""
    headers = bearer(app.secret)
    said = {"name": "Ada", "persona": "A clerk.", "stances": [{"id": "calm"}]}
    one = (await rest.post("/v1/characters", json=said, headers=headers)).json()["id"]
    path = f"/v1/worlds/{one}"

    async def base() -> str:
        return (await rest.get(f"{path}/scene", headers=headers)).json()["states"]["calm"]["base"]

    assert "A portrait of Ada." in await base()
    await patch(rest, app.secret, one, {"name": "Bea"})
    assert "A portrait of Bea." in await base()
    await rest.patch(path, json={"name": "Cora"}, headers=headers)
    assert "A portrait of Cora." in await base()
    await patch(rest, app.secret, one, {"subject": "A woman in grey"})
    assert "A woman in grey." in await base()


async def test_other_stances(rest, app):
    """Stances are replaced as a whole: one that stays keeps what its state has besides, others go with their events."""
    one = await new_character(rest, app.secret)
    path, headers = f"/v1/worlds/{one}", bearer(app.secret)
    ambient = {"ambient": ["Rain on the glass."]}
    await rest.patch(f"{path}/states/glad", json=ambient, headers=headers)
    stances = [
        {"id": "glad", "label": "Cheerful", "mood": "merry"},
        {"id": "asleep", "label": "Asleep", "expression": "Eyes shut."},
    ]
    answer = await patch(rest, app.secret, one, {"stances": stances})
    assert answer.json()["stances"] == [
        {"id": "glad", "label": "Cheerful", "mood": "merry"},
        {"id": "asleep", "label": "Asleep", "mood": None},
    ]
    scene = (await rest.get(f"{path}/scene", headers=headers)).json()
    assert list(scene["states"]) == ["glad", "asleep"]
    assert scene["states"]["glad"]["ambient"] == ambient["ambient"]
    assert "merry" in scene["states"]["glad"]["base"]
    assert scene["entrance"]["state"] == "glad"
    events = {event["name"]: event for event in scene["events"]}
    assert set(events) == {"Cheerful", "Asleep", "Speaking"}
    assert events["Speaking"]["from"] == ["glad", "asleep"]
    lint = await rest.post(f"{path}/lint", json={}, headers=headers)
    assert lint.json()["diagnostics"] == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "nothing to change"),
        ({"colour": "red"}, "names nothing"),
        ({"name": None}, "name cannot be erased"),
        ({"persona": None}, "persona cannot be erased"),
        ({"free": None}, "free cannot be erased"),
        ({"stances": None}, "stances cannot be erased"),
        ({"stances": []}, "stances cannot be erased"),
        ({"visibility": None}, "visibility cannot be erased"),
        ({"persona": " "}, "persona must have at least one character"),
        ({"cover": ""}, "cover must be a URL or a data URL"),
        ({"visibility": "secret"}, "visibility must be"),
        ({"lore": 5}, "lore must be a string"),
        ({"lore": "x" * 64_001}, "lore must have at most 64000 characters"),
        ({"intro": "x"}, "intro must be an object"),
        ({"intro": {"hint": "x" * 501}}, "intro.hint must have at most 500 characters"),
        ({"free": "yes"}, "free must be true or false"),
        ({"stances": [{"label": "x"}]}, "stances[0].id must have 1 to 64 characters"),
        ({"stances": [{"id": "a"}, {"id": "a"}]}, "stances[1].id is the id of stances[0]"),
        ({"stances": [{"id": f"s{n}"} for n in range(25)]}, "at most 24 stances"),
    ],
)  # fmt: skip
async def test_patches_that_are_none(rest, app, body, told):
    """What is wrong with a patch is a 400 that names it, and nothing changes."""
    one = await new_character(rest, app.secret)
    before = (await get(rest, app.secret, one)).headers["etag"]
    error = assert_error(await patch(rest, app.secret, one, body), 400)
    assert told in str([error["detail"], *error.get("errors", [])])
    assert (await get(rest, app.secret, one)).headers["etag"] == before


async def test_a_world_is_no_character(rest, app, world_id):
    """Under /v1/characters a world is 404, and stays; a character is there under /v1/worlds as well."""
    path, headers = f"/v1/characters/{world_id}", bearer(app.secret)
    assert_error(await rest.get(path, headers=headers), 404)
    assert_error(await rest.patch(path, json={"name": "x"}, headers=headers), 404)
    assert_error(await rest.patch(path, json={"visibility": "public"}, headers=headers), 404)
    assert_error(await rest.delete(path, headers=headers), 404)
    assert_error(await rest.post(f"{path}/forks", headers=headers), 404)
    world = await rest.get(f"/v1/worlds/{world_id}", headers=headers)
    assert (world.status_code, world.json()["name"]) == (200, "Two rooms")
    assert (await rest.get("/v1/characters", headers=headers)).json()["characters"] == []
    usage = (await rest.get("/v1/usage", headers=headers)).json()["usage"]
    assert usage["generation"] == 1


async def test_pages(rest, app, other_app):
    """Newest first, by either form of cursor; a page ends early where its documents are too many."""
    made = [await new_character(rest, app.secret, name=f"Ada {n}") for n in range(3)]
    await new_character(rest, other_app.secret)

    async def page(query: str) -> tuple[list[str], str | None]:
        answer = await rest.get(f"/v1/characters?{query}", headers=bearer(app.secret))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return [item["id"] for item in body["characters"]], body["nextCursor"]

    first, cursor = await page("limit=2")
    assert first == made[:0:-1]
    assert await page(f"limit=2&cursor={cursor}") == (made[:1], None)
    assert await page("limit=100&cursor=2001-01-01T00:00:00Z") == ([], None)
    for query in ("limit=0", "limit=101", "limit=x", "cursor=nonsense"):
        answer = await rest.get(f"/v1/characters?{query}", headers=bearer(app.secret))
        assert_error(answer, 400)
    for n in range(2):
        picture = f"data:image/png;base64,{b64encode(Random(n).randbytes(300_000)).decode()}"
        await new_character(rest, app.secret, name=f"Large {n}", cover=picture)
    found, cursor = [], ""
    while cursor is not None:
        some, cursor = await page(f"limit=100&cursor={cursor}" if cursor else "limit=100")
        assert len(some) < 5
        found += some
    assert found[2:] == made[::-1]


async def test_what_was_imported_as_a_world(rest, app):
    """A character that came as any world, with a brain of any shape, is read and changed as far as it is one."""
    brain = {"persona": ["x"], "lore": {"a": 1}, "greeting": "Hi.", "stances": [{"id": "gone"}, 5]}
    one = await import_world(rest, app.secret, kind="character", character=brain)
    read = (await get(rest, app.secret, one)).json()
    assert (read["persona"], read["lore"], read["free"]) == (None, None, False)
    assert read["stances"] == [{"id": "hall", "label": "hall", "mood": None}]
    assert (await get(rest, app.secret, one)).json() == read
    changed = await patch(rest, app.secret, one, {"persona": "A hall that talks."})
    assert changed.json() == read | {"persona": "A hall that talks."}
    stances = [{"id": "hall", "label": "Hall"}, {"id": "glad"}]
    changed = await patch(rest, app.secret, one, {"stances": stances})
    assert changed.status_code == 200
    lint = await rest.post(f"/v1/worlds/{one}/lint", json={}, headers=bearer(app.secret))
    assert lint.json()["diagnostics"] == []


async def test_patches_at_once(rest, app):
    """None is lost: each is made again from what the others left."""
    one = await new_character(rest, app.secret)
    bodies = [{"greeting": "Ahoy."}, {"lore": "Less."}, {"scene": None}, {"voiceId": "v"}]
    answers = await asyncio.gather(*(patch(rest, app.secret, one, body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    now = (await get(rest, app.secret, one)).json()
    assert now == whole(one, greeting="Ahoy.", lore="Less.", scene=None, voiceId="v")
