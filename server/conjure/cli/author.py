"""`conjure author`: what the author of the settings makes of a premise, without a server or a store."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path  # noqa: TC003 - typer reads annotations
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from conjure.cli.common import JsonOption, fail, print_json, print_table
from conjure.cli.prose import printable
from conjure.providers.author import (
    AuthoredCharacter,
    AuthorError,
    AuthorRequest,
    CharacterRequest,
    author_of,
)
from conjure.providers.author.bar import misses, misses_of_character
from conjure.providers.pictures.frames import FrameRefused, read_frame
from conjure.settings import Settings
from conjure.settings.models import PROVIDERS
from conjure.settings.variables import SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.author import AuthoredWorld, Effort, Report
    from conjure.providers.pictures.frames import Frame
    from conjure.settings.models import AuthorSettings

author = typer.Typer(no_args_is_help=True, help="The author of worlds and characters.")

_MISSED: Final = 1  # exit code


@author.callback()
def _group() -> None:
    """Typer makes a lone command the program itself."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """How it went: a world or a character, or why there is none."""

    effort: Effort
    seconds: float
    authored: AuthoredWorld | AuthoredCharacter | None = None
    error: str | None = None
    misses: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        if self.authored is None:
            return "failed"
        return "missed" if self.misses else "accepted"


@author.command("try")
def try_(
    premise: Annotated[str, typer.Argument(help="What it is about.")] = "",
    *,
    provider: Annotated[
        str | None, typer.Option(help="builtin or openai; default: CONJURE_AUTHOR_PROVIDER.")
    ] = None,
    frame: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A picture to begin with.")
    ] = None,
    pov: Annotated[str, typer.Option(help="Point of view of a world.")] = "third_person_shoulder",
    name: Annotated[str | None, typer.Option(help="Name of the world or character.")] = None,
    character: Annotated[
        bool, typer.Option("--character", help="Have a character written, and no world.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Have a world or a character written; show it, and its cost; exit 1 if it fails or misses the bar."""
    settings = Settings.from_environment()
    chosen = _chosen(settings.author, provider)
    if not premise.strip() and frame is None:
        fail("a premise is needed, or a --frame")
    picture = _frame(frame)
    request = (
        CharacterRequest(premise.strip(), name, picture)
        if character
        else AuthorRequest(premise.strip(), name, pov, picture)
    )
    trial = asyncio.run(_tried(request, chosen, settings))
    what = "character" if character else "world"
    if json:
        print_json(_as_json(trial, chosen, what))
    else:
        _show(trial, chosen, what)
    raise typer.Exit(0 if trial.outcome == "accepted" else _MISSED)


def _chosen(settings: AuthorSettings, provider: str | None) -> AuthorSettings:
    if provider is None:
        return settings
    if provider not in PROVIDERS:
        fail(f"--provider must be {' or '.join(PROVIDERS)}")
    if provider == "openai" and not settings.model:
        raise SettingsError("--provider openai needs CONJURE_AUTHOR_MODEL")
    return replace(settings, provider=provider)


def _frame(path: Path | None) -> Frame | None:
    if path is None:
        return None
    try:
        return read_frame(path.read_bytes())
    except OSError as error:
        fail(f"{path}: {error.strerror}")
    except FrameRefused as refused:
        fail(f"{path}: the frame {refused}")


async def _tried(
    request: AuthorRequest | CharacterRequest, chosen: AuthorSettings, settings: Settings
) -> _Trial:
    begun = time.monotonic()
    authored: AuthoredWorld | AuthoredCharacter
    async with author_of(chosen, settings.openai) as writer, _progress() as report:
        try:
            if isinstance(request, CharacterRequest):
                authored = await writer.create_character(request, report)
            else:
                authored = await writer.create_world(request, report)
        except AuthorError as error:
            return _Trial(error.effort, time.monotonic() - begun, error=str(error))
        seconds = time.monotonic() - begun
        lacks = (
            misses_of_character(authored, request.premise)
            if isinstance(authored, AuthoredCharacter)
            else misses(authored.document, request.premise)
        )
        return _Trial(authored.effort, seconds, authored, misses=tuple(lacks))


