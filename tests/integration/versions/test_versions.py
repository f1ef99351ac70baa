"""Versions with many callers and two servers: whole snapshots, one tree, no lost update (CONTRACT 4)."""

from __future__ import annotations

import asyncio
import json
from itertools import count
from typing import Any

import grpc.aio
import pytest

from conjure.core.errors import Reason
from conjure.core.ids import new_id
from conjure.settings import WorldSettings
from conjure.store import keyspace
from conjure.v1 import document_pb2
from conjure.v1 import graph_service_pb2 as graph_pb
from conjure.worlds.model import Summary
from conjure.worlds.store import WorldStore
from support.revs import number
from support.rpc import TIMEOUT_S, Client, client, metadata, outcomes, refused
from support.stack import running_server
from support.versions import Kept, Versions
from support.worlds import small_world

WRITERS = 32


def wide_world() -> dict[str, Any]:
    """A world with a state for each writer."""
    world = small_world()
    world["scene"]["states"] |= {f"room {n}": {"base": f"Room {n}."} for n in range(WRITERS)}
    return world


def edit(caller: Client, world_id: str, state: str, **patch: Any) -> Any:
    return caller.graph.UpdateState(
        graph_pb.UpdateStateRequest(
            id=world_id,
            state_id=state,
            patch=document_pb2.JsonDocument(json=json.dumps(patch).encode()),
        ),
        metadata=metadata(caller.key),
        timeout=TIMEOUT_S,
    )


async def put(stack, app, world_id: str, world: dict[str, Any]) -> None:
    """Stores a document past every rule, as an older server with other rules could have."""
    elsewhere = WorldStore(
        stack.admin.store, WorldSettings(cache_entries=1, cache_bytes=1, idempotency_s=60)
    )
    _, base = await elsewhere.get(app.tenant(), world_id)
    text = json.dumps(world | {"id": world_id}).encode()
    await elsewhere.replace(
        app.tenant(), world_id, base, text, Summary.of(world), new_id(), ops=(), asset_names=None
    )


@pytest.fixture
async def world_id(both) -> str:
    return str((await both[0].create(wide_world())).world_id)


@pytest.fixture
def versions(both, world_id) -> tuple[Versions, Versions]:
    """The versions of one world at two servers."""
    return Versions(both[0], world_id), Versions(both[1], world_id)


@pytest.fixture
def kept(stack, app, world_id) -> Kept:
    return Kept(stack.admin.store, app.tenant(), world_id)


async def parents(versions: Versions) -> tuple[dict[str, str], str]:
    listed = await versions.list()
    return {node.id: node.parent_version_id for node in listed.versions}, listed.head_version_id


class TestTogether:
    async def test_savers_at_once_make_one_chain_with_head_at_its_end(self, versions, kept):
        made = await asyncio.gather(*(versions[n % 2].create() for n in range(WRITERS)))
        tree, head = await parents(versions[0])
        assert set(tree) == {answer.version_id for answer in made}
        chain = [head]
        while tree[chain[-1]]:
            chain.append(tree[chain[-1]])
        assert sorted(chain) == sorted(tree)
        assert list(tree) == chain[::-1], "the list is in the order of the chain"
        await kept.assert_consistent(head)
        assert await kept.kinds() == "K"

    async def test_a_snapshot_beside_edits_is_one_whole_revision(
        self, both, world_id, versions, kept
    ):
        written = [json.loads((await both[0].world(world_id)).document.json)["scene"]["states"]]
        done, turns = asyncio.Event(), count()

        async def write(n: int) -> None:
            answer = await edit(both[n % 2], world_id, f"room {n}", base=f"Written {next(turns)}.")
            written.append(json.loads(answer.result.world.json)["scene"]["states"])

        made: list[str] = []

        async def save(own: Versions) -> None:
            while not done.is_set():
                made.append((await own.create()).version_id)

        savers = [asyncio.ensure_future(save(own)) for own in versions]
        while len(made) < 3:  # however quick writes are beside saves
            await asyncio.gather(*map(write, range(WRITERS)))
        done.set()
        await asyncio.gather(*savers)
        for version in made:
            assert (await versions[1].snapshot(version))["scene"]["states"] in written
        await kept.assert_consistent((await versions[0].list()).head_version_id)

    async def test_a_checkout_beside_edits_loses_no_acknowledged_write(
        self, both, world_id, versions
    ):
        first = (await versions[0].create()).version_id
        checked_out: list[int] = []
        edits: dict[int, int] = {}

        async def write(n: int) -> None:
            answer = await edit(both[n % 2], world_id, f"room {n}", base=f"Written {n}.")
            edits[number(answer.result.rev)] = n

        async def go_back() -> None:
            for n in range(6):
                answer = await versions[n % 2].check_out(first)
                checked_out.append(number(answer.rev))

        await asyncio.gather(go_back(), *map(write, range(WRITERS)))
        revs = sorted([*edits, *checked_out])
        assert revs == list(range(2, len(revs) + 2)), "each write is a revision of its own"
        world = json.loads((await both[0].world(world_id)).document.json)
        kept = {n for rev, n in edits.items() if rev > max(checked_out)}
        for n in range(WRITERS):
            base = f"Written {n}." if n in kept else f"Room {n}."
            assert world["scene"]["states"][f"room {n}"]["base"] == base

    async def test_of_those_who_assert_one_revision_exactly_one_wins(
        self, both, world_id, versions
    ):
        first = (await versions[0].create()).version_id
        calls: list[Any] = [versions[n % 2].check_out(first, "1") for n in range(12)]
        calls += [both[n % 2].set_entrance(world_id, "cellar", if_match="1") for n in range(12)]
        answers, reasons = await outcomes(calls)
        assert len(answers) == 1
        assert reasons == {Reason.REVISION_CONFLICT: 23}
        assert number((await both[0].world(world_id)).rev) == 2

    async def test_an_edit_after_a_checkout_elsewhere_is_made_from_it(
        self, both, world_id, versions
    ):
        first = (await versions[0].create()).version_id
        await edit(both[1], world_id, "room 1", base="Written.")
        await versions[0].check_out(first)
        answer = await edit(both[1], world_id, "room 2", base="Written.")
        states = json.loads(answer.result.world.json)["scene"]["states"]
        assert (states["room 1"]["base"], states["room 2"]["base"]) == ("Room 1.", "Written.")

    async def test_saving_deleting_and_checking_out_at_once_keep_the_tree_whole(
        self, both, world_id, versions, kept
    ):
        ids = [(await versions[0].create()).version_id]
        for n in range(12):
            await edit(both[0], world_id, f"room {n}", base=f"Written {n}.")
            ids.append((await versions[0].create()).version_id)
        calls: list[Any] = [versions[n % 2].delete(ids[n]) for n in range(1, 9)]
        calls += [versions[n % 2].create(parent_version_id=ids[n]) for n in range(12)]
        calls += [versions[n % 2].check_out(ids[n]) for n in range(3, 11)]
        _, reasons = await outcomes(calls)
        assert set(reasons) <= {Reason.NOT_FOUND, Reason.VERSION_IS_HEAD}
        tree, head = await parents(versions[0])
        assert set(tree.values()) <= {"", *tree}
        await kept.assert_consistent(head)
        for version in tree:
            await versions[1].snapshot(version)


