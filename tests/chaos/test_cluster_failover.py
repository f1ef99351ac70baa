"""Masters die, freeze and come back under load: only 503s meanwhile, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter

import httpx
import pytest

from conjure.core.errors import Reason
from conjure.store import keyspace
from support.cluster_load import loaded
from support.rest import assert_error, bearer
from support.revs import number
from support.rpc import outcomes, refused
from support.stack import running_edge
from support.until import LIMIT_S, until

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize("part", ["tenant", "places", "security epoch"])
async def test_the_master_of_a_part_is_killed(whole, tmp_path, part):
    keys = {"places": keyspace.places(), "security epoch": keyspace.security_epoch()}
    masters = await whole.masters()
    victim = await whole.master_of(keys[part]) if part in keys else masters[0]
    others = [master for master in masters if master is not victim]
    async with loaded(tmp_path, whole, [victim, *others]) as load:
        async with load.running():
            await load.until_busy()
            await victim.kill()
            recovered_s = await load.tenants[0].until_answered()
            await load.until_busy()
        await load.check()
        assert load.tenants[0].refused, "it was felt"
        print(f"recovered after {recovered_s:.1f} s; 503s: {load.tenants[0].refused}")  # noqa: T201 - with -s it measures


async def test_a_master_and_then_its_successor_are_killed(whole, tmp_path):
    """The dead one comes back as a replica, without what it alone had."""
    victim = (await whole.masters())[0]
    async with loaded(tmp_path, whole, [victim]) as load:
        (tenant,) = load.tenants
        async with load.running():
            for _ in range(2):
                await load.until_busy()
                victim = await whole.master_of(keyspace.usage(tenant.app.tenant()))
                await victim.kill()
                await tenant.until_answered()
                await victim.start()
                await whole.until_whole()
        await load.check()


async def test_a_master_that_freezes_and_wakes_does_not_speak_for_its_slots(whole, tmp_path):
    """It was replaced meanwhile: what it still has in its buffers it runs for nobody."""
    victim, other, _ = await whole.masters()
    async with loaded(tmp_path, whole, [victim, other]) as load:
        async with load.running():
            await load.until_busy()
            with victim.frozen():
                recovered_s = await load.tenants[0].until_answered()
                await load.until_busy()
            await load.until_busy()
        await load.check()
        print(f"recovered after {recovered_s:.1f} s; 503s: {load.tenants[0].refused}")  # noqa: T201 - with -s it measures


async def test_replicas_that_freeze_stop_writes_and_wake_to_them(whole, tmp_path):
    """A master alone acknowledges nothing: what it did meanwhile is acknowledged once they are back."""
    victim = (await whole.masters())[0]
    one, two = await whole.replicas_of(victim)
    async with loaded(tmp_path, whole, [victim]) as load:
        (tenant,) = load.tenants
        async with load.running():
            await load.until_busy()
            with one.frozen(), two.frozen():
                await asyncio.sleep(0.5)
                before = len(tenant.answered_at)
                await asyncio.sleep(1.5)
                assert len(tenant.answered_at) == before
            await tenant.until_answered()
            await load.until_busy()
        await load.check()


async def test_a_revision_that_died_with_its_master_never_comes_again(whole, tmp_path):
    """Somebody has read it: neither the server's own copy nor an If-Match may take another for it."""
    victim = (await whole.masters())[0]
    one, two = await whole.replicas_of(victim)
    async with loaded(tmp_path, whole, [victim]) as load:
        (tenant,) = load.tenants
        client, world_id = tenant.client, tenant.world_id
        assert number((await client.set_entrance(world_id, "hall")).result.rev) == 2
        with one.frozen(), two.frozen():
            await victim.ask("CLIENT", "KILL", "TYPE", "replica")  # nothing waits in their sockets
            lost = asyncio.ensure_future(client.set_entrance(world_id, "cellar", src="https://x/1"))
            await asyncio.sleep(0.5)
            doomed = await client.scene(world_id)
            assert (number(doomed.rev), doomed.entrance.state) == (3, "cellar")
            lost.cancel()
            await asyncio.wait({lost})
            await asyncio.sleep(0.2)  # the server hears of it
            await victim.kill()
        scenes = []

        async def is_read() -> bool:
            answers, _ = await outcomes([client.scene(world_id)])
            scenes.extend(answers)
            return bool(answers)

        await until(is_read)
        assert (number(scenes[0].rev), scenes[0].entrance.state) == (2, "hall")
        await whole.until_whole(replicas=1)
        after = await client.set_entrance(world_id, "hall", src="https://x/2")
        assert after.result.rev != doomed.rev
        assert number(after.result.rev) == number(doomed.rev), "another incarnation, no gap"
        await refused(
            client.set_entrance(world_id, "cellar", expected_rev=doomed.rev),
            Reason.REVISION_CONFLICT,
        )
        scene = await client.scene(world_id)
        assert (scene.rev, scene.entrance.image.src) == (after.result.rev, "https://x/2")
        again = await client.set_entrance(world_id, "cellar")
        assert number(again.result.rev) == number(after.result.rev) + 1


async def test_the_public_sees_200_and_503_with_retry_after(whole, tmp_path):
    """Through Envoy, on every tenant's paths, while a master is replaced."""
    masters = await whole.masters()
    seen = {master.port: Counter() for master in masters}
    async with contextlib.AsyncExitStack() as opened:
        load = await opened.enter_async_context(loaded(tmp_path, whole, masters))
        edge = await opened.enter_async_context(running_edge(tmp_path, load.server_port))
        rest = await opened.enter_async_context(
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{edge[1]}", timeout=LIMIT_S, trust_env=False
            )
        )
        end = time.monotonic() + 9

        async def call(master, tenant, number):
            key, world = bearer(tenant.app.secret), f"/v1/worlds/{tenant.world_id}"
            while time.monotonic() < end:
                match number % 3:
                    case 0:
                        body = {"state": "cellar"}
                        answer = await rest.patch(f"{world}/entrance", json=body, headers=key)
                    case 1:
                        answer = await rest.get(f"{world}/scene", headers=key)
                    case _:
                        body = {"worldId": tenant.world_id}
                        answer = await rest.post("/v1/sessions/token", json=body, headers=key)
                seen[master.port][answer.status_code] += 1
                if answer.status_code != 200:
                    assert_error(answer, 503)
                    assert int(answer.headers["retry-after"]) >= 1
                await asyncio.sleep(0.03)

        calls = [
            asyncio.ensure_future(call(master, tenant, number))
            for master, tenant in zip(masters, load.tenants, strict=True)
            for number in range(6)
        ]
        await asyncio.sleep(1.5)
        await masters[1].kill()
        await asyncio.gather(*calls)
    assert seen[masters[1].port][503], "it was felt"
    print(seen)  # noqa: T201 - with -s it measures
    assert all(counts[200] > 200 for counts in seen.values())
