"""The release before this one is replaced by this one under load, and back: nobody notices.

In the order of OPERATIONS, "Upgrade": servers (HUP on one host, TERM and a new start on another), workers,
edges, and then `conjure store upgrade`. Both releases run as their own sources; the store is of the older one.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from conjure.core.caller import Tenant
from conjure.store import keyspace
from conjure.store.format import FORMAT, read_format
from support.chaos.endpoint import Endpoint, failing_at_random
from support.chaos.releases import NoRelease, Release, release_before, this_release
from support.chaos.rolling import Fleet, fleet
from support.chaos.trial import trial
from support.receiver import Receiver

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

MIXED_S = 2.0  # of load while both releases serve
_SAYS = "once no server of 0.2 or before runs"  # a server of this release on a store of before


@pytest.fixture(scope="module")
def before() -> Release:
    try:
        return release_before()
    except NoRelease as error:
        pytest.skip(f"NOT TESTED: there is no release before this one: {error}")


async def turned(deployed: Fleet, release: Release) -> list[float]:
    """Brings all to a release, in the order of an upgrade; returns the moments of each turn."""
    moments = []
    for turn in (deployed.turn_servers, deployed.turn_workers, deployed.turn_edges):
        moments.append(time.monotonic())
        await turn(release)
        failures = deployed.ledger.failures()
        assert not failures, "\n".join([turn.__name__, *map(str, failures[:20])])
        await asyncio.sleep(MIXED_S)
    return moments


async def turned_back(deployed: Fleet, release: Release) -> list[float]:
    """The same in the opposite order."""
    moments = []
    for turn in (deployed.turn_edges, deployed.turn_workers, deployed.turn_servers):
        moments.append(time.monotonic())
        await turn(release)
        failures = deployed.ledger.failures()
        assert not failures, "\n".join([f"back: {turn.__name__}", *map(str, failures[:20])])
        await asyncio.sleep(MIXED_S)
    return moments


async def test_an_upgrade_is_not_noticed(tmp_path, before):
    """Up to the store's format, which is raised under load; servers of this release serve on."""
    this = this_release()
    async with fleet(tmp_path, before) as deployed:
        store = deployed.admin.store
        caps = keyspace.caps(Tenant("an-app-of-before", "test"))
        await store.write("ZADD", keyspace.apps(), 0, "1700000000000:an-app-of-before")
        await store.write("HSET", caps, "generation", "1e30", "chat", "many")

        async def upgrade():
            assert await read_format(store) == 1
            assert not any(_SAYS in one.log() for one in deployed.servers), "they are of before"
            moments = await turned(deployed, this)
            assert all(_SAYS in one.log() for one in deployed.servers), "they are of this release"
            host = deployed.servers[0].host
            url = deployed.store_url
            assert "once no server" in await host.conjure("store", "status", CONJURE_STORE_URL=url)
            moments.append(time.monotonic())
            said = await host.conjure("store", "upgrade", CONJURE_STORE_URL=url)
            assert f"the store has format {FORMAT}" in said
            await asyncio.sleep(MIXED_S)
            return moments

        await trial(
            deployed, f"upgrade from {before.name}, to the store's format", upgrade, felt=False
        )
        assert await read_format(store) == FORMAT
        assert await store.read("HGETALL", caps) == [b"generation", b"1000000000"]
        assert all("must not use the store" not in one.log() for one in deployed.servers)
        assert len(deployed.ledger.attempts) > 1000, "there was load"


async def test_an_upgrade_and_the_way_back_are_not_noticed_by_durable_work(tmp_path, before):
    """Jobs, sessions and their events; what one release has begun the other one ends."""
    this = this_release()
    async with Receiver() as receiver, fleet(tmp_path, before) as deployed:
        endpoint = await Endpoint.registered(deployed.admin.store, deployed.app.id, receiver)
        receiver.script(endpoint.path, failing_at_random())
        deployed.endpoint = endpoint

        async def there_and_back():
            return [*await turned(deployed, this), *await turned_back(deployed, before)]

        await trial(
            deployed,
            f"jobs and webhooks: upgrade from {before.name}, and back",
            there_and_back,
            felt=False,
        )
        assert await read_format(deployed.admin.store) == 1, "nothing of it is in the way"