class TestBlobs:
    async def test_equal_documents_share_one(self, both, world_id, versions, kept):
        a = (await versions[0].create()).version_id
        await edit(both[0], world_id, "room 1", base="Written.")
        b = (await versions[0].create()).version_id
        await edit(both[1], world_id, "room 1", base="Room 1.")
        for n in range(6):
            await versions[n % 2].create()
        assert await kept.kinds() == "DK"
        await versions[0].delete(a)
        await versions[0].delete(b)
        assert await kept.kinds() == "K", "the delta went with its only version"
        await kept.assert_consistent((await versions[0].list()).head_version_id)

    async def test_what_no_version_needs_is_removed(self, both, world_id, versions, kept):
        made = [(await versions[0].create()).version_id]
        for n in range(8):
            await edit(both[n % 2], world_id, f"room {n}", base=f"Written {n}.")
            made.append((await versions[n % 2].create()).version_id)
        before = await kept.memory()
        assert await kept.kinds() == "D" * 8 + "K"
        head = await versions[0].snapshot(made[-1])
        for version in made[:-1]:
            await versions[1].delete(version)
            await kept.assert_consistent(made[-1])
        assert await kept.kinds() == "DK", "HEAD and what it was made against"
        assert await kept.memory() < before
        assert await versions[0].snapshot(made[-1]) == head

    async def test_another_document_is_a_new_keyframe_and_the_old_one_goes_with_its_last_version(
        self, stack, app, both, world_id, versions, kept
    ):
        old = [(await versions[0].create()).version_id]
        await edit(both[0], world_id, "room 1", base="Written.")
        old.append((await versions[0].create()).version_id)
        await put(stack, app, world_id, small_world(name="Another", x=["y" * n for n in range(99)]))
        new = (await versions[0].create()).version_id
        assert await kept.kinds() == "DKK"
        await versions[0].delete(old[0])
        assert await kept.kinds() == "DKK", "the delta still needs it"
        await versions[0].delete(old[1])
        assert await kept.kinds() == "K"
        # Both servers have the old keyframe at hand, or none: what they save next can be read.
        for n, own in enumerate(versions):
            await both[n].set_entrance(world_id, ("cellar", "hall")[n])
            version = (await own.create()).version_id
            assert (await own.snapshot(version))["name"] == "Another"
        await kept.assert_consistent((await versions[0].list()).head_version_id)
        assert (await versions[1].snapshot(new))["name"] == "Another"

    async def test_a_document_that_came_back_as_a_delta_is_no_keyframe(
        self, stack, app, both, world_id, versions, kept
    ):
        """A process may believe that it stored a keyframe where an equal delta was already."""
        here, there = versions
        await here.create()
        await edit(both[0], world_id, "room 1", base="Written.")
        written = json.loads((await both[0].world(world_id)).document.json)
        await here.create()
        await put(stack, app, world_id, small_world(x=["z" * n for n in range(99)]))
        await there.create()  # this process knows only the new keyframe
        await put(stack, app, world_id, written)
        await there.create()  # by itself a keyframe, and there already as a delta
        await edit(both[1], world_id, "room 2", base="Written.")
        last = (await there.create()).version_id
        states = (await there.snapshot(last))["scene"]["states"]
        assert (states["room 1"], states["room 2"]) == ({"base": "Written."},) * 2
        await kept.assert_consistent(last)


