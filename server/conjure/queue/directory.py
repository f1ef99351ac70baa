"""The directory: which tenants have due work, and when to look there.

It is outside of tenants, on a cluster on another node than the work, so that no script writes both. The work
is the truth; the directory only says where to look:

- **It is written after the work.** `announce` follows the script that put an entry. A crash in between
  leaves work that nobody looks for; the sweep (`queue.sweep`) announces every lane that has entries.
- **A visit is exclusive, for a short time.** `take` moves the lanes that are due two seconds ahead, so that
  other workers pass them by. `settle` puts each back for when it is worth to look again, which is at the end
  of the line when that is now: lanes take turns, however much one of them has.
- **Nothing is overlooked.** A lane that is announced during a visit has another score than the visit gave
  it, so the end of the visit does not remove it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.background import Background
from conjure.core.caller import Tenant
from conjure.core.errors import AppError
from conjure.queue.kinds import KINDS
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjure.store.client import Store, Value

log = structlog.get_logger(__name__)

_TAKE: Final = Script("conjure.queue", "take")
_SETTLE: Final = Script("conjure.queue", "settle")
_ANNOUNCE: Final = Script("conjure.queue", "announce")
_VISIT_MS: Final = (
    2_000  # a visit is two round trips; when its process dies, others look again after this
)
_FLUSH_S: Final = 0.002  # a busy lane waits for it with each handful of entries
_AGAIN_S: Final = 1.0  # after this what the store did not take is sent again
_MOST_KEPT: Final = 10_000  # lanes of a kind, meanwhile; the sweep finds the others
_MOST_ARGS: Final = (
    1_000  # of one script: it holds the store up for a moment, and Lua unpacks no more than 8,000
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A lane that this process may claim from. `score` says so in the directory."""

    tenant: Tenant
    lane: str
    score: int


class Directory(Background):
    """The directory as one process uses it. While it is entered it sends what was noted."""

    def __init__(self, store: Store, kinds: Sequence[str] = KINDS) -> None:
        self._store = store
        self._wakers: dict[str, asyncio.Event] = {kind: asyncio.Event() for kind in kinds}
        self._noted: dict[str, dict[str, float]] = {kind: {} for kind in kinds}
        self._has_noted = asyncio.Event()
        self._has_failed = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of work that it knows."""
        return tuple(self._wakers)

    def waker(self, kind: str) -> asyncio.Event:
        """What is set whenever this process has announced work of a kind."""
        return self._wakers[kind]

    async def announce(
        self, tenant: Tenant, kind: str, lane: str = "", *, delay_s: float = 0.0
    ) -> None:
        """Says that a lane has work that is due after `delay_s`. Never raises: it is said again later."""
        await self.announce_all(kind, ((tenant, lane),), delay_s=delay_s)

    async def announce_all(
        self, kind: str, lanes: Iterable[tuple[Tenant, str]], *, delay_s: float = 0.0
    ) -> None:
        """The same of several lanes."""
        delay_ms = int(delay_s * 1000)
        args: list[Value] = []
        for tenant, lane in lanes:
            args += [_member(tenant, lane), delay_ms]
        if args:
            await self._announce(kind, args)

    def note(self, tenant: Tenant, kind: str, lane: str, *, delay_s: float = 0.0) -> None:
        """Announces a lane in a moment, together with others: for those who announce often."""
        self._note(kind, _member(tenant, lane), delay_s)

    async def note_grave(self, tenant: Tenant, kind: str) -> None:
        """Says that a tenant has dead letters of a kind. Never raises: the sweep says so too."""
        try:
            await self._store.write(
                "ZADD", keyspace.queue_graves(kind), int(time.time() * 1000), tenant.tag
            )
        except AppError as error:
            log.warning("a dead letter was not noted", kind=kind, cause=error.reason)

    async def forget_grave(self, tenant: Tenant, kind: str) -> None:
        """Says that it has none any more. When one was buried meanwhile, the sweep notes it again."""
        with contextlib.suppress(AppError):  # the sweep forgets it too
            await self._store.write("ZREM", keyspace.queue_graves(kind), tenant.tag)

    async def take(self, kind: str, want: int) -> list[Visit]:
        """Takes up to `want` lanes that are due. Raises StoreUnavailable, OutcomeUnknown."""
        key = keyspace.queue_directory(kind)
        score, *members = await self._store.effect(_TAKE, [key], [want, _VISIT_MS])
        return [Visit(*place_of(member), int(score)) for member in members]

    async def settle(self, kind: str, visits: Sequence[tuple[Visit, int | None]]) -> None:
        """Ends visits; with each the ms until the lane is worth another one, None: it is empty.

        Raises StoreUnavailable, OutcomeUnknown; they end by themselves then.
        """
        args: list[Value] = []
        for visit, next_ms in visits:
            args += [
                _member(visit.tenant, visit.lane),
                visit.score,
                -1 if next_ms is None else next_ms,
            ]
        await self._store.effect(_SETTLE, [keyspace.queue_directory(kind)], args)

    async def _announce(self, kind: str, args: list[Value]) -> None:
        for start in range(0, len(args), _MOST_ARGS):
            some = args[start : start + _MOST_ARGS]
            try:
                await self._store.effect(_ANNOUNCE, [keyspace.queue_directory(kind)], some)
            except AppError as error:
                log.warning(
                    "work could not be announced; that is tried again",
                    kind=kind,
                    cause=error.reason,
                )
                self._keep(kind, args[start:])
                break
        self._wakers[kind].set()

    def _note(self, kind: str, member: str, delay_s: float) -> None:
        noted = self._noted[kind]
        due_s = asyncio.get_running_loop().time() + delay_s
        noted[member] = min(due_s, noted.get(member, due_s))
        self._has_noted.set()

    def _keep(self, kind: str, args: list[Value]) -> None:
        """Has what was not taken sent again: the sweep takes minutes, a failover of the directory seconds."""
        self._has_failed = True
        for member, delay_ms in zip(args[::2], args[1::2], strict=True):
            if len(self._noted[kind]) < _MOST_KEPT:
                self._note(kind, str(member), float(delay_ms) / 1000)

    async def _work(self) -> None:
        while True:
            await self._has_noted.wait()
            await asyncio.sleep(_AGAIN_S if self._has_failed else _FLUSH_S)
            try:
                await self._flush()
            except Exception:  # else nothing that is noted would ever be sent again
                log.exception("what was noted was not announced; the sweep will find it")

    async def _flush(self) -> None:
        self._has_noted.clear()
        self._has_failed = False
        for kind, members in self._noted.items():
            if members:
                now = asyncio.get_running_loop().time()
                args: list[Value] = []
                for member, due_s in members.items():
                    args += [member, max(0, int((due_s - now) * 1000))]
                members.clear()
                await self._announce(kind, args)

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__()
        with contextlib.suppress(AppError):
            await self._flush()


def _member(tenant: Tenant, lane: str) -> str:
    return f"{tenant.tag}|{lane}"


def place_of(member: bytes) -> tuple[Tenant, str]:
    """Tenant and lane that a member of the directory stands for."""
    tag, _, lane = member.decode().partition("|")
    return Tenant.of_tag(tag), lane
