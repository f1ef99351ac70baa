"""The judge is told lies, and must object to each; and to nothing that may be.

Where Go is not there, nothing of this is tested, and each test says so.
"""

from __future__ import annotations

import pytest

from support.chaos import history
from support.chaos.endpoint import Event
from support.chaos.judgement import JUDGE, Judgement, Verdict, judge
from support.chaos.ledger import Attempt, Fate, Ledger
from support.chaos.work import SUCCEEDED
from support.programs import go_built, needed

DONE, REFUSED, UNKNOWN = Fate.DONE, Fate.REFUSED, Fate.UNKNOWN
STATUS = {DONE: 200, REFUSED: 503, UNKNOWN: 504}
W, FIRST = "world", "hall"
CAP, LEASE_S = 2, 5
ONE, TWO = "aaaaaaaa", "bbbbbbbb"
"""Incarnations: the store was started again between."""


@pytest.fixture(autouse=True, scope="module")
def _judge():
    with needed():
        go_built(JUDGE)


def attempt(kind, begun, fate=DONE, **members):
    members = {"status": STATUS[fate], "ended": begun + 0.1, "face": "rest"} | members
    return Attempt(kind, begun=begun, fate=fate, **members)


def write(begun, rev, mark, fate=DONE, **members):
    return attempt("write", begun, fate, subject=W, mark=mark, answer=rev, **members)


def stale(begun, asserted):
    return write(begun, "", "late", REFUSED, status=409, asserted=asserted)


def read(begun, rev, mark, **members):
    return attempt("read", begun, subject=W, mark=mark, answer=rev, **members)


def connect(begun, jti, amount=LEASE_S, fate=DONE, **members):
    return attempt("connect", begun, fate, subject=jti, amount=amount, **members)


def full(begun, jti):
    return connect(begun, jti, 0, REFUSED, status=429, answer="SESSION_CAPACITY")


def end(begun, jti, fate=DONE, **members):
    return attempt("end", begun, fate, subject=jti, **members)


def job(begun, name, answer, fate=DONE):
    return attempt("job", begun, fate, subject=name, mark=name, answer=answer)


def truth():
    """What happened: writes with two of unknown outcome, sessions at a cap of two, a world and a job under keys."""
    return Ledger(
        attempts=[
            write(1, f"2-{ONE}", "a"),
            write(2, "", "b", UNKNOWN),  # it has happened
            read(2.05, f"2-{ONE}", "a"),
            read(3, f"3-{ONE}", "b"),
            write(4, f"4-{ONE}", "c", asserted=f"3-{ONE}"),
            stale(4.5, f"3-{ONE}"),
            write(5, f"5-{TWO}", "d"),
            write(6, "", "e", UNKNOWN),  # it never has
            write(7, f"6-{TWO}", "f", ended=8),
            read(7.2, f"6-{TWO}", "f"),
            read(7.1, f"5-{TWO}", "d", ended=7.3),
            connect(1, "j1"),
            connect(2, "j2"),
            full(3, "j3"),
            connect(3.2, "j1", 2),  # 2.8 s are left
            end(3.5, "j2"),
            connect(4, "j3"),
            connect(5, "j1"),  # renewed
            full(7, "j4"),
            connect(11, "j4"),
            connect(12, "j5", 0, UNKNOWN),  # it has happened
            full(13, "j6"),
            attempt("create", 2, UNKNOWN, subject="keyed", mark="keyed"),
            attempt("create", 3, subject="keyed", mark="keyed", answer="w1"),
            attempt("create", 4, subject="keyed", mark="keyed", answer="w1"),
            attempt("create", 5, UNKNOWN, subject="perhaps"),
            attempt("create", 5, REFUSED, subject="none"),
            job(1, "work", "", UNKNOWN),
            job(2, "work", "job-1"),
            job(3, "work", "job-1"),
            job(4, "idle", "", REFUSED),
        ],
        counted=[(2.6, 2.7, 2), (3.8, 3.9, 1), (5.7, 5.8, 2), (10.7, 10.8, 0), (11.6, 11.7, 1)],
    )


def event(number, world="w2", job="job-1"):
    return Event(f"e{number}", SUCCEEDED, {"jobId": job, "worldId": world}, 1)


class Effects:
    """What is there at the end."""

    def __init__(self):
        self.names = {"w1": "keyed", "w2": "work"}
        self.events = [event(1)]


def told(ledger, effects, **members):
    return [
        *history.worlds(ledger, FIRST, **members),
        *history.sessions(ledger, cap=CAP, lease_s=LEASE_S),
        *history.keys(ledger, effects.names, effects.events),
    ]


def add(*attempts):
    return lambda ledger, _: ledger.attempts.extend(attempts)


