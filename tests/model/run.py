"""Ten worlds, ten edits and ten turns of a talk, and their tables."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import statistics
import tempfile
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model import works
from model.cases import EDITS, LINES, PREMISES, names_of
from model.engine import MODEL, SLOTS, running_engine
from model.stand import stand
from model.talk import talk
from support.results import write_block
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

    from model.works import Work

_PROVIDERS: Final = Path(__file__).parents[2] / "server/conjure/providers"
_PAGE: Final = _PROVIDERS / "author/README.md"
_PAGE_OF_TALK: Final = _PROVIDERS / "brain/README.md"
_BLOCK: Final = "model"
_BY_JOBS: Final = 2
_HEAD: Final = (
    "| | calls | tokens read | written | repairs | mended | seconds | outcome |",
    "|---|---|---|---|---|---|---|---|",
)


def main(arguments: list[str]) -> int:
    """Runs it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make model")
    parser.add_argument("--worlds", type=int, default=len(PREMISES))
    parser.add_argument("--edits", type=int, default=len(EDITS))
    parser.add_argument("--turns", type=int, default=len(LINES))
    parser.add_argument(
        "--at", metavar="URL", help="an endpoint that runs; --model names its model"
    )
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--write", action="store_true", help="put the tables into the READMEs")
    parser.add_argument("--keep", type=Path, help="a folder for logs, which are kept there")
    asked = parser.parse_args(arguments)
    if asked.at is None and importlib.util.find_spec("xllamacpp") is None:
        print("SKIPPED: there is no engine; `make model` installs one")
        return 3
    with tempfile.TemporaryDirectory() as made:
        folder = asked.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        running = (
            running_engine(folder / "engine.log") if asked.at is None else nullcontext(asked.at)
        )
        with running as url:
            worlds, edits, said, broken = asyncio.run(_work(folder, url, asked))
    table = _table(asked.model, worlds, edits)
    table_of_talk = "\n".join(
        [
            *_HEAD,
            *(_row(work.what, work) for work in said),
            "",
            _summary("turns and summaries", said),
        ]
    )
    print(f"\n{table}\n\n{table_of_talk}")
    broken += [f"{work.what}: {one}" for work in (*worlds, *edits, *said) for one in work.broken]
    for one in broken:
        print(f"BROKEN {one}")
    if asked.write:
        write_block(_PAGE, _BLOCK, table)
        write_block(
            _PAGE_OF_TALK, _BLOCK, f"`{asked.model}`, alone on the engine.\n\n{table_of_talk}"
        )
    return 1 if broken else 0


async def _work(
    folder: Path, url: str, asked_for: argparse.Namespace
) -> tuple[list[Work], list[Work], list[Work], list[str]]:
    """Returns the worlds, the edits, the turns, and the promises of the whole that were broken."""
    worlds, edits = asked_for.worlds, asked_for.edits
    async with stand(folder, url, asked_for.model) as on:
        by_jobs = min(_BY_JOBS, worlds // 2)
        cases = PREMISES[:worlds]
        written = await _some_at_once(
            works.world(on, what, premise, waits=True) for what, premise in cases[by_jobs:]
        )
        for what, premise in cases[:by_jobs]:
            written.append(_said(await works.world(on, f"{what}, by a job", premise, waits=False)))
        broken = []
        accepted = [work.document for work in written if work.document is not None]
        if (cost := await on.used("generation")) != len(accepted):
            broken.append(f"{len(accepted)} worlds cost {cost}")
        originals = accepted or [small_world()]
        asked = [
            (what, ask, originals[at % len(originals)]) for at, (what, ask) in enumerate(EDITS)
        ]
        making = [
            works.edit(on, what, document, ask(names_of(document)))
            for what, ask, document in asked[:edits]
        ]
        # The first one alone: it finds out what the endpoint can do, for all.
        edited = [*await _some_at_once(making[:1]), *await _some_at_once(making[1:])]
        charged = sum(work.outcome in ("edited", "asked") for work in edited)
        if (cost := await on.used("edit")) != charged:
            broken.append(f"{charged} edits cost {cost}")
        said = []
        if asked_for.turns:
            said = [_said(work) async for work in talk(on, LINES[: asked_for.turns])]
            answered = sum(work.outcome == "answered" for work in said[:-1])
            if (cost := await on.used("say")) != answered:
                broken.append(f"{answered} turns cost {cost}")
        strange = Counter(status for status in on.statuses if status >= 500 and status != 503)
        broken += [f"{count} answers were {status}" for status, count in strange.items()]
        return written, edited, said, broken


async def _some_at_once(all_of: Iterable[Coroutine[Any, Any, Work]]) -> list[Work]:
    """Does them, as many at once as the engine has slots; returns them in their order."""
    turns = asyncio.Semaphore(SLOTS)

    async def one(work: Coroutine[Any, Any, Work]) -> Work:
        async with turns:
            return _said(await work)

    return await asyncio.gather(*map(one, all_of))


def _said(work: Work) -> Work:
    why = f" ({work.why})" if work.outcome == "refunded" else ""
    print(
        f"{work.what}: {work.outcome}{why}, {work.calls} calls, {work.read} + {work.written} tokens,"
        f" {work.repairs} repairs, {work.seconds:.0f} s",
        flush=True,
    )
    return work


def _table(model: str, worlds: Sequence[Work], edits: Sequence[Work]) -> str:
    lines = [f"`{model}`, {SLOTS} works at a time, so that each has a part of the engine only.", ""]
    lines += [*_HEAD, *(_row(f"world: {work.what}", work) for work in worlds)]
    lines += [_row(f"edit: {work.what}", work) for work in edits]
    return "\n".join([*lines, "", _summary("worlds", worlds), "", _summary("edits", edits)])


def _row(what: str, work: Work) -> str:
    cells = (what, work.calls, f"{work.read:,}", f"{work.written:,}", work.repairs, work.mended,
             f"{work.seconds:.0f}", work.outcome)  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _summary(noun: str, all_of: Sequence[Work]) -> str:
    if not all_of:
        return f"No {noun}."
    outcomes = {work.outcome: 0 for work in all_of}
    for work in all_of:
        outcomes[work.outcome] += 1
    ended = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    read, written, seconds, calls = (
        statistics.median(values)
        for values in zip(
            *((work.read, work.written, work.seconds, work.calls) for work in all_of), strict=True
        )
    )
    return (
        f"{len(all_of)} {noun}: {ended}; the median {calls:.0f} calls, {read:,.0f} tokens read,"
        f" {written:,.0f} written, {seconds:.0f} s."
    )
