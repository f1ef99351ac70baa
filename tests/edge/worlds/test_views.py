"""Two views of one revision have two entity tags (CONTRACT 0, RFC 9110 8.8 and 13.1)."""

from __future__ import annotations

import pytest

from support.edge.every_rpc import character_world
from support.rest import assert_error, bearer, import_world
from support.rpc import client
from support.worlds import small_world

WORLDS = {
    "a world": small_world(),
    "a character": character_world(),
    "a brain in a world": small_world(character={"persona": "A secret."}),
    "a character without a brain": small_world(kind="character"),
    "the word alone": small_world(mood={"character": "sad"}),
}


@pytest.fixture
async def character(rest, app) -> str:
    """The address of a public character."""
    world_id = await import_world(rest, app.secret, **character_world())
    path = f"/v1/worlds/{world_id}"
    answer = await rest.patch(path, json={"visibility": "public"}, headers=bearer(app.secret))
    assert answer.status_code == 200
    return path


async def get(rest, path: str, key: str, **headers: str):
    lines = {name.replace("_", "-"): value for name, value in headers.items()}
    return await rest.get(path, headers=bearer(key) | lines)


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
async def test_one_strong_tag_never_stands_for_two_bodies(rest, app, other_app, world):
    world_id = await import_world(rest, app.secret, **world)
    path = f"/v1/worlds/{world_id}"
    shown = await rest.patch(path, json={"visibility": "unlisted"}, headers=bearer(app.secret))
    bodies: dict[str, set[bytes]] = {}
    for key in (app.secret, app.publishable, other_app.secret, other_app.publishable):
        answer = await get(rest, path, key)
        assert answer.status_code == 200
        bodies.setdefault(answer.headers["etag"], set()).add(answer.content)
    assert all(len(same) == 1 for same in bodies.values())
    assert len(bodies) == len(set.union(*bodies.values())), "one body needs one tag only"
    assert len(bodies) == (2 if "character" in world else 1)
    owners = (await get(rest, path, app.secret)).headers["etag"]
    assert owners == shown.headers["etag"]


async def test_the_tag_of_another_view_is_not_what_the_caller_has(rest, app, other_app, character):
    whole = await get(rest, character, app.secret)
    public = await get(rest, character, app.publishable)
    for key, own, other in (
        (app.secret, whole, public),
        (app.publishable, public, whole),
        (other_app.secret, public, whole),
    ):
        answer = await get(rest, character, key, if_none_match=other.headers["etag"])
        assert (answer.status_code, answer.content) == (200, own.content)
        both = f'W/"x", {own.headers["etag"]}'
        for header in (own.headers["etag"], f"W/{own.headers['etag']}", both, "*"):
            answer = await get(rest, character, key, if_none_match=header)
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == own.headers["etag"]


async def test_a_write_moves_both_tags(rest, app, character):
    keys = (app.secret, app.publishable)
    before = [(await get(rest, character, key)).headers["etag"] for key in keys]
    written = await rest.patch(
        f"{character}/entrance", json={"state": "cellar"}, headers=bearer(app.secret)
    )
    after = [(await get(rest, character, key)).headers["etag"] for key in keys]
    assert after[0] == written.headers["etag"]
    assert not set(before) & set(after)


async def test_a_graph_read_has_one_tag_for_all_as_it_has_one_body(rest, app, other_app, character):
    for part in ("scene", "states", "events", "states/hall", "events/Wave"):
        answers = [
            await get(rest, f"{character}/{part}", key)
            for key in (app.secret, app.publishable, other_app.secret)
        ]
        assert len({(answer.headers["etag"], answer.content) for answer in answers}) == 1
        assert answers[0].headers["etag"] == f'"{answers[0].json()["rev"]}"'


async def test_the_public_tag_asserts_nothing(rest, app, character):
    """If-Match compares strongly: it is the tag of another body than the one a writer would replace."""
    public = (await get(rest, character, app.publishable)).headers["etag"]
    before = await get(rest, character, app.secret)
    for verb, path, body in (
        ("PATCH", f"{character}/entrance", {"state": "cellar"}),
        ("PATCH", character, {"name": "Another"}),
    ):
        headers = bearer(app.secret) | {"if-match": public}
        assert_error(await rest.request(verb, path, json=body, headers=headers), 409)
    assert (await get(rest, character, app.secret)).content == before.content


async def test_over_grpc_the_tag_is_a_field(stack, app, character):
    world_id = character.rpartition("/")[2]
    async with (
        client(stack.server_target, app.secret) as owner,
        client(stack.server_target, app.publishable) as player,
    ):
        whole = await owner.world(world_id)
        public = await player.world(world_id)
        assert whole.rev == public.rev == whole.etag != public.etag
        assert b"SecretOfTheBrain" in whole.document.json
        assert b"SecretOfTheBrain" not in public.document.json
        for who, tag, has_it in (
            (owner, whole.etag, True),
            (player, public.etag, True),
            (owner, public.etag, False),
            (player, whole.etag, False),
        ):
            answer = await who.world(world_id, if_none_match=f'"{tag}"')
            assert answer.HasField("document") is not has_it
