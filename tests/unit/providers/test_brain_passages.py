"""Which parts of a long brain are sent to a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.providers.brain.openai.passages import Passages, fitted
from conjure.providers.openai.messages import tokens_of

VILLAGE = tuple(f"House number {at} belongs to a fisherman with {at} nets." for at in range(400))
OWL = "The owl in the mill is called Plum. She eats mice only."
LORE = "\n\n".join((*VILLAGE[:200], OWL, *VILLAGE[200:]))


@pytest.mark.parametrize(
    "said", ["Is there an OWL?", "What do mice fear?", "Tell me of Plum's dinner"]
)
def test_what_was_said_chooses(said):
    chosen = Passages(LORE).chosen([said], 200)
    assert OWL in chosen
    assert tokens_of(chosen) <= 200


def test_what_was_said_last_counts_most_and_the_beginning_where_nothing_does():
    passages = Passages(LORE)
    assert passages.chosen(["Who has 350 nets?", "an owl"], 20).splitlines() == [VILLAGE[350]]
    assert passages.chosen(["xyzzy"], 60).splitlines() == [*VILLAGE[:4]]
    assert passages.chosen([], 0) == ""


def test_passages_keep_their_order_and_short_texts_are_whole():
    assert Passages("  One.\n\nTwo.  Three. ").chosen(["three"], 100) == "One.\nTwo. Three."
    chosen = Passages(LORE).chosen(["houses number 7 and number 390"], 40).splitlines()
    assert chosen == [VILLAGE[7], VILLAGE[390]]


def test_texts_without_spaces_and_sentences_are_cut():
    cjk = Passages(
        "灯台守は夜に眠らない。" * 300 + "梟はプラムという。" + "灯台守は夜に眠らない。" * 300
    )
    assert "プラム" in cjk.chosen(["梟の名前は？"], 700)  # noqa: RUF001
    assert 0 < tokens_of(Passages("x" * 70_000).chosen(["x"], 500)) <= 500


@given(st.text(alphabet=st.sampled_from("ab .!。\n灯é"), max_size=300), st.integers(0, 60))
def test_what_is_cut_fits(text, tokens):
    assert tokens_of(fitted(text, tokens)) <= tokens
    assert text.strip().startswith(fitted(text, tokens))
    assert tokens_of(Passages(text).chosen([text], tokens)) <= max(tokens, 0)


def test_a_cut_is_made_behind_a_sentence():
    assert fitted("One sentence here. Another one there. And a third one.", 10) == (
        "One sentence here. Another one there."
    )