def count(begun, live):
    return lambda ledger, _: ledger.counted.append((begun, begun + 0.05, live))


def named(world, name):
    return lambda _, effects: effects.names.update({world: name})


def outcome_of_the_unknown_write_is_a_refusal(ledger, _):
    ledger.attempts[1].fate = REFUSED


LIES = {
    "a write is lost": ("world", add(write(9, f"7-{TWO}", "g"), read(10, f"6-{TWO}", "f"))),
    "a write is lost, and another has its number": (
        "world", add(write(9, f"7-{TWO}", "g"), write(10, f"7-{ONE}", "h")),
    ),
    "a revision is given twice": ("world", add(write(9, f"6-{TWO}", "g"))),
    "revisions are passed over, more than unknown writes": ("world", add(write(9, f"9-{TWO}", "g"))),
    "a revision goes back": ("world", add(write(9, f"5-{TWO}", "g"))),
    "a read is stale": ("world", add(read(9, f"5-{TWO}", "d"))),
    "a read is ahead of its write": ("world", add(read(6.5, f"6-{TWO}", "f"))),
    "a read has another state": ("world", add(read(9, f"6-{TWO}", "x"))),
    "a read has another incarnation": ("world", add(read(9, f"6-{ONE}", "f"))),
    "two reads see two writes in two orders": (
        "world", add(write(9, f"7-{TWO}", "g", ended=11), read(9.2, f"7-{TWO}", "g"), read(9.5, f"6-{TWO}", "f")),
    ),
    "an assert passes though the revision has moved": (
        "world", add(write(9, f"7-{TWO}", "g", asserted=f"5-{TWO}")),
    ),
    "an assert of another incarnation passes": (
        "world", add(write(9, f"7-{TWO}", "g", asserted=f"6-{ONE}")),
    ),
    "an assert is refused though nothing has moved": ("world", add(stale(4.2, f"4-{ONE}"))),
    "a write that asserts nothing is refused as stale": ("world", add(stale(9, None))),
    "a refused write has happened": ("world", outcome_of_the_unknown_write_is_a_refusal),
    "an unknown write has happened twice": ("world", add(read(9, f"7-{TWO}", "b"))),
    "an unknown write has happened before it was asked for": (
        "world", add(read(1.5, f"3-{ONE}", "b")),
    ),
    "the cap is passed by one": ("sessions", add(connect(3.1, "j9"))),
    "the cap is passed by one, seen by a count alone": ("sessions", count(2.8, 3)),
    "a connect is refused though a place is free": ("sessions", add(full(3.8, "j8"))),
    "a refused connect has taken a place": ("sessions", count(3.7, 2)),
    "a connect of a live session is refused": ("sessions", add(full(2.5, "j1"))),
    "an end has not given its place back": ("sessions", add(full(3.65, "j8"))),
    "a renewal has taken a second place": ("sessions", count(5.5, 3)),
    "a lease has outlived its time": ("sessions", count(10.6, 1)),
    "a lease has ended before its time": ("sessions", count(8.5, 1)),
    "a live session is not there": ("sessions", add(end(11.5, "j4", REFUSED, status=404))),
    "an unknown connect has taken two places": ("sessions", count(12.5, 3)),
    "one key is answered with two jobs": ("keys", add(job(5, "work", "job-2"))),
    "one key has made two jobs": (
        "keys", lambda _, effects: effects.events.append(event(2, job="job-2")),
    ),
    "a job has run twice": ("keys", named("w3", "work")),
    "a job is told of twice": ("keys", lambda _, effects: effects.events.append(event(2))),
    "a job is not told of": ("keys", lambda _, effects: effects.events.clear()),
    "a job is lost": ("keys", lambda _, effects: effects.names.pop("w2")),
    "a refused job has run": ("keys", named("w3", "idle")),
    "one key is answered with two worlds": (
        "keys", add(attempt("create", 6, subject="keyed", mark="keyed", answer="w9")),
    ),
    "one key has made two worlds": ("keys", named("w9", "keyed")),
    "a creation is lost": ("keys", lambda _, effects: effects.names.pop("w1")),
    "a creation of unknown outcome has happened twice": (
        "keys", lambda _, effects: effects.names.update(w8="perhaps", w9="perhaps"),
    ),
    "a refused creation has happened": ("keys", named("w9", "none")),
}  # fmt: skip


async def test_the_truth_is_no_violation(tmp_path):
    judgement = await judge(told(truth(), Effects()), "truth", keep=tmp_path)
    assert [v.model for v in judgement.verdicts] == ["keys", "sessions", "world"]
    assert judgement.violations() == judgement.undecided() == []
    assert sum(verdict.unknown for verdict in judgement.verdicts) == 7
    assert not list(tmp_path.rglob("*.html"))


