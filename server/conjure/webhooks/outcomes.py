"""What came of deliveries, told to the store now and then: `last_delivery`, and who is disabled (CONTRACT 8).

A busy webhook has hundreds of deliveries a second, and its owner wants to know of the newest. So each is
written at most once a second; the newest one is always written, also when the process stops.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core import metrics
from conjure.core.background import Background
from conjure.core.errors import AppError
from conjure.webhooks.model import SUCCEEDED

if TYPE_CHECKING:
    from conjure.webhooks.endpoints import Endpoints
    from conjure.webhooks.model import LastDelivery
    from conjure.webhooks.store import WebhookStore

log = structlog.get_logger(__name__)

_EVERY_S: Final = 1.0
_AT_ONCE: Final = 50  # writes under way
_MOST_WAITING: Final = (
    10_000  # webhooks, while the store is away; then those told of first are forgotten
)

_Key = tuple[str, str]  # app and webhook


class Outcomes(Background):
    """The newest delivery of each webhook, until it is written."""

    def __init__(self, store: WebhookStore, endpoints: Endpoints) -> None:
        self._store = store
        self._endpoints = endpoints
        # With whether some delivery went through since the last time.
        self._waiting: dict[_Key, tuple[LastDelivery, bool]] = {}
        self._is_waiting = asyncio.Event()
        self._under_way: set[_Key] = set()

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__(*_)
        await self._write_all()

    @property
    def waiting(self) -> int:
        """How many webhooks have something that is not written yet."""
        return len(self._waiting.keys() | self._under_way)

    def add(self, app_id: str, webhook_id: str, last: LastDelivery) -> None:
        """Notes the end of a try."""
        self._note((app_id, webhook_id), last, has_succeeded=last.status == SUCCEEDED)

    def _note(self, key: _Key, last: LastDelivery, *, has_succeeded: bool) -> None:
        _, before = self._waiting.pop(key, (None, False))
        self._waiting[key] = (last, has_succeeded or before)
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.pop(next(iter(self._waiting)))
        self._is_waiting.set()

    async def _work(self) -> None:
        while True:
            await self._is_waiting.wait()
            await self._write_all()
            await asyncio.sleep(_EVERY_S)

    async def _write_all(self) -> None:
        """Writes what is waiting now, and no more: what comes meanwhile has its turn."""
        self._is_waiting.clear()
        keys = tuple(self._waiting)
        for start in range(0, len(keys), _AT_ONCE):
            await asyncio.gather(*map(self._write, keys[start : start + _AT_ONCE]))

    async def _write(self, key: _Key) -> None:
        app_id, webhook_id = key
        waiting = self._waiting.pop(key, None)
        if waiting is None:  # forgotten meanwhile, for others
            return
        last, has_succeeded = waiting
        is_written = False
        self._under_way.add(key)
        try:
            is_disabled = await self._store.record(
                app_id, webhook_id, last, has_succeeded=has_succeeded
            )
            is_written = True
        except AppError as error:
            log.warning("could not keep what came of deliveries", cause=repr(error))
            return
        finally:
            self._under_way.remove(key)
            if not is_written:  # the store is away, or this was cancelled: there is another time
                newer, also = self._waiting.get(key, (last, False))
                self._note(key, newer, has_succeeded=has_succeeded or also)
        if is_disabled:
            self._endpoints.forget(app_id)
            metrics.WEBHOOKS_DISABLED.at().add()
            log.warning("a webhook is disabled: nothing was delivered to it for too long",
                app=app_id, webhook=webhook_id, error=last.error)  # fmt: skip
