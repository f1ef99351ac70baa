"""`conjure backup`: a consistent copy of a deployment, made while it serves.

A tenant is one hash slot, so it is on one server, and a snapshot of that server (store/snapshot.py) has it as
of one moment. On a single server all is of one moment. On a cluster the masters are asked at the same time,
and what is outside of tenants is made anew from them by the restore (rebuilding.py). Two snapshots must not
both have a slot, nor neither: if slots moved or a master was replaced meanwhile, all is begun again.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure import __version__
from conjure.assets.safekeeping import Kept, Safekeeping
from conjure.backup.archive import (
    ASSET_LIST,
    ASSETS,
    MANIFEST,
    AssetFiles,
    Manifest,
    NewFile,
    NodeFile,
    asset_line,
    flush,
    write_manifest,
)
from conjure.backup.errors import BackupError, explained
from conjure.core.private_files import private_folder
from conjure.core.times import rfc3339
from conjure.providers.objects.opening import objects_of
from conjure.store.client import Store
from conjure.store.format import FormatRefused, read_stamp, refusal
from conjure.store.masters import TROUBLE, WrongServer, connected, survey
from conjure.store.snapshot import SnapshotRefused, read_snapshot
from conjure.store.topology import database_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conjure.settings import Settings, StoreSettings
    from conjure.store.masters import Master

Tell = Callable[[str], None]
"""Says to whoever waits how far it has come."""
_ATTEMPTS: Final = 5
_PAUSE_S: Final = 1.0
_ASSETS_AT_ONCE: Final = 16
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Saved:
    """A backup that was made."""

    manifest: Manifest
    seconds: float


async def save(settings: Settings, directory: Path, *, assets: bool, tell: Tell) -> Saved:
    """Makes a backup in a folder that is not there or empty. What there is of one that fails is removed.

    Raises BackupError.
    """
    begun = time.monotonic()
    with explained("no backup was made", assets="read"):
        try:
            _make_room(directory)
            try:
                async with Store(settings.store) as store:
                    manifest = await _saved(settings, store, directory, assets=assets, tell=tell)
            except BaseException:  # whatever it was, Ctrl-C too: a part is no backup
                _clear(directory)
                raise
        except WrongServer as error:
            raise BackupError(f"no backup was made: the store is {error}") from error
        except FormatRefused as error:
            raise BackupError(str(error)) from error
    return Saved(manifest, time.monotonic() - begun)


async def _saved(
    settings: Settings, store: Store, directory: Path, *, assets: bool, tell: Tell
) -> Manifest:
    await survey(settings.store)  # before anything is asked by key, as another server has others
    stamp = await read_stamp(store)
    why = refusal(stamp)
    if why is not None:
        raise BackupError(why)
    if not stamp.format:
        raise BackupError("the store is empty: there is nothing to back up")
    keeping = Safekeeping(store, objects_of(settings.assets), look_s=settings.assets.look_s)
    async with contextlib.AsyncExitStack() as stack:
        if assets:  # what the snapshot names must be there until it is copied
            await stack.enter_async_context(keeping.nothing_is_removed())
        created = rfc3339(int(time.time() * 1000))
        masters, nodes = await _snapshots(settings.store, directory, tell)
        copied = await _copy_assets(keeping, directory, tell) if assets else None
    manifest = Manifest(
        id=secrets.token_hex(8),
        created=created,
        conjure=__version__,
        store=await _version(settings.store, masters[0].url),
        store_format=max(stamp.format, stamp.upgrading),
        cluster=settings.store.cluster,
        database=database_in(settings.store.url),
        nodes=nodes,
        assets=copied,
    )
    await asyncio.to_thread(write_manifest, directory, manifest)
    return manifest


async def _snapshots(
    settings: StoreSettings, directory: Path, tell: Tell
) -> tuple[tuple[Master, ...], tuple[NodeFile, ...]]:
    """Writes a snapshot of every master, all while nothing moved between them."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            tell("the cluster changed meanwhile: all snapshots are begun again")
            await asyncio.sleep(_PAUSE_S * 2**attempt)
        with contextlib.suppress(
            *(TROUBLE if settings.cluster and attempt < _ATTEMPTS - 1 else ())
        ):
            before = await survey(settings)
            tell(f"asking {len(before)} store server{'s' * (len(before) > 1)} for a snapshot")
            nodes = await _all(settings, before, directory, tell)
            if before == await survey(settings) and not any(m.is_moving for m in before):
                return before, tuple(nodes)
        _remove_snapshots(directory)
    raise BackupError(
        f"slots of the cluster moved, or masters were replaced, during each of {_ATTEMPTS} attempts;"
        " make a backup when that is over"
    )


