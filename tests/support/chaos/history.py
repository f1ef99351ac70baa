"""What callers were told, as histories that the judge reads (`judge/`): one line an operation.

An operation has the moments between which it took effect: those of the call and of its answer. One of unknown
outcome has no second moment: it may take effect at any time, or never. What is refused has no effect, so it is no
operation, but for the refusals that say something of what was there: 409, 429 and 404.

Leases end by the store's clock, which no caller sees. Each acknowledged connect says how long its lease lasts; so
there is an operation of the end, `lapse`, with the moments between which it must have come.
"""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from conjure.core.catalog import CATALOG
from conjure.core.errors import Reason
from support.chaos.ledger import Fate
from support.chaos.work import SUCCEEDED
from support.revs import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from support.chaos.endpoint import Event
    from support.chaos.ledger import Attempt, Ledger

Operation = dict[str, Any]
"""A line: `op` of `history.go` says what its members mean."""

FIRST_REV: Final = "1"
CLOCKS_S: Final = 0.05
"""How far the store's clock, which counts ms, may be from this process's over the life of a lease."""
_FULL: Final = {Reason.SESSION_CAPACITY, CATALOG[Reason.SESSION_CAPACITY].detail}
"""What a connect is told that finds no place: gRPC has the reason, REST the sentence."""


def as_lines(operations: Iterable[Operation]) -> str:
    """The text of a history."""
    return "".join(json.dumps(operation) + "\n" for operation in operations)


def worlds(
    ledger: Ledger, first_state: str, *, hurt: Sequence[float] | None = None
) -> list[Operation]:
    """The entrances of all worlds that were written to. `first_state`: what each began with.

    `hurt`: on a cluster, the moments at which a master was lost. There reads do not wait for a replica, so what
    dies with a master may have been read before (`store/CLUSTER.md`). Left out are the reads of a revision that
    did die, as its number was given again, and each 409 that was answered while such a revision may have been
    there: from the call of a write that was under way when a master was lost, until then.
    """
    found: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in ledger.attempts:
        if attempt.kind in {"write", "read"}:
            found[attempt.subject].append(attempt)
    lines = []
    for world_id, attempts in sorted(found.items()):
        left_out = set() if hurt is None else _may_have_seen_what_died(attempts, hurt)
        begin = {"op": "begin", "rev": FIRST_REV, "state": first_state}
        told = [
            _line(
                a,
                state=a.mark,
                rev=a.answer if a.fate is Fate.DONE else "",
                asserted=a.asserted or "",
            )
            for a in attempts
            if id(a) not in left_out and (_may_have_happened(a) or a.status == 409)
        ]
        lines += _object(
            "world",
            world_id,
            begin,
            [line for line in told if line["op"] == "write" or line["rev"]],
        )
    return lines


def _may_have_seen_what_died(attempts: list[Attempt], hurt: Sequence[float]) -> set[int]:
    kept = {number(a.answer): a.answer for a in attempts if _is_done(a, "write")}
    died = {
        id(a)
        for a in attempts
        if _is_done(a, "read") and kept.get(number(a.answer), a.answer) != a.answer
    }
    for moment in hurt:
        under_way = [
            a.begun
            for a in attempts
            if a.kind == "write" and a.begun <= moment and (a.ended >= moment or _is_open(a))
        ]
        since = min(under_way, default=moment)
        died |= {
            id(a) for a in attempts if a.status == 409 and a.begun <= moment and a.ended >= since
        }
    return died


def sessions(ledger: Ledger, *, cap: int, lease_s: int, is_split: bool = False) -> list[Operation]:
    """The live sessions of the tenant. `lease_s`: what a new lease lasts.

    `is_split`: on a cluster a connect that is 503 may have had a place until it was answered: tenant and system
    are on different nodes, and what only one of them gave is taken back.
    """
    lines: list[Operation] = []
    connects: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in ledger.of("connect"):
        connects[attempt.subject].append(attempt)
    settled: dict[str, list[Attempt]] = defaultdict(list)  # who has surely moved a session's end
    for kind in ("connect", "end"):
        for attempt in ledger.of(kind, Fate.DONE):
            settled[attempt.subject].append(attempt)
    hold = 0
    for attempt in ledger.of("connect"):
        name, others = attempt.subject, connects[attempt.subject]
        if attempt.fate is Fate.DONE:
            hold += 1
            since, until = _end_of_lease(attempt, others, lease_s)
            lines.append(_line(attempt, session=name, hold=hold))
            # One that is surely another's by then needs no end: each would double what may be tried.
            if not any(attempt.ended < a.begun and a.ended < since for a in settled[name]):
                lines.append(_between(since, until, "lapse", session=name, hold=hold))
        elif attempt.fate is Fate.UNKNOWN:
            for what in ("connect", "renew") if len(others) > 1 else ("connect",):
                hold += 1
                lines += [
                    _line(attempt, op=what, session=name, hold=hold),
                    _line(attempt, op="lapse", session=name, hold=hold),
                ]
        elif attempt.status == 429 and attempt.answer in _FULL:
            lines.append(_line(attempt, session=name))
        elif attempt.status == 503 and is_split:
            lines += [
                _between(attempt.begun, attempt.begun, "try", session=name),
                _between(attempt.ended, attempt.ended, "untry", session=name),
            ]
    lines += [
        _line(a, session=a.subject)
        for a in ledger.of("end")
        if _may_have_happened(a) or a.status == 404
    ]
    lines += [_between(begun, ended, "count", count=live) for begun, ended, live in ledger.counted]
    return _object("sessions", "tenant", {"op": "begin", "count": cap}, lines) if lines else []