class TestCheckout:
    async def test_what_the_kernel_refuses_today_stays_a_version(
        self, stack, app, both, world_id, versions
    ):
        broken = wide_world() | {"entrance": {"state": "nowhere", "image": {"src": "x"}}}
        await put(stack, app, world_id, broken)
        bad = (await versions[0].create()).version_id
        await put(stack, app, world_id, wide_world())
        good = (await versions[0].create()).version_id
        refusal = await refused(versions[0].check_out(bad), Reason.KERNEL_REFUSED)
        assert refusal.error.diagnostics[0].lint == "dangling-ref"
        assert number((await both[0].world(world_id)).rev) == 3
        assert (await versions[1].list()).head_version_id == good

    async def test_name_description_and_cover_follow(self, stack, app, both, world_id, versions):
        first = (await versions[0].create()).version_id
        other = {"name": "Other", "description": "Other.", "cover": "https://x.test/o.png"}
        await put(stack, app, world_id, wide_world() | other)
        before = (await both[0].world(world_id)).world
        assert (before.name, before.description, before.cover) == tuple(other.values())
        await versions[1].check_out(first)
        info = (await both[0].world(world_id)).world
        assert info.name == "Two rooms"
        assert (info.description, info.cover) == (
            "A hall and a cellar.", "https://example.com/cover.png"
        )  # fmt: skip
        assert info.updated_at.ToNanoseconds() >= before.updated_at.ToNanoseconds()

    async def test_a_version_that_went_meanwhile_is_not_there(self, both, world_id, versions):
        await versions[0].create()
        gone = await versions[0].create(parent_version_id=(await parents(versions[0]))[1])
        last = (await versions[0].create()).version_id
        await versions[0].delete(gone.version_id)
        await refused(versions[1].check_out(gone.version_id), Reason.NOT_FOUND)
        assert (await versions[1].list()).head_version_id == last
        assert (await both[0].world(world_id)).rev == "1"

    async def test_it_needs_a_version(self, versions):
        refusal = await refused(versions[0].check_out(None), Reason.INVALID_FIELD)
        assert list(refusal.error.errors) == ["versionId is required"]


async def test_caps_on_versions_and_on_their_bytes(stack, app, tmp_path):
    environment = {"CONJURE_VERSIONS_PER_WORLD": "2", "CONJURE_VERSIONS_BYTES_PER_WORLD": "900"}
    async with (
        running_server(tmp_path, stack.store_url, environment) as (_, port),
        client(port, app.secret) as caller,
    ):
        versions = Versions(caller, await caller.new_world())
        made = [(await versions.create()).version_id for _ in range(2)]
        refusal = await refused(versions.create(), Reason.INAPPLICABLE_EDIT)
        assert "2 versions" in refusal.message
        await versions.delete(made[0])
        await versions.create()
        large = Versions(caller, await caller.new_world(x=[new_id() for _ in range(99)]))
        refusal = await refused(large.create(), Reason.INAPPLICABLE_EDIT)
        assert "900 bytes" in refusal.message
        assert not (await large.list()).versions


async def test_versions_of_a_world_that_is_gone_are_gone(stack, app, both, world_id, versions):
    version = (await versions[0].create()).version_id
    await stack.admin.store.write("DEL", keyspace.world(app.tenant(), world_id))
    for call in (
        versions[1].create(), versions[0].create(), versions[0].list(), versions[0].get(version),
        versions[0].diff(version, version), versions[0].check_out(version),
        versions[0].rename(version, "x"), versions[0].delete(version),
    ):  # fmt: skip
        await refused(call, Reason.NOT_FOUND)


async def test_a_save_that_was_cancelled_happened_once_or_not_at_all(versions, kept):
    calls = []
    for n in range(WRITERS):
        call = versions[n % 2].create(title=str(n))
        calls.append(call)
        if n % 2 == 0:
            asyncio.get_running_loop().call_later(0.001 * (n % 16), call.cancel)
    done = await asyncio.gather(*calls, return_exceptions=True)
    sure = {item.version_id for item in done if not isinstance(item, BaseException)}
    assert all(
        isinstance(item, grpc.aio.AioRpcError | asyncio.CancelledError)
        for item in done
        if isinstance(item, BaseException)
    )
    listed = await versions[1].list()
    assert sure <= {node.id for node in listed.versions}
    titles = [node.title for node in listed.versions]
    assert len(set(titles)) == len(titles)
    await kept.assert_consistent(listed.head_version_id)
