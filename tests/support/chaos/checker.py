"""Compares what callers were told with what is there, and says what does not fit.

It is a function from two records to a list of sentences, so that it can be given false histories: a checker
that never objects proves nothing (tests/chaos/test_checker.py).
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.chaos.ledger import Fate
from support.revs import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from support.chaos.ledger import Attempt, Ledger, Watched


@dataclass(slots=True)
class WorldSeen:
    """A world as it is at the end. `changes`: rev to the state that was made the entrance by it."""

    name: str
    rev: int
    entrance: str
    changes: dict[int, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Seen:
    """What is there once the run is over. The last three numbers are counted after every lease has ended."""

    worlds: dict[str, WorldSeen]
    usage: dict[str, int]
    charged: dict[str, int]
    """Of each session, by jti: the seconds charged for it, refunds taken off. The store keeps that for a day."""
    live_cap: int
    lease_s: int
    one_day: bool = True
    """Whether it is still the day on which the run began: at midnight (UTC) usage begins anew."""
    characters: int = 0
    """Not among the worlds that are listed, and each a generation, too."""
    leases_left: int = 0
    places_left: int = 0
    holds_left: int = 0


def violations(ledger: Ledger, seen: Seen) -> list[str]:
    """Returns a sentence for each promise that was broken; empty when all were kept."""
    return [
        *(f"malformed answer: {text}" for text in ledger.malformed),
        *_crashes(ledger),
        *_writes(ledger, seen),
        *_order(ledger),
        *_creations(ledger, seen),
        *_versions(ledger, seen),
        *_sessions(ledger, seen),
        *_watchers(ledger, seen),
    ]


def _crashes(ledger: Ledger) -> Iterator[str]:
    for attempt in ledger.attempts:
        if attempt.status == 500:
            yield f"an internal error: {attempt}"


def _by_subject(attempts: Iterable[Attempt]) -> dict[str, list[Attempt]]:
    grouped: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        grouped[attempt.subject].append(attempt)
    return grouped


def _writes(ledger: Ledger, seen: Seen) -> Iterator[str]:
    """No acknowledged write is lost, no rev used twice, nothing refused has happened."""
    for world_id, attempts in _by_subject(ledger.of("write")).items():
        world = seen.worlds.get(world_id)
        if world is None:
            yield f"a world that was written to is gone: {world_id}"
            continue
        acknowledged: dict[int, Attempt] = {}
        for attempt in attempts:
            if attempt.fate is not Fate.DONE:
                continue
            rev = number(attempt.answer)
            if rev in acknowledged:
                yield f"rev {rev} of {world_id} was acknowledged twice: {attempt}"
            acknowledged[rev] = attempt
            if rev > world.rev:
                yield f"an acknowledged write is lost, the world is at {world.rev}: {attempt}"
            elif world.changes.get(rev, attempt.mark) != attempt.mark:
                yield f"rev {rev} holds {world.changes[rev]!r}, not what was acknowledged: {attempt}"
            if attempt.asserted is not None and rev != number(attempt.asserted) + 1:
                yield f"a write on rev {attempt.asserted} became rev {rev}: {attempt}"
        newest = acknowledged.get(world.rev)
        if newest is not None and newest.mark != world.entrance:
            yield f"{world_id} shows {world.entrance!r}, not its newest write: {newest}"
        unclaimed = [rev for rev in range(2, world.rev + 1) if rev not in acknowledged]
        unknown = [attempt for attempt in attempts if attempt.fate is Fate.UNKNOWN]
        if len(unclaimed) > len(unknown):
            yield (
                f"{world_id} has {len(unclaimed)} revs that nobody was told of, and only"
                f" {len(unknown)} writes of unknown outcome"
            )
        marks = Counter(world.changes[rev] for rev in unclaimed if rev in world.changes)
        for mark in marks - Counter(attempt.mark for attempt in unknown):
            yield f"{world_id} holds a write of {mark!r} that was refused, or done twice"


def _order(ledger: Ledger) -> Iterator[str]:
    """Whoever begins after another was answered sees at least as much: revs follow real time."""
    attempts = [
        a
        for a in ledger.attempts
        if a.kind in {"write", "read"} and a.fate is Fate.DONE and a.answer
    ]
    for world_id, members in _by_subject(attempts).items():
        newest, by_end = 0, [(a.ended, number(a.answer)) for a in members]
        heapq.heapify(by_end)
        for attempt in sorted(members, key=lambda a: a.begun):
            while by_end and by_end[0][0] < attempt.begun:
                newest = max(newest, heapq.heappop(by_end)[1])
            rev = number(attempt.answer)
            if rev < newest or (attempt.kind == "write" and rev == newest):
                yield f"{world_id} went back: rev {newest} was told before this began: {attempt}"
        marks: dict[int, str] = {}
        for attempt in members:
            mark = marks.setdefault(number(attempt.answer), attempt.mark)
            if mark != attempt.mark:
                yield f"rev {attempt.answer} of {world_id} is both {mark!r} and {attempt.mark!r}"


def _creations(ledger: Ledger, seen: Seen) -> Iterator[str]:
    """Each acknowledged world is there, once; each name belongs to an attempt that may have made it."""
    names = Counter(world.name for world in seen.worlds.values())
    for name, attempts in _by_subject(ledger.of("create")).items():
        told = {a.answer for a in attempts if a.fate is Fate.DONE}
        if len(told) > 1:
            yield f"one Idempotency-Key made several worlds: {name} {sorted(told)}"
        for world_id in told:
            if world_id not in seen.worlds:
                yield f"an acknowledged world is lost: {name} {world_id}"
        if names[name] > 1:
            yield f"one creation made {names[name]} worlds: {name}"
        if names[name] and all(a.fate is Fate.REFUSED for a in attempts):
            yield f"a refused creation made a world: {name}"
    if seen.one_day and seen.usage["generation"] != len(seen.worlds) + seen.characters:
        yield f"{len(seen.worlds)} worlds, but {seen.usage['generation']} generations charged"
    if seen.holds_left:
        yield f"{seen.holds_left} generations are held for nobody"


def _versions(ledger: Ledger, seen: Seen) -> Iterator[str]:
    for attempt in ledger.of("save"):
        world = seen.worlds.get(attempt.subject)
        titles = Counter(world.versions.values()) if world is not None else Counter[str]()
        if titles[attempt.mark] > 1:
            yield f"one save made {titles[attempt.mark]} versions: {attempt}"
        if attempt.fate is Fate.DONE:
            if world is None or world.versions.get(attempt.answer) != attempt.mark:
                yield f"an acknowledged version is lost: {attempt}"
        elif attempt.fate is Fate.REFUSED and titles[attempt.mark]:
            yield f"a refused save made a version: {attempt}"


def _sessions(ledger: Ledger, seen: Seen) -> Iterator[str]:
    """Caps hold at every moment, each second is charged once, and nothing outlives its lease."""
    most = max(ledger.live_samples, default=0)
    if most > seen.live_cap:
        yield f"{most} sessions were live at once, the cap is {seen.live_cap}"
    mints = len(ledger.of("mint", Fate.DONE))
    unsure = len(ledger.of("mint", Fate.UNKNOWN))
    if seen.one_day and not mints <= seen.usage["session"] <= mints + unsure:
        yield f"{seen.usage['session']} sessions charged for {mints} mints (+ {unsure} unknown)"

    connects = _by_subject(ledger.of("connect"))
    for jti, attempts in connects.items():
        possible = [a for a in attempts if a.fate is not Fate.REFUSED]
        charged = seen.charged.get(jti)
        if charged is None:
            if any(a.fate is Fate.DONE for a in possible):
                yield f"an acknowledged session has no lease: {jti}"
            continue
        if not possible:
            yield f"a refused connect took a lease: {jti}"
            continue
        first, last = min(a.begun for a in possible), max(a.ended for a in possible)
        # A token pays for the time from its first admission to a lease after its last, no more.
        if charged > seen.lease_s + (last - first) + 1:
            yield f"{charged} s charged for a lease of {seen.lease_s} s: {jti}"
    for jti in seen.charged.keys() - connects.keys():
        yield f"a lease that nobody asked for: {jti}"
    used, sure = seen.usage["session_seconds"], sum(seen.charged.values())
    if seen.one_day and used != sure:
        yield f"{used} session seconds used, the sessions add up to {sure}"
    if seen.leases_left or seen.places_left:
        yield f"{seen.leases_left} leases and {seen.places_left} places outlive their time"


def _watchers(ledger: Ledger, seen: Seen) -> Iterator[str]:
    """Each watcher is shown every rev, once and in order, or is told to begin anew."""
    for watched in ledger.watched:
        yield from _watcher(watched, seen)


def _watcher(watched: Watched, seen: Seen) -> Iterator[str]:
    previous: int | None = None
    for rev in watched.revs:
        if rev is not None and previous is not None and rev != previous + 1:
            yield f"a watcher of {watched.world} was shown {rev} after {previous}"
        previous = rev
    world = seen.worlds.get(watched.world)
    if world is not None and previous is not None and previous != world.rev:
        yield f"a watcher of {watched.world} ends at {previous}, the world at {world.rev}"
