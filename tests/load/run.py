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
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from conjure.run.child import ChildFailed
from conjure.settings import EdgeSettings
from load import fairness, plot, rows
from load.report import load_table, machine, machine_text, plain
from load.stand import (
    Stand,
    Target,
    conjure,
    floor,
    import_world,
    peer,
    peer_is_installed,
    stand,
    world_of,
)
from load.targets import kernel_per_state, targets, targets_table
from load.tools import CONNECTIONS, ROOT, LoadFailed, ToolMissing, ghz_binary, wrk_binary

if TYPE_CHECKING:
    from collections.abc import Callable

TURNS = 3
SECONDS = 4.0
WORKERS = (1, 2)
BUILD = ROOT / "build" / "load"
PROTOSET = BUILD / "conjure.binpb"


def main(given: list[str]) -> int:
    """Measures, prints, writes build/load/load.json and .md, RESULTS.md too; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make load ARGS=…", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one worker, a second a row: a smoke")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long a row is driven")
    parser.add_argument(
        "--workers", type=int, nargs="*", default=[*WORKERS], help="conjure workers"
    )
    parser.add_argument(
        "--only",
        default="",
        help="only rows with one of these (with commas between) in their name, and the floor;"
        " `fairness`: the rows about neighbours",
    )
    arguments = parser.parse_args(given)
    seconds, workers = max(1.0, min(arguments.seconds, 60.0)), arguments.workers
    if arguments.quick:
        seconds, workers = 1.0, [1]
    if sys.platform != "linux":
        parser.error("costs are read from Linux's process clocks and /proc: run this on Linux")
    missing: list[str] = []
    wrk, ghz = _found(wrk_binary, missing), None
    if arguments.only != fairness.NAME:
        ghz = _found(ghz_binary, missing)
    if arguments.only != fairness.NAME and not peer_is_installed():
        missing.append("the peer is not there: `make load` installs it (requirements-load.lock)")
    for text in missing:
        print(f"! {text}", flush=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, str(ROOT / "protos" / "generate.py"), "--image", str(PROTOSET)], check=True
    )
    try:
        report = asyncio.run(_measure(wrk, ghz, seconds, workers, arguments))
    except (LoadFailed, ChildFailed, httpx.HTTPError) as error:
        print(f"! the run ended: {error}")
        return 1
    (BUILD / "load.json").write_text(json.dumps(report, indent=1))
    text = "\n".join(filter(None, (report["text"], report["fairness_text"])))
    (BUILD / "load.md").write_text(text)
    print(f"\n{text}\nwritten: {BUILD / 'load.json'}, {BUILD / 'load.md'}")
    for text in missing:
        print(f"! rows are left out: {text}")
    if any(row["failed"] for row in (*report["rows"], *report["fairness"])):
        print("! a row had errors in it: see FAILED, or the neighbour's failed calls")
        return 1
    if missing:
        return 3
    if seconds >= SECONDS and arguments.only in {"", fairness.NAME}:
        plot.record(plot.FAIRNESS, report["fairness_text"])
        if not arguments.only and workers == [*WORKERS]:
            plot.record(plot.LOAD, report["text"])
        print(f"written: {plot.RESULTS} and its charts")
    return 0


def _found(find: Callable[[], str], missing: list[str]) -> str | None:
    try:
        return find()
    except ToolMissing as error:
        missing.append(str(error))
        return None


async def _worlds(on: Stand, at: Target) -> rows.Worlds:
    small, large = [
        await import_world(at.rest_url, on.app.secret, world_of(size, states))
        for size, states in ((17_000, 40), (170_000, 1000))
    ]
    return rows.Worlds(small, large, await on.fresh_tokens(small, CONNECTIONS))


async def _measure(
    wrk: str | None, ghz: str | None, seconds: float, workers: list[int], given: argparse.Namespace
) -> dict[str, Any]:
    asked = {part.strip().lower() for part in given.only.split(",")} - {""}
    results: list[rows.Result] = []
    pairs: list[fairness.Pair] = []
    with tempfile.TemporaryDirectory(prefix="conjure-load-") as directory:
        async with stand(Path(directory)) as on:
            found = machine(on.store, [tool for tool in (wrk, ghz) if tool])
            if asked != {fairness.NAME}:
                results = await _rows(on, wrk, ghz, seconds, workers, given)
            if wrk is not None and (not asked or fairness.NAME in asked):
                pairs = await _fairness(on, wrk, seconds, quick=given.quick)
    text, fairness_text, judged = "", "", []
    if results:
        scale_file = BUILD / "scale.json"
        scale = json.loads(scale_file.read_text()) if scale_file.exists() else None
        judged = targets(results, per_state=kernel_per_state(), scale=scale)
        note = (
            f"{CONNECTIONS} connections, closed loop, {seconds:g} s a row, 17 KB world of 40 states. Rows that"
            f" targets are made of: the cheapest of {1 if given.quick else TURNS} turns."
        )
        text = (
            f"{machine_text(found)}\n\n{note}\n\n{load_table(results)}\n\n{targets_table(judged)}\n"
        )
    if pairs:
        fairness_text = f"{machine_text(found)}\n\n{fairness.NOTE}\n\n{fairness.table(pairs)}\n"
    return {
        "machine": found,
        "seconds": seconds,
        "rows": [plain(result) for result in results],
        "targets": [
            {"what": one.what, "measured": one.measured, "limit": one.limit, "met": one.met}
            for one in judged
        ],
        "fairness": [fairness.plain(pair) for pair in pairs],
        "text": text,
        "fairness_text": fairness_text,
    }


async def _rows(
    on: Stand,
    wrk: str | None,
    ghz: str | None,
    seconds: float,
    workers: list[int],
    given: argparse.Namespace,
) -> list[rows.Result]:
    """Rates and costs."""
    drive = rows.Drive(
        on, PROTOSET, seconds, 0.5 if given.quick else 1.0, wrk, ghz, only=given.only
    )
    async with contextlib.AsyncExitStack() as opened:
        bare = await opened.enter_async_context(floor(on))
        beside = await opened.enter_async_context(peer(on)) if peer_is_installed() else None
        worlds: rows.Worlds | None = None
        for count in workers:
            async with conjure(on, count) as at:
                worlds = worlds or await _worlds(on, at)
                # In turns: a machine is not the same a minute later. Noise only adds, so the
                # cheapest of several counts; one worker tells enough.
                for turn in range(1 if given.quick or count != workers[0] else TURNS):
                    drive.again = turn > 0
                    if count == workers[0]:
                        await rows.drive_floor(drive, bare, on.app.secret)
                    await rows.drive_connect(drive, at, worlds, workers=count)
                    if beside is not None and count == workers[0]:
                        await rows.drive_peer(drive, beside, worlds, at)
                    await rows.drive_hot(drive, at, worlds, on.app.secret, workers=count)
                    if count == 1:
                        await rows.drive_once(drive, at, worlds, on.app.secret)
    return rows.cheapest(drive.results)


async def _fairness(on: Stand, wrk: str, seconds: float, *, quick: bool) -> list[fairness.Pair]:
    """What a neighbour waits for, behind an edge that is as patient as in production."""
    edge = EdgeSettings()
    async with conjure(
        on, 1, health_interval_s=edge.health_interval_s, health_timeout_s=edge.health_timeout_s
    ) as at:
        scene = await fairness.scene_of(on, at)
        return await fairness.drive(wrk, at, scene, seconds=seconds, turns=1 if quick else 2)
