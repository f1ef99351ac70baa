"""Finds the sessions that have run out, wherever that was.

The places of the whole system say when each session ends. About once a second each process that works looks
at those whose end has passed, has the tenant's script tell the end (`Endings.lapse`), announces the events,
and then removes the places, in this order: whoever is killed in between leaves the place, and the next one
does what is missing. Several may look at the same session; it is told once.

- **Spread over processes.** They look at moments of their own, begin at a place of their own where there are
  many, and go over the tenants in an order of their own.
- **On a cluster** a place ends later than its lease, by the time between two scripts. Where it ends earlier,
  because another server with another clock took over, the lease says what it has left, and the place follows.
  While an admission is under way the place is left alone: it may have to be given back.
- **A session without a place** (an asker that crashed between the two, a failover that lost the last writes)
  is found whenever something of its tenant is, or when its app is drawn: one a second is, of all.
- **An asker that crashed** is found when the lease would have ended that it asked for. Its admission is taken
  back then, and what it charged. A session that was live before it ended at its old end.
- **When nobody works** anywhere, sessions that have run out stay in the store, some 200 bytes each, and take
  no slot and no place. Their ends are told once somebody works again: the records that this takes are kept a
  day beyond the token.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.background import Background
from conjure.core.caller import MODES, Tenant
from conjure.core.errors import AppError
from conjure.core.paging import id_of_member
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjure.sessions.endings import Endings
    from conjure.store.client import Store, Value

log = structlog.get_logger(__name__)

_EXPIRED: Final = Script("conjure.sessions", "expired", reads_only=True)
_FOLLOW: Final = Script("conjure.sessions", "follow")
_EVERY_S: Final = 1.0
_DRAW: Final = 20  # after so many looks as many apps are drawn: together they cost a tenth
_LOOK: Final = 1_000  # places looked at together
_MANY: Final = (
    _LOOK // 2
)  # where so many were found there are more, which others have not looked at
_LONG_AGO_MS: Final = 10_000  # what has run out since is found by its place
_TENANTS: Final = 16  # scripts at the same time
_SESSIONS: Final = 25  # told in one script, which lets all else wait

_Found = tuple[bytes, bytes]  # a place: its member, and its end in ms


class LapseFinder(Background):
    """Finds them while it is entered."""

    def __init__(self, store: Store, endings: Endings) -> None:
        self._store = store
        self._endings = endings
        self._random = random.Random()  # noqa: S311 - who looks where is no secret

    async def _work(self) -> None:
        looks = 0
        while True:
            is_behind = False
            looks += 1
            try:
                is_behind = await self.look() >= _MANY
                if looks % _DRAW == 0:
                    await self.draw()
            except AppError as error:
                log.warning("sessions that have run out were not looked for", cause=error.reason)
            except Exception:
                log.exception("the look for sessions that have run out failed")
            if not is_behind:
                await asyncio.sleep(self._random.uniform(0.5, 1.5) * _EVERY_S)

    async def look(self) -> int:
        """Tells the ends of some sessions that have run out; returns how many places were removed.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        args: list[Value] = [_LOOK, self._random.random()]
        _, flat = await self._store.query(_EXPIRED, [keyspace.places()], args)
        found = list(zip(flat[::2], flat[1::2], strict=True))
        if not found:
            return 0
        groups = list(_by_tenant(found))
        self._random.shuffle(groups)
        removed = 0
        for at in range(0, len(groups), _TENANTS):
            removed += await self._tell(groups[at : at + _TENANTS])
        return removed

    async def draw(self) -> None:
        """Tells what has run out at some apps, whatever became of its places.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        members = await self._store.read("ZRANDMEMBER", keyspace.apps(), _DRAW)
        ids = [id_of_member(member.decode()) for member in members]
        await self.visit([Tenant(app_id, mode) for app_id in ids for mode in MODES])

    async def visit(self, tenants: Sequence[Tenant]) -> None:
        """The same at these tenants. Raises StoreUnavailable, OutcomeUnknown."""
        long_ago = int(time.time() * 1000) - _LONG_AGO_MS
        counts = await asyncio.gather(
            *(
                self._store.read("ZCOUNT", keyspace.leases(tenant), "-inf", long_ago)
                for tenant in tenants
            )
        )
        for tenant, count in zip(tenants, counts, strict=True):
            if count:
                await self._endings.lapse(tenant, ())
                await self._endings.announce([tenant])

    async def _tell(self, groups: list[tuple[Tenant | None, list[_Found]]]) -> int:
        """Does it for some tenants at the same time; one at which it fails does not hold up the others."""
        results = await asyncio.gather(
            *(self._lapse(tenant, found) for tenant, found in groups), return_exceptions=True
        )
        changed: list[Value] = []
        tenants = []
        for (tenant, found), left in zip(groups, results, strict=True):
            if isinstance(left, BaseException):
                log.error("the ends of some sessions could not be told", cause=repr(left))
            else:
                if tenant is not None:
                    tenants.append(tenant)
                for (member, end_ms), left_ms in zip(found, left, strict=True):
                    if left_ms >= 0:
                        changed += [member, end_ms, left_ms]
        # Also of what others have told: they may have been killed before they announced it.
        await self._endings.announce(tenants)
        if not changed:
            return 0
        removed: int = await self._store.effect(_FOLLOW, [keyspace.places()], changed)
        return removed

    async def _lapse(self, tenant: Tenant | None, found: list[_Found]) -> list[int]:
        if tenant is None:
            return [0] * len(found)
        return await self._endings.lapse(tenant, [_parted(member)[2] for member, _ in found])


def _by_tenant(found: list[_Found]) -> Iterator[tuple[Tenant | None, list[_Found]]]:
    """Puts together what one script may tell. None: what is no place, as nobody of us has written it."""
    groups: dict[tuple[str, str], list[_Found]] = {}
    for item in found:
        app, mode, _ = _parted(item[0])
        groups.setdefault((app, mode), []).append(item)
    for (app, mode), items in groups.items():
        tenant = Tenant(app, mode) if app and mode else None
        for at in range(0, len(items), _SESSIONS):
            yield tenant, items[at : at + _SESSIONS]


def _parted(member: bytes) -> tuple[str, str, str]:
    """App, mode and `jti` of a place."""
    tag, _, jti = member.decode(errors="replace").rpartition(":")
    app, _, mode = tag.rpartition(":")
    return app, mode, jti
