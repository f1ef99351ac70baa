"""POST /v1/worlds: from a premise or as an import, metered, once per Idempotency-Key (CONTRACT 2.1)."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from support.rest import assert_error, bearer
from support.worlds import small_world

if TYPE_CHECKING:
    import httpx

QUOTA = "daily generation quota exceeded"


@pytest.fixture
def create(rest, app):
    """Posts a creation as `app`, with an Idempotency-Key when one is given."""

    async def post(body: Any, key: str | None = None) -> httpx.Response:
        headers = {} if key is None else {"idempotency-key": key}
        return await rest.post("/v1/worlds", json=body, headers=bearer(app.secret) | headers)

    return post


@pytest.fixture
def standing(rest, app):
    """How many worlds there are, and how many generations are used."""

    async def read() -> tuple[int, int]:
        listed = await rest.get("/v1/worlds?limit=100", headers=bearer(app.secret))
        usage = await rest.get("/v1/usage", headers=bearer(app.secret))
        return len(listed.json()["worlds"]), usage.json()["usage"]["generation"]

    return read


def assert_created(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert set(body) == {"worldId", "slug", "ok", "cover", "schemaVersion"}
    assert (body["ok"], body["schemaVersion"]) == (True, "1.0")
    assert body["slug"] is None or re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", body["slug"])
    assert isinstance(body["cover"], str)
    return body


class TestFromAPremise:
    @pytest.mark.parametrize(
        "body",
        [
            {"premise": "a lighthouse at the end of the world"},
            {"premise": "x"},
            {"premise": "שלום 🌍 \u2028 <b>&amp;</b> 'quoted'", "pov": "first_person"},
            {"premise": "ä" * 8000, "async": False, "unknown": {"x": 1}},
            {
                "premise": "castle",
                "name": None,
                "frame_b64": None,
                "frame_url": None,
                "world": None,
            },
        ],
        ids=lambda body: body["premise"][:12],
    )
    async def test_it_becomes_a_playable_world(self, rest, app, create, standing, body):
        made = assert_created(await create(body))
        read = await rest.get(f"/v1/worlds/{made['worldId']}", headers=bearer(app.publishable))
        world = read.json()
        assert world["id"] == made["worldId"]
        assert world["cover"] == made["cover"]
        assert world["name"]
        assert world["entrance"]["state"] in world["scene"]["states"]
        assert world["entrance"]["image"]["src"]
        assert await standing() == (1, 1)

    async def test_a_name_overrides_the_authors(self, rest, app, create):
        made = assert_created(await create({"premise": "a harbour", "name": "  Haven  "}))
        read = await rest.get(f"/v1/worlds/{made['worldId']}", headers=bearer(app.secret))
        assert read.json()["name"] == "Haven"


class TestImport:
    async def test_it_is_taken_as_it_is_and_counts_one_generation(
        self, rest, app, create, standing
    ):
        made = await create({"world": small_world(mood={"kept": None})})
        body = assert_created(made)
        assert body["cover"] == "https://example.com/cover.png"
        read = await rest.get(f"/v1/worlds/{body['worldId']}", headers=bearer(app.secret))
        expected = small_world(mood={"kept": None}, id=body["worldId"], schemaVersion="1.0")
        assert read.json() == expected
        assert read.headers["etag"] == made.headers["etag"]
        assert await standing() == (1, 1)

    async def test_a_premise_beside_it_is_no_error_and_changes_nothing(self, rest, app, create):
        body = {"world": small_world(), "premise": "a castle", "pov": "first_person"}
        made = assert_created(await create(body))
        read = await rest.get(f"/v1/worlds/{made['worldId']}", headers=bearer(app.secret))
        assert read.json() == small_world(id=made["worldId"], schemaVersion="1.0")

    async def test_a_name_overrides_the_worlds(self, rest, app, create):
        made = assert_created(await create({"world": small_world(), "name": "Renamed"}))
        read = await rest.get(f"/v1/worlds/{made['worldId']}", headers=bearer(app.secret))
        assert read.json()["name"] == "Renamed"

    @pytest.mark.parametrize(
        ("members", "lint", "path"),
        [
            ({"entrance": {"state": "attic"}}, "dangling-ref", "entrance.state"),
            ({"name": 5}, "schema", "name"),
            ({"scene": {"states": {}, "events": []}}, "dangling-ref", "entrance.state"),
            ({"scene": []}, "schema", "scene"),
            ({"entrance": None}, "no-entrance", "entrance"),
            ({"cover": 5}, "schema", "cover"),
            (
                {"scene": {"states": {"hall": {"base": "A."}}, "events": [
                    {"name": "Go", "kind": "transition", "from": ["hall"]}]}},
                "transition-needs-to", "event[Go]",
            ),
        ],
    )  # fmt: skip
    async def test_what_the_kernel_refuses_is_422_and_neither_stored_nor_charged(
        self, create, standing, members, lint, path
    ):
        body = assert_error(await create({"world": small_world(**members)}), 422)
        assert set(body) == {"detail", "diagnostics", "schemaVersion"}
        found = body["diagnostics"]
        assert any(f["lint"] == lint and f["path"].startswith(path) for f in found), found
        severities = [finding["severity"] for finding in found]
        assert severities[0] == "error"
        assert severities == sorted(severities, key=["error", "warning", "info"].index)
        assert await standing() == (0, 0)

    async def test_a_refusal_over_rest_is_never_cut(self, create, standing):
        """Nine hundred findings are far beyond what fits the trailers of a gRPC answer."""
        events = [
            {"name": f"Go {n}", "kind": "transition", "from": ["hall"], "to": f"nowhere {n}"}
            for n in range(900)
        ]
        scene = {"states": {"hall": {"base": "A hall."}}, "events": events}
        body = assert_error(await create({"world": small_world(scene=scene)}), 422)
        dangling = [f for f in body["diagnostics"] if f["lint"] == "dangling-ref"]
        assert len(dangling) == 900
        assert await standing() == (0, 0)


class TestFieldProblems:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "premise"),
            ({"premise": None}, "premise"),
            ({"premise": ""}, "premise"),
            ({"premise": " \n\t "}, "premise"),
            ({"premise": 5}, "premise"),
            ({"premise": ["x"]}, "premise"),
            ({"premise": "x" * 8001}, "premise"),
            ({"premise": "x", "name": ""}, "name"),
            ({"premise": "x", "name": "n" * 201}, "name"),
            ({"premise": "x", "name": 5}, "name"),
            ({"premise": "x", "pov": ""}, "pov"),
            ({"premise": "x", "pov": 5}, "pov"),
            ({"premise": "x", "async": "yes"}, "async"),
            ({"premise": "x", "async": 1}, "async"),
            ({"premise": "x", "frame_b64": 5}, "frame_b64"),
            ({"premise": "x", "frame_url": {}}, "frame_url"),
            ({"world": []}, "world"),
            ({"world": "x"}, "world"),
            ({"world": 5}, "world"),
            ({"world": False}, "world"),
        ],
        ids=lambda value: json.dumps(value)[:40],
    )
    async def test_each_is_422_with_the_field_named_and_nothing_charged(
        self, create, standing, body, field
    ):
        problems = assert_error(await create(body), 422)["errors"]
        assert any(problem.startswith(field) for problem in problems), problems
        assert await standing() == (0, 0)

    async def test_every_problem_is_named_at_once(self, create):
        body = {"premise": "x" * 8001, "name": "", "pov": ""}
        assert len(assert_error(await create(body), 422)["errors"]) == 3

    @pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b'{"premise":"\xff"}'])
    async def test_a_body_that_is_no_object_is_400_and_an_empty_one_lacks_a_premise(
        self, rest, app, content
    ):
        answer = await rest.post("/v1/worlds", content=content, headers=bearer(app.secret))
        assert_error(answer, 400 if content else 422)


class TestQuota:
    async def test_over_it_is_402_and_nothing_is_created_or_charged(self, app, create, standing):
        await app.set_caps(generation=2)
        for body in ({"premise": "one"}, {"world": small_world()}):
            assert_created(await create(body))
        for body in ({"premise": "three"}, {"world": small_world()}):
            refused = assert_error(await create(body), 402)
            assert refused == {"detail": QUOTA, "schemaVersion": "1.0"}
        assert await standing() == (2, 2)

    async def test_a_refused_import_leaves_its_unit_to_the_next(self, app, create, standing):
        await app.set_caps(generation=1)
        for _ in range(3):
            assert_error(await create({"world": small_world(entrance={"state": "attic"})}), 422)
        assert_created(await create({"world": small_world()}))
        assert await standing() == (1, 1)

    async def test_a_stampede_creates_up_to_the_cap_and_not_beyond(self, app, create, standing):
        await app.set_caps(generation=5)
        answers = await asyncio.gather(*(create({"world": small_world()}) for _ in range(15)))
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [402] * 10
        assert await standing() == (5, 5)


class TestIdempotency:
    async def test_the_same_key_and_body_give_the_same_answer_and_are_charged_once(
        self, create, standing
    ):
        body = {"premise": "a mill by the river"}
        first = await create(body, "key-1")
        assert_created(first)
        assert "idempotent-replayed" not in first.headers
        for _ in range(3):
            again = await create(body, "key-1")
            assert (again.status_code, again.json()) == (200, first.json())
            assert again.headers["idempotent-replayed"] == "true"
            assert again.headers["etag"] == first.headers["etag"]
        assert await standing() == (1, 1)

    async def test_spacing_and_order_do_not_make_another_body(self, rest, app):
        headers = bearer(app.secret) | {"idempotency-key": "k"}
        first = await rest.post("/v1/worlds", content=b'{"premise":"x","pov":"p"}', headers=headers)
        again = await rest.post(
            "/v1/worlds", content=b'{ "pov": "p",\n "premise": "\\u0078" }', headers=headers
        )
        assert again.json() == first.json()
        assert again.headers["idempotent-replayed"] == "true"

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ({"premise": "x"}, {"premise": "y"}),
            ({"premise": "x"}, {"premise": "x", "name": "N"}),
            ({"premise": "x"}, {"world": small_world()}),
            ({"world": small_world(n=1)}, {"world": small_world(n=1.0)}),
            ({"world": small_world(n=None)}, {"world": small_world()}),
        ],
    )
    async def test_another_body_under_the_key_is_422_and_makes_nothing(
        self, create, standing, first, second
    ):
        assert_created(await create(first, "k"))
        assert "diagnostics" not in assert_error(await create(second, "k"), 422)
        assert await standing() == (1, 1)

    async def test_a_retry_is_answered_also_when_the_quota_is_used_up(self, app, create):
        await app.set_caps(generation=1)
        first = await create({"premise": "x"}, "k")
        assert_error(await create({"premise": "x"}, "other"), 402)
        again = await create({"premise": "x"}, "k")
        assert (again.status_code, again.json()) == (200, first.json())

    async def test_at_the_same_time_one_key_makes_one_world(self, create, standing):
        answers = await asyncio.gather(*(create({"premise": "a race"}, "k") for _ in range(12)))
        made = {answer.json()["worldId"] for answer in answers if answer.status_code == 200}
        assert len(made) == 1
        for answer in answers:
            if answer.status_code != 200:
                assert_error(answer, 409)
        assert await standing() == (1, 1)

    async def test_a_refused_body_keeps_its_key(self, create, standing):
        """It is refused again, and another body may not use the key: only a 5xx frees it."""
        for _ in range(2):
            body = assert_error(await create({"world": small_world(name=5)}, "k"), 422)
            assert body["diagnostics"]
        assert "diagnostics" not in assert_error(await create({"premise": "x"}, "k"), 422)
        assert await standing() == (0, 0)

    async def test_fields_are_looked_at_before_the_key(self, create, standing):
        """What is wrong with them has begun nothing, as a 402 has not: the corrected body may have the key."""
        for _ in range(2):
            answer = await create({"premise": ""}, "k")
            assert assert_error(answer, 422)["errors"] == ["premise is required"]
            assert "idempotent-replayed" not in answer.headers
        first = await create({"premise": "x"}, "k")
        assert_created(first)
        assert assert_error(await create({"premise": ""}, "k"), 422)["errors"]
        assert (await create({"premise": "x"}, "k")).json() == first.json()
        assert await standing() == (1, 1)

    async def test_an_attempt_that_never_began_frees_the_key(self, app, create, standing):
        await app.set_caps(generation=0)
        assert_error(await create({"premise": "x"}, "k"), 402)
        await app.set_caps(generation=5)
        answer = await create({"premise": "x"}, "k")
        assert_created(answer)
        assert "idempotent-replayed" not in answer.headers
        assert await standing() == (1, 1)

    async def test_a_key_belongs_to_its_app_and_mode(self, rest, app, other_app):
        ids = set()
        for secret in (app.secret, app.live_secret, other_app.secret):
            headers = bearer(secret) | {"idempotency-key": "shared"}
            answer = await rest.post("/v1/worlds", json={"premise": "x"}, headers=headers)
            assert "idempotent-replayed" not in answer.headers
            ids.add(answer.json()["worldId"])
        assert len(ids) == 3

    @pytest.mark.parametrize("key", ["", "a b", "k" * 256, "tab\there"])
    async def test_a_key_that_is_none_is_400_and_makes_nothing(self, create, standing, key):
        assert_error(await create({"premise": "x"}, key), 400)
        assert await standing() == (0, 0)

    @pytest.mark.parametrize("key", ["!", "~" * 255, 'a"b\\c,d;e=f', "KEY"])
    async def test_every_visible_character_may_stand_in_a_key(self, create, key):
        assert_created(await create({"premise": "x"}, key))
        again = await create({"premise": "x"}, key)
        assert again.headers["idempotent-replayed"] == "true"
