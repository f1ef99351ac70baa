"""How long a prompt may be, as calls find out that run at the same time."""

from __future__ import annotations

from conjure.providers.brain.openai.thinking import Room


def test_calls_that_are_refused_together_halve_the_room_once():
    """Each was refused with the same length: a model is not to be told ever less for that."""
    room = Room(6_000)
    for _ in range(8):
        assert room.may_shrink(6_000)
    assert room.tokens == 3_000
    assert room.may_shrink(3_000)
    assert room.tokens == 1_500
    assert not room.may_shrink(1_500)
    assert room.may_shrink(3_000)
    assert room.tokens == 1_500
