"""Ten worlds and ten edits, one after the other, and a table."""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import importlib.util
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from model import works
from model.cases import EDITS, PREMISES, names_of
from model.engine import MODEL, running_engine
from model.stand import stand
from support.results import write_block
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.stand import Stand
    from model.works import Work

_PAGE: Final = Path(__file__).parents[2] / "server/conjure/providers/author/README.md"
_BLOCK: Final = "model"
_HEAD: Final = (
    "| | calls | tokens read | written | repairs | mended | seconds | outcome |",
    "|---|---|---|---|---|---|---|---|",
)


def main(arguments: list[str]) -> int:
    """Runs it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make model")
    parser.add_argument("--worlds", type=int, default=len(PREMISES))
    parser.add_argument("--edits", type=int, default=len(EDITS))
    parser.add_argument("--write", action="store_true", help=f"put the table into {_PAGE.name}")
    parser.add_argument("--keep", type=Path, help="a folder for logs, which are kept there")
    asked = parser.parse_args(arguments)
    if importlib.util.find_spec("xllamacpp") is None:
        print("SKIPPED: there is no engine; `make model` installs one")
        return 3
    with tempfile.TemporaryDirectory() as made:
        folder = asked.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        with running_engine(folder / "engine.log") as url:
            worlds, edits, statuses = asyncio.run(_work(folder, url, asked.worlds, asked.edits))
    table = _table(worlds, edits)
    print(f"\n{table}")
    broken = [f"{work.what}: {one}" for work in (*worlds, *edits) for one in work.broken]
    broken += [f"an answer was {status}" for status in statuses if status >= 500 and status != 503]
    for one in broken:
        print(f"BROKEN {one}")
    if asked.write:
        write_block(_PAGE, _BLOCK, table)
    return 1 if broken else 0


async def _work(
    folder: Path, engine_url: str, worlds: int, edits: int
) -> tuple[list[Work], list[Work], list[int]]:
    async with stand(folder, engine_url) as on:
        written, ids = [], []
        for number, (what, premise) in enumerate(PREMISES[:worlds]):
            work, world_id = await works.world(on, what, premise, waits=number % 2 == 0)
            written.append(_said(work))
            if world_id is not None:
                ids.append(world_id)
        edited = await _edits(on, ids, edits)
        return written, edited, on.statuses


async def _edits(on: Stand, ids: list[str], count: int) -> list[Work]:
    """On the worlds in turn; on one of ours when the model has written none."""
    if not ids:
        answer = await on.ask("POST", "/v1/worlds", world=small_world())
        ids = [str(answer.json()["worldId"])]
    edited = []
    for number, (what, asked) in enumerate(EDITS[:count]):
        world_id = ids[number % len(ids)]
        document = (await on.ask("GET", f"/v1/worlds/{world_id}")).json()["world"]
        edited.append(_said(await works.edit(on, what, world_id, asked(names_of(document)))))
    return edited


def _said(work: Work) -> Work:
    why = f" ({work.why})" if work.outcome == "refunded" else ""
    print(
        f"{work.what}: {work.outcome}{why}, {work.calls} calls, {work.read} + {work.written} tokens,"
        f" {work.repairs} repairs, {work.seconds:.0f} s",
        flush=True,
    )
    return work


def _table(worlds: Sequence[Work], edits: Sequence[Work]) -> str:
    engine = importlib.metadata.version("xllamacpp")
    lines = [
        f"`{MODEL}` (Q4_K_M) on llama.cpp (xllamacpp {engine}), two slots, on two shared cores.",
        "",
    ]
    lines += [*_HEAD, *(_row(f"world: {work.what}", work) for work in worlds)]
    lines += [_row(f"edit: {work.what}", work) for work in edits]
    return "\n".join([*lines, "", _summary("worlds", worlds), _summary("edits", edits)])


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
