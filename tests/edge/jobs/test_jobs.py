"""Jobs over REST: statuses, bodies to the letter, and the events of a job (CONTRACT 2.1, 2.2)."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from support.authors import HeldAuthor
from support.jobs import FINAL, making, queued_job
from support.rest import assert_error, bearer
from support.stack import running_edge, running_store
from support.until import LIMIT_S, until
from support.worlds import prose_world, small_world

PREMISE = {"premise": "a lighthouse under the sea", "async": True}


async def finished(rest, key, job_id):
    """The body of a job, once its status is final."""
    found = []

    async def is_final():
        answer = await rest.get(f"/v1/jobs/{job_id}", headers=bearer(key))
        assert answer.status_code == 200, answer.text
        found[:] = [answer.json()]
        return found[0]["status"] in FINAL

    await until(is_final)
    return found[0]


async def used(rest, app):
    answer = await rest.get("/v1/usage", headers=bearer(app.secret))
    return answer.json()["usage"]["generation"]


async def test_a_job_from_its_acceptance_to_its_world(rest, app):
    answer = await rest.post("/v1/worlds", json=PREMISE, headers=bearer(app.secret))
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert "etag" not in answer.headers
    job_id = answer.json()["jobId"]
    assert answer.json() == {"jobId": job_id, "status": "queued", "schemaVersion": "1.0"}
    job = await finished(rest, app.publishable, job_id)
    world_id = job["worldId"]
    assert job == {
        "jobId": job_id, "status": "succeeded", "phase": None, "progress": 1, "worldId": world_id,
        "error": None, "schemaVersion": "1.0",
    }  # fmt: skip
    world = await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))
    assert (world.status_code, world.json()["id"]) == (200, world_id)
    assert await used(rest, app) == 1


async def test_an_import_is_stored_by_a_job_too(rest, app):
    """A large one, which no server parses on its event loop: what was examined is what is stored."""
    world = prose_world(50_000) | {"name": "Large", "extra": {"kept": [1.0, None]}}
    answer = await rest.post(
        "/v1/worlds", json={"world": world, "async": True}, headers=bearer(app.secret)
    )
    assert answer.status_code == 202, answer.text
    job = await finished(rest, app.secret, answer.json()["jobId"])
    assert job["status"] == "succeeded"
    stored = await rest.get(f"/v1/worlds/{job['worldId']}", headers=bearer(app.secret))
    assert stored.json()["extra"] == {"kept": [1.0, None]}
    assert stored.json()["scene"]["states"].keys() == world["scene"]["states"].keys()
    listed = await rest.get("/v1/worlds", headers=bearer(app.secret))
    assert [(one["name"], one["slug"]) for one in listed.json()["worlds"]] == [("Large", "large")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"premise": " \n"}, 422),
        ({"premise": "x" * 8_001}, 422),
        ({"premise": 7}, 422),
        ({"premise": "x", "name": ""}, 422),
        ({"premise": "x", "pov": "x" * 65}, 422),
        ({"premise": "x", "async": "yes"}, 422),
        ({"premise": "x", "async": 1}, 422),
        ({"frame_b64": "aGVsbG8="}, 422),
        ({"frame_url": "file:///etc/passwd"}, 422),
        ({"world": []}, 422),
        ({"world": small_world(entrance={"state": "attic", "image": {"src": "x"}})}, 422),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_is_wrong_is_said_at_once_and_nothing_is_held(rest, app, body, status):
    answer = await rest.post("/v1/worlds", json={"async": True} | body, headers=bearer(app.secret))
    said = assert_error(answer, status)
    assert said.get("errors") or said.get("diagnostics")
    assert await used(rest, app) == 0


async def test_a_retry_is_the_same_job(rest, app):
    headers = bearer(app.secret) | {"idempotency-key": "k"}
    first = await rest.post("/v1/worlds", json=PREMISE, headers=headers)
    await finished(rest, app.secret, first.json()["jobId"])
    again = await rest.post("/v1/worlds", json=PREMISE, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    for body in (PREMISE | {"async": False}, PREMISE | {"name": "Another"}):
        assert_error(await rest.post("/v1/worlds", json=body, headers=headers), 422)
    assert await used(rest, app) == 1


async def test_a_refused_import_keeps_its_key_as_one_that_is_waited_for(rest, app):
    headers = bearer(app.secret) | {"idempotency-key": "k"}
    broken = small_world(entrance={"state": "attic", "image": {"src": "x"}})
    for replayed in (None, "true"):
        answer = await rest.post(
            "/v1/worlds", json={"world": broken, "async": True}, headers=headers
        )
        assert assert_error(answer, 422)["diagnostics"]
        assert answer.headers.get("idempotent-replayed") == replayed
    answer = await rest.post(
        "/v1/worlds", json={"world": small_world(), "async": True}, headers=headers
    )
    assert "corrected" in assert_error(answer, 422)["detail"]
    assert await used(rest, app) == 0


async def test_over_quota_is_402(rest, app):
    await app.set_caps(generation=0)
    answer = await rest.post("/v1/worlds", json=PREMISE, headers=bearer(app.secret))
    assert assert_error(answer, 402)["detail"] == "daily generation quota exceeded"


async def test_a_job_is_cancelled_once(rest, app):
    job_id = await queued_job(app)
    path = f"/v1/jobs/{job_id}"
    assert await used(rest, app) == 1
    answer = await rest.post(f"{path}/cancel", headers=bearer(app.secret))
    assert answer.status_code == 200
    assert answer.json() == {
        "jobId": job_id, "status": "cancelled", "phase": None, "progress": 0, "worldId": None,
        "error": None, "schemaVersion": "1.0",
    }  # fmt: skip
    assert await used(rest, app) == 0
    again = await rest.post(f"{path}/cancel", json={}, headers=bearer(app.secret))
    assert assert_error(again, 409)["detail"] == "the job is finished: it was cancelled"
    assert (await rest.get(path, headers=bearer(app.secret))).json() == answer.json()


async def test_a_job_is_nobody_elses(rest, app, other_app):
    """Not even while its world is public; and what is no id is the same 404."""
    answer = await rest.post("/v1/worlds", json=PREMISE, headers=bearer(app.secret))
    job = await finished(rest, app.secret, answer.json()["jobId"])
    await rest.patch(
        f"/v1/worlds/{job['worldId']}", json={"visibility": "public"}, headers=bearer(app.secret)
    )
    said = set()
    for name in (job["jobId"], job["worldId"], "1", "x" * 500):
        for key in (other_app.secret, app.live_secret):
            for verb, path in (("GET", ""), ("POST", "/cancel"), ("GET", "/events-stream")):
                refused = await rest.request(verb, f"/v1/jobs/{name}{path}", headers=bearer(key))
                assert_error(refused, 404)
                said.add(refused.content)
    assert len(said) == 1
    assert_error(await rest.get(f"/v1/jobs/{job['jobId']}"), 401)
    assert_error(
        await rest.post(f"/v1/jobs/{job['jobId']}/cancel", headers=bearer(app.publishable)), 403
    )


async def test_the_events_of_a_job(tmp_path):
    """Through an edge, from a server whose author waits: each step in order, then the end of the stream."""
    author = HeldAuthor()
    async with (
        running_store(tmp_path) as (_, url),
        making(url, author, concurrent=1) as maker,
        running_edge(tmp_path, maker.port) as (_, port, _),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=LIMIT_S, trust_env=False
        ) as rest,
        asyncio.timeout(LIMIT_S),
    ):
        before, job_id = await maker.jobs.begun(), await maker.jobs.begun()
        headers = bearer(maker.app.publishable)
        path = f"/v1/jobs/{job_id}/events-stream"
        async with rest.stream("GET", path, headers=headers) as answer:
            assert answer.headers["content-type"] == "text/event-stream"
            assert answer.headers["cache-control"] == "no-store"
            author.may_write.release()
            author.may_write.release()
            lines = [line async for line in answer.aiter_lines()]
        events = "\n".join(lines).split("\n\n")
        assert events[0] == "retry: 1000"
        said = [event.strip().split("\n") for event in events[1:] if event and event[0] != ":"]
        assert {name for name, _ in said} == {"event: job"}
        jobs = [json.loads(data.removeprefix("data: ")) for _, data in said]
        assert [(job["status"], job["phase"], job["progress"]) for job in jobs] == [
            ("queued", None, 0.0),
            ("running", "planning", 0.0),
            ("running", "writing", 0.4),
            ("running", "checking", 0.7),
            ("running", "drawing", 0.9),
            ("succeeded", None, 1.0),
        ]
        known = await rest.get(f"/v1/jobs/{job_id}", headers=headers)
        assert jobs[-1] == known.json()
        # Who comes again has the present state at once, whatever it has seen.
        again = await rest.get(path, headers=headers | {"last-event-id": "anything"})
        assert again.text.endswith(f"event: job\ndata: {known.text}\n\n")
        assert (await maker.jobs.job(before)).status == "succeeded"