async def _all(
    settings: StoreSettings, masters: Sequence[Master], directory: Path, tell: Tell
) -> list[NodeFile]:
    writes = [
        asyncio.ensure_future(_snapshot(settings, master, directory / f"node-{number}.rdb", tell))
        for number, master in enumerate(masters, 1)
    ]
    try:
        return list(await asyncio.gather(*writes))
    finally:
        for write in writes:
            write.cancel()
        await asyncio.gather(*writes, return_exceptions=True)


async def _snapshot(settings: StoreSettings, master: Master, path: Path, tell: Tell) -> NodeFile:
    file = NewFile(path)
    begun = time.monotonic()
    try:
        async for piece in read_snapshot(settings, master.url):
            await asyncio.to_thread(file.write, piece)
        digest = await asyncio.to_thread(file.close)
    except SnapshotRefused as error:
        raise BackupError(
            f"the store gives no snapshot ({error}). The user needs the commands SYNC and REPLCONF (category"
            " @dangerous). Managed services forbid them to everybody: use the snapshots of the service,"
            " and `conjure backup` where you run the store"
        ) from error
    finally:
        file.abandon()
    took = time.monotonic() - begun
    tell(f"{path.name}: {file.bytes / 1e6:,.1f} MB in {took:.1f} s")
    return NodeFile(path.name, file.bytes, digest, master.slots)


async def _copy_assets(keeping: Safekeeping, directory: Path, tell: Tell) -> AssetFiles:
    """Copies every asset that there is now: all that the snapshots name, and those made since."""
    listed = NewFile(directory / ASSET_LIST)
    count = size = 0
    missing: list[str] = []

    async def copy(kept: Kept) -> tuple[Kept, int | None]:
        content = await keeping.content(kept)
        if content is None:
            return kept, None
        await asyncio.to_thread(_write, directory / ASSETS / kept.name, content)
        return kept, len(content)

    async def copy_all(some: list[Kept]) -> None:
        nonlocal count, size
        for kept, length in await asyncio.gather(*map(copy, some)):
            if length is None:
                missing.append(kept.name)
            else:
                listed.write(asset_line(Kept(kept.sha256, kept.extension, length)).encode())
                count, size = count + 1, size + length

    try:
        some: list[Kept] = []
        async for kept in keeping.all():
            some.append(kept)
            if len(some) == _ASSETS_AT_ONCE:
                await copy_all(some)
                some = []
        await copy_all(some)
        digest = listed.close()
    finally:
        listed.abandon()
    tell(f"{count} assets, {size / 1e6:,.1f} MB")
    for name in missing[:_SHOWN]:
        tell(f"missing or damaged: asset {name}")
    if len(missing) > _SHOWN:
        more = len(missing) - _SHOWN
        tell(f"missing or damaged: {more} more assets; `conjure assets check` names them")
    return AssetFiles(count, size, digest, tuple(missing))


def _write(path: Path, content: bytes) -> None:
    if path.exists():  # listed twice, as the list grew meanwhile
        return
    file = NewFile(path)
    try:
        file.write(content)
        file.close()
    finally:
        file.abandon()
    flush(path.parent)


async def _version(settings: StoreSettings, url: str) -> str:
    """Name and version of a server, as far as it says."""
    async with connected(settings, url) as run:
        try:
            text = (await run("INFO", "server")).decode()
        except TROUBLE:
            return "unknown"
    facts = dict(line.partition(":")[::2] for line in text.splitlines())
    name = facts.get("server_name", "redis")
    return f"{name} {facts.get(f'{name}_version') or facts.get('redis_version', '')}".strip()


def _make_room(directory: Path) -> None:
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        whole = directory.is_dir() and (directory / MANIFEST).exists()
        what = "holds a backup" if whole else "is not empty"
        raise BackupError(f"{directory} {what}: a backup needs a folder of its own")
    private_folder(directory)


def _clear(directory: Path) -> None:
    """Removes what a backup that failed has written; the folder was empty before."""
    with contextlib.suppress(OSError):
        (directory / MANIFEST).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        (directory / ASSET_LIST).unlink(missing_ok=True)
    shutil.rmtree(directory / ASSETS, ignore_errors=True)
    _remove_snapshots(directory)


def _remove_snapshots(directory: Path) -> None:
    for file in directory.glob("node-*.rdb"):
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
