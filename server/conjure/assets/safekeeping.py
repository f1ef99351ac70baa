"""All assets for a backup, and back again (conjure.backup)."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.assets.names import object_name
from conjure.assets.store import AssetStore
from conjure.core.errors import AppError
from conjure.providers.pictures import MEDIA_TYPES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from conjure.core.caller import Tenant
    from conjure.providers.objects import Objects
    from conjure.store.client import Store

_HELD_MS: Final = 60_000
_RENEW_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Kept:
    """An asset whose object is there, as far as the store knows."""

    sha256: str
    extension: str
    bytes: int

    @property
    def name(self) -> str:
        """Where an engine has it, and a backup."""
        return object_name(self.sha256, self.extension)


class Safekeeping:
    """Reads and writes assets for a backup. `look_s`: in which time each is looked at once."""

    def __init__(self, store: Store, objects: Objects, *, look_s: float) -> None:
        self._assets = AssetStore(store)
        self._objects = objects
        self._look_s = look_s

    @contextlib.asynccontextmanager
    async def nothing_is_removed(self) -> AsyncIterator[None]:
        """Has no server collect while the block lasts; a hundred looks may be under way when it begins.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        name = secrets.token_hex(8)
        await self._assets.seize_turn(name, _HELD_MS)

        async def hold() -> None:
            while True:
                await asyncio.sleep(_RENEW_S)
                with contextlib.suppress(AppError):  # a moment away: the turn lasts longer
                    await self._assets.seize_turn(name, _HELD_MS)

        holding = asyncio.create_task(hold(), name="assets-hold")
        try:
            yield
        finally:
            holding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await holding
            with contextlib.suppress(AppError):  # else it lapses
                await self._assets.give_turn_back(name)

    async def all(self) -> AsyncIterator[Kept]:
        """Yields every asset that there is meanwhile. Raises StoreUnavailable."""
        async for sha256 in self._assets.all():
            page = await self._assets.claims(sha256)
            if page is not None and page.is_stored:
                yield Kept(sha256, page.extension, page.bytes)

    async def content(self, kept: Kept) -> bytes | None:
        """Returns the object of an asset; None when it is not there, or not whole. Raises ObjectsError."""
        content = await self._objects.get(kept.name)
        if content is None or hashlib.sha256(content).hexdigest() != kept.sha256:
            return None
        return content

    async def put_back(self, kept: Kept, content: bytes) -> None:
        """Stores an object under the name that documents know. Raises ObjectsError."""
        media_type = MEDIA_TYPES.get(kept.extension, "application/octet-stream")
        await self._objects.put(kept.name, content, media_type)

    async def lost(self, kept: Kept) -> None:
        """Notes that an object is not there. Raises StoreUnavailable, OutcomeUnknown."""
        await self._assets.lost(kept.sha256)

    async def claim(
        self, tenant: Tenant, world_id: str, names: Sequence[str], known: dict[str, Kept]
    ) -> None:
        """Has a world that names assets claim them. What the store does not know of is told it from `known`.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        for name in names:
            if name in known and await self._assets.extension(name) is None:
                kept = known[name]
                await self._assets.keep(
                    tenant, name, kept.extension, kept.bytes, look_s=self._look_s
                )
                await self._assets.stored(name)
        await self._assets.claim(tenant, world_id, names)
