"""Webhooks over REST: registered, listed and removed by the owner of an app; and told what happens (CONTRACT 8)."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from standardwebhooks import Webhook

from conjure.core.caller import Tenant
from conjure.core.ids import new_id
from conjure.webhooks.signatures import signature_problem
from support.receiver import Answer, Receiver
from support.rest import assert_error, bearer, connect, import_world, mint
from support.users import make_app, make_key, user_token
from support.webhooks import happen, last_delivery, listed, register

GENERATION = ["world.generation.succeeded", "world.generation.failed"]
URL = "https://127.0.0.1:1/hook"  # nobody is there, and nothing happens in these apps


@pytest.fixture
def token() -> str:
    return user_token()


@pytest.fixture
async def app_id(rest, token) -> str:
    return await make_app(rest, token)


@pytest.fixture
async def receiver():
    async with Receiver() as running:
        yield running


@pytest.fixture
def store(stack):
    return stack.admin.store


async def test_a_webhook_is_registered_listed_and_removed(rest, token, app_id):
    path = f"/v1/apps/{app_id}/webhooks"
    made = await rest.post(path, json={"url": "https://127.0.0.1"}, headers=bearer(token))
    assert made.status_code == 200
    webhook = made.json()
    assert set(webhook) == {
        "id", "url", "events", "enabled", "created_at", "secret", "schemaVersion",
    }  # fmt: skip
    assert webhook["url"] == "https://127.0.0.1/"
    assert webhook["events"] == GENERATION
    assert webhook["enabled"] is True
    prefix, secret = webhook["secret"][:6], webhook["secret"][6:]
    assert prefix == "whsec_"
    assert len(base64.b64decode(secret, validate=True)) == 32
    del webhook["secret"], webhook["schemaVersion"]
    assert await listed(rest, token, app_id) == [webhook | {"last_delivery": None}]
    for verb, end in (("DELETE", ""), ("POST", "/delete"), ("DELETE", "")):
        answer = await rest.request(verb, f"{path}/{webhook['id']}{end}", headers=bearer(token))
        assert answer.status_code == 200
        assert answer.json() == {"ok": True, "deleted": webhook["id"], "schemaVersion": "1.0"}
        assert await listed(rest, token, app_id) == []


async def test_a_repeated_registration_is_answered_as_the_first(rest, token, app_id):
    key = {"idempotency-key": new_id()}
    first = await register(rest, token, app_id, URL, **key)
    again = await rest.post(
        f"/v1/apps/{app_id}/webhooks",
        json={"url": URL, "events": ["*"]},
        headers=bearer(token) | key,
    )
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first
    assert len(await listed(rest, token, app_id)) == 1
    other = {"url": URL, "events": ["session.ended"]}
    path = f"/v1/apps/{app_id}/webhooks"
    assert_error(await rest.post(path, json=other, headers=bearer(token) | key), 422)
    # Another user's key, and another app's, is another one.
    other_app = await make_app(rest, token)
    assert (await register(rest, token, other_app, URL, **key))["id"] != first["id"]
    await rest.delete(f"{path}/{first['id']}", headers=bearer(token))
    gone = await rest.post(path, json={"url": URL, "events": ["*"]}, headers=bearer(token) | key)
    assert_error(gone, 404)


async def test_the_same_registration_at_once_is_made_once(rest, token, app_id):
    made = await asyncio.gather(
        *(register(rest, token, app_id, URL, **{"idempotency-key": "k"}) for _ in range(10))
    )
    assert len({webhook["id"] for webhook in made}) == 1
    assert len(await listed(rest, token, app_id)) == 1


async def test_an_app_has_so_many_webhooks_and_no_more(rest, token, app_id):
    path, body = f"/v1/apps/{app_id}/webhooks", {"url": URL}
    calls = (rest.post(path, json=body, headers=bearer(token)) for _ in range(25))
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*calls))
    assert statuses == [200] * 20 + [400] * 5
    (first, *_) = await listed(rest, token, app_id)
    await rest.delete(f"{path}/{first['id']}", headers=bearer(token))
    assert (await rest.post(path, json=body, headers=bearer(token))).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": None},
        {"url": ""},
        {"url": 7},
        {"url": ["https://example.com"]},
        {"url": {"href": "https://example.com"}},
        {"url": "example.com/hook"},
        {"url": "ftp://127.0.0.1/"},
        {"url": "//127.0.0.1/"},
        {"url": "https://"},
        {"url": "https://user@127.0.0.1/"},
        {"url": "https://user:password@127.0.0.1/"},
        {"url": "https://127.0.0.1/#part"},
        {"url": "https://127.0.0.1/#"},
        {"url": "https://127.0.0.1:0/"},
        {"url": "https://127.0.0.1:65536/"},
        {"url": "https://127.0.0.1/a b"},
        {"url": " https://127.0.0.1/"},
        {"url": "https://127.0.0.1/\n"},
        {"url": "https://127.0.0.1\\@example.com/"},
        {"url": "https://127.0.0.1/" + "x" * 2_048},
        {"url": "https://127.0.0.1/" + "é" * 1_000},
        {"url": "https://no-such-name.invalid/"},
        {"url": URL, "events": "*"},
        {"url": URL, "events": {}},
        {"url": URL, "events": [None]},
        {"url": URL, "events": [7]},
        {"url": URL, "events": [["*"]]},
        {"url": URL, "events": ["session.started"]},
        {"url": URL, "events": ["session.ended", "SESSION.ENDED"]},
        {"url": URL, "events": ["*"] * 101},
    ],
    ids=lambda body: json.dumps(body)[:50],
)
async def test_a_bad_registration_is_refused_and_leaves_nothing(rest, token, app_id, body):
    path = f"/v1/apps/{app_id}/webhooks"
    assert_error(await rest.post(path, json=body, headers=bearer(token)), 400)
    assert await listed(rest, token, app_id) == []


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        (None, GENERATION),
        ([], GENERATION),
        (["session.ended", "session.ended"], ["session.ended"]),
        (["session.ended", "*"], ["*"]),
    ],
    ids=str,
)
async def test_events_are_kept_each_once(rest, token, app_id, events, kept):
    path = f"/v1/apps/{app_id}/webhooks"
    made = await rest.post(path, json={"url": URL, "events": events}, headers=bearer(token))
    assert made.json()["events"] == kept


async def test_only_the_owner_sees_an_apps_webhooks(rest, token, app_id):
    webhook = await register(rest, token, app_id, URL)
    mine = await make_app(rest, stranger := user_token())
    path = f"/v1/apps/{app_id}/webhooks"
    one = f"{path}/{webhook['id']}"
    for who, verb, where in (
        (stranger, "GET", path),
        (stranger, "POST", path),
        (stranger, "DELETE", one),
        (stranger, "POST", f"{one}/delete"),
        # Its id is no key to another app.
        (stranger, "DELETE", f"/v1/apps/{mine}/webhooks/{webhook['id']}"),
        (token, "DELETE", f"/v1/apps/{mine}/webhooks/{webhook['id']}"),
        (token, "DELETE", f"{path}/{new_id()}"),
        (token, "DELETE", f"{path}/nothing"),
        (token, "GET", "/v1/apps/nothing/webhooks"),
        (token, "GET", f"/v1/apps/{new_id()}/webhooks"),
    ):
        body = {"url": "http://"} if where == path and verb == "POST" else {}
        answer = await rest.request(
            verb, where, headers=bearer(who), json=body if verb == "POST" else None
        )
        assert_error(answer, 404)
    assert [each["id"] for each in await listed(rest, token, app_id)] == [webhook["id"]]


async def test_what_happens_is_delivered_signed_in_both_ways(rest, token, app_id, store, receiver):
    webhook = await register(rest, token, app_id, receiver.url("/hook"), "session.ended")
    tenant = Tenant(app_id, "live")
    await happen(store, tenant, "world.generation.failed", jobId="j")  # not asked for
    event_id = await happen(store, tenant, jti="j", seconds=12, worldId="w")
    (delivery,) = await receiver.wait_for(1)
    assert delivery.method == "POST"
    assert delivery.headers["content-type"] == "application/json"
    assert delivery.json == {
        "id": event_id,
        "type": "session.ended",
        "created": 1_700_000_000,
        "data": {"jti": "j", "seconds": 12, "worldId": "w"},
        "schemaVersion": "1.0",
    }
    headers, secret = dict(delivery.headers), webhook["secret"]
    assert delivery.id == event_id
    assert Webhook(secret).verify(delivery.body, headers) == delivery.json
    time_s = int(headers["webhook-timestamp"])
    assert signature_problem(secret, headers, delivery.body, time_s) is None
    last = await last_delivery(rest, token, app_id, status="succeeded")
    assert last.pop("at").endswith("Z")
    assert last == {
        "id": event_id, "type": "session.ended", "status": "succeeded", "attempt": 1,
        "response_status": 200, "error": None,
    }  # fmt: skip
    assert len(receiver.deliveries()) == 1


async def test_the_end_of_a_session_is_told(rest, token, app_id, receiver):
    await register(rest, token, app_id, receiver.url("/hook"), "session.ended")
    key = (await make_key(rest, token, app_id, kind="secret"))["key"]
    world_id = await import_world(rest, key)
    minted = await mint(rest, key, world_id)
    assert (await connect(rest, minted["token"])).status_code == 200
    ended = await rest.post("/v1/sessions/end", headers=bearer(minted["token"]))
    (delivery,) = await receiver.wait_for(1)
    assert delivery.json["type"] == "session.ended"
    assert delivery.json["data"] == {
        "worldId": world_id, "jti": minted["jti"], "seconds": ended.json()["seconds"],
    }  # fmt: skip


async def test_the_end_of_a_generation_is_told(rest, token, app_id, receiver):
    await register(rest, token, app_id, receiver.url("/hook"), *GENERATION)
    key = (await make_key(rest, token, app_id, kind="secret"))["key"]
    body = {"premise": "a lighthouse under the sea", "async": True}
    ordered = await rest.post("/v1/worlds", json=body, headers=bearer(key))
    assert ordered.status_code == 202
    job_id = ordered.json()["jobId"]
    (delivery,) = await receiver.wait_for(1)
    assert delivery.json["type"] == "world.generation.succeeded"
    job = (await rest.get(f"/v1/jobs/{job_id}", headers=bearer(key))).json()
    assert delivery.json["data"] == {"worldId": job["worldId"], "jobId": job_id}


async def test_each_webhook_is_told_what_it_asked_for_and_everything_is_the_future_too(
    rest, token, app_id, store, receiver
):
    for path, *events in (
        ("/all", "*"),
        ("/generation", *GENERATION),
        ("/ended", "session.ended"),
    ):
        await register(rest, token, app_id, receiver.url(path), *events)
    kinds = (*GENERATION, "session.ended", "world.painted")
    ids = {kind: await happen(store, Tenant(app_id, "test"), kind) for kind in kinds}
    await receiver.wait_for(7)
    assert receiver.times("/all") == dict.fromkeys(ids.values(), 1)
    assert receiver.times("/generation") == {ids[kind]: 1 for kind in GENERATION}
    assert receiver.times("/ended") == {ids["session.ended"]: 1}


async def test_a_failure_is_seen_by_the_owner_and_a_deleted_webhook_is_told_no_more(
    rest, token, app_id, store, receiver
):
    receiver.script("/hook", Answer(503))
    webhook = await register(rest, token, app_id, receiver.url("/hook"))
    event_id = await happen(store, Tenant(app_id, "test"))
    last = await last_delivery(rest, token, app_id, status="retrying")
    assert (last["id"], last["attempt"], last["response_status"]) == (event_id, 1, 503)
    assert last["error"] == "it answered 503"
    await rest.delete(f"/v1/apps/{app_id}/webhooks/{webhook['id']}", headers=bearer(token))
    key = f"app:{{{app_id}}}:webhook:{webhook['id']}"
    assert await store.read("HKEYS", key) == [b"deleted"]
    other = await register(rest, token, app_id, receiver.url("/other"))
    second = await happen(store, Tenant(app_id, "test"))
    assert other["secret"] != webhook["secret"]
    await receiver.wait_for(1, "/other")
    assert receiver.times() == {event_id: 1, second: 1}
