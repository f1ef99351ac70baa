"""A POST that creates or charges, sent twice with one Idempotency-Key, happens once (CONTRACT 0)."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conjure.core import jsondoc
from conjure.store import keyspace
from support.rest import assert_error, bearer, import_world
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import Callable

ANOTHER = "another request body"


@dataclass(frozen=True)
class Route:
    """A POST: where, what it sends for a world, something else, and what it costs."""

    path: Callable[[str], str]
    body: Callable[[str], dict[str, Any]]
    other: dict[str, Any]
    unit: str | None


ROUTES = {
    "create": Route(lambda _: "/v1/worlds", lambda _: {"premise": "a mill"}, {"premise": "a lake"}, "generation"),
    "import": Route(
        lambda _: "/v1/worlds", lambda _: {"world": small_world()}, {"name": "Another"}, "generation"
    ),
    "session token": Route(
        lambda _: "/v1/sessions/token",
        lambda world: {"worldId": world, "playerIdentity": "p", "origin": "https://play.example"},
        {"playerIdentity": "q"},
        "session",
    ),
    "seed frame": Route(
        lambda _: "/v1/seed-frame", lambda _: {"prompt": "a mill"}, {"mood": "dusk"}, "image"
    ),
    "version": Route(lambda w: f"/v1/worlds/{w}/versions", lambda _: {"title": "a"}, {"title": "b"}, None),
}  # fmt: skip


@pytest.fixture
def post(rest, app):
    async def send(path: str, body: Any, key: str | None = "key") -> Any:
        headers = {} if key is None else {"idempotency-key": key}
        return await rest.post(path, json=body, headers=bearer(app.secret) | headers)

    return send


@pytest.fixture
def used(rest, app):
    async def read(unit: str) -> int:
        answer = await rest.get("/v1/usage", headers=bearer(app.secret))
        return int(answer.json()["usage"][unit])

    return read


async def things(rest, app, world: str) -> tuple[int, int]:
    """How many worlds and versions there are."""
    worlds = await rest.get("/v1/worlds?limit=100", headers=bearer(app.secret))
    versions = await rest.get(f"/v1/worlds/{world}/versions", headers=bearer(app.secret))
    return len(worlds.json()["worlds"]), len(versions.json()["versions"])


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
class TestEveryRoute:
    async def test_a_retry_is_answered_as_the_first_time_and_charged_once(
        self, rest, app, post, used, route
    ):
        world = await import_world(rest, app.secret)
        path, body = route.path(world), route.body(world)
        before = None if route.unit is None else await used(route.unit)
        first = await post(path, body)
        assert first.status_code == 200, first.text
        assert "idempotent-replayed" not in first.headers
        standing = await things(rest, app, world)
        for _ in range(2):
            again = await post(path, body)
            assert (again.status_code, again.json()) == (200, first.json())
            assert again.headers["idempotent-replayed"] == "true"
            assert again.headers.get("etag") == first.headers.get("etag")
        assert await things(rest, app, world) == standing
        if before is not None:
            assert await used(route.unit) == before + 1

    async def test_another_body_is_refused(self, rest, app, post, route):
        world = await import_world(rest, app.secret)
        path, body = route.path(world), route.body(world)
        assert (await post(path, body)).status_code == 200
        standing = await things(rest, app, world)
        refused = assert_error(await post(path, body | route.other), 422)
        assert ANOTHER in refused["detail"]
        assert await things(rest, app, world) == standing

    async def test_retries_at_once_happen_once(self, rest, app, post, used, route):
        world = await import_world(rest, app.secret)
        path, body = route.path(world), route.body(world)
        before = None if route.unit is None else await used(route.unit)
        answers = await asyncio.gather(*(post(path, body) for _ in range(8)))
        assert {answer.status_code for answer in answers} <= {200, 409}
        assert len({answer.text for answer in answers if answer.status_code == 200}) == 1
        if before is not None:
            assert await used(route.unit) == before + 1

    async def test_a_key_belongs_to_its_app(self, rest, app, other_app, post, route):
        world = await import_world(rest, app.secret)
        assert (await post(route.path(world), route.body(world))).status_code == 200
        theirs = await import_world(rest, other_app.secret)
        answer = await rest.post(
            route.path(theirs),
            json=route.body(theirs),
            headers=bearer(other_app.secret) | {"idempotency-key": "key"},
        )
        assert answer.status_code == 200
        assert "idempotent-replayed" not in answer.headers

    @pytest.mark.parametrize(
        "key", ["", "a b", "é", "x" * 256], ids=["empty", "blank", "é", "long"]
    )
    async def test_what_is_no_key_is_400(self, rest, app, route, key):
        world = await import_world(rest, app.secret)
        answer = await rest.post(
            route.path(world),
            json=route.body(world),
            headers=[
                (b"authorization", f"Bearer {app.secret}".encode()),
                (b"idempotency-key", key.encode()),
            ],
        )
        assert_error(answer, 400)


async def test_one_key_serves_every_route(rest, app, post):
    world = await import_world(rest, app.secret)
    for route in (ROUTES["create"], ROUTES["session token"], ROUTES["version"]):
        answer = await post(route.path(world), route.body(world))
        assert answer.status_code == 200
        assert "idempotent-replayed" not in answer.headers


class TestForks:
    async def test_a_retried_fork_is_one_fork(self, rest, app, post, used):
        world = await import_world(rest, app.secret)
        before = await used("generation")
        first = await post(f"/v1/worlds/{world}/forks", None)
        assert first.status_code == 200, first.text
        again = await post(f"/v1/worlds/{world}/forks", None)
        assert again.json() == first.json()
        assert again.headers["idempotent-replayed"] == "true"
        assert await used("generation") == before + 1

    async def test_the_world_that_is_forked_is_a_part_of_the_request(self, rest, app, post):
        worlds = [await import_world(rest, app.secret) for _ in range(2)]
        assert (await post(f"/v1/worlds/{worlds[0]}/forks", None)).status_code == 200
        assert (
            ANOTHER
            in assert_error(await post(f"/v1/worlds/{worlds[1]}/forks", None), 422)["detail"]
        )

    async def test_a_world_that_has_gone_since_does_not_matter(self, rest, app, post):
        world = await import_world(rest, app.secret)
        first = await post(f"/v1/worlds/{world}/forks", None)
        await rest.delete(f"/v1/worlds/{world}", headers=bearer(app.secret))
        assert (await post(f"/v1/worlds/{world}/forks", None)).json() == first.json()


class TestRefusals:
    """What the kernel refused is refused again; a corrected body needs a key of its own."""

    BROKEN = small_world() | {"entrance": {"state": "nowhere", "image": {"src": "x"}}}

    async def test_a_refusal_is_replayed_and_costs_nothing(self, post, used):
        first = await post("/v1/worlds", {"world": self.BROKEN})
        body = assert_error(first, 422)
        assert "idempotent-replayed" not in first.headers
        again = await post("/v1/worlds", {"world": self.BROKEN})
        assert assert_error(again, 422) == body
        assert again.headers["idempotent-replayed"] == "true"
        assert await used("generation") == 0

    async def test_a_refusal_is_replayed_when_the_quota_is_used_up(self, rest, app, stack, post):
        await stack.admin.apps.set_caps(app.tenant(), {"generation": 1})
        body = assert_error(await post("/v1/worlds", {"world": self.BROKEN}), 422)
        await import_world(rest, app.secret)
        assert assert_error(await post("/v1/worlds", {"world": self.BROKEN}), 422) == body

    async def test_a_corrected_body_is_recorded_to_take_another_key(self, post):
        assert_error(await post("/v1/worlds", {"world": self.BROKEN}), 422)
        refused = assert_error(await post("/v1/worlds", {"world": small_world()}), 422)
        assert "under a new key" in refused["detail"]
        assert (await post("/v1/worlds", {"world": small_world()}, "a-new-key")).status_code == 200

    async def test_a_refusal_by_the_quota_frees_the_key(self, rest, app, stack, post):
        await stack.admin.apps.set_caps(app.tenant(), {"generation": 0})
        assert_error(await post("/v1/worlds", {"premise": "a mill"}), 402)
        await stack.admin.apps.set_caps(app.tenant(), {"generation": 1})
        answer = await post("/v1/worlds", {"premise": "a mill"})
        assert answer.status_code == 200
        assert "idempotent-replayed" not in answer.headers


async def test_a_token_of_a_mint_whose_answer_was_lost_still_connects(rest, app, post):
    """The retry gets the very token: to the letter, so that one of them in use is the same session."""
    world = await import_world(rest, app.secret)
    body = {"worldId": world, "ttlSeconds": 60}
    tokens = [(await post("/v1/sessions/token", body)).json()["token"] for _ in range(2)]
    assert tokens[0] == tokens[1]
    answer = await rest.post("/v1/sessions/connect", headers=bearer(tokens[1]))
    assert answer.status_code == 200


async def test_a_record_of_the_release_before_is_read(rest, app, stack, post):
    """Two releases overlap in an upgrade, and a record lives a day."""
    answer = {"slug": "old", "world_id": "0b5e3c1e-6a34-4a53-9d5e-7f0c9c9c9c9c", "ok": True}
    answer |= {"cover": "data:image/png;base64,AA==", "rev": "1"}
    body = hashlib.sha256(jsondoc.canonical(["an old mill", None, None, None])).hexdigest()
    key = keyspace.idempotency(app.tenant(), "worlds", hashlib.sha256(b"key").hexdigest())
    fields = ("body", body, "hold", "h", "running_until", 1, "response", json.dumps(answer))
    await stack.admin.store.write("HSET", key, *fields)
    replayed = await post("/v1/worlds", {"premise": "an old mill"})
    assert replayed.status_code == 200, replayed.text
    assert replayed.headers["idempotent-replayed"] == "true"
    assert replayed.headers["etag"] == '"1"'
    assert replayed.json() == {
        "worldId": answer["world_id"], "slug": "old", "ok": True, "cover": answer["cover"],
        "schemaVersion": "1.0",
    }  # fmt: skip
