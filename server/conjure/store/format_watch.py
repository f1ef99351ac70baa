"""The store's format as a process that runs sees it: looked at once at its start, then every few seconds.

A store whose format was raised above what a process knows must not be used by it any longer: it drains and
ends. That costs one read every few seconds and no round trip of any call.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from conjure.core.background import Background
from conjure.core.errors import AppError
from conjure.store.client import Store
from conjure.store.format import FormatRefused, advice, require_format

if TYPE_CHECKING:
    from conjure.settings import StoreSettings

log = structlog.get_logger(__name__)


async def check_format(settings: StoreSettings) -> None:
    """Looks at the format before anything is opened, and logs what is left to do about it.

    A store that does not answer is looked at later: servers need no restart when it comes. Raises
    FormatRefused.
    """
    async with Store(settings) as store:
        try:
            stamp = await require_format(store)
        except AppError as error:
            log.warning("the store's format is not known yet", cause=error.reason.value)
            return
    pending = advice(stamp)
    if pending is not None:
        log.info("store format", format=stamp.format, pending=pending)


class FormatWatch(Background):
    """Looks at the format while it is entered, and sets `stop` once this release must not go on.

    `refused` is then why.
    """

    def __init__(self, settings: StoreSettings, stop: asyncio.Event) -> None:
        self._settings = settings
        self._stop = stop
        self.refused: FormatRefused | None = None

    def require(self) -> None:
        """Raises FormatRefused if that is why the process ends."""
        if self.refused is not None:
            raise self.refused

    async def _work(self) -> None:
        async with Store(self._settings) as store:
            while True:
                await asyncio.sleep(self._settings.format_poll_s)
                try:
                    await require_format(store)
                except FormatRefused as error:
                    log.error("this release must not use the store any longer", cause=str(error))
                    self.refused = error
                    self._stop.set()
                    await asyncio.Event().wait()  # said once; the process ends
                except AppError:
                    continue  # it is away: whoever needs it says so
