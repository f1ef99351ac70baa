"""The checker is told lies, and must object to each; and to nothing that may be."""

# ruff: noqa: ARG005 - a lie is told to one of the two records, and given both

from __future__ import annotations

from support.cases import each_of
from support.chaos.checker import Seen, WorldSeen, violations
from support.chaos.ledger import Attempt, Fate, Ledger, Watched
from support.chaos.report import HEAD, Row, table

W = "world"
DONE, REFUSED, UNKNOWN = Fate.DONE, Fate.REFUSED, Fate.UNKNOWN
STATUS = {DONE: 200, REFUSED: 503, UNKNOWN: 504}


def attempt(kind, begun, fate=DONE, **members):
    members = {"status": STATUS[fate], "ended": begun + 0.5, "face": "rest"} | members
    return Attempt(kind, begun=begun, fate=fate, **members)


def write(begun, rev, mark, fate=DONE, **members):
    return attempt("write", begun, fate, subject=W, mark=mark, answer=str(rev or ""), **members)


def read(begun, rev, mark, **members):
    return attempt("read", begun, subject=W, mark=mark, answer=str(rev), **members)


def history():
    """What really happened: two writes and one of unknown outcome, a creation, a version, two sessions."""
    return Ledger(
        attempts=[
            write(1, 2, "a"),
            write(2, None, "b", UNKNOWN),
            write(3, 4, "c", asserted="3"),
            write(4, None, "d", REFUSED),
            read(5, 4, "c"),
            attempt("create", 1, subject="new", answer="id-new"),
            attempt("create", 2, UNKNOWN, subject="keyed", mark="keyed"),
            attempt("create", 3, subject="keyed", mark="keyed", answer="id-keyed"),
            attempt("create", 4, REFUSED, subject="none"),
            attempt("save", 1, subject=W, mark="t1", answer="v1"),
            attempt("save", 2, REFUSED, subject=W, mark="t2"),
            attempt("mint", 1, answer="j1"),
            attempt("mint", 1, answer="j2"),
            attempt("mint", 2, UNKNOWN),
            attempt("connect", 2, subject="j1", amount=5),
            attempt("connect", 3, subject="j1", amount=5),
            attempt("connect", 4, REFUSED, subject="j2", status=429),
            attempt("end", 5, subject="j1", amount=2),
        ],
        watched=[Watched("rest", W, [None, 1, 2, 3, 4]), Watched("grpc", W, [2, 3, None, 4])],
        live_samples=[0, 1, 2],
    )


def state():
    """What is there, as it should be."""
    return Seen(
        worlds={
            W: WorldSeen(W, 4, "c", {2: "a", 3: "b", 4: "c"}, {"v1": "t1"}),
            "id-new": WorldSeen("new", 1, "hall"),
            "id-keyed": WorldSeen("keyed", 1, "hall"),
        },
        usage={"generation": 3, "session": 2, "session_seconds": 6},
        charged={"j1": 6},
        live_cap=2,
        lease_s=5,
    )


def test_the_truth_is_no_violation():
    assert violations(history(), state()) == []