def _end_of_lease(attempt: Attempt, others: list[Attempt], lease_s: int) -> tuple[float, float]:
    """Between which moments the lease ends that a connect was answered with, unless it is prolonged.

    `expiresIn` is whole seconds. A new lease has exactly `lease_s`; a shorter one is what is left of a lease that
    another connect of the session was given, which says it more exactly.
    """
    since = attempt.begun + (attempt.amount if attempt.amount > 1 else 0) - CLOCKS_S
    until = attempt.ended + attempt.amount + (attempt.amount < lease_s) + CLOCKS_S
    if attempt.amount < lease_s:
        given = [a for a in others if a.begun <= attempt.ended and a is not attempt]
        if all(a.fate is not Fate.UNKNOWN for a in given):
            new = [a for a in given if a.fate is Fate.DONE and a.amount == lease_s]
            both = [
                (max(since, a.begun + lease_s - CLOCKS_S), min(until, a.ended + lease_s + CLOCKS_S))
                for a in new
            ]
            fits = [(first, last) for first, last in both if first <= last]
            if fits:
                return min(first for first, _ in fits), max(last for _, last in fits)
    return since, until


def keys(
    ledger: Ledger, names: Mapping[str, str], events: Sequence[Event] | None = None
) -> list[Operation]:
    """What was asked for under a key, or under a name of its own, and what is there of it at the end.

    `names`: of all worlds, by their ids. `events`: all that were told of, by which jobs are known; without them
    jobs are left out.
    """
    there: dict[str, list[str]] = defaultdict(list)
    for world_id, name in names.items():
        there[name].append(world_id)
    told: dict[str, list[Event]] = defaultdict(list)
    for event in events or ():
        if event.type == SUCCEEDED:
            told[names.get(event.data["worldId"], "")].append(event)
    asked: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in ledger.attempts:
        if attempt.kind == "create" or (attempt.kind == "job" and events is not None):
            asked[attempt.kind, attempt.subject].append(attempt)
    end = max((a.ended for a in ledger.attempts), default=0.0)
    lines = []
    for (kind, name), attempts in sorted(asked.items()):
        asks = [
            _line(a, op="ask", answer=a.answer if a.fate is Fate.DONE else "")
            for a in attempts
            if _may_have_happened(a)
        ]
        jobs = sorted({event.data["jobId"] for event in told[name]}) if kind == "job" else []
        effects = _between(
            end, end, "effects", effects=sorted(there[name]), answer=" ".join(jobs),
            told=len(told[name]) if kind == "job" else 0,
        )  # fmt: skip
        lines += _object("keys", f"{kind} {name}", {"op": "begin", "state": kind}, [*asks, effects])
    return lines


def _is_done(attempt: Attempt, kind: str) -> bool:
    return attempt.kind == kind and attempt.fate is Fate.DONE


def _may_have_happened(attempt: Attempt) -> bool:
    return attempt.fate is not Fate.REFUSED


def _is_open(attempt: Attempt) -> bool:
    return attempt.fate is Fate.UNKNOWN or not attempt.ended


def _line(attempt: Attempt, **members: Any) -> Operation:
    line = _between(attempt.begun, attempt.ended, attempt.kind, **members)
    line["outcome"] = str(attempt.fate)
    if _is_open(attempt):
        line["outcome"], line["return"] = str(Fate.UNKNOWN), 0
    return line


def _between(since: float, until: float, name: str, **members: Any) -> Operation:
    return {"op": name, "call": since, "return": until, "outcome": str(Fate.DONE)} | members


def _object(model: str, name: str, begin: Operation, lines: list[Operation]) -> list[Operation]:
    """The lines of one object, in the order of their calls, each in the row of a caller who had time for it."""
    free: list[tuple[float, int]] = []
    lines.sort(key=lambda line: line["call"])
    zero = lines[0]["call"] - 1.0 if lines else 0.0  # so that no moment is 0, which is none
    placed = []
    for line in lines:
        until = line["return"] or float("inf")
        if free and free[0][0] < line["call"]:
            _, row = heapq.heappop(free)
        else:
            row = len(free)
        heapq.heappush(free, (until, row))
        placed.append(
            {"model": model, "object": name, "client": row}
            | line
            | {"call": _ns(line["call"] - zero), "return": _ns(line["return"] - zero) if line["return"] else 0}
        )  # fmt: skip
    return [{"model": model, "object": name} | begin, *placed]


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
