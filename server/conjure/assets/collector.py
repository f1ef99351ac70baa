"""What nobody names any more is removed: one process at a time looks at the assets that are due.

A look goes through the claims on an asset. A world's claim holds while a document of that world names the
asset, which the world's own slot says (named.lua), and for a while after it was made: the script that names
it may be under way. A tenant's claim holds for a while only. When none holds the asset is being deleted, from
which on nobody can claim it; then its object goes, then the record. A process that dies in between leaves
what the next look finishes.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

import structlog

from conjure.assets.names import object_name
from conjure.core import metrics
from conjure.core.background import Background
from conjure.core.errors import AppError
from conjure.providers.objects import ObjectsError

if TYPE_CHECKING:
    from conjure.assets.store import AssetStore, Claim, Page
    from conjure.providers.objects import Objects
    from conjure.settings import AssetSettings

log = structlog.get_logger(__name__)

_TURN_MS: Final = 30_000
_IDLE_S: Final = 5.0
_BUSY_S: Final = 0.1  # there may be more, and it is to take a fraction of a core
_AGAIN_S: Final = 60.0  # after an engine, or the store, has failed
_AT_ONCE: Final = 8


class Collector(Background):
    """Collects while it is entered, unless another process does."""

    def __init__(self, store: AssetStore, objects: Objects, settings: AssetSettings) -> None:
        self._store = store
        self._objects = objects
        self._unnamed_ms = settings.unnamed_s * 1000
        self._grace_ms = settings.grace_s * 1000
        self._look_s = settings.look_s
        self._name = secrets.token_hex(8)
        self.kept = 0  # assets of the whole system, when last counted

    async def _work(self) -> None:
        while self._look_s:
            pause_s = _IDLE_S
            try:
                if await self._store.take_turn(self._name, _TURN_MS):
                    self.kept = await self._store.count()
                    if await self.collect():
                        pause_s = _BUSY_S
            except AppError as error:
                log.warning("collecting assets was broken off", cause=error.reason)
            except Exception:  # a fault of ours must not end the collecting of this process
                log.exception("collecting assets failed")
            await asyncio.sleep(pause_s)

    async def collect(self) -> int:
        """Looks at some assets that are due; returns at how many. Raises StoreUnavailable, OutcomeUnknown."""
        due = await self._store.take_due()
        for start in range(0, len(due), _AT_ONCE):
            looks = (self._look(sha256, seen) for sha256, seen in due[start : start + _AT_ONCE])
            for outcome in await asyncio.gather(*looks, return_exceptions=True):
                if outcome is not None:
                    raise outcome
        return len(due)

    async def _look(self, sha256: str, seen: int) -> None:
        try:
            after_s = await self.look(sha256)
        except ObjectsError as error:
            log.warning("an asset could not be deleted", asset=sha256, cause=str(error))
            after_s = _AGAIN_S
        await self._store.postpone(sha256, seen, after_s)

    async def look(self, sha256: str) -> float | None:
        """Removes an asset that nobody needs; returns in how many seconds to look again, None: never.

        Raises ObjectsError, StoreUnavailable, OutcomeUnknown.
        """
        cursor: int | None = 0
        extension = ""
        lapsed: list[Claim] = []
        soonest: float | None = (
            None  # the ms until the first claim that holds for its youth alone is old
        )
        while cursor is not None:
            page = await self._store.claims(sha256, cursor)
            if page is None:
                return None
            extension = page.extension
            for claim in page.claims:
                young_ms = self._youth_of(claim, page)
                if claim.world_id is not None and await self._store.is_named(claim, sha256):
                    await self._store.unclaim(sha256, lapsed, may_delete=False)
                    return self._look_s
                if young_ms > 0:
                    soonest = young_ms if soonest is None else min(soonest, young_ms)
                else:
                    lapsed.append(claim)
            cursor = page.cursor
        since = await self._store.unclaim(sha256, lapsed, may_delete=soonest is None)
        if since is None:
            return _AGAIN_S if soonest is None else soonest / 1000 + 0.01
        await self._objects.delete(object_name(sha256, extension))
        if await self._store.deleted(sha256, since):
            metrics.ASSETS.at("deleted").add()
        return None

    def _youth_of(self, claim: Claim, page: Page) -> float:
        """For how many ms a claim still holds without a document."""
        holds_ms = self._unnamed_ms if claim.world_id is None else self._grace_ms
        return claim.made_ms + holds_ms - page.now_ms
