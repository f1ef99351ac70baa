"""Apps: the tenants (CONTRACT 1)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson
import structlog

from conjure.apps.model import App, name_problem
from conjure.core.errors import AppError, InvalidField, NotFound, OutcomeUnknown, StoreUnavailable
from conjure.core.ids import checked_id, new_id
from conjure.core.paging import page_size, read_cursor, write_cursor
from conjure.settings import MOST_UNITS
from conjure.usage.idempotency import FirstAnswer, Idempotency

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.apps.store import AppStore
    from conjure.core.caller import Tenant

log = structlog.get_logger(__name__)

ROUTE: Final = "apps"
"""The route that Idempotency-Keys of creations are scoped to (CONTRACT 0)."""


@dataclass(frozen=True, slots=True)
class CreatedApp:
    """A new app. `replayed`: the first response to an Idempotency-Key, again."""

    app: App
    replayed: bool = False


class Apps:
    """All apps of a deployment."""

    def __init__(self, store: AppStore) -> None:
        self._store = store

    async def create(self, name: str, *, owner: str = "") -> App:
        """Makes an app; one without an owner is seen by operators alone.

        Raises InvalidField, LimitReached, StoreUnavailable, OutcomeUnknown.
        """
        if owner:
            return (await self.create_once(name, owner, None)).app
        app = App(new_id(), _checked(name), owner, int(time.time() * 1000))
        await self._store.complete(app)
        return app

    async def create_once(self, name: str, owner: str, idempotency_key: str | None) -> CreatedApp:
        """Makes an app of a user, or answers as the first time.

        Raises InvalidField, LimitReached, IdempotencyMismatch, StoreUnavailable, OutcomeUnknown.
        """
        idempotency = Idempotency.of(ROUTE, idempotency_key, _checked(name))
        app_id = new_id()
        answer = orjson.dumps({"id": app_id, "name": name})
        made = await self._store.create(app_id, name, owner, idempotency, answer)
        if not isinstance(made, FirstAnswer):
            app = App(app_id, name, owner, made)
            await self._complete(app)
            return CreatedApp(app)
        app = App(made.members["id"], made.members["name"], owner, int(made.rev))
        if await self._store.get(app.id) is None:  # whoever made it has died in the middle
            await self._complete(app)
        return CreatedApp(app, replayed=True)

    async def owned(self, user_id: str, app_id: str) -> App:
        """Returns an app of a user by an id as it came.

        Raises NotFound (also of another's), StoreUnavailable.
        """
        app = await self._store.get(checked_id(app_id))
        if app is None or app.owner != user_id:
            raise NotFound
        return app

    async def page(
        self, user_id: str, *, limit: int | None, cursor: str | None
    ) -> tuple[list[App], str | None]:
        """Returns a page of a user's apps, newest first, and the cursor of the next one.

        Raises InvalidField, InvalidCursor, StoreUnavailable.
        """
        after = read_cursor(cursor) if cursor is not None else ""
        page, following = await self._store.page(user_id, after=after, limit=page_size(limit))
        for app, is_complete in page:
            if not is_complete:
                await self._try_to_complete(app)
        return [app for app, _ in page], write_cursor(following) if following is not None else None

    async def get(self, app_id: str) -> App | None:
        """Returns an app, or None. Raises StoreUnavailable."""
        return await self._store.get(app_id)

    async def list(self) -> list[App]:
        """Returns every app, newest first. For operators. Raises StoreUnavailable."""
        return await self._store.all()

    async def adopt(self, app_id: str, owner: str) -> None:
        """Gives an app that has no owner one; what has one stays as it is.

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        app = await self._store.get(app_id)
        if app is None:
            raise NotFound
        if not app.owner:
            await self._store.adopt(App(app.id, app.name, owner, app.created_ms))

    async def list_again(self, app_id: str) -> None:
        """Puts an app into its owner's list, where it is not in it any more.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        app = await self._store.get(app_id)
        if app is not None and app.owner:
            await self._store.adopt(app)

    async def set_caps(self, tenant: Tenant, caps: Mapping[str, int]) -> None:
        """Replaces default caps of one app and mode.

        Raises InvalidField (beyond what a cap may be), NotFound (no such app), StoreUnavailable,
        OutcomeUnknown.
        """
        beyond = [unit for unit, cap in caps.items() if not 0 <= cap <= MOST_UNITS]
        if beyond:
            raise InvalidField(*(f"{unit} must be from 0 to {MOST_UNITS}" for unit in beyond))
        if await self._store.get(tenant.app) is None:
            raise NotFound
        await self._store.set_caps(tenant, caps)

    async def reset_caps(self, tenant: Tenant) -> None:
        """Goes back to the default caps. Raises StoreUnavailable, OutcomeUnknown."""
        await self._store.reset_caps(tenant)

    async def _complete(self, app: App) -> None:
        """Writes the rest of an app that is made. Raises OutcomeUnknown."""
        try:
            await self._store.complete(app)
        except StoreUnavailable as error:  # which says that nothing happened, and something has
            raise OutcomeUnknown from error

    async def _try_to_complete(self, app: App) -> None:
        """The same for whoever only reads: what goes wrong is in the log, and the next one tries again."""
        try:
            await self._store.complete(app)
        except AppError as error:
            log.warning("an app is listed and not complete", app=app.id, cause=error.reason)


def _checked(name: str) -> str:
    """The name of an app. Raises InvalidField."""
    problem = name_problem(name)
    if problem is not None:
        raise InvalidField(problem)
    return name
