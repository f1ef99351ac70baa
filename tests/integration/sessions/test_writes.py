"""What a connect writes: a store that was killed does all of it again before it answers anybody."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from conjure.core.caller import SessionCaller, Tenant
from conjure.core.ids import new_id
from conjure.sessions.store import Admission, SessionStore
from conjure.settings import CapSettings, SessionSettings
from conjure.store import keyspace
from conjure.store.client import Store
from support.leases import lease_record
from support.stack import patient_store_settings, running_store

OLD_MEMBERS = ("idle", "prior")
"""What release 0.2.0 wrote of a new record too: zeros."""


@pytest.fixture
async def store(tmp_path):
    """One that only the test uses, as all of its commands are counted."""
    async with running_store(tmp_path) as (_, url), Store(patient_store_settings(url)) as store:
        yield store


@pytest.fixture
def sessions(store):
    return SessionStore(store, CapSettings(), SessionSettings(), is_cluster=False, idempotency_s=60)


@pytest.fixture
async def session(store):
    tenant, world = Tenant(new_id(), "test"), new_id()
    await store.write("HSET", keyspace.world(tenant, world), "rev", "1", "doc", "{}")
    return SessionCaller(tenant, world, new_id(), "p", int(time.time()) + 3600)


async def writes(store: Store) -> dict[str, int]:
    """How often each command that writes was called so far, by scripts too."""
    text = (await store.read("INFO", "commandstats")).decode()
    found = {}
    for line in text.splitlines():
        name, _, numbers = line.partition(":")
        if name.removeprefix("cmdstat_") in {"hset", "hincrby", "zadd", "pexpireat", "pexpire"}:
            found[name.removeprefix("cmdstat_")] = int(numbers.split(",")[0].partition("=")[2])
    return found


@pytest.mark.parametrize("hold_ms", [0, 10_000], ids=["made here", "asked for"])
async def test_a_new_session_is_written_once(store, sessions, session, hold_ms):
    """The record as a whole, two places in sorted sets, the seconds, and when the record lapses."""
    first = replace(session, jti=new_id())  # which begins the day's usage
    await sessions.admit(first, new_id(), known_rev="1", hold_ms=hold_ms, is_stored=False)
    before = await writes(store)
    await sessions.admit(session, new_id(), known_rev="1", hold_ms=hold_ms, is_stored=False)
    after = await writes(store)
    assert {name: count - before[name] for name, count in after.items()} == {
        "hset": 1,
        "hincrby": 1,
        "zadd": 2,
        "pexpireat": 1,
    }
    record = await lease_record(store, session.tenant, session.jti)
    assert not {"idle", "prior"} & record.keys()


@pytest.mark.parametrize("written_by", ["this release", "0.2.0"])
async def test_a_record_without_zeros_is_what_it_is_with_them(store, sessions, session, written_by):
    """Both releases read a missing member as 0: the renewal of a lease is the same of either record."""
    op = new_id()
    first = await sessions.admit(session, op, known_rev="1", hold_ms=0, is_stored=False)
    assert isinstance(first, Admission)
    key = keyspace.lease(session.tenant, session.jti)
    if written_by == "0.2.0":
        await store.write("HSET", key, *(item for name in OLD_MEMBERS for item in (name, "0")))
    # The last third of the lease has begun: this connect renews it.
    past = first.from_ms - SessionSettings().lease_s * 1000
    await store.write("HSET", key, "from", past, "to", first.now_ms + 1_000, "exp", first.to_ms)
    again = await sessions.admit(session, new_id(), known_rev="1", hold_ms=0, is_stored=False)
    assert isinstance(again, Admission)
    assert again.is_fresh
    record = await lease_record(store, session.tenant, session.jti)
    assert (record["idle"], record["prior"]) == ("0", str(first.to_ms))
    charged = (int(record["end"]) - int(record["start"])) // 1000
    assert int(record["charged"]) == charged
