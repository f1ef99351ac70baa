"""Rates per caller, decided in the process, added up in the store.

A rate is in calls, and a call counts by what it costs: as one up to `bytes_per_call` received and answered,
as more beyond, and for heavy work (`work_calls` a second). What came in is charged before it is parsed, the
rest when it is known; that only adds to what the caller owes.

What is bounded: the calls of one API key (by its id), of one session (by its `jti`), of one user; and the
failures of one client address, so that guessing and junk do not cost a look into the store each.

Why not in the store: connect, a warm entrance and a world cost ONE round trip (ARCHITECTURE 5), and a rate
that is asked for in the store would be the second. Why not the rate divided by the workers: connections of
gRPC stay with one worker, whose caller would get a share of what it may have, and no process knows how many
there are.

So each process decides at once, by its own buckets (`rates.gcra`), and a few times a second adds what it has
spent to a shared bucket, which tells it what all others have spent (`rates.exchange`). What that means:

- For long, the rate holds exactly over any number of processes: what was taken too early is owed.
- At once, a caller that meets N processes before they have heard of each other gets up to N bursts.
- When the store is away each process goes on by its own count: at most N times the rate, for so long.
- No debt keeps a caller out for longer than `longest_wait_s`: what a page of a player has cost must not.
- A process tells after `burst / 50` calls: slow callers cost the store nothing, fast ones a command per
  fiftieth of a burst and at most one each `share_s`.

Memory is bounded: the least recently used buckets go first. A bucket that goes is one that starts anew; a
caller would need as many credentials as there are buckets to gain by it.

Addresses: only a credential that was refused counts, and only one that this process has not seen work is
refused unread, so whoever shares an address with an attacker goes on. They are counted per process.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from conjure.core.caller import ApiCaller, SessionCaller
from conjure.core.errors import RateLimited
from conjure.rates.gcra import Limit, owe, spend, wait_s
from conjure.store import keyspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.core.caller import UserCaller
    from conjure.settings import RateSettings

    Caller = ApiCaller | SessionCaller | UserCaller

_REPORT_AFTER = 50  # parts of a burst: what each process may have spent that no other knows of


class Bucket:
    """What one caller has spent: here, and of that not told to the others yet."""

    __slots__ = ("limit", "tat", "unreported")

    def __init__(self, limit: Limit, now: float) -> None:
        self.limit = limit
        self.tat = now
        self.unreported = 0.0


class RateLimiter:
    """The rates of one process. `clock` is in seconds and never goes back."""

    def __init__(
        self, settings: RateSettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        longest_s = settings.longest_wait_s
        self._key = Limit(settings.key_per_s, settings.key_burst, longest_s)
        self._session = Limit(settings.session_per_s, settings.session_burst, longest_s)
        self._address = Limit(settings.failures_per_s, settings.failures_burst)
        self._bytes_per_call = settings.bytes_per_call
        self._work_calls = settings.work_calls
        self._most = settings.buckets
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._failures: OrderedDict[str, Bucket] = OrderedDict()
        self._to_report: set[str] = set()

    def spend(self, caller: Caller, received: int = 0) -> None:
        """Counts a call that came with so many bytes, before they are parsed. Raises RateLimited."""
        name, limit = self._of(caller)
        if not limit.per_s:
            return
        now = self._clock()
        bucket = self._bucket(self._buckets, name, limit, now)
        cost = 1.0 if received <= self._bytes_per_call else received / self._bytes_per_call
        decision, bucket.tat = spend(bucket.tat, now, limit, cost)
        if not decision.allowed:
            raise RateLimited(retry_after_s=math.ceil(decision.retry_after_s))
        self._spent(name, bucket, cost)

    def answered(self, caller: Caller, received: int, sent: int) -> None:
        """Counts what a call was answered (bytes), beyond what it has been counted for. Refuses nothing."""
        included = max(received, self._bytes_per_call)
        if received + sent > included:
            self.charge(caller, (received + sent - included) / self._bytes_per_call)

    def sent(self, caller: Caller, size: int) -> None:
        """Counts a message of a stream (bytes). Refuses nothing."""
        self.charge(caller, size / self._bytes_per_call)

    def worked(self, caller: Caller, seconds: float) -> None:
        """Counts the seconds of a processor that something heavy has taken. Refuses nothing."""
        self.charge(caller, seconds * self._work_calls)

    def charge(self, caller: Caller, cost: float) -> None:
        """Adds a cost (in calls) to what a caller owes: for what was done already. Refuses nothing."""
        name, limit = self._of(caller)
        if limit.per_s and cost > 0:
            now = self._clock()
            bucket = self._bucket(self._buckets, name, limit, now)
            bucket.tat = owe(bucket.tat, now, limit, cost)
            self._spent(name, bucket, cost)

    @property
    def has_failures(self) -> bool:
        """Whether any address has failed of late: mostly none has, and nobody's is asked for."""
        return bool(self._failures)

    def check_stranger(self, address: str, is_known: Callable[[], bool]) -> None:
        """Refuses an address that failed too often, unless its credential is one that has worked.

        Raises RateLimited.
        """
        bucket = self._failures.get(address)
        if bucket is None:
            return
        now = self._clock()
        if bucket.tat <= now:  # as if it had never failed
            del self._failures[address]
            return
        wait = wait_s(bucket.tat, now, self._address)
        if wait > 0 and not is_known():
            raise RateLimited(retry_after_s=math.ceil(wait))

    def failed(self, address: str) -> None:
        """Counts a credential that was refused."""
        if self._address.per_s:
            now = self._clock()
            bucket = self._bucket(self._failures, address, self._address, now)
            _, bucket.tat = spend(bucket.tat, now, self._address)

    def take_reports(self, most: int) -> list[tuple[str, Limit, float]]:
        """Hands over what the others are to hear, at most so many buckets: name, limit, cost in calls."""
        reports: list[tuple[str, Limit, float]] = []
        while self._to_report and len(reports) < most:
            name = self._to_report.pop()
            if (bucket := self._buckets.get(name)) is not None and bucket.unreported:
                reports.append((name, bucket.limit, bucket.unreported))
                bucket.unreported = 0.0
        return reports

    def adopt(self, name: str, ahead_s: float) -> None:
        """Takes over how far ahead of the clock a bucket is when all processes are counted."""
        if (bucket := self._buckets.get(name)) is not None:
            since = bucket.unreported * bucket.limit.interval_s
            ahead_s = min(ahead_s + since, bucket.limit.most_s)
            bucket.tat = max(bucket.tat, self._clock() + ahead_s)

    def __len__(self) -> int:
        return len(self._buckets) + len(self._failures)

    def _of(self, caller: Caller) -> tuple[str, Limit]:
        """The name of a caller's bucket, and its limit."""
        if isinstance(caller, SessionCaller):
            return keyspace.rate(caller.tenant, "session", caller.jti), self._session
        if isinstance(caller, ApiCaller):
            return keyspace.rate(caller.tenant, "key", caller.key_id), self._key
        return keyspace.user_rate(caller.user_id), self._key

    def _spent(self, name: str, bucket: Bucket, cost: float) -> None:
        bucket.unreported += cost
        if bucket.unreported * _REPORT_AFTER >= bucket.limit.burst:
            self._to_report.add(name)

    def _bucket(
        self, buckets: OrderedDict[str, Bucket], name: str, limit: Limit, now: float
    ) -> Bucket:
        bucket = buckets.get(name)
        if bucket is None:
            bucket = buckets[name] = Bucket(limit, now)
            if len(buckets) > self._most:
                gone, _ = buckets.popitem(last=False)
                self._to_report.discard(gone)
        else:
            buckets.move_to_end(name)
        return bucket
