"""`conjure store`: the format of the store, directly in the store, as `conjure apps` is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from conjure import __version__
from conjure.cli.common import JsonOption, admin_settings, print_json, print_table
from conjure.core.times import rfc3339
from conjure.migrations import STEPS
from conjure.store.client import Store
from conjure.store.format import FORMAT, FormatRefused, advice, read_stamp, refusal, said
from conjure.store.upgrade import steps_to, upgrade

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conjure.store.format import Stamp

T = TypeVar("T")

store = typer.Typer(no_args_is_help=True, help="The store's format: what it is, and raising it.")


@store.command("status")
def status(*, json: JsonOption = False) -> None:
    """Show the store's format, the release that made it, and what is left to do.

    It reads stores that this release must not use, too, and changes none.
    """
    found, stamp, trouble = _run(_look)
    pending = None if stamp is None else advice(stamp)
    if json:
        print_json(
            {
                "format": found.get("format") if stamp is None else stamp.format,
                "release": found.get("release"),
                "since": _time(found.get("since")),
                "upgrading": found.get("upgrading"),
                "restoring": found.get("restoring"),
                "thisRelease": __version__,
                "thisFormat": FORMAT,
                "refused": trouble,
                "pending": pending,
            }
        )
        return
    at = "none: nothing is stored" if stamp is None or not stamp.format else str(stamp.format)
    rows = [
        ("format", found.get("format", at)),
        ("made by", found.get("release", "")),
        ("since", _time(found.get("since")) or ""),
        ("upgrading to", found.get("upgrading", "")),
        ("restoring", found.get("restoring", "")),
        ("this release", f"{__version__}, which reads formats {FORMAT - 1} and {FORMAT}"),
        ("refused", trouble or ""),
        ("pending", pending or ""),
    ]
    print_table("", "", rows=[row for row in rows if row[1]])


@store.command("upgrade")
def upgrade_store(
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; exit code 1 when something is left to do."),
    ] = False,
) -> None:
    """Raise the store's format to what this release writes, once no server of the release before runs.

    Servers of this release may serve meanwhile. One that was broken off goes on where it was; twice, or two
    at once, does no harm. There is no way back to the release before but a backup.
    """
    if check:
        _, stamp, trouble = _run(_look)
        if trouble is not None or stamp is None:
            raise FormatRefused(trouble or "")
        if (pending := advice(stamp)) is None:
            print("nothing is left to do")
            return
        print(pending)
        for step in steps_to(STEPS, stamp.format):
            print(f"- {step.says}")
        raise typer.Exit(1)
    before = _run(lambda opened: upgrade(opened, STEPS, print))
    if before in {0, FORMAT}:
        print(f"the store has format {FORMAT}: nothing was left to do")
    else:
        print(f"the store has format {FORMAT}; it had {before}")


async def _look(opened: Store) -> tuple[dict[str, str], Stamp | None, str | None]:
    """What stands there, what it means, and why this release must not use it."""
    found = await said(opened)
    try:
        stamp = await read_stamp(opened)
    except FormatRefused as error:
        return found, None, str(error)
    return found, stamp, refusal(stamp)


def _run(action: Callable[[Store], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with Store(admin_settings().store) as one:
            return await action(one)

    return asyncio.run(opened())


def _time(ms: str | None) -> Any:
    return rfc3339(int(ms)) if ms is not None and ms.isdecimal() and len(ms) < 15 else ms
