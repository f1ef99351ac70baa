"""Deeds for a walk (`walk.py`): each leaves durable work behind, and has to happen once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.store import keyspace
from support.chaos.endpoint import WEBHOOKS, Endpoint
from support.chaos.ledger import Attempt, Fate, Ledger
from support.chaos.observe import charges, count_live, listed_names
from support.chaos.work import begin, left_in_queues, see_work, work_violations
from support.receiver import OK, Answer
from support.rpc import Client, client

if TYPE_CHECKING:
    from support.chaos.walk import Ground
    from support.receiver import Receiver

ENVIRONMENT = WEBHOOKS | {
    "CONJURE_QUEUE_LEASE_S": "1.5",
    "CONJURE_QUEUE_POLL_S": "0.05",
    "CONJURE_QUEUE_SWEEP_S": "1",
    "CONJURE_WORLDS_HOLD_S": "6",
    "CONJURE_SERVER_DEADLINE_S": "4",
}
"""What a process that has died held lapses soon, and the sweep comes often."""


class Job:
    """A generation that nobody waits for, and the event that tells of it; its receiver fails the first time."""

    WHAT = "a job, and the event of its end"

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._ledger = Ledger()

    async def prepare(self, ground: Ground) -> None:
        self._ground = ground
        tenant = ground.app.tenant()
        self._tenant = tenant
        self._endpoint = await Endpoint.registered(
            ground.admin.store, ground.app.id, self._receiver
        )
        self._receiver.script(self._endpoint.path, Answer(500), OK)

    async def ask(self, caller: Client) -> None:
        attempt = Attempt("job", "grpc", "lighthouse", "the-key")
        self._ledger.attempts.append(attempt)
        answer = await begin(caller, attempt.subject, attempt.mark)
        attempt.fate, attempt.answer = Fate.DONE, answer.accepted.job_id

    async def is_over(self) -> bool:
        store = self._ground.admin.store
        if await store.read("EXISTS", keyspace.queue_lanes(self._tenant)):
            return False
        if not self._endpoint.events():
            return False
        return await count_live(store, keyspace.holds(self._tenant, "generation")) == 0

    async def violations(self) -> list[str]:
        store = self._ground.admin.store
        async with client(self._ground.port, self._ground.app.secret) as caller:
            worlds = await listed_names(caller)
            used = await caller.used("generation")
            seen = await see_work(
                caller, self._ledger, self._endpoint, worlds=worlds, charged={},
                left=await left_in_queues(store, self._tenant),
            )  # fmt: skip
        found = work_violations(self._ledger, seen)
        if used != 1 or len(worlds) != 1:
            found.append(f"{len(worlds)} worlds, {used} generations charged")
        return found


class Ending:
    """A session that is ended, and the event that tells of it."""

    WHAT = "the end of a session, and its event"

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._ledger = Ledger()

    async def prepare(self, ground: Ground) -> None:
        self._ground = ground
        self._tenant = ground.app.tenant()
        self._endpoint = await Endpoint.registered(
            ground.admin.store, ground.app.id, self._receiver
        )
        async with client(ground.port, ground.app.secret) as caller:
            (minted,) = await caller.new_tokens(1)
            await caller.connect(minted.token)
        self._jti = minted.jti
        self._ledger.attempts.append(Attempt("connect", "grpc", self._jti, fate=Fate.DONE))

    async def ask(self, caller: Client) -> None:
        await caller.end(self._jti)

    async def is_over(self) -> bool:
        store = self._ground.admin.store
        has_work = await store.read("EXISTS", keyspace.queue_lanes(self._tenant))
        return not has_work and bool(self._endpoint.events())

    async def violations(self) -> list[str]:
        store = self._ground.admin.store
        async with client(self._ground.port, self._ground.app.secret) as caller:
            seen = await see_work(
                caller, self._ledger, self._endpoint, worlds={},
                charged=await charges(store, self._tenant),
                left=await left_in_queues(store, self._tenant),
            )  # fmt: skip
        return work_violations(self._ledger, seen)
