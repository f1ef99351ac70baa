"""What every operation really answers is what the document says: success and failure, members and headers."""

from __future__ import annotations

import pytest

from conjure.contract import rpcs
from support.contract import Operation, operations, problems
from support.edge.every_rpc import CASES, RPCS, Case, Place, call_rest
from support.rest import bearer
from support.stack import new_app

OPERATIONS = operations()
REST_CASES = [case for case in CASES if RPCS[case.rpc].is_rest]


def operation_of(case: Case) -> Operation:
    return [found for found in OPERATIONS if found.rpc == case.rpc][case.way]


@pytest.fixture(scope="module")
async def owner(stack):
    app = await new_app(stack.admin)
    await app.set_caps(generation=1_000, live_sessions=100, session_seconds=100_000)
    return app


@pytest.fixture(scope="module")
async def shared_place(rest, owner) -> Place:
    """For calls that change nothing."""
    return await Place.made(rest, owner, "private")


@pytest.mark.parametrize("case", REST_CASES, ids=str)
async def test_every_rpc_answers_as_documented(rest, owner, shared_place, case):
    is_read = RPCS[case.rpc].is_read
    place = shared_place if is_read else await Place.made(rest, owner, "private")
    operation = operation_of(case)
    answer = await call_rest(rest, case, place, bearer(place.credential(case.rpc)))
    assert answer.status == case.status
    assert problems(operation, answer.status, answer.headers, answer.response) == []


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.scheme], ids=str)
async def test_a_stranger_is_refused_as_documented(rest, operation):
    answer = await rest.request(operation.verb, operation.somewhere)
    assert answer.status_code == 401
    assert problems(operation, 401, dict(answer.headers), answer) == []


def test_what_is_documented_is_what_is_routed():
    routed = {(binding.verb, binding.path) for rpc in rpcs() for binding in rpc.bindings}
    assert {(each.verb, each.proto_path) for each in OPERATIONS} == routed
    assert len({each.id for each in OPERATIONS}) == len(OPERATIONS)
