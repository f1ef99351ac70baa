"""Two clients edit one world by ops at two servers: no acknowledged edit is lost (CONTRACT 0, 3)."""

from __future__ import annotations

import asyncio
import json

from conjure.core.errors import Reason
from conjure.v1 import document_pb2
from conjure.v1 import graph_service_pb2 as pb
from support.revs import number
from support.rpc import TIMEOUT_S, metadata, outcomes
from support.versions import Versions

EDITS = 40
"""Of each client."""


def apply_ops(caller, world_id, *ops, **headers):
    text = json.dumps(ops).encode()
    request = pb.ApplyOpsRequest(id=world_id, ops=document_pb2.JsonDocument(json=text))
    return caller.graph.ApplyOps(
        request, metadata=metadata(caller.key, **headers), timeout=TIMEOUT_S
    )


def add(name: str) -> dict:
    return {"op": "add_state", "id": name, "base": f"Room {name}."}


async def read(caller, world_id) -> tuple[dict, str]:
    """The states, and the revision."""
    scene = await caller.scene(world_id)
    return json.loads(scene.states.json), scene.rev


async def assert_kept(both, world_id, written: dict[str, str]) -> None:
    """All that was acknowledged is there at both servers, and every revision was made once."""
    assert len(set(written.values())) == len(written)
    for caller in both:
        states, rev = await read(caller, world_id)
        assert set(states) == {"hall", "cellar", *written}
        assert sorted(map(number, written.values())) == list(range(2, number(rev) + 1))


async def test_without_an_assertion_every_edit_of_both_is_kept(both):
    world_id = await both[0].new_world()
    written: dict[str, str] = {}

    async def edit(who: int, n: int) -> None:
        name = f"{who}/{n}"
        result = (await apply_ops(both[who], world_id, add(name))).result
        assert json.loads(result.world.json)["scene"]["states"][name], (
            "an answer shows its own edit"
        )
        written[name] = result.rev

    await asyncio.gather(*(edit(who, n) for n in range(EDITS) for who in (0, 1)))
    assert len(written) == 2 * EDITS
    await assert_kept(both, world_id, written)


async def test_with_if_match_a_client_that_reads_again_loses_nothing(both):
    """As an editor works: read, edit on that revision, and on a conflict do it over."""
    world_id = await both[0].new_world()
    written: dict[str, str] = {}
    conflicts = 0

    async def edit_all(who: int) -> None:
        nonlocal conflicts
        for n in range(EDITS):
            name = f"{who}/{n}"
            while name not in written:
                _, rev = await read(both[who], world_id)
                call = apply_ops(both[who], world_id, add(name), if_match=f'"{rev}"')
                answers, reasons = await outcomes([call])
                if answers:
                    assert number(answers[0].result.rev) == number(rev) + 1
                    written[name] = answers[0].result.rev
                else:
                    assert set(reasons) == {Reason.REVISION_CONFLICT}
                    conflicts += 1

    await asyncio.gather(edit_all(0), edit_all(1))
    assert conflicts, "they met"
    await assert_kept(both, world_id, written)


async def test_one_with_if_match_and_one_without_do_not_harm_each_other(both):
    world_id = await both[0].new_world()
    written: dict[str, str] = {}

    async def hasty() -> None:
        for n in range(EDITS):
            written[f"0/{n}"] = (await apply_ops(both[0], world_id, add(f"0/{n}"))).result.rev

    async def careful() -> None:
        for n in range(EDITS):
            _, rev = await read(both[1], world_id)
            call = apply_ops(both[1], world_id, add(f"1/{n}"), if_match=f'"{rev}"')
            answers, _ = await outcomes([call])
            if answers:
                written[f"1/{n}"] = answers[0].result.rev

    await asyncio.gather(hasty(), careful())
    await assert_kept(both, world_id, written)


async def test_of_two_who_add_the_same_state_one_is_recorded(both):
    """What one made, the other's op meets, also from an old copy: it is skipped, not overwritten."""
    world_id = await both[0].new_world()
    for caller in both:
        await read(caller, world_id)
    calls = [
        apply_ops(both[n % 2], world_id, {"op": "add_state", "id": "attic", "base": f"{n}"})
        for n in range(16)
    ]
    answers, reasons = await outcomes(calls)
    assert reasons == {Reason.INAPPLICABLE_EDIT: 15}
    (winner,) = answers
    states, rev = await read(both[0], world_id)
    assert states == json.loads(winner.result.world.json)["scene"]["states"]
    assert rev == winner.result.rev
    assert number(rev) == 2


async def test_names_that_the_servers_make_are_never_given_twice(both):
    world_id = await both[0].new_world()
    op = {"op": "add_state", "base": "A room."}
    await asyncio.gather(*(apply_ops(both[n % 2], world_id, op) for n in range(EDITS)))
    states, rev = await read(both[0], world_id)
    assert set(states) == {"hall", "cellar", *(f"state_{n + 1}" for n in range(EDITS))}
    assert number(rev) == EDITS + 1


async def test_a_batch_of_one_is_never_seen_in_half_by_the_other(both):
    """Each batch adds a pair; a reader at the other server sees both of a pair or neither."""
    world_id = await both[0].new_world()
    is_over = asyncio.Event()

    async def edit() -> None:
        for n in range(EDITS):
            await apply_ops(both[0], world_id, add(f"left {n}"), add(f"right {n}"))
        is_over.set()

    async def watch() -> int:
        seen = set()
        while not is_over.is_set():
            states, rev = await read(both[1], world_id)
            sides = [
                {name.split()[1] for name in states if name.startswith(side)}
                for side in ("left", "right")
            ]
            assert sides[0] == sides[1]
            assert len(sides[0]) == number(rev) - 1
            seen.add(rev)
        return len(seen)

    _, seen = await asyncio.gather(edit(), watch())
    assert seen > 1, "the reader ran beside the writer"


async def test_the_advice_of_every_write_is_that_of_a_lint_of_the_whole(both):
    """Whatever a server knows of the world: from its own edits, the other's, or a checkout of either."""
    world_id = await both[0].new_world()
    saved = (await Versions(both[0], world_id).create()).version_id
    edits = [
        [add("attic"), {"op": "add_state", "id": "x", "base": "There is no light."}],
        [{"op": "update_state", "id": "attic", "patch": {"base": "Never."}}],
        [{"op": "add_event", "name": "Up", "kind": "transition", "from": "hall", "to": "attic"}],
        [{"op": "set_entrance", "state": "attic"}],
        [{"op": "update_event", "name": "Up", "patch": {"hotkey": "w", "to": "x"}}],
        [{"op": "rename_state", "id": "x", "newId": "y"}, {"op": "set_entrance", "state": "hall"}],
    ]
    advised = 0
    # Each server twice in a row, then the other; once through, a checkout, and through again.
    for turn, ops in enumerate(edits * 2):
        caller = both[turn // 2 % 2]
        if turn == len(edits):
            await Versions(both[1], world_id).check_out(saved)
        result = (await apply_ops(caller, world_id, *ops)).result
        lint = await caller.graph.LintGraph(
            pb.LintGraphRequest(
                id=world_id, world=result.world
            ),  # parsed anew: nothing is known of it
            metadata=metadata(caller.key),
            timeout=TIMEOUT_S,
        )
        assert list(result.diagnostics) == list(lint.diagnostics)
        advised += len(lint.diagnostics)
    assert advised > len(edits) * 2
