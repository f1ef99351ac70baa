"""When keys were last used: noted in memory by each call, written once in a while (CONTRACT 1).

A call costs a write into a dict. What a process that is killed had not written is not known: the time is
then that of an earlier use.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.background import Background
from conjure.core.errors import AppError

if TYPE_CHECKING:
    from conjure.apps.key_store import KeyStore

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 50  # apps whose keys are written at the same time


class KeyUse(Background):
    """The uses that are not written yet. While it is entered they are, and the last ones when it is left.

    `seen`: by key id its app and when (seconds since 1970); whoever verifies keys writes into it. It holds as
    many keys as a process sees in `every_s`.
    """

    def __init__(self, store: KeyStore, *, every_s: float) -> None:
        self._store = store
        self._every_s = every_s
        self.seen: dict[str, tuple[str, float]] = {}

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__()
        await self.flush()

    async def _work(self) -> None:
        await asyncio.sleep(random.uniform(0, self._every_s))  # noqa: S311 - so that workers take turns
        while True:
            await self.flush()
            await asyncio.sleep(self._every_s)

    async def flush(self) -> None:
        """Writes what was seen. What cannot be written is kept for the next time, or seen anew."""
        seen, apps = dict(self.seen), dict[str, list[tuple[str, int]]]()
        self.seen.clear()
        for key_id, (app_id, used_s) in seen.items():
            apps.setdefault(app_id, []).append((key_id, int(used_s * 1000)))
        waiting = list(apps.items())
        for start in range(0, len(waiting), _AT_ONCE):
            some = waiting[start : start + _AT_ONCE]
            written = await asyncio.gather(*(self._write(app, used) for app, used in some))
            if not all(written):
                for app_id, used in waiting[start:]:
                    for key_id, _ in used:
                        self.seen.setdefault(key_id, (app_id, seen[key_id][1]))
                return

    async def _write(self, app_id: str, used: list[tuple[str, int]]) -> bool:
        try:
            await self._store.note_use(app_id, used)
        except AppError as error:
            log.warning("when keys were last used cannot be written", cause=error.reason)
            return False
        return True
