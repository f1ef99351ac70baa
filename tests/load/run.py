"""The command line: one run, one table, the targets.

A complete run is written to RESULTS.md, with its charts; one of a part only to build/load.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from conjure.run.child import ChildFailed
from conjure.settings import EdgeSettings
from load import fairness, kernel, plot, talk, work
from load.bench import Bench, agree, connected
from load.report import machine, machine_text, rows_table
from load.rows import Drive
from load.sections import SECTIONS, TURNS, wanted
from load.stand import conjure, peer_is_installed, stand
from load.targets import targets, targets_table
from load.tools import ROOT, LoadFailed, ToolMissing, ghz_binary, wrk_binary
from load.turns import Turns, together

if TYPE_CHECKING:
    from collections.abc import Callable

    from load.sections import Section
    from load.stand import Stand, Target

SECONDS = 3.0
BUILD = ROOT / "build" / "load"
PROTOSET = BUILD / "conjure.binpb"
KERNEL = "kernel"
_ALONE = {fairness.NAME, talk.NAME, work.NAME}
"""Parts that write their own block of RESULTS.md when they are run alone."""
_NAMES = (*(section.name for section in SECTIONS), KERNEL, *sorted(_ALONE))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, with which tools, and how long."""

    wrk: str | None
    ghz: str | None
    seconds: float
    turns: int
    only: str
    warm_up_s: float

    @property
    def parts(self) -> set[str]:
        """What `--only` asks for; nothing is everything."""
        return {part.strip().lower() for part in self.only.split(",")} - {""}

    def has(self, name: str) -> bool:
        """Whether the kernel's part, or one that stands alone, is asked for."""
        return not self.parts or name in self.parts

    @property
    def has_rows(self) -> bool:
        """Whether any row is asked for."""
        return not self.parts or bool(self.parts - {KERNEL, *_ALONE})


