"""Worlds from a picture, over REST: `frame_b64` and `frame_url` (CONTRACT 2.1)."""

from __future__ import annotations

import asyncio

import pytest

from support.assets import asset_path
from support.jobs import FINAL
from support.picture_files import SVG, b64, data_url, landscape, opened, picture, png_of
from support.receiver import Answer, Receiver, large, redirect
from support.rest import assert_error, bearer
from support.until import until
from support.worlds import small_world


@pytest.fixture
def create(rest, app):
    """Posts a creation as `app`."""

    async def post(body, key=None):
        headers = {} if key is None else {"idempotency-key": key}
        return await rest.post("/v1/worlds", json=body, headers=bearer(app.secret) | headers)

    return post


@pytest.fixture
def standing(rest, app):
    """How many worlds there are, and how many generations are used."""

    async def read():
        listed = await rest.get("/v1/worlds?limit=100", headers=bearer(app.secret))
        usage = await rest.get("/v1/usage", headers=bearer(app.secret))
        return len(listed.json()["worlds"]), usage.json()["usage"]["generation"]

    return read


@pytest.fixture
def world(rest, app):
    async def read(world_id):
        answer = await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))
        assert answer.status_code == 200, answer.text
        return answer.json()

    return read


@pytest.fixture
async def site():
    async with Receiver() as receiver:
        yield receiver


async def test_the_frame_is_the_entrance_the_cover_and_what_the_prose_sees(
    rest, create, world, standing
):
    """It is served as an asset, encoded again; there need be no premise."""
    answer = await create({"frame_b64": data_url(landscape(), "image/svg+xml")})
    assert answer.status_code == 200, answer.text
    made = await world(answer.json()["worldId"])
    assert made["cover"] == made["entrance"]["image"]["src"] == answer.json()["cover"]
    base = made["scene"]["states"][made["entrance"]["state"]]["base"]
    assert "upper left" in base
    assert "orange fill the picture" in base
    served = await rest.get(asset_path(made["cover"]))
    assert (served.status_code, served.headers["content-type"]) == (200, "image/jpeg")
    assert opened(served.content).size == (96, 64)
    assert await standing() == (1, 1)


async def test_a_premise_and_a_view_count_beside_it(create, world):
    body = {"premise": "a knight who seeks a lost crown", "pov": "first_person"}
    answer = await create(body | {"frame_b64": b64(landscape())})
    made = await world(answer.json()["worldId"])
    state = made["scene"]["states"][made["entrance"]["state"]]
    assert "eye level" in state["camera"]["static"]
    assert "crown" in made["name"].lower()
    assert "upper left" in state["base"]


async def test_it_is_fetched_without_credentials(create, world, standing, site):
    """Nothing is sent that says who asks."""
    site.script("/a.png", Answer(200, landscape(), {"content-type": "text/plain"}))
    answer = await create({"frame_url": site.url("/a.png")})
    assert answer.status_code == 200, answer.text
    made = await world(answer.json()["worldId"])
    assert made["cover"] == made["entrance"]["image"]["src"]
    (asked,) = site.deliveries("/a.png")
    assert asked.method == "GET"
    assert set(asked.headers) == {"accept", "accept-encoding", "host", "user-agent"}
    assert await standing() == (1, 1)


BAD = [
    ("", "frame_b64"),
    ("%%%", "frame_b64"),
    ("aGVsbG8=", "frame_b64"),
    ("data:image/png,hello", "frame_b64"),
    (data_url(SVG), "frame_b64"),
    (b64(SVG), "frame_b64"),
    (data_url(picture())[:120], "frame_b64"),
    (b64(png_of(6_404, 6_404)), "frame_b64"),
    (b64(png_of(2**31 - 1, 2**31 - 1)), "frame_b64"),
    (b64(picture("BMP")), "frame_b64"),
    ("🐉", "frame_b64"),
    (5, "frame_b64"),
    ([], "frame_b64"),
    (True, "frame_b64"),
]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(("frame", "field"), BAD, ids=range(len(BAD)))
async def test_what_is_no_picture_is_422_and_leaves_no_trace(
    create, standing, frame, field, is_async
):
    """At once for a job too: no such job is ever begun."""
    answer = await create({"premise": "x", "frame_b64": frame, "async": is_async})
    (problem,) = assert_error(answer, 422)["errors"]
    assert problem.startswith(field)
    assert await standing() == (0, 0)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
async def test_what_cannot_be_fetched_is_one_answer_for_all_reasons(
    create, standing, site, is_async
):
    """Whether a host is there, refuses, redirects or answers too much is nobody's business."""
    site.script("/moved", redirect(site.url("/a.png")))
    site.script("/a.png", Answer(200, landscape()))
    site.script("/none", Answer(404, landscape()))
    site.script("/large", large(12 * 1024 * 1024 + 1))
    urls = [site.url(path) for path in ("/moved", "/none", "/large")]
    urls += ["http://127.0.0.1:1/", "https://no.such.host.invalid/a.png"]
    answers = [await create({"frame_url": url, "async": is_async}) for url in urls]
    problems = {tuple(assert_error(answer, 422)["errors"]) for answer in answers}
    ((problem,),) = problems
    assert problem.startswith("frame_url ")
    assert not site.deliveries("/a.png")
    assert await standing() == (0, 0)


