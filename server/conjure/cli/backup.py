"""`conjure backup` and `conjure restore`: a whole deployment into a folder, and back."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path  # noqa: TC003 - typer reads annotations
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from conjure.cli.common import JsonOption, admin_settings, fail, print_json

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from conjure.backup.archive import Manifest
    from conjure.backup.restoring import Restored

T = TypeVar("T")

AssetsOption = Annotated[
    bool, typer.Option("--assets/--no-assets", help="Pictures too, or the store alone.")
]


def backup(
    directory: Annotated[Path, typer.Argument(help="A folder that is not there yet, or empty.")],
    *,
    assets: AssetsOption = True,
    check: Annotated[
        bool, typer.Option("--check", help="Verify the backup in the folder; make none.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Copy a deployment into a folder while it serves: the store as it is at one moment, and its assets.

    It holds secrets (signing keys, webhooks' secrets) and what players said: only its owner may read it.
    """
    from conjure.backup import restoring, saving  # noqa: PLC0415 - time that most commands do not need

    if check:
        _print_restored(_run(restoring.check(directory, tell=_tell)), json=json, is_check=True)
        return
    saved = _run(saving.save(admin_settings(), directory, assets=assets, tell=_tell))
    manifest = saved.manifest
    if json:
        print_json({**_as_json(manifest), "seconds": round(saved.seconds, 3)})
    else:
        print(f"backup {manifest.id} of {manifest.created} in {directory}: {_contents(manifest)}")


def restore(
    directory: Annotated[Path, typer.Argument(help="A folder that `conjure backup` has made.")],
    *,
    assets: AssetsOption = True,
    json: JsonOption = False,
) -> None:
    """Restore a backup into an empty store, one server or a cluster. No server may run on it meanwhile."""
    from conjure.backup import restoring  # noqa: PLC0415 - as above

    done = _run(restoring.restore(admin_settings(), directory, assets=assets, tell=_tell))
    _print_restored(done, json=json, is_check=False)


def _run(work: Coroutine[Any, Any, T]) -> T:
    from conjure.backup.errors import BackupError  # noqa: PLC0415 - as above

    async def until_term() -> T:
        """TERM ends it as Ctrl-C does: what it has begun is taken away again."""
        task = asyncio.current_task()
        if task is not None and sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(until_term())
    except BackupError as error:
        fail(str(error))
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGTERM) from None


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _contents(manifest: Manifest) -> str:
    size = sum(node.bytes for node in manifest.nodes)
    text = f"{len(manifest.nodes)} snapshot{'s' * (len(manifest.nodes) > 1)}, {size:,} bytes"
    assets = manifest.assets
    if assets is None:
        return f"{text}, no assets"
    missing = f", {len(assets.missing)} missing" if assets.missing else ""
    return f"{text}; {assets.count} assets, {assets.bytes:,} bytes{missing}"


def _as_json(manifest: Manifest) -> dict[str, Any]:
    assets = manifest.assets
    return {
        "id": manifest.id,
        "createdAt": manifest.created,
        "conjure": manifest.conjure,
        "store": manifest.store,
        "storeFormat": manifest.store_format,
        "cluster": manifest.cluster,
        "snapshots": len(manifest.nodes),
        "bytes": sum(node.bytes for node in manifest.nodes),
        "assets": None
        if assets is None
        else {"count": assets.count, "bytes": assets.bytes, "missing": list(assets.missing)},
    }


def _print_restored(done: Restored, *, json: bool, is_check: bool) -> None:
    manifest, counts = done.manifest, done.counts
    if json:
        mended = done.mended
        print_json(
            {
                **_as_json(manifest),
                "keys": counts["keys"],
                "foreignKeys": counts["foreign"],
                "worlds": counts["worlds"],
                "apps": counts["apps"],
                "mended": {
                    "keysWritten": mended.keys_written,
                    "keysRemoved": mended.keys_removed,
                    "appsListed": mended.apps_listed,
                },
                "assetsPutBack": done.assets_put_back,
                "assetsMissing": list(done.assets_missing),
                "seconds": round(done.seconds, 3),
            }
        )
        return
    foreign = f"; {counts['foreign']:,} of others left out" if counts["foreign"] else ""
    what = f"{counts['keys']:,} keys{foreign}"
    if is_check:
        print(f"backup {manifest.id} of {manifest.created} is whole: {what}; {_contents(manifest)}")
        return
    missing = f", {len(done.assets_missing)} assets missing" if done.assets_missing else ""
    print(
        f"restored backup {manifest.id} of {manifest.created}: {what}; {counts['apps']:,} apps,"
        f" {counts['worlds']:,} worlds{missing}; {done.seconds:.1f} s"
    )
