"""Every RPC by every kind of caller, on worlds of every visibility and where nothing is (CONTRACT 0.1).

The calls are those of `support.edge.every_rpc`, held to the descriptors; what each is answered follows from the
proto's scheme and scope, and from whose the world is (`support.edge.callers.refusal`). Writes that are not
refused are tried with the same table in `worlds/test_secrets.py`, where each has a world of its own; what is
special about one RPC has its test in that RPC's folder.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conjure.core.errors import Reason
from conjure.v1 import auth_pb2
from support.cases import each_of
from support.edge.access import Ground
from support.edge.callers import Caller, callers, player, refusal
from support.edge.every_rpc import CASES, RPCS, Case
from support.stack import channel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import grpc.aio
    import httpx

    from support.edge.access import Face
    from support.edge.every_rpc import Answer, Place
    from support.stack import Stack


NOWHERE = ("11111111-2222-4333-8444-555555555555", "not-a-uuid")
ABSENT = {
    "id": NOWHERE,
    "world_id": NOWHERE,
    "version_id": NOWHERE,
    "job_id": NOWHERE,
    "a": NOWHERE,
    "b": NOWHERE,
    "key_id": NOWHERE,
    "webhook_id": NOWHERE,
    "jti": NOWHERE[:1],  # no part of an address: what is no UUID is a bad field
    "state_id": ("attic",),
    "event_name": ("Fly",),
    "player_identity": (),  # whom nobody knows is forgotten, too
    "file": (f"{'0' * 64}.png",),
    "release": ("0" * 16,),
}
"""Values at which nothing is, by the field that they stand in."""
OF_A_WORLD = ("id", "world_id", "job_id")

NOBODY_THERE = {
    "VisionService/Perceive",
    "VisionService/GroundObjects",
    "ConversationService/Speak",
}
"""Without a provider, as here, they are 503 to whoever may call; who may not is in `edge/vision` and
`edge/conversations`."""

SUCCEEDING = [case for case in CASES if case.succeeds]
ADDRESSED = [
    case
    for case in SUCCEEDING
    if not ABSENT.keys().isdisjoint(RPCS[case.rpc].descriptor.input_type.fields_by_name)
    and RPCS[case.rpc].scheme != auth_pb2.SCHEME_PUBLIC  # nobody's, so that nothing is to be hidden
]


@pytest.fixture(scope="module")
async def ground(
    stack: Stack, rest: httpx.AsyncClient, server_channel: grpc.aio.Channel
) -> AsyncIterator[Ground]:
    async with channel(stack.edge_grpc_target) as grpc_edge:
        yield await Ground.made(stack.admin, rest, grpc_edge, server_channel)


def test_every_rpc_and_every_part_of_an_address_is_in_the_matrix():
    assert {case.rpc for case in SUCCEEDING} == set(RPCS) - NOBODY_THERE
    for name, rpc in RPCS.items():
        if name in NOBODY_THERE:
            continue
        tried = {case.way for case in SUCCEEDING if case.rpc == name}
        assert tried == set(range(len(rpc.ways) or 1)), name
        fields = rpc.descriptor.input_type.fields_by_name
        for way in rpc.ways:
            assert {field for field in fields if f"{{{field}}}" in way.path} <= set(ABSENT), name


async def test_there_is_a_caller_for_every_scheme(ground):
    """One that is added to the protos is added to the callers: else all its RPCs would be refusals here."""
    held = {who.scheme for who in callers(ground.places[0], ground.other)}
    assert held | {auth_pb2.SCHEME_PUBLIC} == set(auth_pb2.Scheme.values())


Cell = tuple["Face", Case, "Place", Caller]


async def answers(cells: list[Cell]) -> list[Answer]:
    return await asyncio.gather(*(face.call(case, at, who) for face, case, at, who in cells))


@each_of("case", SUCCEEDING, ids=str)
async def test_who_may_call(ground, case):
    """Refusals leave no trace, and neither do reads."""
    cells = list(calls_without_effect(case, ground))
    expected: dict[Any, Any] = {}
    outcomes: dict[Any, Any] = {}
    for (face, _, place, who), answer in zip(cells, await answers(cells), strict=True):
        cell = (face.name, place.visibility, who.name)
        reason = refusal(case, who, place)
        expected[cell] = face.expected(reason)
        outcomes[cell] = face.outcome(answer)
        if reason is Reason.MISSING_SCOPE:
            assert RPCS[case.rpc].scope.encode() in answer.evidence, cell
    assert outcomes == expected
    await ground.assert_untouched()


def calls_without_effect(case: Case, ground: Ground) -> Iterator[Cell]:
    """Everybody at one world; at those of other visibilities the holders of API keys, who may be answered otherwise."""
    for place in ground.places if case.is_of_a_world else ground.places[:1]:
        everybody = [*ground.impostors, *callers(place, ground.other)]
        for who in everybody if place is ground.places[0] else filter(has_an_app, everybody):
            if RPCS[case.rpc].is_read or refusal(case, who, place) is not None:
                yield from ((face, case, place, who) for face in ground.faces if face.has(case))


def has_an_app(who: Caller) -> bool:
    return who.tenant is not None


@pytest.mark.both_ways
@each_of("case", ADDRESSED, ids=str)
async def test_what_is_not_there_and_what_is_not_yours_cannot_be_told_apart(ground, case):
    """Not by one byte of body or headers; and it is told to nobody whose credential would not do."""
    absent = list(elsewhere(case, ground))
    for face in ground.faces:
        if not face.has(case):
            continue
        cells = [(face, *cell) for cell in calls_in_vain(case, absent, ground)]
        same = set()
        for (_, one, place, who), answer in zip(cells, await answers(cells), strict=True):
            reason = refusal(case, who, place)
            assert face.outcome(answer) == face.expected(reason or Reason.NOT_FOUND), (one, who)
            is_told_what = reason is None and one.label not in OF_A_WORLD  # it sees all else
            if reason in {None, Reason.NOT_FOUND} and not is_told_what:
                same.add(face.all_of(answer))
        assert len(same) == 1, same
    await ground.assert_untouched()


def calls_in_vain(case: Case, absent: list[Case], ground: Ground) -> Iterator[tuple[Any, ...]]:
    """The owner and a stranger at what is not there, and the stranger at what is somebody else's."""
    owner, other = {
        auth_pb2.SCHEME_USER: ("user", "another user"),
        auth_pb2.SCHEME_SESSION_TOKEN: ("player", "player of another"),
    }.get(RPCS[case.rpc].scheme, ("owner", "another app"))
    for place in ground.places:
        who = {one.name: one for one in callers(place, ground.other)}
        another = next(one for one in ground.places if one is not place)
        who["player of another"] = player(another)
        if place.visibility == "private":
            yield from ((one, place, who[name]) for one in absent for name in (owner, other))
            yield from ((absent[0], place, who[name]) for name in ("nobody", "owner's pk"))
        if refusal(case, who[other], place) is not None:
            yield case, place, who[other]


def elsewhere(case: Case, ground: Ground) -> Iterator[Case]:
    """The same call at what is not there, labelled with the field; a world may also be no more."""
    fields = case.fields(ground.places[0])
    for name in [name for name in ABSENT if name in fields]:
        gone = (ground.deleted.world_id,) if name in OF_A_WORLD else ()
        for value in (*ABSENT[name], *gone):
            moved = fields | {name: value}
            yield replace(case, fields=lambda _, moved=moved: moved, label=name)