@pytest.mark.parametrize("lie", LIES)
async def test_each_lie_is_objected_to(tmp_path, lie):
    """By the model whose business it is, and by no other; what it objects to is kept, with a picture."""
    model, tell = LIES[lie]
    ledger, effects = truth(), Effects()
    tell(ledger, effects)
    judgement = await judge(told(ledger, effects), lie, keep=tmp_path)
    assert {v.model for v in judgement.verdicts if v.violated} == {model}, judgement
    assert judgement.undecided() == []
    (objection,) = judgement.violations()
    (picture,) = tmp_path.rglob("*.html")
    assert str(picture) in objection
    assert "porcupine" in _text(picture).lower()
    kept = picture.with_suffix(".jsonl")
    assert str(kept) in objection
    assert _text(kept).count("\n") >= 2


def _text(file):
    return file.read_text()


async def test_what_may_be_is_not_objected_to(tmp_path):
    """Calls of unknown outcome may have happened, late or never; who runs beside another may see either."""
    ledger, effects = truth(), Effects()
    ledger.attempts += [
        read(9, f"7-{TWO}", "e"),  # asked for 3 s ago: only now it happens
        *(write(9.5, "", f"never {n}", UNKNOWN) for n in range(40)),
        write(10, f"8-{TWO}", "g", ended=12),
        read(10.5, f"7-{TWO}", "e"),
        read(10.7, f"8-{TWO}", "g"),
        stale(10.65, f"7-{TWO}"),  # by the write that was not answered yet
        stale(14, f"8-{TWO}"),  # one of those that never were told of
        end(12.6, "j5", UNKNOWN),
        connect(13.05, "j5", 4, ended=13.2),
        end(14, "j4"),
        end(14, "j4", UNKNOWN),
        connect(15, "j7", 0, UNKNOWN),
    ]
    ledger.counted += [(13.5, 13.6, 2), (14.5, 14.6, 1), (30, 30.1, 0)]
    effects.names["w3"] = "perhaps"
    judgement = await judge(told(ledger, effects), "may be", keep=tmp_path)
    assert judgement.violations() == judgement.undecided() == []


DIED = [
    write(9, f"7-{TWO}", "g", UNKNOWN, ended=12),
    read(10, f"7-{TWO}", "g"),
    stale(10.5, f"6-{TWO}"),
    write(11.5, "7-cccccccc", "h", ended=14),
    read(15, "7-cccccccc", "h"),
]
"""Of a cluster whose master dies at 11: what was read of it, and has refused an assert, goes with it."""


async def test_what_was_read_and_then_died_with_its_master_is_left_out(tmp_path):
    """On a cluster, where it may be; on one server it is a violation."""
    ledger = truth()
    ledger.attempts += DIED
    judgement = await judge(told(ledger, Effects()), "one server", keep=tmp_path)
    assert len(judgement.violations()) == 1
    judgement = await judge(told(ledger, Effects(), hurt=[11.0]), "cluster", keep=tmp_path)
    assert judgement.violations() == judgement.undecided() == []


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(read(16, f"6-{TWO}", "f"), id="a read is stale"),
        pytest.param(stale(1.5, f"2-{ONE}"), id="an assert is refused"),
        pytest.param(write(8.5, f"7-{TWO}", "i", ended=8.6), id="an acknowledged write has died"),
    ],
)
async def test_on_a_cluster_too_nothing_else_is_left_out(tmp_path, lie):
    ledger = truth()
    ledger.attempts += [*DIED, lie]
    judgement = await judge(told(ledger, Effects(), hurt=[11.0]), "cluster", keep=tmp_path)
    assert len(judgement.violations()) == 1


async def test_a_history_that_cannot_be_read_is_no_verdict(tmp_path):
    with pytest.raises(RuntimeError, match="there is no model"):
        await judge([{"model": "other", "object": "o", "op": "begin"}], "odd", keep=tmp_path)
    with pytest.raises(RuntimeError, match="does not begin"):
        await judge([{"model": "world", "object": "o", "op": "read"}], "odd", keep=tmp_path)
    with pytest.raises(RuntimeError, match="unknown field"):
        await judge([{"model": "world", "object": "o", "is": "begin"}], "odd", keep=tmp_path)


def test_the_table_says_what_was_judged():
    good = Verdict("world", 4, 1200, 3, 0.25, (), ())
    bad = Verdict("keys", 1, 34, 0, 0.5, ("not linearizable: …",), ("undecided: …",))
    assert Judgement((good,)).cell() == "1,200 in 0.2 s: ok"
    assert Judgement((good, bad)).cell() == "1,234 in 0.8 s: 1 VIOLATED, 1 undecided"
    assert Judgement(missing="Go is not there").cell() == "NOT JUDGED: Go is not there"
