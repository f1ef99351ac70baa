"""The checker of durable work is told lies, and must object to each; and to nothing that may be."""

# ruff: noqa: ARG005 - a lie is told to one of the two records, and given both

from __future__ import annotations

from support.cases import each_of
from support.chaos.endpoint import Event
from support.chaos.ledger import Attempt, Fate, Ledger
from support.chaos.work import ENDED, FAILED, SUCCEEDED, JobSeen, WorkSeen, work_violations


def job(name, fate=Fate.DONE, answer=""):
    return Attempt("job", "rest", name, f"key of {name}", fate=fate, answer=answer)


def told_of(job_id, world_id, event_id="", times=1):
    data = {"worldId": world_id, "jobId": job_id}
    return Event(event_id or f"e-{job_id}", SUCCEEDED, data, times)


def ended(jti, seconds, event_id=""):
    data = {"worldId": "w", "jti": jti, "seconds": seconds}
    return Event(event_id or f"e-{jti}", ENDED, data, 1)


def history():
    """A job that was asked for twice, one of unknown outcome, one that was refused; two sessions."""
    return Ledger(
        attempts=[
            job("one", Fate.UNKNOWN),
            job("one", answer="j1"),
            job("one", answer="j1"),
            job("two", Fate.UNKNOWN),
            job("three", Fate.REFUSED),
            Attempt("connect", "rest", "s1", fate=Fate.DONE),
            Attempt("connect", "rest", "s1", fate=Fate.UNKNOWN),
            Attempt("connect", "rest", "s2", fate=Fate.DONE),
        ]
    )


def state():
    """What is there, as it should be: the job of unknown outcome was made, and told of."""
    return WorkSeen(
        worlds={"w1": "one", "w2": "two", "w": "another"},
        jobs={"j1": JobSeen("succeeded", "w1"), "j2": JobSeen("succeeded", "w2")},
        events=[
            told_of("j1", "w1", times=3),
            told_of("j2", "w2"),
            ended("s1", 4),
            ended("s1", 7, "again"),
            ended("s2", 5),
        ],
        malformed=[],
        charged={"s1": 7, "s2": 5},
    )


def test_the_truth_is_no_violation():
    """An event may be delivered often, and a session may end as often as it was begun."""
    assert work_violations(history(), state()) == []


LIES = {
    "an acknowledged job is lost": lambda h, s: s.jobs.update(j1=JobSeen("")),
    "an acknowledged job did not succeed": lambda h, s: s.jobs.update(j1=JobSeen("running")),
    "the world of a job is lost": lambda h, s: s.worlds.pop("w1"),
    "one job made 2 worlds": lambda h, s: s.worlds.update(w9="two"),
    "made several jobs": lambda h, s: h.attempts.append(job("one", answer="j9")),
    "a refused job made a world": lambda h, s: s.worlds.update(w9="three"),
    "0 events of a job that has succeeded": lambda h, s: s.events.pop(0),
    "2 events of a job that has succeeded": lambda h, s: s.events.append(
        told_of("j1", "w1", "other")
    ),
    "failed of a job that has succeeded": lambda h, s: s.events.__setitem__(
        0, Event("e", FAILED, {"jobId": "j1", "error": "x"}, 1)
    ),
    "names another world than its job": lambda h, s: s.events.__setitem__(0, told_of("j1", "w2")),
    "events of an unknown job": lambda h, s: s.events.append(told_of("j9", "w")),
    "of a job that has never been": lambda h, s: s.jobs.update(j2=JobSeen("")),
    "nobody was told that a session has ended": lambda h, s: s.events.pop(),
    "began 1 times has ended 2 times": lambda h, s: s.events.append(ended("s2", 5, "again")),
    "ended with 5 s, it was charged 6": lambda h, s: s.charged.update(s2=6),
    "the end of a session that never was": lambda h, s: s.events.append(ended("s9", 1)),
    "left in the queue: an entry": lambda h, s: s.left.append("an entry"),
    "malformed delivery": lambda h, s: s.malformed.append("malformed delivery e: x"),
}


@each_of("objection", LIES)
def test_each_lie_is_objected_to(objection):
    told, there = history(), state()
    LIES[objection](told, there)
    found = work_violations(told, there)
    assert any(objection in sentence for sentence in found), found
