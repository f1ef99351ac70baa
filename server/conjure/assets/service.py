"""Keeping pictures, reading them, and saying who needs them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from typing import TYPE_CHECKING, Final

import structlog

from conjure.assets.model import StoredAsset
from conjure.assets.names import file_name, object_name
from conjure.core import metrics
from conjure.core.errors import AppError, AssetsUnavailable, NotFound
from conjure.core.lru import LruCache
from conjure.providers.objects import MOST_OBJECT_BYTES, ObjectsError
from conjure.providers.pictures import EXTENSIONS, MEDIA_TYPES, Picture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.assets.store import AssetStore
    from conjure.core.caller import Tenant
    from conjure.providers.objects import Objects
    from conjure.settings import AssetSettings

log = structlog.get_logger(__name__)

_MOST_AT_HAND: Final = 10_000
_TRIES: Final = 20
_PAUSE_S: Final = 0.1


class Assets:
    """The pictures that Conjure makes, each kept once under the hash of its content."""

    def __init__(self, store: AssetStore, objects: Objects, settings: AssetSettings) -> None:
        self._store = store
        self._objects = objects
        self._base = settings.public_url.rstrip("/")
        self._unnamed_s = settings.unnamed_s
        self._grace_s = settings.grace_s
        self._at_hand: LruCache[str, bytes] = LruCache(
            _MOST_AT_HAND, max_weight=settings.cache_bytes, weigh=len
        )
        self._reads: dict[str, asyncio.Task[bytes]] = {}

    async def keep(self, tenant: Tenant, picture: Picture) -> StoredAsset:
        """Keeps a picture: for as long as a document of somebody's names it, and a while before one does.

        Raises AssetsUnavailable, StoreUnavailable, OutcomeUnknown.
        """
        asset, content = self.address(picture), picture.content
        if len(content) > MOST_OBJECT_BYTES:
            log.error("a picture is too large to be kept", bytes=len(content))
            raise AssetsUnavailable
        sha256, extension = asset.sha256, asset.extension
        for _ in range(_TRIES):
            outcome = await self._store.keep(
                tenant, sha256, extension, len(content), look_s=self._unnamed_s
            )
            if outcome == "store":
                await self._put(object_name(sha256, extension), picture)
                if not await self._store.stored(sha256):
                    continue  # it took so long that it was given up: from the beginning
                metrics.ASSETS.at("stored").add()
            if outcome != "deleting":
                return asset
            await asyncio.sleep(_PAUSE_S)  # the same picture is just being removed
        raise AssetsUnavailable

    def address(self, picture: Picture) -> StoredAsset:
        """What a picture is called once it is kept; nothing is done yet."""
        sha256, extension = _hash(picture.content), EXTENSIONS[picture.media_type]
        url = self.url(sha256, extension)
        return StoredAsset(sha256, extension, picture.media_type, len(picture.content), url)

    async def prepare(
        self,
        tenant: Tenant,
        world_id: str,
        names: Iterable[str],
        pictures: Iterable[Picture] = (),
    ) -> None:
        """Keeps pictures, and claims what a document names: to be called before the script that stores it.

        Raises AssetsUnavailable, StoreUnavailable, OutcomeUnknown.
        """
        for picture in pictures:
            await self.keep(tenant, picture)
        await self._store.claim(tenant, world_id, names)

    async def claim(self, tenant: Tenant, world_id: str, names: Iterable[str]) -> None:
        """The same where nothing has to be kept. Raises StoreUnavailable, OutcomeUnknown."""
        await self._store.claim(tenant, world_id, names)

    def url(self, sha256: str, extension: str) -> str:
        """The URL of an asset, absolute."""
        return f"{self._base}/assets/{file_name(sha256, extension)}"

    async def read(self, sha256: str, extension: str) -> Picture:
        """Returns an asset, whose content has the hash.

        Raises NotFound, AssetsUnavailable, StoreUnavailable.
        """
        media_type = MEDIA_TYPES.get(extension)
        if media_type is None:
            raise NotFound
        name = object_name(sha256, extension)
        content = self._at_hand.get(name)
        if content is None:
            # Whoever asks for it meanwhile gets the same: a page that many open at once is one read.
            reading = self._reads.get(name)
            if reading is None:
                reading = asyncio.create_task(self._read(name, sha256, extension))
                self._reads[name] = reading
                reading.add_done_callback(lambda task: self._has_read(name, task))
            content = await asyncio.shield(reading)
        return Picture(content, media_type)

    async def dropped(self, names: Iterable[str]) -> None:
        """Says that the last document of a world that named these has gone: they may be garbage soon.

        Never raises: each asset is looked at once in a while anyway.
        """
        names = tuple(names)
        if names:
            with contextlib.suppress(AppError):
                await self._store.due(names, after_s=self._grace_s)

    def _has_read(self, name: str, task: asyncio.Task[bytes]) -> None:
        self._reads.pop(name, None)
        if not task.cancelled():
            task.exception()  # seen, also when all who waited for it have left

    async def _put(self, name: str, picture: Picture) -> None:
        try:
            await self._objects.put(name, picture.content, picture.media_type)
        except ObjectsError as error:
            log.error("an asset could not be stored", cause=str(error))
            metrics.ASSETS.at("failed").add()
            raise AssetsUnavailable from error

    async def _read(self, name: str, sha256: str, extension: str) -> bytes:
        # Asked first, as anybody can ask for anything: a store of others wants money for each look.
        if await self._store.extension(sha256) != extension:
            raise NotFound
        try:
            content = await self._objects.get(name)
        except ObjectsError as error:
            log.error("an asset could not be read", asset=name, cause=str(error))
            metrics.ASSETS.at("failed").add()
            raise AssetsUnavailable from error
        if content is None or await asyncio.to_thread(_hash, content) != sha256:
            log.error("an asset is missing, or not what its name says", asset=name)
            metrics.ASSETS.at("damaged").add()
            with contextlib.suppress(AppError):  # so that it is stored anew when it is made again
                await self._store.lost(sha256)
            raise NotFound
        self._at_hand.put(name, content)
        metrics.ASSETS.at("read").add()
        return content


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