LIES = {
    "an acknowledged write is lost": lambda h, s: h.attempts.append(write(6, 5, "z")),
    "holds 'x', not what was acknowledged": lambda h, s: s.worlds[W].changes.update({2: "x"}),
    "acknowledged twice": lambda h, s: h.attempts.append(write(1, 2, "a")),
    "not its newest write": lambda h, s: setattr(s.worlds[W], "entrance", "a"),
    "a write on rev 2 became rev 4": lambda h, s: setattr(h.attempts[2], "asserted", "2"),
    "that nobody was told of": lambda h, s: setattr(h.attempts[1], "fate", REFUSED),
    "a write of 'e' that was refused, or done twice": lambda h, s: s.worlds[W].changes.update(
        {3: "e"}
    ),
    "a world that was written to is gone": lambda h, s: s.worlds.pop(W),
    "went back: rev 4 was told before this began": lambda h, s: h.attempts.append(read(7, 3, "b")),
    "went back: rev 4": lambda h, s: h.attempts.append(write(7, 4, "c")),
    "is both": lambda h, s: h.attempts.append(read(5, 4, "b")),
    "an acknowledged world is lost": lambda h, s: s.worlds.pop("id-new"),
    "one creation made 2 worlds": lambda h, s: s.worlds.update(
        {"id-2": WorldSeen("new", 1, "hall")}
    ),
    "made several worlds": lambda h, s: h.attempts.append(
        attempt("create", 9, subject="keyed", mark="keyed", answer="id-other")
    ),
    "a refused creation made a world": lambda h, s: s.worlds.update(
        {"id-3": WorldSeen("none", 1, "hall")}
    ),
    "3 worlds, but 4 generations charged": lambda h, s: s.usage.update(generation=4),
    "3 worlds, but 2 generations charged": lambda h, s: s.usage.update(generation=2),
    "held for nobody": lambda h, s: setattr(s, "holds_left", 1),
    "an acknowledged version is lost": lambda h, s: s.worlds[W].versions.clear(),
    "one save made 2 versions": lambda h, s: s.worlds[W].versions.update(v9="t1"),
    "a refused save made a version": lambda h, s: s.worlds[W].versions.update(v2="t2"),
    "3 sessions were live at once": lambda h, s: h.live_samples.append(3),
    "4 sessions charged for 2 mints": lambda h, s: s.usage.update(session=4),
    "1 sessions charged for 2 mints": lambda h, s: s.usage.update(session=1),
    "an acknowledged session has no lease": lambda h, s: s.charged.clear(),
    "a refused connect took a lease": lambda h, s: s.charged.update(j2=0),
    "a lease that nobody asked for": lambda h, s: s.charged.update(j9=0),
    "11 s charged for a lease of 5 s": lambda h, s: s.charged.update(j1=11),
    "7 session seconds used": lambda h, s: s.usage.update(session_seconds=7),
    "5 session seconds used": lambda h, s: s.usage.update(session_seconds=5),
    "1 leases and 0 places outlive": lambda h, s: setattr(s, "leases_left", 1),
    "0 leases and 1 places outlive": lambda h, s: setattr(s, "places_left", 1),
    "was shown 4 after 2": lambda h, s: h.watched[0].revs.remove(3),
    "was shown 2 after 2": lambda h, s: h.watched[0].revs.insert(2, 2),
    "a watcher of world ends at 3": lambda h, s: h.watched[0].revs.pop(),
    "an internal error": lambda h, s: setattr(h.attempts[1], "status", 500),
    "malformed answer: no retry-after": lambda h, s: h.malformed.append("no retry-after"),
}


@each_of("objection", LIES)
def test_each_lie_is_objected_to(objection):
    told, there = history(), state()
    LIES[objection](told, there)
    found = violations(told, there)
    assert any(objection in sentence for sentence in found), found


def test_what_may_be_is_not_objected_to():
    """Unknown outcomes may have happened or not; who runs beside another may see either."""
    told, there = history(), state()
    told.attempts += [
        write(6, None, "e", UNKNOWN),
        attempt("save", 6, UNKNOWN, subject=W, mark="t3"),
        attempt("connect", 6, UNKNOWN, subject="j2"),
        write(10, 5, "f", ended=12),
        read(11, 4, "c"),
        read(11.2, 5, "f"),
    ]
    there.worlds[W] = WorldSeen(
        W, 5, "f", {2: "a", 3: "b", 4: "c", 5: "f"}, {"v1": "t1", "v3": "t3"}
    )
    there.usage.update(session=3, session_seconds=11)
    there.charged.update(j2=5)
    for watched in told.watched:
        watched.revs.append(5)
    assert violations(told, there) == []


def test_a_change_of_the_day_excuses_the_counts_and_nothing_else():
    told, there = history(), state()
    there.one_day = False
    there.usage.update(generation=0, session=0, session_seconds=0)
    assert violations(told, there) == []
    there.worlds.pop("id-new")
    assert len(violations(told, there)) == 1


def test_the_table_says_what_happened():
    """18 calls, 11 acknowledged; the second injection (at 2.2) is felt until 4.5."""
    row = Row("a fault", history(), [0.0, 2.2], 1, "http1")
    cells = dict(zip(HEAD, row.cells(), strict=True))
    assert cells == {
        "fault": "a fault",
        "edge's calls": "http1",
        "requests": "18",
        "acknowledged": "11",
        "by the rules": "1",
        "refused": "503: 3",
        "unknown": "504: 3",
        "first success, ms": "1500",
        "last failure, ms": "2300",
        "violations": "1",
        "judged": "",
    }
    lines = table([row]).splitlines()
    assert len(lines) == 3
    assert len(set(map(len, lines))) == 1
