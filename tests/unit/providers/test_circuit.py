"""A circuit opens after failures in a row, and one call finds out whether it can close."""

from __future__ import annotations

import asyncio

import pytest

from conjure.providers.circuit import Circuit
from conjure.providers.failures import CircuitOpen, OutboundError


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def circuit(clock):
    return Circuit("test", failures=3, open_s=10, clock=clock)


def fails(circuit: Circuit) -> None:
    with pytest.raises(OutboundError, match="no answer"), circuit.attempt():
        raise OutboundError("no answer")


def answers(circuit: Circuit, *, worked: bool = True) -> None:
    with circuit.attempt() as attempt:
        attempt.worked = worked


def is_refused(circuit: Circuit) -> bool:
    try:
        circuit.attempt().__enter__()
    except CircuitOpen:
        return True
    return False


def test_it_opens_after_failures_in_a_row(circuit):
    fails(circuit)
    answers(circuit, worked=False)
    answers(circuit)
    fails(circuit)
    answers(circuit, worked=False)
    assert not circuit.is_open
    fails(circuit)
    assert circuit.is_open
    assert is_refused(circuit)


def test_one_call_finds_out(circuit, clock):
    for _ in range(3):
        fails(circuit)
    clock.now = 9.9
    assert is_refused(circuit)
    clock.now = 10
    with circuit.attempt():
        assert is_refused(circuit), "the others wait for what it finds"
    answers(circuit)
    assert not circuit.is_open


def test_it_stays_open_when_that_call_fails(circuit, clock):
    for _ in range(3):
        fails(circuit)
    clock.now = 10
    fails(circuit)
    assert is_refused(circuit)
    clock.now = 19.9
    assert is_refused(circuit)
    clock.now = 20
    answers(circuit)
    assert not circuit.is_open


def test_late_failures_do_not_lengthen_it(circuit, clock):
    """Calls that were under way when it opened end one after the other."""
    under_way = [circuit.attempt() for _ in range(5)]
    for attempt in under_way:
        attempt.__enter__()
    for attempt in under_way:
        clock.now += 1
        attempt.__exit__(OutboundError, OutboundError(), None)
    clock.now = 3 + 10
    answers(circuit)
    assert not circuit.is_open


def test_a_cancelled_call_says_nothing(circuit, clock):
    for _ in range(5):
        with pytest.raises(asyncio.CancelledError), circuit.attempt():
            raise asyncio.CancelledError
    assert not circuit.is_open
    for _ in range(3):
        fails(circuit)
    clock.now = 10
    with pytest.raises(asyncio.CancelledError), circuit.attempt():
        raise asyncio.CancelledError
    answers(circuit)
    assert not circuit.is_open, "the next one has found out"
