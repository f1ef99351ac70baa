"""The checker of talks is told lies, and must object to each; and to nothing that may be."""

# ruff: noqa: ARG005 - a lie is told to one of the two records, and given both

from __future__ import annotations

import pytest

from support.cases import each_of
from support.chaos.ledger import Attempt, Fate, Ledger
from support.chaos.talk import TalkSeen, talk_violations


def say(begun, text, fate=Fate.DONE, player="ada"):
    answer = f"re {text}" if fate is Fate.DONE else ""
    return Attempt(
        "say", "rest", player, text, begun=begun, ended=begun + 0.5, fate=fate, answer=answer
    )


def speak(fate=Fate.DONE):
    return Attempt("speak", "grpc", "ada", fate=fate)


def history():
    """Three turns of one player of which one was refused and one is unknown, one of another; speeches."""
    return Ledger(
        attempts=[
            say(1, "a"),
            say(2, "b", Fate.UNKNOWN),
            say(3, "c", Fate.REFUSED),
            say(4, "d"),
            say(2, "e", player="bob"),
            say(3, "f", Fate.UNKNOWN, player="bob"),
            speak(),
            speak(),
            speak(Fate.UNKNOWN),
            speak(Fate.REFUSED),
        ]
    )


def state():
    """What is there, as it should be: of two turns of unknown outcome one was kept."""
    return TalkSeen(
        turns={"ada": [("a", "re a"), ("b", "whatever"), ("d", "re d")], "bob": [("e", "re e")]},
        messages={"ada": 6, "bob": 2},
        used={"say": 4, "tts": 3},
        held={"say": 0, "tts": 0},
    )


def test_the_truth_is_no_violation():
    assert talk_violations(history(), state()) == []


@pytest.mark.parametrize("spoken", [2, 3])
def test_a_speech_of_unknown_outcome_may_be_charged_or_not(spoken):
    seen = state()
    seen.used["tts"] = spoken
    assert talk_violations(history(), seen) == []


LIES = {
    "an answered turn is lost": lambda h, s: s.turns["ada"].pop(0),
    "a refused turn is kept": lambda h, s: s.turns["ada"].insert(2, ("c", "re c")),
    "a turn is kept 2 times": lambda h, s: s.turns["ada"].append(("d", "re d")),
    "which is not what was answered": lambda h, s: s.turns["bob"].__setitem__(0, ("e", "other")),
    "after one that began when it had been answered": lambda h, s: s.turns["ada"].reverse(),
    "bob never said 'a'": lambda h, s: s.turns["bob"].append(("a", "re a")),
    "never said 'x'": lambda h, s: s.turns["bob"].append(("x", "re x")),
    "ada has 3 turns, and 5 messages": lambda h, s: s.messages.update(ada=5),
    "3 say charged for 4 turns": lambda h, s: s.used.update(say=3),
    "5 say charged for 4 turns": lambda h, s: s.used.update(say=5),
    "1 tts charged for 2 speeches": lambda h, s: s.used.update(tts=1),
    "4 tts charged for 2 speeches (+ 1 unknown)": lambda h, s: s.used.update(tts=4),
    "1 say are held": lambda h, s: s.held.update(say=1),
    "2 tts are held": lambda h, s: s.held.update(tts=2),
}


@each_of("objection", LIES)
def test_each_lie_is_objected_to(objection):
    told, there = history(), state()
    LIES[objection](told, there)
    found = talk_violations(told, there)
    assert any(objection in sentence for sentence in found), found
