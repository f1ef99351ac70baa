"""`conjure queue`: durable work and its dead letters, directly in the store, as `conjure apps` is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from conjure.cli.admin import run
from conjure.cli.common import JsonOption, fail, print_json, print_table
from conjure.core.caller import MODES, Tenant
from conjure.core.times import rfc3339
from conjure.queue.directory import Directory
from conjure.queue.kinds import JOBS, KINDS
from conjure.queue.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conjure.administration import Administration
    from conjure.queue.survey import DeadLetter, Depth

T = TypeVar("T")

queue = typer.Typer(no_args_is_help=True, help="Durable work: how much there is, and dead letters.")

_MOST_LISTED: Final = 10_000
_NO_JOBS: Final = (
    "; a job is never one: when it fails for good it is marked failed, and its unit is given back"
)

KindArgument = Annotated[str, typer.Argument(help=" or ".join((", ".join(KINDS[:-1]), KINDS[-1])))]
IdOption = Annotated[str | None, typer.Option("--id", help="Of one dead letter, with --app.")]
AllOption = Annotated[
    bool, typer.Option("--all", help="All: of one --app and --mode, or of all apps.")
]
AppOption = Annotated[str | None, typer.Option("--app", help="The app's id.")]
ModeOption = Annotated[str | None, typer.Option(help="test or live; default: test.")]


@queue.command("list")
def list_work(
    kind: Annotated[str | None, typer.Argument(help=f"{', '.join(KINDS)}; default: all.")] = None,
    *,
    dead: Annotated[bool, typer.Option("--dead", help="The dead letters, one by one.")] = False,
    limit: Annotated[
        int, typer.Option(help="Dead letters of each kind at most.", min=1, max=_MOST_LISTED)
    ] = 100,
    json: JsonOption = False,
) -> None:
    """Show what waits and runs, by kind; entries are counted in the 1,000 lanes that are next.

    With --dead the dead letters: work that was given up, kept for CONJURE_QUEUE_DEAD_DAYS. Jobs are never
    among them: one that fails for good is marked failed, and its unit is given back.
    """
    kinds = KINDS if kind is None else (_known(kind),)
    if dead:
        _print_letters(
            _survey(lambda survey: _each(kinds, lambda of: survey.dead_letters(of, limit=limit))),
            json=json,
        )
    else:
        _print_depths(kinds, _survey(lambda survey: _each(kinds, survey.depth)), json=json)


@queue.command("retry")
def retry(
    kind: KindArgument,
    *,
    letter: IdOption = None,
    everything: AllOption = False,
    app: AppOption = None,
    mode: ModeOption = None,
) -> None:
    """Make dead letters due again, as if for the first time."""
    count = _change("retry", kind, letter, app, mode, everything=everything)
    print("1 dead letter is due again" if count == 1 else f"{count} dead letters are due again")


@queue.command("drop")
def drop(
    kind: KindArgument,
    *,
    letter: IdOption = None,
    everything: AllOption = False,
    app: AppOption = None,
    mode: ModeOption = None,
) -> None:
    """Forget dead letters. What they were for will never be done."""
    count = _change("drop", kind, letter, app, mode, everything=everything)
    print("1 dead letter was dropped" if count == 1 else f"{count} dead letters were dropped")


def _change(
    action: str,
    kind: str,
    letter: str | None,
    app: str | None,
    mode: str | None,
    *,
    everything: bool,
) -> int:
    """Retries or drops what the options name; returns how many. Ends the program when that is nothing."""
    _known(kind)
    if everything == (letter is not None):
        fail("give either --id or --all")
    if letter is not None and not (letter and app):
        fail("--id needs an id, and --app: the columns of `conjure queue list --dead`")
    if mode is not None and app is None:
        fail("--mode needs --app")
    if mode is not None and mode not in MODES:
        fail(f"--mode must be {' or '.join(MODES)}")
    tenant = None if app is None else Tenant(app, mode or "test")

    async def change(admin: Administration) -> int | None:
        survey = _survey_of(admin)
        if tenant is not None and await admin.apps.get(tenant.app) is None:
            return None
        if tenant is not None and letter is not None:
            step = survey.retry if action == "retry" else survey.drop
            return await step(tenant, kind, letter)
        every = survey.retry_all if action == "retry" else survey.drop_all
        return await every(kind, tenant)

    count = run(change)
    if count is None:
        fail(f"there is no app {app!r}")
    if letter is not None and not count:
        why = _NO_JOBS if kind == JOBS else ""
        fail(f"{letter!r} is no dead letter of {kind} in mode {mode or 'test'} of that app{why}")
    return count


def _known(kind: str) -> str:
    if kind not in KINDS:
        fail(f"{kind!r} is no kind of work; kinds: {', '.join(KINDS)}")
    return kind


def _survey_of(admin: Administration) -> Survey:
    return Survey(admin.store, Directory(admin.store))


def _survey(action: Callable[[Survey], Awaitable[T]]) -> T:
    return run(lambda admin: action(_survey_of(admin)))


async def _each(kinds: tuple[str, ...], action: Callable[[str], Awaitable[T]]) -> list[T]:
    return list(await asyncio.gather(*(action(kind) for kind in kinds)))


def _print_depths(kinds: tuple[str, ...], depths: list[Depth], *, json: bool) -> None:
    if json:
        print_json(
            [
                {
                    "kind": kind,
                    "lanes": depth.lanes,
                    "entries": depth.entries,
                    "running": depth.running,
                    "oldestDueSeconds": round(depth.oldest_due_s, 3),
                    "dead": depth.dead,
                }
                for kind, depth in zip(kinds, depths, strict=True)
            ]
        )
        return
    rows = [
        (kind, d.lanes, d.entries, d.running, f"{d.oldest_due_s:.1f}s", d.dead)
        for kind, d in zip(kinds, depths, strict=True)
    ]
    print_table("kind", "lanes", "entries", "running", "oldest-due", "dead", rows=rows)


def _print_letters(found: list[list[DeadLetter]], *, json: bool) -> None:
    letters = [letter for of_kind in found for letter in of_kind]
    if json:
        print_json([_letter_as_json(letter) for letter in letters])
        return
    rows = [
        (
            letter.tenant.app,
            letter.tenant.mode,
            letter.kind,
            letter.id,
            letter.lane,
            letter.attempts,
            rfc3339(letter.created_ms),
            rfc3339(letter.buried_ms),
            letter.cause,
        )
        for letter in letters
    ]
    print_table(
        "app", "mode", "kind", "id", "lane", "attempts", "created", "buried", "cause", rows=rows
    )


def _letter_as_json(letter: DeadLetter) -> dict[str, Any]:
    return {
        "app": letter.tenant.app,
        "mode": letter.tenant.mode,
        "kind": letter.kind,
        "id": letter.id,
        "lane": letter.lane,
        "attempts": letter.attempts,
        "createdAt": rfc3339(letter.created_ms),
        "buriedAt": rfc3339(letter.buried_ms),
        "cause": letter.cause,
        "payload": letter.payload.decode(errors="replace"),
    }
