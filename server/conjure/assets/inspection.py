"""What an operator asks of all assets: are they whole, and does anybody need them (`conjure assets`)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conjure.assets.collector import Collector
from conjure.assets.names import object_name
from conjure.assets.store import AssetStore
from conjure.providers.objects import ObjectsError

if TYPE_CHECKING:
    from conjure.providers.objects import Objects
    from conjure.settings import AssetSettings
    from conjure.store.client import Store


@dataclass(slots=True)
class Found:
    """How many assets there are, how large they are together, and those that are not as they should be."""

    assets: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    """The engine failed: nobody knows."""


class Inspection:
    """Goes over all assets, one by one."""

    def __init__(self, store: Store, objects: Objects, settings: AssetSettings) -> None:
        self._store = AssetStore(store)
        self._objects = objects
        self._collector = Collector(self._store, objects, settings)

    async def check(self) -> Found:
        """Reads every asset. Raises StoreUnavailable."""
        found = Found()
        async for sha256 in self._store.all():
            page = await self._store.claims(sha256)
            if page is None or not page.is_stored:
                continue
            found.assets += 1
            found.bytes += page.bytes
            name = object_name(sha256, page.extension)
            try:
                content = await self._objects.get(name)
            except ObjectsError:
                found.unreadable.append(name)
                continue
            if content is None:
                if await self._store.extension(sha256) is not None:  # else it went meanwhile
                    found.missing.append(name)
            elif hashlib.sha256(content).hexdigest() != sha256:
                found.damaged.append(name)
        return found

    async def collect(self) -> tuple[int, int]:
        """Looks at every asset, due or not; returns how many there were, and how many have gone.

        Raises ObjectsError, StoreUnavailable, OutcomeUnknown.
        """
        looked = gone = 0
        async for sha256 in self._store.all():
            looked += 1
            gone += await self._collector.look(sha256) is None
        return looked, gone
