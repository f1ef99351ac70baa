"""`conjure restore`: a backup into an empty store, of any topology and any supported version.

Each snapshot is loaded by a store process of this machine that nobody else reaches, and copied from there key
by key (store/copying.py). Everything in the backup is verified before the first key is written. The store is
marked from then until the last one is, so that nobody serves from a part of a backup.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from conjure.administration import administration
from conjure.assets.safekeeping import Kept, Safekeeping
from conjure.backup.archive import ASSETS, Manifest, NodeFile, asset_list, read_manifest, verify
from conjure.backup.errors import BackupError, explained
from conjure.backup.rebuilding import Mended, Rebuilding
from conjure.providers.objects.opening import objects_of
from conjure.run.child import ChildFailed
from conjure.run.embedded_store import loaded_snapshot
from conjure.settings import StoreSettings
from conjure.store import keyspace
from conjure.store.copying import UnknownType, read_parts, write_parts
from conjure.store.format import FORMAT, RELEASES, FormatRefused, said
from conjure.store.masters import TROUBLE, WrongServer, connected, keys_on, survey
from conjure.store.owned import is_fence, is_owned, is_rebuilt
from conjure.store.restoring import Turn, TurnLost, begin, end, turn
from conjure.store.topology import slot_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from conjure.administration import Administration
    from conjure.settings import Settings
    from conjure.store.client import Store
    from conjure.store.copying import Part
    from conjure.store.masters import Master, Run

Tell = Callable[[str], None]
_TOLD_S: Final = 5.0
_ASSETS_AT_ONCE: Final = 16
_DATABASES: Final = 16  # that a store has by default
_PATIENCE_S: Final = 60.0
"""For one answer: a store that has just got a batch of large documents takes its time."""
_SHOWN: Final = 10


@dataclass(slots=True)
class Restored:
    """What was restored, or would be."""

    manifest: Manifest
    counts: Counter[str]
    """Keys of ours; foreign ones, which were left out; worlds, apps, API keys and assets among ours."""
    mended: Mended
    seconds: float = 0.0
    assets_put_back: int = 0
    assets_missing: tuple[str, ...] = ()


async def check(directory: Path, *, tell: Tell) -> Restored:
    """Verifies a backup and loads its snapshots, and changes nothing. Raises BackupError."""
    begun = time.monotonic()
    manifest = await _verified(directory, tell)
    counts: Counter[str] = Counter()
    try:
        for node in manifest.nodes:
            async with _loaded(directory, node, manifest) as run:
                async for keys in keys_on(run):
                    counts.update("keys" if is_owned(key) else "foreign" for key in keys)
            tell(f"{node.file} can be loaded")
    except (ChildFailed, *TROUBLE) as error:
        raise BackupError(str(error)) from error
    return Restored(manifest, counts, Mended(), time.monotonic() - begun)


async def restore(settings: Settings, directory: Path, *, assets: bool, tell: Tell) -> Restored:
    """Restores a backup into a store that has no keys of ours. Raises BackupError."""
    begun = time.monotonic()
    manifest = await _verified(directory, tell)
    patient = _patient(settings.store)
    with explained("the restore was broken off", assets="put back"):
        try:
            async with administration(patient, settings.auth, settings.apps) as admin:
                tell("looking at the store")
                await survey(patient)  # before anything is written
                async with turn(admin.store) as mine:
                    await _make_room(patient, admin.store, manifest, tell)
                    restored = await _restored(
                        settings,
                        patient,
                        admin,
                        directory,
                        manifest,
                        mine,
                        assets=assets,
                        tell=tell,
                    )
                    mine.require()
                    await end(admin.store)
        except (ChildFailed, TurnLost, UnknownType) as error:
            raise BackupError(f"the restore was broken off: {error}") from error
        except FormatRefused as error:
            raise BackupError(f"nothing was restored: {error}") from error
        except WrongServer as error:
            raise BackupError(f"nothing was restored: the store is {error}") from error
    restored.seconds = time.monotonic() - begun
    return restored


async def _verified(directory: Path, tell: Tell) -> Manifest:
    manifest = read_manifest(directory)
    if manifest.store_format > FORMAT:
        raise BackupError(
            f"the backup is of a store of format {manifest.store_format}, of a newer Conjure; this one knows"
            f" formats up to {FORMAT}"
        )
    if manifest.store_format < FORMAT - 1:
        raise BackupError(
            f"the backup is of a store of format {manifest.store_format}; this release reads {FORMAT - 1} and"
            f" {FORMAT}. Restore it with release {RELEASES[manifest.store_format]}, and upgrade from there"
        )
    tell("verifying the backup")
    await asyncio.to_thread(verify, directory, manifest)
    return manifest


def _patient(settings: StoreSettings) -> StoreSettings:
    return replace(settings, timeout_s=max(settings.timeout_s, _PATIENCE_S))


async def _make_room(settings: StoreSettings, store: Store, manifest: Manifest, tell: Tell) -> None:
    """Marks the store, once it has no keys of ours.

    Those of a restore that was broken off are removed.
    """
    is_part = "restoring" in await said(store)
    own = {keyspace.store_format().encode(), keyspace.restoring_turn().encode()}
    masters = await survey(settings)
    if not is_part:
        async for _, keys in _owned(settings, masters):
            taken = [key for key in keys if key not in own and not is_fence(key)]
            if taken:
                raise BackupError(
                    f"the store is not empty: it has {taken[0].decode(errors='replace')!r}. A backup is"
                    " restored into a store without keys of Conjure; start no server on it before"
                )
    removed = 0
    if is_part:
        async for run, keys in _owned(settings, masters):
            useless = [key for key in keys if key not in own and not is_fence(key)]
            await asyncio.gather(*(run("UNLINK", key) for key in useless))
            removed += len(useless)
    if removed:
        tell(f"removed {removed:,} keys of a restore that was broken off")
    await begin(store, f"backup {manifest.id} of {manifest.created}")


async def _owned(
    settings: StoreSettings, masters: Sequence[Master]
) -> AsyncIterator[tuple[Run, list[bytes]]]:
    """All keys of ours that there are, some at a time, with what runs commands where they are."""
    for master in masters:
        async with connected(settings, master.url) as run:
            async for keys in keys_on(run):
                yield run, [key for key in keys if is_owned(key)]


async def _restored(
    settings: Settings,
    patient: StoreSettings,
    admin: Administration,
    directory: Path,
    manifest: Manifest,
    mine: Turn,
    *,
    assets: bool,
    tell: Tell,
) -> Restored:
    keeping = Safekeeping(admin.store, objects_of(settings.assets), look_s=settings.assets.look_s)
    has_assets = assets and manifest.assets is not None
    with contextlib.closing(
        Rebuilding(admin.store, mark=secrets.token_hex(4), look_s=settings.assets.look_s)
    ) as rebuilding:
        counts: Counter[str] = Counter()
        for node in manifest.nodes:
            async with _loaded(directory, node, manifest) as run:
                copying = _Copying(run, admin.store, node, rebuilding, mine, tell)
                counts += await copying.run()
        known = {kept.sha256: kept for kept in asset_list(directory)} if manifest.assets else {}
        mended = await rebuilding.mend(admin, keeping, known)
        restored = Restored(manifest, counts + rebuilding.counts, mended)
    if has_assets:
        await _put_back(keeping, directory, known, restored, tell)
    return restored


@contextlib.asynccontextmanager
async def _loaded(directory: Path, node: NodeFile, manifest: Manifest) -> AsyncIterator[Run]:
    """What runs commands on a store that has a snapshot. Raises ChildFailed."""
    databases = max(_DATABASES, manifest.database + 1)
    async with loaded_snapshot(directory / node.file, databases=databases) as url:
        settings = StoreSettings(url=f"{url}?db={manifest.database}", timeout_s=_PATIENCE_S)
        async with connected(settings, settings.url) as run:
            yield run


class _Copying:
    """The keys of one snapshot on their way."""

    def __init__(
        self,
        source: Run,
        target: Store,
        node: NodeFile,
        rebuilding: Rebuilding,
        mine: Turn,
        tell: Tell,
    ) -> None:
        self._source = source
        self._target = target
        self._node = node
        self._rebuilding = rebuilding
        self._mine = mine
        self._tell = tell
        self._counts: Counter[str] = Counter()
        self._told = time.monotonic()

    async def run(self) -> Counter[str]:
        """Copies all keys of ours that the server had; returns how many, and how many others there are."""
        total = int(await self._source("DBSIZE"))
        writing: asyncio.Task[None] | None = None
        try:
            async for parts in self._parts():
                if writing is not None:
                    await writing
                # The next are read while these are written.
                writing = asyncio.create_task(self._write(parts))
                self._tell_progress(total)
            if writing is not None:
                await writing
        finally:
            if writing is not None:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
        self._tell(f"{self._node.file}: {self._counts['keys']:,} keys")
        return self._counts

    async def _parts(self) -> AsyncIterator[list[Part]]:
        async for keys in keys_on(self._source):
            async for parts in read_parts(
                self._source, [key for key in keys if self._is_wanted(key)]
            ):
                self._counts["keys"] += sum(part.has < 0 for part in parts)
                yield parts

    def _is_wanted(self, key: bytes) -> bool:
        if not is_owned(key):
            self._counts["foreign"] += 1
            return False
        if is_rebuilt(key):
            return False
        slot = slot_of(key.decode())
        # A slot that was on its way has keys on a server that did not have it yet.
        return any(first <= slot <= last for first, last in self._node.slots)

    async def _write(self, parts: Sequence[Part]) -> None:
        self._mine.require()
        ours = [part for part in parts if self._is_ours(part)]
        for part in ours:
            if part.key == keyspace.store_format().encode():
                part.has = 0  # the mark stays
        await write_parts(self._target, ours)
        await asyncio.gather(*(self._target.write(*words) for words in self._rebuilding.writes()))

    def _is_ours(self, part: Part) -> bool:
        """Also by what is in it: another user of the store may name keys as we do."""
        if self._rebuilding.look(part):
            return True
        if part.has < 0:
            self._counts["keys"] -= 1
            self._counts["foreign"] += 1
            self._tell(f"left out, as nothing of ours looks like it: {part.key.decode()}")
        return False

    def _tell_progress(self, total: int) -> None:
        now = time.monotonic()
        if now - self._told >= _TOLD_S:
            self._told = now
            self._tell(f"{self._node.file}: {self._counts['keys']:,} of some {total:,} keys")


async def _put_back(
    keeping: Safekeeping, directory: Path, known: dict[str, Kept], restored: Restored, tell: Tell
) -> None:
    """Stores the objects that are not where documents name them; what nobody has is named."""
    missing: list[str] = []

    async def put_back(kept: Kept) -> None:
        if await keeping.content(kept) is not None:
            return
        if kept.sha256 not in known:
            missing.append(kept.name)
            await keeping.lost(kept)
            return
        content = await asyncio.to_thread((directory / ASSETS / kept.name).read_bytes)
        await keeping.put_back(kept, content)
        restored.assets_put_back += 1

    some: list[Kept] = []
    async for kept in keeping.all():
        some.append(kept)
        if len(some) == _ASSETS_AT_ONCE:
            await asyncio.gather(*map(put_back, some))
            some = []
    await asyncio.gather(*map(put_back, some))
    restored.assets_missing = tuple(missing)
    tell(f"{restored.assets_put_back} assets put back")
    for name in missing[:_SHOWN]:
        tell(f"missing: asset {name}")
    if len(missing) > _SHOWN:
        tell(f"missing: {len(missing) - _SHOWN} more assets; `conjure assets check` names them")
