"""How feelings move, whatever a brain says (CONTRACT 5)."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from conjure.conversations.affect import KEPT, STEP, moved, numbers_of, within
from conjure.providers.brain import Affect

ANY = st.builds(Affect, *[st.floats(allow_nan=True, allow_infinity=True)] * 4)
IN_BOUNDS = st.builds(Affect, *[st.floats(-1, 1)] * 4)


@given(ANY, ANY)
def test_it_stays_in_bounds(before: Affect, delta: Affect) -> None:
    """Each number is from -1 to 1 after any turn, and after any number is read from the store."""
    for affect in (moved(before, delta), within(before)):
        assert all(-1 <= number <= 1 for number in numbers_of(affect))


@given(IN_BOUNDS, ANY)
def test_no_turn_changes_it_much(before: Affect, delta: Affect) -> None:
    """One turn moves each number by a step, and a little towards neutral."""
    after = moved(before, delta)
    for old, new in zip(numbers_of(before), numbers_of(after), strict=True):
        assert abs(new - old) <= STEP + (1 - KEPT) * abs(old) + 1e-4


@given(IN_BOUNDS)
def test_what_nobody_stirs_fades(affect: Affect) -> None:
    """Without a delta every number comes nearer to 0; rapport the slowest."""
    for _ in range(100):
        after = moved(affect, Affect())
        for old, new in zip(numbers_of(affect), numbers_of(after), strict=True):
            assert abs(new) <= abs(old) + 5e-5
            assert new == 0 or math.copysign(1, new) == math.copysign(1, old)
        affect = after
    assert max(map(abs, numbers_of(affect)[:3])) <= 1e-3
    assert abs(affect.rapport) <= 0.4


@given(st.floats(0.01, 1))
def test_what_a_brain_adds_counts(delta: float) -> None:
    """From neutral it goes where the delta points."""
    assert moved(Affect(), Affect(v=delta, a=-delta)) == Affect(
        v=round(min(delta, STEP), 4), a=round(-min(delta, STEP), 4)
    )
