"""How commands are put for the wire."""

from hypothesis import example, given
from hypothesis import strategies as st

from conjure.store.link import pack, pieces_of

LARGE = st.integers(65_530, 65_542).map(lambda size: b"x" * size)
VALUES = st.one_of(st.text(max_size=5), st.binary(max_size=5), st.integers(), st.floats(), LARGE)


@given(st.lists(VALUES, min_size=1, max_size=8))
@example([b"x" * 65_536, b"y" * 65_536])
@example(["EVALSHA", b"x" * 65_536, 1, 0.5, "é"])
def test_pieces_are_what_the_library_packs(command):
    assert b"".join(pieces_of(command)) == pack(tuple(command))


def test_a_large_value_is_not_copied():
    large = b"x" * 65_536
    assert [piece for piece in pieces_of(["SET", "key", large]) if piece is large]
