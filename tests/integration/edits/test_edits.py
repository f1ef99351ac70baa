"""Edits in words over gRPC, by an editor of the test's: what is stored, what is charged, what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import json

import grpc.aio
import pytest

from conjure.core.context import working_for
from conjure.core.errors import Reason
from conjure.kernel import check
from conjure.providers.editor import BuiltinEditor, EditorError, ProposedEdit, UnfitEdit
from conjure.store import keyspace
from conjure.v1 import version_service_pb2 as version_pb
from conjure.v1.version_service_pb2_grpc import VersionServiceStub
from support.editors import editing, edits_of
from support.rpc import TIMEOUT_S, metadata, outcomes, refused
from support.stack import new_app
from support.until import LIMIT_S, until

LIT = {"op": "update_state", "id": "hall", "patch": {"base": "A wide hall, lit by one lamp."}}
BELL = {"op": "add_event", "name": "Ring the bell", "kind": "override", "from": ["hall"]}


@pytest.fixture(scope="module")
async def editing_server(usual_stack):
    async with editing(usual_stack.store_url) as running:
        yield running


@pytest.fixture
async def edits(editing_server, app):
    port, editor = editing_server
    editor.asked.clear()
    async with edits_of(port, editor, app.secret) as mine:
        yield mine


async def versions(edits, world_id):
    answer = await VersionServiceStub(edits.caller.channel).ListVersions(
        version_pb.ListVersionsRequest(id=world_id),
        metadata=metadata(edits.caller.key),
        timeout=TIMEOUT_S,
    )
    return answer.versions, answer.head_version_id


async def snapshot(edits, world_id, version_id):
    answer = await VersionServiceStub(edits.caller.channel).GetVersion(
        version_pb.GetVersionRequest(id=world_id, version_id=version_id),
        metadata=metadata(edits.caller.key),
        timeout=TIMEOUT_S,
    )
    return json.loads(answer.snapshot.json)


async def document(edits, world_id):
    answer = await edits.caller.world(world_id)
    return json.loads(answer.document.json), answer.rev


async def test_an_edit_is_a_write_with_a_version_of_the_world_before_it(edits, app, stack):
    world_id = await edits.caller.new_world()
    before, _ = await document(edits, world_id)
    edits.editor.proposes("The hall is lit by one lamp now.", LIT, BELL)
    edited = await edits.edit(
        world_id, "light the hall\nwith one lamp", objects=b'[{"label": "lamp"}]'
    )
    (asked,) = edits.editor.asked
    assert asked.instruction == "light the hall\nwith one lamp"
    assert asked.verified_objects == ({"label": "lamp"},)
    assert asked.world == before
    after, rev = await document(edits, world_id)
    assert (json.loads(edited.world.json), edited.rev) == (after, rev)
    assert after["scene"]["states"]["hall"]["base"] == LIT["patch"]["base"]
    assert edited.reply == "The hall is lit by one lamp now."
    assert [item.lint for item in edited.diagnostics] == ["no-ending"]
    entries = await stack.admin.store.read(
        "XRANGE", keyspace.changes(app.tenant(), world_id), "-", "+"
    )
    assert b'["edit in words"]' in entries[-1][1]
    (version,), head = await versions(edits, world_id)
    assert (
        version.source,
        version.version_id if hasattr(version, "version_id") else version.id,
    ) == ("ai", head)
    assert version.title == "before: light the hall with one lamp"
    assert await snapshot(edits, world_id, head) == before
    assert await edits.caller.used("edit") == 1


async def test_the_version_before_an_edit_names_its_pictures_too(edits, app, stack):
    """So they stay for as long as it does."""
    world_id = (await edits.caller.generate()).world_id
    edits.editor.proposes("Done.", {"op": "set_narrate", "narrate": True})
    await edits.edit(world_id)
    counts = await stack.admin.store.read("HGETALL", keyspace.asset_counts(app.tenant(), world_id))
    by_asset = dict(zip(counts[::2], counts[1::2], strict=True))
    assert by_asset.pop(b"seq") == b"1"
    del by_asset[b"bytes"]
    assert list(by_asset.values()) == [b"2"]


async def test_a_question_changes_nothing_and_is_charged(edits):
    world_id = await edits.caller.new_world()
    before = await document(edits, world_id)
    edits.editor.proposes("Which door do you mean?")
    edited = await edits.edit(world_id)
    assert edited.reply == "Which door do you mean?"
    assert (json.loads(edited.world.json), edited.rev) == before == await document(edits, world_id)
    assert [item.lint for item in edited.diagnostics] == ["no-ending"]
    assert await versions(edits, world_id) == ([], "")
    assert await edits.caller.used("edit") == 1


async def fails(request, report):
    raise EditorError("a secret of the provider")


async def nowhere(request, report):
    """What the kernel refuses."""
    return ProposedEdit("Done.", ({"op": "set_entrance", "state": "attic"},))


async def gives_up(request, report):
    """An editor that has tried, and knows that the kernel refuses what came of it."""
    raise UnfitEdit(check(request.world | {"entrance": {"state": "attic", "image": {"src": "x"}}}))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (fails, Reason.EDITOR_UNAVAILABLE),
        (nowhere, Reason.KERNEL_REFUSED),
        (gives_up, Reason.KERNEL_REFUSED),
    ],
)
async def test_an_edit_that_fails_leaves_no_trace(edits, answer, reason):
    world_id = await edits.caller.new_world()
    before = await document(edits, world_id)
    edits.editor.answer = answer
    for _ in range(2):  # the key is free again
        refusal = await refused(edits.edit(world_id, headers={"idempotency_key": "k"}), reason)
        assert "secret" not in str(refusal)
    assert await document(edits, world_id) == before
    assert await versions(edits, world_id) == ([], "")
    assert await edits.caller.used("edit") == 0
    edits.editor.proposes("Done.", BELL)
    assert (await edits.edit(world_id, headers={"idempotency_key": "k"})).reply == "Done."


async def test_what_others_write_meanwhile_is_kept(edits):
    """The version is of the world as it was at the moment of the write."""
    world_id = await edits.caller.new_world()

    async def answer(request, report):
        await edits.caller.apply_ops(world_id, LIT)
        return ProposedEdit("Done.", (BELL,))

    edits.editor.answer = answer
    edited = await edits.edit(world_id)
    after, rev = await document(edits, world_id)
    assert edited.rev == rev
    assert after["scene"]["states"]["hall"] == LIT["patch"]
    assert after["scene"]["events"][-1]["name"] == "Ring the bell"
    _, head = await versions(edits, world_id)
    saved = await snapshot(edits, world_id, head)
    assert saved["scene"]["states"]["hall"] == LIT["patch"]
    assert len(saved["scene"]["events"]) == 2


@pytest.mark.parametrize("asserts", [False, True])
async def test_a_conflict_is_refunded_and_changes_nothing(edits, asserts):
    """Somebody took away what the edit is about, or the caller said which revision it must be."""
    world_id = await edits.caller.new_world()
    _, rev = await document(edits, world_id)
    gone = {"op": "delete_event", "name": "Go up"} if not asserts else LIT

    async def answer(request, report):
        await edits.caller.apply_ops(world_id, gone)
        return ProposedEdit(
            "Done.", ({"op": "update_event", "name": "Go up", "patch": {"hotkey": "u"}},)
        )

    edits.editor.answer = answer
    headers = {"if_match": f'"{rev}"'} if asserts else {}
    await refused(edits.edit(world_id, headers=headers), Reason.REVISION_CONFLICT)
    assert await versions(edits, world_id) == ([], "")
    assert await edits.caller.used("edit") == 0


async def test_a_stale_revision_is_told_before_anybody_is_asked(edits):
    world_id = await edits.caller.new_world()
    await refused(edits.edit(world_id, expected_rev="0-old"), Reason.REVISION_CONFLICT)
    assert not edits.editor.asked
    assert await edits.caller.used("edit") == 0


async def test_a_retry_is_answered_as_the_first_time(edits):
    """Made again from the version before it, however often the world was written since."""
    world_id = await edits.caller.new_world()
    edits.editor.proposes("A bell hangs here.", BELL)
    first = await edits.edit(world_id, headers={"idempotency_key": "bell"})
    await edits.caller.apply_ops(world_id, LIT)
    edits.editor.proposes("It must not be asked.")
    call = edits.edit(world_id, headers={"idempotency_key": "bell"})
    again = await call
    assert dict(await call.initial_metadata())["idempotent-replayed"] == "true"
    assert json.loads(again.world.json) == json.loads(first.world.json)
    assert (again.rev, again.reply) == (first.rev, first.reply)
    assert list(again.diagnostics) == list(first.diagnostics)
    assert len(edits.editor.asked) == 1
    assert await edits.caller.used("edit") == 1
    await refused(
        edits.edit(world_id, "something else", headers={"idempotency_key": "bell"}),
        Reason.IDEMPOTENCY_MISMATCH,
    )


async def test_a_retry_whose_version_was_deleted_answers_the_world_as_it_is(edits):
    world_id = await edits.caller.new_world()
    edits.editor.proposes("A bell hangs here.", BELL)
    await edits.edit(world_id, headers={"idempotency_key": "bell"})
    stub = VersionServiceStub(edits.caller.channel)
    _, head = await versions(edits, world_id)
    await stub.CreateVersion(
        version_pb.CreateVersionRequest(id=world_id), metadata=metadata(edits.caller.key)
    )
    await stub.DeleteVersion(
        version_pb.DeleteVersionRequest(id=world_id, version_id=head),
        metadata=metadata(edits.caller.key),
    )
    await edits.caller.apply_ops(world_id, LIT)
    again = await edits.edit(world_id, headers={"idempotency_key": "bell"})
    assert (json.loads(again.world.json), again.rev) == await document(edits, world_id)
    assert again.reply == "A bell hangs here."
    assert await edits.caller.used("edit") == 1


async def test_of_edits_at_once_under_one_key_one_is_made(edits):
    world_id = await edits.caller.new_world()
    go_on = asyncio.Event()

    async def answer(request, report):
        await go_on.wait()
        return ProposedEdit("A bell hangs here.", (BELL,))

    edits.editor.answer = answer
    calls = [edits.edit(world_id, headers={"idempotency_key": "one"}) for _ in range(4)]
    running = asyncio.create_task(outcomes(calls))

    async def others_are_refused():
        return sum(call.done() for call in calls) == 3

    await until(others_are_refused)
    go_on.set()
    answers, reasons = await running
    assert (len(answers), reasons) == (1, {Reason.IDEMPOTENCY_IN_PROGRESS: 3})
    assert len((await versions(edits, world_id))[0]) == 1
    assert await edits.caller.used("edit") == 1


async def test_a_hold_that_is_no_more_stores_nothing(edits, app, stack):
    """As when the server that reserved it was cut off for longer than a hold lasts."""
    world_id = await edits.caller.new_world()
    before = await document(edits, world_id)

    async def answer(request, report):
        await stack.admin.store.write("DEL", keyspace.holds(app.tenant(), "edit"))
        return ProposedEdit("Done.", (BELL,))

    edits.editor.answer = answer
    await refused(edits.edit(world_id), Reason.STORE_UNAVAILABLE)
    assert await document(edits, world_id) == before
    assert await versions(edits, world_id) == ([], "")


async def test_over_quota_nobody_is_asked(edits, app, stack):
    world_id = await edits.caller.new_world()
    await stack.admin.store.write("HSET", keyspace.caps(app.tenant()), "edit", 0)
    await refused(edits.edit(world_id), Reason.QUOTA_EXCEEDED)
    assert not edits.editor.asked


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"instruction": None}, "instruction is required"),
        ({"instruction": " \n"}, "instruction"),
        ({"instruction": "x" * 4_001}, "instruction must have at most 4000"),
        ({"instruction": "a", "message": "b"}, "instruction and message"),
        ({"objects": b"{}"}, "verifiedObjects must be a list"),
        ({"objects": b'["lamp"]'}, "verifiedObjects must be a list"),
        ({"objects": json.dumps([{}] * 101).encode()}, "verifiedObjects must hold at most 100"),
        ({"objects": b'[{"label": "' + b"x" * 70_000 + b'"}]'}, "verifiedObjects must have at most"),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_is_refused_by_its_name(edits, fields, named):
    world_id = await edits.caller.new_world()
    refusal = await refused(edits.edit(world_id, **fields), Reason.INVALID_FIELD)
    assert any(named in error for error in refusal.error.errors), refusal.error
    assert not edits.editor.asked
    assert await edits.caller.used("edit") == 0


async def test_the_alias_is_the_same_instruction(edits):
    world_id = await edits.caller.new_world()
    edits.editor.proposes("Which?")
    first = await edits.edit(world_id, "what?", headers={"idempotency_key": "k"})
    again = await edits.edit(world_id, None, message="what?", headers={"idempotency_key": "k"})
    assert (first.reply, again.reply, len(edits.editor.asked)) == ("Which?", "Which?", 1)


async def test_what_is_not_ones_own_is_not_there(edits, stack):
    """Also a world that everybody may read."""
    world_id = await edits.caller.new_world()
    await edits.caller.describe(world_id, visibility="public")
    stranger = await new_app(stack.admin)
    await refused(edits.edit(world_id, key=stranger.secret), Reason.NOT_FOUND)
    assert not edits.editor.asked


async def test_who_watches_an_edit_hears_how_far_it_is(edits):
    world_id = await edits.caller.new_world()

    async def answer(request, report):
        await report("reading", 0.0)
        await report("editing", 0.5)
        return ProposedEdit("A bell hangs here.", (BELL,))

    edits.editor.answer = answer
    stream = edits.watch(world_id, idempotency_key="w")
    async with asyncio.timeout(LIMIT_S):
        told = [(one.step, one.progress, one.edited.reply) async for one in stream]
    assert told == [("reading", 0.0, ""), ("editing", 0.5, ""), ("", 1.0, "A bell hangs here.")]
    again = [message async for message in edits.watch(world_id, idempotency_key="w")]
    assert [message.edited.reply for message in again] == ["A bell hangs here."]
    assert await edits.caller.used("edit") == 1
    edits.editor.answer = fails
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        [message async for message in edits.watch(world_id)]
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE


async def _answered(call):
    with contextlib.suppress(asyncio.CancelledError):
        if hasattr(call, "read"):
            await call.read()
        else:
            await call


async def test_who_goes_away_ends_what_costs(edits):
    world_id = await edits.caller.new_world()
    ended = asyncio.Event()

    async def answer(request, report):
        try:
            await asyncio.sleep(LIMIT_S)
        finally:
            ended.set()
        raise AssertionError

    edits.editor.answer = answer
    for begin in (edits.watch, edits.edit):
        call = begin(world_id)
        ended.clear()

        async def is_asked():
            return len(edits.editor.asked) > 0

        waiting = asyncio.ensure_future(_answered(call))
        await until(is_asked)
        edits.editor.asked.clear()
        call.cancel()
        async with asyncio.timeout(LIMIT_S):
            await ended.wait()
        await asyncio.wait({waiting})

    async def is_refunded():
        return await edits.caller.used("edit") == 0

    await until(is_refunded)
    assert await versions(edits, world_id) == ([], "")


async def test_an_edit_may_take_longer_than_other_calls(edits, app, stack):
    """And longer than a hold lasts that nobody renews: `editing` has short ones."""
    world_id = await edits.caller.new_world()
    holds = keyspace.holds(app.tenant(), "edit")

    async def answer(request, report):
        (_, first) = await stack.admin.store.read("ZRANGE", holds, 0, 0, "WITHSCORES")

        async def is_renewed():
            found = await stack.admin.store.read("ZRANGE", holds, 0, 0, "WITHSCORES")
            return int(found[1]) > int(first) + 2_500

        await until(is_renewed)
        return ProposedEdit("Done.", (BELL,))

    edits.editor.answer = answer
    assert (await edits.edit(world_id)).reply == "Done."


async def test_a_sentence_for_the_built_in_editor_becomes_a_write_or_a_question(edits):
    world_id = await edits.caller.new_world()
    edits.editor.answer = BuiltinEditor().edit
    sentence = "Add a place called attic: A low attic. Connect the attic and the hall."

    edited = await edits.edit(world_id, sentence)
    after, rev = await document(edits, world_id)
    assert (json.loads(edited.world.json), edited.rev) == (after, rev)
    assert after["scene"]["states"]["attic"]["base"] == "A low attic."
    assert {"Go to the attic", "Go to the hall"} <= {e["name"] for e in after["scene"]["events"]}
    assert "“attic”" in edited.reply

    asked = await edits.edit(world_id, "make it nicer")
    assert asked.reply.endswith("Nothing is changed.")
    assert await document(edits, world_id) == (after, rev)


async def test_whom_an_edit_is_for_is_known_to_what_takes_turns(edits, app):
    """Else all apps would be one at the calls of a model."""
    seen = []

    async def answer(request, report):
        seen.append(await asyncio.create_task(asyncio.to_thread(working_for)))
        return ProposedEdit("Which one?")

    edits.editor.answer = answer
    world_id = await edits.caller.new_world()
    await edits.edit(world_id)
    async for _ in edits.watch(world_id):
        pass
    assert seen == [app.id, app.id]