@contextlib.asynccontextmanager
async def _progress() -> AsyncIterator[Report]:
    """A bar on standard error, where that is a terminal."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<8}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("planning", total=1.0)

        async def report(step: str, part: float) -> None:
            bar.update(task, description=step, completed=part)

        yield report


def _show(trial: _Trial, chosen: AuthorSettings, what: str) -> None:
    match trial.authored:
        case None:
            pass
        case AuthoredCharacter() as written:
            _show_character(written)
        case world:
            _show_world(world.document)
    effort = trial.effort
    print(
        f"{_by(chosen)}: {_counted(effort.calls, 'call')}, tokens {effort.tokens_read:,} read and"
        f" {effort.tokens_written:,} written, {_counted(effort.repairs, 'repair')},"
        f" {effort.mended} mended, {trial.seconds:.1f} s"
    )
    for finding in effort.findings:
        print(f"  found in a draft: {printable(finding)}")
    for lack in trial.misses:
        print(f"  misses the bar: {printable(lack)}")
    match trial.outcome:
        case "failed":
            print(f"no {what}: {printable(trial.error or '')}", file=sys.stderr)
        case "accepted":
            first = trial.authored is not None and trial.authored.is_first
            print("accepted" + (", as it was first written" if first else ""))
        case outcome:
            print(outcome)


def _show_character(written: AuthoredCharacter) -> None:
    print(f"{printable(written.name)} · {printable(written.description)}")
    for name in ("persona", "scene", "greeting", "lore", "examples", "subject", "style"):
        print(f"\n{name}")
        for line in getattr(written, name).splitlines():
            print(f"  {printable(line)}")
    print()
    rows = [
        tuple(map(printable, (each.id, each.label, each.mood, each.expression)))
        for each in written.stances
    ]
    print_table("stance", "label", "mood", "expression", rows=rows)
    print()


def _show_world(document: dict[str, Any]) -> None:
    print(f"{printable(str(document['name']))} · {printable(str(document.get('description', '')))}")
    print()
    print_table("state", "event", "leads to", "needs", "gives", rows=_rows(document))
    print()


def _rows(document: dict[str, Any]) -> list[tuple[str, ...]]:
    """The plan: from each state, the entrance first, what leads where, and what for."""
    states, entrance = document["scene"]["states"], document["entrance"]["state"]
    rows = []
    for name in sorted(states, key=lambda name: name != entrance):
        ending = (states[name].get("ending") or {}).get("kind")
        title = printable(name) + (f" ({ending})" if ending else "")
        title += " (entrance)" if name == entrance else ""
        leaves = [event for event in document["scene"]["events"] if name in event["from"]]
        for event in leaves:
            flags = (", ".join(event.get(member) or ()) for member in ("requires", "grants"))
            texts = (event["name"], event.get("to") or "", *flags)
            rows.append((title, *(printable(text) for text in texts)))
            title = ""
        if not leaves:
            rows.append((title, "", "", "", ""))
    return rows


def _as_json(trial: _Trial, chosen: AuthorSettings, what: str) -> dict[str, Any]:
    effort, authored = trial.effort, trial.authored
    return {
        "provider": chosen.provider,
        "model": chosen.model if chosen.provider == "openai" else None,
        "outcome": trial.outcome,
        "error": trial.error,
        "isFirst": authored is not None and authored.is_first,
        "misses": trial.misses,
        "calls": effort.calls,
        "tokensRead": effort.tokens_read,
        "tokensWritten": effort.tokens_written,
        "repairs": effort.repairs,
        "findings": effort.findings,
        "mended": effort.mended,
        "seconds": round(trial.seconds, 3),
        what: None if authored is None else _written(authored),
    }


def _written(authored: AuthoredWorld | AuthoredCharacter) -> dict[str, Any]:
    """The document of a world; the members of a character, as POST /v1/characters takes them."""
    if not isinstance(authored, AuthoredCharacter):
        return authored.document
    members = asdict(authored)
    return {
        name: value
        for name, value in members.items()
        if name not in ("cover", "is_first", "effort")
    }


def _by(chosen: AuthorSettings) -> str:
    return chosen.provider + (
        f" ({printable(chosen.model)})" if chosen.provider == "openai" else ""
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