@pytest.mark.parametrize(
    "url",
    ["", "a.png", "ftp://example.com/a.png", "file:///etc/passwd", "http://u:p@example.com/a.png",
     "https://" + "x" * 3_000, "data:image/png;base64,AAAA", 5, {}],
    ids=lambda url: str(url)[:20],
)  # fmt: skip
async def test_what_is_no_address_is_said_as_such(create, standing, url):
    (problem,) = assert_error(await create({"frame_url": url}), 422)["errors"]
    assert problem.startswith("frame_url")
    assert await standing() == (0, 0)


async def test_what_is_fetched_must_be_a_picture(create, site):
    site.script("/a.png", Answer(200, SVG, {"content-type": "image/png"}))
    (problem,) = assert_error(await create({"frame_url": site.url("/a.png")}), 422)["errors"]
    assert problem == "frame_url must be a PNG, JPEG, WebP or GIF image"


async def test_both_are_refused_and_both_are_named(create, standing, site):
    answer = await create({"frame_b64": b64(picture()), "frame_url": site.url("/a.png")})
    problems = assert_error(answer, 422)["errors"]
    assert [problem.split()[0] for problem in problems] == ["frame_b64", "frame_url"]
    assert not site.deliveries()
    assert await standing() == (0, 0)


async def test_an_import_uses_no_frame(create, world, site):
    """As it uses no premise: nothing is fetched, and the world is what it was."""
    body = {"world": small_world(), "frame_url": site.url("/a.png"), "frame_b64": "%"}
    made = await world((await create(body)).json()["worldId"])
    assert made["cover"] == "https://example.com/cover.png"
    assert not site.deliveries()


async def test_the_quota_comes_before_all_work(app, create, standing, site):
    """Who has none left makes this server neither decode nor fetch."""
    await app.set_caps(generation=0)
    for is_async in (False, True):
        body = {"frame_url": site.url("/a.png"), "async": is_async}
        assert_error(await create(body), 402)
        assert_error(await create({"frame_b64": "%", "async": is_async}), 402)
    assert not site.deliveries()
    assert await standing() == (0, 0)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
async def test_a_key_is_bound_to_the_frame_and_a_replay_fetches_nothing(
    create, standing, site, is_async
):
    """Also when a first try failed: that frees the key."""
    site.script("/a.png", Answer(503), Answer(200, landscape()))
    body = {"frame_url": site.url("/a.png"), "async": is_async}
    assert_error(await create(body, "k"), 422)
    first = await create(body, "k")
    assert first.status_code == (202 if is_async else 200), first.text
    again = await create(body, "k")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert len(site.deliveries("/a.png")) == 2
    for other in ({"frame_url": site.url("/b.png")}, {"frame_b64": b64(landscape())}):
        assert_error(await create({"async": is_async} | other, "k"), 422)
    assert len(site.deliveries()) == 2
    if not is_async:
        assert await standing() == (1, 1)


async def test_a_job_makes_the_world_of_its_frame(rest, app, create, world, standing, site):
    """Of each face of it; what was fetched is fetched once."""
    site.script("/a.png", Answer(200, landscape()), Answer(500))
    made = []
    for body in ({"frame_url": site.url("/a.png")}, {"frame_b64": b64(landscape())}):
        accepted = await create(body | {"async": True})
        assert accepted.status_code == 202, accepted.text
        job_id, found = accepted.json()["jobId"], []

        async def is_final(job_id=job_id, found=found):
            answer = await rest.get(f"/v1/jobs/{job_id}", headers=bearer(app.secret))
            found[:] = [answer.json()]
            return found[0]["status"] in FINAL

        await until(is_final)
        assert found[0]["status"] == "succeeded", found
        made.append(await world(found[0]["worldId"]))
    assert made[0]["cover"] == made[1]["cover"] == made[0]["entrance"]["image"]["src"]
    assert made[0]["scene"] == made[1]["scene"]  # the picture seeds it
    assert (await rest.get(asset_path(made[0]["cover"]))).status_code == 200
    assert await standing() == (2, 2)


async def test_the_largest_body_is_read_and_a_larger_one_is_413(create, standing):
    """12 MiB of JSON is the bound of the edge: 9 MiB of picture."""
    room = 12 * 1024 * 1024 - len('{"frame_b64":""}')
    noise = b64(picture(size=(8, 8)) + bytes(9 * 1024 * 1024))[: room // 4 * 4]
    answer = await create({"frame_b64": noise})
    assert answer.status_code == 200, answer.text
    assert_error(await create({"frame_b64": noise + "A" * 64}), 413)
    assert await standing() == (1, 1)


async def test_creations_at_the_same_time_share_what_is_the_same(create, world):
    """One asset, though each keeps it."""
    body = {"frame_b64": b64(landscape())}
    answers = await asyncio.gather(*(create(body) for _ in range(4)))
    covers = {answer.json()["cover"] for answer in answers}
    assert len(covers) == 1
    assert len({answer.json()["worldId"] for answer in answers}) == 4
