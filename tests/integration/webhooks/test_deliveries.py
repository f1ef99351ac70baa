"""One event for one webhook, whatever its receiver does: sent, tried again, given up (CONTRACT 8)."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks import Webhook as Verifier

from conjure.core.caller import Tenant
from conjure.core.ids import new_id
from conjure.providers.http import OutboundClient
from conjure.queue.handler import Ack, Bury, Entry, Retry
from conjure.queue.kinds import DELIVERIES
from conjure.settings import WebhookSettings
from conjure.store import keyspace
from conjure.webhooks.circuits import Circuits
from conjure.webhooks.deliveries import MOST_ANSWER_BYTES, DeliveryHandler
from conjure.webhooks.endpoints import Endpoints
from conjure.webhooks.events import EventHandler, body_of
from conjure.webhooks.model import Webhook
from conjure.webhooks.outcomes import Outcomes
from conjure.webhooks.signatures import new_secret
from conjure.webhooks.store import WebhookStore
from support.certificates import Certificates
from support.queue import put, worker_of
from support.reactor import Reactor, answers
from support.receiver import (
    OK,
    Answer,
    Close,
    Drip,
    Endless,
    Garbage,
    Hang,
    Receiver,
    Reset,
    large,
    redirect,
)
from support.until import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.queue.handler import Outcome
    from conjure.store.client import Store

PLAN = WebhookSettings().plan
FIVE_DAYS_MS = 5 * 86_400_000


@dataclass
class Sender:
    """What a process sends with, and an app of its own."""

    store: Store
    webhooks: WebhookStore
    endpoints: Endpoints
    handler: DeliveryHandler
    outcomes: Outcomes
    tenant: Tenant

    async def register(self, url: str) -> Webhook:
        new = Webhook(new_id(), url, ("*",), new_secret(), 0)
        await self.webhooks.create((self.tenant.app, "user"), new, None)
        self.endpoints.forget(self.tenant.app)
        return new

    def entry(self, webhook: Webhook, event_id: str = "", attempt: int = 1) -> Entry:
        event_id = event_id or new_id()
        return Entry(
            kind=DELIVERIES,
            tenant=self.tenant,
            lane=webhook.id,
            id=f"{event_id}.{webhook.id}",
            payload=body_of(event_id, "session.ended", 1_700_000_000, {"seconds": 1}),
            attempt=attempt,
            created_ms=int(time.time() * 1000),
            token="token",
        )

    async def send(self, webhook: Webhook, event_id: str = "", attempt: int = 1) -> Outcome:
        return await self.handler.handle(self.entry(webhook, event_id, attempt))

    async def found(self, webhook: Webhook) -> Webhook:
        """As it is in the store by now, once what came of deliveries is written."""
        await until(lambda: not self.outcomes.waiting)
        rows = (await self.webhooks.list(self.tenant.app)).webhooks
        return next(row for row in rows if row.id == webhook.id)

    async def fields(self, webhook: Webhook) -> dict[bytes, bytes]:
        key = keyspace.webhook(self.tenant.app, webhook.id)
        flat = await self.store.read("HGETALL", key)
        return dict(zip(flat[::2], flat[1::2], strict=True))

    async def has_failed_since(self, webhook: Webhook, ms: int) -> None:
        key = keyspace.webhook(self.tenant.app, webhook.id)
        await self.store.write("HSET", key, "failing_since", ms)


@contextlib.asynccontextmanager
async def sending(
    store: Store,
    *,
    plan: tuple[float, ...] = PLAN,
    timeout_s: float = 30.0,
    failing_at_once: int = 8,
    **how: Any,
) -> AsyncIterator[Sender]:
    webhooks = WebhookStore(store, WebhookSettings(), idempotency_s=60)
    endpoints = Endpoints(webhooks)
    async with (
        OutboundClient(
            "webhooks", timeout_s=timeout_s, max_concurrent=100,
            max_response_bytes=MOST_ANSWER_BYTES, cuts=True, **how,
        ) as client,
        Outcomes(webhooks, endpoints) as outcomes,
    ):  # fmt: skip
        circuits = Circuits(
            at_once=8, failing_at_once=failing_at_once, slow_at_once=5, new_at_once=5
        )
        handler = DeliveryHandler(client, endpoints, outcomes, circuits, plan=plan)
        tenant = Tenant(new_id(), "test")
        yield Sender(store, webhooks, endpoints, handler, outcomes, tenant)


@pytest.fixture
def store(stack) -> Store:
    return stack.admin.store


@pytest.fixture
async def receiver():
    async with Receiver() as running:
        yield running


@pytest.mark.parametrize(
    "step",
    [OK, Answer(201), Answer(202), Answer(204), Answer(299), large(), Endless()],
    ids=["200", "201", "202", "204", "299", "10 MB", "endless"],
)
async def test_any_2xx_will_do_and_no_more_of_a_body_is_read_than_a_little(store, receiver, step):
    receiver.script("/hook", step)
    async with sending(store) as sender:
        webhook = await sender.register(receiver.url())
        assert await sender.send(webhook) == Ack()
        last = (await sender.found(webhook)).last_delivery
        assert last is not None
        assert (last.status, last.error) == ("succeeded", None)


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (Answer(400), 400),
        (Answer(404), 404),
        (Answer(410), 410),
        (Answer(500), 500),
        (large(status=503), 503),
        (redirect("/other", 301), 301),
        (redirect("/other", 307), 307),
        (Hang(), None),
        (Drip(every_s=0.05), None),
        (Drip(every_s=0.05, is_body_only=True), None),
        (Garbage(), None),
        (Close(), None),
        (Reset(), None),
    ],
    ids=lambda value: getattr(value, "status", None) or type(value).__name__,
)
async def test_anything_else_is_tried_again(store, receiver, step, status):
    receiver.script("/hook", step)
    async with sending(store, timeout_s=0.5) as sender:
        webhook = await sender.register(receiver.url())
        outcome = await sender.send(webhook)
        assert isinstance(outcome, Retry)
        assert 4.0 <= outcome.after_s <= 6.0
        last = (await sender.found(webhook)).last_delivery
        assert last is not None
        assert (last.status, last.response_status) == ("retrying", status)
        assert last.error
    assert len(receiver.deliveries("/hook")) == 1
    assert receiver.deliveries("/other") == ()


async def test_the_owner_is_told_that_its_certificate_is_not_trusted(store, tmp_path):
    tls = Certificates(tmp_path / "set").listening()
    async with Reactor(answer=answers(200, b""), tls=tls) as server, sending(store) as sender:
        webhook = await sender.register(f"https://127.0.0.1:{server.port}/hook")
        assert isinstance(await sender.send(webhook), Retry)
        last = (await sender.found(webhook)).last_delivery
        assert last is not None
        assert (last.status, last.response_status) == ("retrying", None)
        assert "certificate" in (last.error or "")
    assert not server.requests


async def test_a_receiver_that_is_not_there_is_tried_again(store, receiver):
    async with sending(store) as sender:
        webhook = await sender.register(receiver.url())
        async with receiver.down():
            assert isinstance(await sender.send(webhook), Retry)
        assert await sender.send(webhook, attempt=2) == Ack()


async def test_each_try_has_the_same_id_and_bytes_until_the_last_is_given_up(store, receiver):
    receiver.script("/hook", Answer(500))
    async with sending(store) as sender:
        webhook, event_id = await sender.register(receiver.url()), new_id()
        outcomes = [await sender.send(webhook, event_id, attempt) for attempt in range(1, 10)]
        for planned, outcome in zip(PLAN, outcomes[:-1], strict=True):
            assert isinstance(outcome, Retry)
            assert 0.8 * planned <= outcome.after_s <= 1.2 * planned
        assert outcomes[-1] == Bury("it answered 500")
        last = (await sender.found(webhook)).last_delivery
        assert last is not None
        assert (last.event_id, last.status, last.attempt) == (event_id, "failed", 9)
    seen = receiver.deliveries()
    assert len(seen) == 9
    assert {(one.id, one.body) for one in seen} == {(event_id, seen[0].body)}
    for one in seen:
        Verifier(webhook.secret).verify(one.body, dict(one.headers))


async def test_a_name_that_leads_inside_by_the_time_of_sending_is_not_called(store, receiver):
    class Turning:
        async def addresses(self, host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

    async with sending(store, allows_private=False, resolver=Turning()) as sender:
        for url in (
            f"https://hooks.example.com:{receiver.port}/",
            f"http://hooks.example.com:{receiver.port}/",
            f"http://127.0.0.1:{receiver.port}/",
            f"http://[::ffff:127.0.0.1]:{receiver.port}/",
        ):
            webhook = await sender.register(url)
            outcome = await sender.send(webhook)
            assert isinstance(outcome, Retry)
            assert "not a public one" in outcome.cause
    assert receiver.connections == 0


async def test_a_webhook_is_disabled_when_it_has_failed_for_five_days(store, receiver):
    receiver.script("/hook", Answer(500))
    now = int(time.time() * 1000)
    async with sending(store) as sender:
        webhook = await sender.register(receiver.url())
        await sender.send(webhook)
        assert (await sender.found(webhook)).enabled
        began = int((await sender.fields(webhook))[b"failing_since"])
        await sender.has_failed_since(webhook, now - FIVE_DAYS_MS + 60_000)
        await sender.send(webhook)
        assert (await sender.found(webhook)).enabled
        await sender.has_failed_since(webhook, began - FIVE_DAYS_MS)
        await sender.send(webhook)
        assert not (await sender.found(webhook)).enabled
        # It gets nothing more: neither what is queued already, nor what happens now.
        assert await sender.send(webhook) == Bury("the webhook is disabled")
        event = sender.entry(webhook)
        assert await EventHandler(sender.webhooks, sender.endpoints).handle(event) == Ack()
    assert len(receiver.deliveries()) == 3


async def test_one_success_is_enough_to_begin_anew(store, receiver):
    receiver.script("/hook", OK, Answer(500))
    async with sending(store) as sender:
        webhook = await sender.register(receiver.url())
        await sender.has_failed_since(webhook, 1)
        # Both are told in one: the success is not lost in it.
        assert await sender.send(webhook) == Ack()
        await sender.send(webhook)
        found = await sender.found(webhook)
        assert found.enabled
        assert found.last_delivery is not None
        assert found.last_delivery.status == "retrying"
        assert int((await sender.fields(webhook))[b"failing_since"]) > 1


async def test_the_newest_of_many_is_kept_with_few_writes(store, receiver, monkeypatch):
    async with sending(store) as sender:
        webhook = await sender.register(receiver.url())
        writes = 0
        record = sender.webhooks.record

        async def counted(*args: Any, **how: Any) -> bool:
            nonlocal writes
            writes += 1
            return await record(*args, **how)

        monkeypatch.setattr(sender.webhooks, "record", counted)
        begun = time.monotonic()
        ids = [new_id() for _ in range(100)]
        for event_id in ids:
            await sender.send(webhook, event_id)
        last = (await sender.found(webhook)).last_delivery
        assert last is not None
        assert last.event_id == ids[-1]
        assert writes <= 2 + (time.monotonic() - begun)


async def test_a_deleted_webhook_is_told_no_more_and_what_came_of_it_makes_no_new_one(
    store, receiver
):
    async with sending(store) as sender:
        webhook = await sender.register(receiver.url())
        await sender.webhooks.delete(sender.tenant.app, webhook.id)
        sender.endpoints.forget(sender.tenant.app)
        assert await sender.send(webhook) == Ack()
        assert receiver.connections == 0
        assert list(await sender.fields(webhook)) == [b"deleted"]


async def test_receivers_that_hang_delay_nobody_and_a_busy_one_gets_its_share(store, receiver):
    """With few places in the process: the dead get one each while unknown, the others go on."""
    receiver.script("/dead", Hang())
    receiver.script("/well", Answer(after_s=0.02))
    kind = f"test-{new_id()}"
    async with sending(store, failing_at_once=1) as sender:
        dead = [await sender.register(receiver.url("/dead")) for _ in range(3)]
        well = await sender.register(receiver.url("/well"))

        class Counting(DeliveryHandler):
            running = most = 0

            async def handle(self, entry: Entry) -> Outcome:
                is_well = entry.lane == well.id
                self.running += is_well
                self.most = max(self.most, self.running)
                try:
                    return await super().handle(entry)
                finally:
                    self.running -= is_well

        handler = sender.handler
        handler.__class__ = Counting
        handler.kind = kind
        for webhook in (*dead, well):
            for _ in range(10 if webhook in dead else 40):
                entry = sender.entry(webhook)
                await put(
                    store, sender.tenant, kind, entry.id, lane=webhook.id,
                    payload=entry.payload.decode(),
                )  # fmt: skip
        async with worker_of(store, handler, at_once=20) as (_, directory):
            lanes = [(sender.tenant, webhook.id) for webhook in (*dead, well)]
            await directory.announce_all(kind, lanes)
            await receiver.wait_for(40, "/well")
            assert len(receiver.deliveries("/dead")) == 3  # the first ones still hang
        assert 1 < handler.most <= 8
