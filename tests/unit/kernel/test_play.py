"""How a world is played: the table of situations that every player has to agree with (CONTRACT 10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.kernel.play import Game, Situation
from support.cases import each_of
from support.kernel.documents import JSON, mutated_worlds
from support.kernel.plays import do, go, world, worlds

ROOMS = world(
    do("Take the key", "a", grants=["key"], oneShot=True),
    do("Look", "a"),
    go("Open the door", "a", "b", requires=["key", "lamp"], lockedHint="It is locked."),
    go("Crawl", "a", "b"),
    do("Light the lamp", "b", grants=["lamp"]),
    go("Back", "b", "a", oneShot=True),
    {"name": "Ask", "kind": "terminal", "from": ["b"], "grants": ["word"]},
    go("Leave", "b", "out", requires=["word"]),
    cutscenes=[{"id": "out", "video": "v", "from": ["b"], "to": "end", "requires": ["lamp"]}],
)

# Events played from the start; then where play stands, what is possible there, and what is locked, by what.
TABLE = [
    ((), "a", ["Take the key", "Look", "Crawl"], {"Open the door": ("key", "lamp")}),
    (("Take the key",), "a", ["Look", "Crawl"], {"Open the door": ("lamp",)}),
    (("Look", "Look"), "a", ["Take the key", "Look", "Crawl"], {"Open the door": ("key", "lamp")}),
    (("Crawl",), "b", ["Light the lamp", "Back", "Ask"], {"Leave": ("word", "lamp")}),
    (("Crawl", "Light the lamp", "Ask"), "b", ["Light the lamp", "Back", "Ask", "Leave"], {}),
    (("Crawl", "Light the lamp", "Back"), "a", ["Take the key", "Look", "Crawl"], {"Open the door": ("key",)}),
    (("Crawl", "Back", "Crawl"), "b", ["Light the lamp", "Ask"], {"Leave": ("word", "lamp")}),
    (("Crawl", "Light the lamp", "Ask", "Leave"), "end", [], {}),
]  # fmt: skip


@each_of(("played", "state", "possible", "locked"), TABLE)
def test_what_is_possible(played, state, possible, locked):
    game = Game(ROOMS)
    situation = game.start
    for name in played:
        situation = game.step(situation, name)
    moves = game.moves(situation)
    assert state == situation.state
    assert possible == [move.name for move in moves if move.is_possible]
    assert locked == {move.name: move.missing for move in moves if not move.is_possible}


def test_a_move_says_where_it_leads_and_what_it_shows():
    """Through a cutscene to where that leads; an event that is no transition stays."""
    game = Game(ROOMS)
    moves = {move.name: move for move in game.moves(Situation("b"))}
    assert (moves["Leave"].to, moves["Leave"].cutscene) == ("end", "out")
    assert (moves["Ask"].to, moves["Ask"].cutscene) == ("b", None)
    assert game.cutscene("out")["video"] == "v"
    assert game.moves(game.start)[2].hint == "It is locked."


def test_an_ending_is_told_and_ends_play():
    game = Game(ROOMS)
    assert game.ending(game.start) is None
    assert game.ending(Situation("end")) == {"kind": "win", "title": "Out"}
    assert game.moves(Situation("end")) == ()


@pytest.mark.parametrize(
    ("played", "why"),
    [
        ("Open the door", "needs key, lamp"),
        ("Back", "no event that can be played here"),
        ("Nothing", "no event that can be played here"),
    ],
)
def test_what_is_not_possible_is_refused(played, why):
    game = Game(ROOMS)
    with pytest.raises(ValueError, match=why):
        game.step(game.start, played)


def test_prose_is_in_words():
    """A world that is played has its templates written out, hints included."""
    factored = {"template": "locked", "fills": {"what": "door"}}
    played = world(
        go("Open", "a", "end", requires=["key"], lockedHint=factored),
        kernel={"templates": {"locked": {"text": "The {what} is locked."}}},
    )
    assert Game(played).moves(Situation("a"))[0].hint == "The door is locked."


@given(mutated_worlds() | JSON)
def test_any_json_can_be_played(hostile):
    """What the gate would refuse plays as if it were not there."""
    game = Game(hostile)
    for move in game.moves(game.start):
        if move.is_possible:
            game.step(game.start, move.name)


@given(worlds(), st.data())
def test_flags_and_used_events_only_grow(played, data):
    """Whatever is played, no flag is lost, a one-shot event happens once, and no step changes the one before."""
    game = Game(played)
    situation = game.start
    for _ in range(12):
        possible = [move.name for move in game.moves(situation) if move.is_possible]
        if not possible:
            break
        name = data.draw(st.sampled_from(possible))
        before = Situation(*situation)
        after = game.step(situation, name)
        assert before == situation
        assert situation.flags <= after.flags
        assert situation.used <= after.used
        assert name not in situation.used
        situation = after