def main(given: list[str]) -> int:
    """Measures, prints, writes build/load/load.json and .md, RESULTS.md too; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make load ARGS=…", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one turn, a second a row: a smoke")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long a row is driven")
    parser.add_argument("--turns", type=int, default=TURNS, help="how often a judged row is")
    parser.add_argument(
        "--only",
        default="",
        help=f"only these sections, with commas between: {', '.join(_NAMES)}; or rows with a word in their"
        " name, and what they are compared with",
    )
    arguments = parser.parse_args(given)
    if sys.platform != "linux":
        parser.error("costs are read from Linux's process clocks and /proc: run this on Linux")
    missing: list[str] = []
    plan = Plan(
        _found(wrk_binary, missing), None, max(1.0, min(arguments.seconds, 60.0)),
        max(1, min(arguments.turns, 20)), arguments.only, 1.0,
    )  # fmt: skip
    if arguments.quick:
        plan = replace(plan, seconds=1.0, turns=1, warm_up_s=0.5)
    if plan.has_rows:
        plan = replace(plan, ghz=_found(ghz_binary, missing))
        if not peer_is_installed():
            missing.append(
                "the peer is not there: `make load` installs it (requirements-load.lock)"
            )
    for text in missing:
        print(f"! {text}", flush=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, str(ROOT / "protos" / "generate.py"), "--image", str(PROTOSET)], check=True
    )
    try:
        report = asyncio.run(_measure(plan))
    except (LoadFailed, ChildFailed, httpx.HTTPError) as error:
        print(f"! the run ended: {error}")
        return 1
    (BUILD / "load.json").write_text(json.dumps(report, indent=1))
    titles = {section.name: section.title for section in SECTIONS}
    text = "\n".join(
        f"{titles.get(name, name.capitalize())}\n\n{block}"
        for name, block in report["blocks"].items()
    )
    (BUILD / "load.md").write_text(text)
    print(f"\n{text}\nwritten: {BUILD / 'load.json'}, {BUILD / 'load.md'}")
    return _judged(report, plan, missing)


def _judged(report: dict[str, Any], plan: Plan, missing: list[str]) -> int:
    """Records a run that counts, and returns the exit code."""
    for text in missing:
        print(f"! rows are left out: {text}")
    if any(row["failed"] for row in (*report["rows"], *report["fairness"])):
        print("! a row had errors in it: see FAILED, or the neighbour's failed calls")
        return 1
    if missing:
        return 3
    is_whole = plan.seconds >= SECONDS and plan.turns >= TURNS
    if is_whole and plan.parts <= _ALONE:
        for name, block in report["blocks"].items():
            if not plan.parts or name in plan.parts:
                plot.record(name, block)
        print(f"written: {plot.RESULTS} and its charts")
    return 0


def _found(find: Callable[[], str], missing: list[str]) -> str | None:
    try:
        return find()
    except ToolMissing as error:
        missing.append(str(error))
        return None


async def _measure(plan: Plan) -> dict[str, Any]:
    rows: list[Turns] = []
    pairs: list[fairness.Pair] = []
    works: list[work.Work] = []
    talks: list[Turns] = []
    speeches: list[talk.Speeches] = []
    with tempfile.TemporaryDirectory(prefix="conjure-load-") as directory:
        async with stand(Path(directory)) as on:
            found = machine(on.store, [tool for tool in (plan.wrk, plan.ghz) if tool])
            if plan.has_rows:
                rows = await _rows(on, plan)
            if plan.wrk is not None and plan.has(fairness.NAME):
                pairs = await _fairness(on, plan)
            if plan.has(talk.NAME):
                drive = Drive(on, PROTOSET, plan.seconds, plan.warm_up_s, plan.wrk, None)
                talks, speeches = await talk.measure(on, drive, turns=min(TURNS, plan.turns))
            if plan.has(work.NAME):  # last: it leaves thousands of apps behind
                works = await work.measure(on, idle_s=20 * plan.seconds)
    scale_file = BUILD / "scale.json"
    has_kernel = plan.has(KERNEL)
    judged = targets(
        [*rows, *talks],
        per_state=kernel.per_state() if has_kernel else None,
        findings=kernel.findings_ratio() if has_kernel else None,
        scale=json.loads(scale_file.read_text()) if scale_file.exists() else None,
        pairs=pairs,
        works=works,
    )
    if plan.parts:  # of a part only what it has measured
        judged = [target for target in judged if target.measured is not None]
    return {
        "machine": found,
        "seconds": plan.seconds,
        "rows": [row.plain() for row in (*rows, *talks)],
        "targets": [target.plain() for target in judged],
        "fairness": [fairness.plain(pair) for pair in pairs],
        "work": [work.plain(one) for one in works],
        "speeches": [talk.plain(one) for one in speeches],
        "blocks": _blocks(
            plan, machine_text(found), rows, pairs, talk.table(talks, speeches) if speeches else "",
            works, targets_table(judged),
        ),
    }  # fmt: skip


def _blocks(
    plan: Plan,
    on_what: str,
    rows: list[Turns],
    pairs: list[fairness.Pair],
    talks: str,
    works: list[work.Work],
    judged: str,
) -> dict[str, str]:
    """The text of each section, by its name; the targets last, where who runs this looks first."""
    found = {}
    for section in SECTIONS:
        if own := [row for row in rows if row.section == section.name]:
            found[section.name] = f"{section.note}\n\n{rows_table(own)}\n"
    if pairs:
        found[fairness.NAME] = f"{on_what}\n\n{fairness.NOTE}\n\n{fairness.table(pairs)}\n"
    if talks:
        found[talk.NAME] = f"{on_what}\n\n{talk.NOTE}\n\n{talks}\n"
    if works:
        found[work.NAME] = f"{on_what}\n\n{work.NOTE}\n\n{work.table(works)}\n"
    note = (
        f"Closed loop, {plan.seconds:g} s a row, in {plan.turns} turns: ratios of medians, beside them the least and"
        " the most of the turns."
    )
    found[plot.TARGETS] = f"{on_what}\n\n{note}\n\n{judged}\n"
    return found


async def _rows(on: Stand, plan: Plan) -> list[Turns]:
    """All sections that are asked for, one after the other."""
    rows: list[Turns] = []
    async with contextlib.AsyncExitStack() as opened:
        bench = Bench(on, opened)
        await bench.prepare()
        for section in SECTIONS:
            rows += await _section(bench, section, plan)
    return rows


async def _section(bench: Bench, section: Section, plan: Plan) -> list[Turns]:
    """The rows of a section, in turns: a machine is not the same a minute later."""
    asked = wanted(section.rows(bench), section.name, plan.only)
    if not peer_is_installed():
        asked = [row for row in asked if not row.at.startswith("peer")]
    if not asked:
        return []
    at = await bench.all_at(row.at for row in asked)
    await _agree(bench, at)
    drive = Drive(bench.on, PROTOSET, plan.seconds, plan.warm_up_s, plan.wrk, plan.ghz)
    for turn in range(min(section.turns, plan.turns)):
        print(f"{section.title}, turn {turn + 1}", flush=True)
        for connections in section.connections:
            for row in asked:
                if not row.connections or connections in row.connections:
                    await drive.row(row, at[row.at], connections)
        for row in asked:  # what is asked by other numbers only
            for connections in set(row.connections) - set(section.connections):
                await drive.row(row, at[row.at], connections)
    return together(section.name, drive.results)


async def _agree(bench: Bench, at: dict[str, Target]) -> None:
    """Raises LoadFailed when what is compared does not answer the same."""
    ours, worlds = await bench.at("conjure"), bench.worlds
    for name, target in at.items():
        if name.startswith("peer"):
            for known in (worlds.known, worlds.known_authored):
                await agree(ours, target, known.tokens[0])
        if name == "peer with gzip":
            answer = await connected(target, worlds.known_authored.tokens[0], "gzip")
            if answer.headers.get("content-encoding") != "gzip":
                raise LoadFailed("the peer's middleware does not compress")


async def _fairness(on: Stand, plan: Plan) -> list[fairness.Pair]:
    """What a neighbour waits for, behind an edge that is as patient as in production."""
    assert plan.wrk is not None
    edge = EdgeSettings()
    async with conjure(
        on, 1, name=fairness.NAME,
        health_interval_s=edge.health_interval_s, health_timeout_s=edge.health_timeout_s,
    ) as at:  # fmt: skip
        scene = await fairness.scene_of(on, at)
        return await fairness.drive(
            plan.wrk, at, scene, seconds=plan.seconds + 1, turns=min(2, plan.turns)
        )
