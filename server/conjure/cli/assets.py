"""`conjure assets`: the pictures that Conjure keeps, directly in the store and where they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import typer

from conjure.assets.inspection import Inspection
from conjure.cli.admin import run
from conjure.cli.common import JsonOption, fail, print_json
from conjure.providers.objects import ObjectsError
from conjure.providers.objects.opening import objects_of
from conjure.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conjure.administration import Administration

T = TypeVar("T")

assets = typer.Typer(
    no_args_is_help=True, help="Assets: are they whole, and does anybody need them."
)


@assets.command("check")
def check(*, json: JsonOption = False) -> None:
    """Read every asset, and say which are missing or damaged. Exit code 1 when any is."""
    found = _inspect(lambda inspection: inspection.check())
    if json:
        print_json(
            {
                "assets": found.assets,
                "bytes": found.bytes,
                "missing": found.missing,
                "damaged": found.damaged,
                "unreadable": found.unreadable,
            }
        )
    else:
        for kind in ("missing", "damaged", "unreadable"):
            for name in getattr(found, kind):
                print(f"{kind:<10} {name}")
        print(f"{found.assets} assets, {found.bytes} bytes")
    if found.missing or found.damaged or found.unreadable:
        raise typer.Exit(1)


@assets.command("collect")
def collect() -> None:
    """Look at every asset, and remove those that no document names, as servers do when they are due.

    What nobody has named for less than CONJURE_ASSETS_GRACE_S stays, and CONJURE_ASSETS_UNNAMED_S what nobody
    has named yet.
    """
    looked, gone = _inspect(lambda inspection: inspection.collect())
    print(f"{looked} assets, {gone} of them removed")


def _inspect(action: Callable[[Inspection], Awaitable[T]]) -> T:
    settings = Settings.from_environment().assets

    async def opened(admin: Administration) -> T:
        return await action(Inspection(admin.store, objects_of(settings), settings))

    try:
        return run(opened)
    except ObjectsError as error:
        fail(str(error))
