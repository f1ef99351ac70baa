"""What `make scale` fills a store with is what the product would have written."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import redis

from conjure.administration import administration
from conjure.conversations.model import Said
from conjure.conversations.store import TalkStore, hash_of
from conjure.core.caller import SessionCaller, Tenant
from conjure.core.ids import new_id
from conjure.providers.brain import Affect
from conjure.queue.kinds import JOBS
from conjure.sessions.tokens import SessionTokens
from conjure.settings import AuthSettings, CapSettings, SessionSettings
from conjure.settings.characters import MemorySettings
from conjure.store import keyspace
from conjure.store.client import Store
from load import crowd
from load.fill import fill_apps, fill_characters, fill_jobs, fill_memories
from load.stand import Stand
from support.queue import waiting
from support.stack import new_app, patient_store_settings, running_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def on(tmp_path: Path) -> AsyncIterator[Stand]:
    """A store that no server works on."""
    async with running_store(tmp_path / "store") as (child, url):
        settings = patient_store_settings(url)
        async with administration(settings, AuthSettings()) as admin:
            store = redis.Redis.from_url(url, decode_responses=True)
            tokens = SessionTokens(SessionSettings(), admin.signing_keys)
            yield Stand(tmp_path, child, url, store, admin, await new_app(admin), tokens)
            store.close()


async def test_a_memory_is_what_two_steps_of_a_turn_leave(on: Stand):
    """Member by member, but for its times and the name of its hold."""
    tenant = on.app.tenant()
    characters = await fill_characters(on, [tenant])
    character = characters[tenant]
    await fill_memories(on, characters, 3)
    async with Store(patient_store_settings(on.store_url)) as store:
        talks = TalkStore(store, CapSettings(), MemorySettings(), hold_s=60, idempotency_s=60)
        session = SessionCaller(tenant, character, new_id(), "player-9", int(time.time()) + 60)
        hold = new_id()
        await talks.begin(session, "say", hold, known_rev="", most_turns=10)
        said = Said("It has been dark for a week. " * 10, "idle", "calm", Affect())
        await talks.end_turn(session, "say", hold, "Who lit the lamp? " * 5, said)
        memories, _ = await talks.list(tenant, character, after=None, limit=10)
    assert sorted(memory.player for memory in memories) == [
        "player-0", "player-1", "player-2", "player-9",
    ]  # fmt: skip
    assert on.store.zcard(keyspace.holds(tenant, "say")) == 0
    made, real = (
        on.store.hgetall(keyspace.memory(tenant, character, hash_of(player)))
        for player in ("player-0", "player-9")
    )
    assert _timeless(made) == _timeless(real)


async def test_jobs_are_due_in_the_lane_of_their_app_and_announced(on: Stand):
    ids = await fill_apps(on, 3)
    tenants = [Tenant(app_id, "test") for app_id in ids]
    assert [on.store.zcard(keyspace.webhooks(app_id)) for app_id in ids] == [1, 1, 1]
    await fill_jobs(on, tenants, 7)
    async with Store(patient_store_settings(on.store_url)) as store:
        ready = [len((await waiting(store, tenant, JOBS))[0]) for tenant in tenants]
    assert sorted(ready) == [2, 2, 3]
    assert on.store.zcard(keyspace.queue_directory(JOBS)) == 3


async def test_the_first_jobs_of_a_crowd_are_of_all_its_apps(on: Stand):
    """However many an app has: lanes take turns. And a claim costs as many commands among many as among few."""
    found = await crowd.measure(on, 40, 20, 400)
    assert found.worked == 400
    claims = [step for step in found.steps if step.what.startswith("claim")]
    few, many = (round(step.commands) for step in claims)
    assert few == many
    assert found.apps_first == 40


def _timeless(memory: dict[str, str]) -> dict[str, str]:
    """Without what is of one turn alone: its hold, its time, and the name of its player."""
    turn = memory["t:1"].partition(":")[2]
    return {**memory, "id": "", "last": "", "player": "", "t:1": turn}
