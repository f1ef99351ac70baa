"""`make scale`: what much of it costs, and where one node ends. See README.md beside this.

Two stores side by side, one with a thousand live sessions and one with a million, take turns, so that a
slow minute of the machine hits both. A run of full size is written to RESULTS.md. Exit codes as those of
`make load`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from conjure.store import keyspace
from conjure.run.child import ChildFailed
from conjure.run.embedded_store import REWRITE_AT_PERCENT
from load import crowd, plot
from load.bench import connect
from load.capacity import capacity_table
from load.fill import fill_leases, fill_worlds, forget_leases
from load.report import machine, machine_text, markdown, plain
from load.restart import ALL, fill_up, restart, rewrite
from load.rows import Drive, Rest
from load.run import BUILD, PROTOSET
from load.sizes import Size, weigh_all
from load.stand import conjure, import_world, stand, world_of
from load.targets import LEASES
from load.tools import CONNECTIONS, Ask, LoadFailed, ToolMissing, wrk_binary
from support.stack import new_app

if TYPE_CHECKING:
    from load.crowd import Crowd
    from load.rows import Result
    from load.stand import Stand, Target

FEW = 1_000
WORLDS = 100_000


def main(arguments: list[str]) -> int:
    """Measures, prints, writes build/load/scale.json and .md, RESULTS.md too; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make scale ARGS=…", description=__doc__)
    parser.add_argument("--leases", type=int, default=LEASES, help="about 1 KB of memory each")
    parser.add_argument("--worlds", type=int, default=WORLDS, help="in one app")
    parser.add_argument("--apps", type=int, default=crowd.APPS, help="with a key and a webhook")
    parser.add_argument(
        "--memories", type=int, default=crowd.MEMORIES, help="of players, by characters"
    )
    parser.add_argument("--jobs", type=int, default=crowd.JOBS_DUE, help="due at once")
    parser.add_argument(
        "--each", type=int, default=1_000, help="how many of each thing are weighed"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="how long a row is driven")
    given = parser.parse_args(arguments)
    if sys.platform != "linux":
        parser.error("costs are read from Linux's process clocks and /proc: run this on Linux")
    try:
        wrk = wrk_binary()
    except ToolMissing as error:
        print(f"! {error}")
        return 3
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        report = asyncio.run(_measure(wrk, given))
    except (LoadFailed, ChildFailed, httpx.HTTPError) as error:
        print(f"! the run ended: {error}")
        return 1
    (BUILD / "scale.json").write_text(json.dumps(report, indent=1))
    (BUILD / "scale.md").write_text(report["text"])
    print(f"\n{report['text']}\nwritten: {BUILD / 'scale.json'}, {BUILD / 'scale.md'}")
    if any(row["failed"] for row in report["rows"]):
        return 1
    if _is_full(given):
        plot.record(plot.SCALE, report["text"])
        print(f"written: {plot.RESULTS} and its charts")
    return 0


def _is_full(given: argparse.Namespace) -> bool:
    """Whether so much was measured that RESULTS.md may say it."""
    at_least = (
        (given.leases, LEASES), (given.worlds, WORLDS), (given.apps, crowd.APPS),
        (given.memories, crowd.MEMORIES), (given.jobs, crowd.JOBS_DUE),
    )  # fmt: skip
    return all(one >= least for one, least in at_least)


async def _measure(wrk: str, given: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="conjure-scale-") as folder:
        async with contextlib.AsyncExitStack() as opened:
            stands = [Path(folder, name) for name in ("few", "many")]
            for directory in stands:
                directory.mkdir()
            few, many = [await opened.enter_async_context(stand(path)) for path in stands]
            # A rewrite in between would change what is measured; it is measured by itself.
            for on in (few, many):
                on.store.config_set("auto-aof-rewrite-percentage", 0)
            found = machine(few.store, [wrk])
            drive = Drive(few, PROTOSET, given.seconds, 1.0, wrk, None)
            async with conjure(few, 1) as at_few:
                print(f"· weighing {given.each} of each thing", flush=True)
                sizes = await weigh_all(few, at_few, given.each)
                # It leaves the jobs to those who are measured.
                async with conjure(many, 1, {"CONJURE_QUEUE_INLINE": "false"}) as at_many:
                    ratios, filled, world = await _leases(
                        drive, (few, at_few), (many, at_many), given
                    )
                    await _worlds(drive, many, at_many, given.worlds)
                    rewritten = await rewrite(drive, many, at_many)
                    many.store.config_set("auto-aof-rewrite-percentage", 0)
                    crowded = await crowd.measure(many, given.apps, given.memories, given.jobs)
                    many.store.config_set("auto-aof-rewrite-percentage", REWRITE_AT_PERCENT)
                    await asyncio.sleep(1)
                    await fill_up(many, world)
                    restarts = [*rewritten.pop("restarts"), await restart(ALL, many, at_many)]
    session = Size(
        "live session", given.leases, filled["memory_per_session"], filled["file_per_session"]
    )
    judged = {
        "machine": found,
        "leases": given.leases,
        "worlds": given.worlds,
        **ratios,
        "rows": [plain(result) for result in drive.results],
        "sizes": [dataclasses.asdict(size) for size in (*sizes, session, *crowded.sizes)],
        "fill": filled,
        "file": rewritten,
        "restarts": [dataclasses.asdict(one) for one in restarts],
        "crowd": crowded.plain(),
    }
    return judged | {"text": _text(judged, drive.results, crowded)}


async def _leases(
    drive: Drive, few: tuple[Stand, Target], many: tuple[Stand, Target], given: argparse.Namespace
) -> tuple[dict[str, float], dict[str, float], str]:
    """Connects with few and with many live sessions, in turns; the ratios of the cheapest of each.

    And what a session takes, and the world that the many play.
    """
    worlds = [
        await import_world(at.rest_url, on.app.secret, world_of(17_000, 40))
        for on, at in (few, many)
    ]
    print(f"· {given.leases:,} sessions come in", flush=True)
    memory = many[0].store.info("memory")["used_memory"]
    file = many[0].store.info("persistence")["aof_current_size"]
    seconds = await fill_leases(many[0], worlds[1], given.leases)
    filled = {
        "seconds": seconds,
        "memory_per_session": (many[0].store.info("memory")["used_memory"] - memory) / given.leases,
        "file_per_session": (
            many[0].store.info("persistence")["aof_current_size"] - file
        ) / given.leases,
    }  # fmt: skip
    costs: tuple[list[Result], list[Result]] = ([], [])
    for _ in range(3):
        for which, (on, at) in enumerate((few, many)):
            if which == 0:
                forget_leases(on, FEW)
                live = on.store.zcard(keyspace.leases(on.app.tenant()))
                await fill_leases(on, worlds[0], max(0, FEW - live))
            drive.on = on
            tokens = await on.fresh_tokens(worlds[which], CONNECTIONS)
            name = f"connect, fresh token, {given.leases if which else FEW:,} live sessions"
            result = await drive.rest(Rest(name, connect(tokens), fresh_of=worlds[which]), at)
            assert result is not None
            costs[which].append(result)

    def cheapest(rows: list[Result], *processes: str) -> float:
        if any(row.failed for row in rows):
            raise LoadFailed(f"{rows[0].name}: {rows[0].outcome.failures}")
        return min(sum(row.cost.cpu_us[process] for process in processes) for row in rows)

    both, store = (
        cheapest(costs[1], *processes) / cheapest(costs[0], *processes)
        for processes in (("server", "store"), ("store",))
    )
    return {"connect_ratio": both, "store_ratio": store}, filled, worlds[1]


async def _worlds(drive: Drive, on: Stand, at: Target, count: int) -> None:
    """Pages of an app with very many worlds, beside one with a hundred."""
    crowded, plain_app = await new_app(on.admin), await new_app(on.admin)
    print(f"· {count:,} worlds are made", flush=True)
    await fill_worlds(on, crowded.tenant(), count)
    await fill_worlds(on, plain_app.tenant(), 100)
    drive.on = on
    index = keyspace.worlds(crowded.tenant())

    async def page(name: str, key: str, cursor: str = "") -> None:
        path = f"/v1/worlds?limit=20{cursor}"
        await drive.rest(Rest(f"list 20 worlds, {name}", Ask("GET", (path,), (key,))), at)

    await page("app with 100", plain_app.secret)
    await page(f"first of {count:,}", crowded.secret)
    for name, place in (("middle", count // 2), ("last", 20)):
        (member,) = on.store.zrange(index, place, place)
        cursor = base64.urlsafe_b64encode(member.encode()).decode().rstrip("=")
        await page(f"{name} of {count:,}", crowded.secret, f"&cursor={cursor}")


def _text(report: dict[str, Any], results: list[Result], crowded: Crowd) -> str:
    rows = markdown(
        ("what", "req/s", "p50 ms", "p99 ms", "server µs", "Envoy µs", "store µs", "MB store"),
        [
            (
                result.name,
                f"{result.outcome.rate:,.0f}",
                f"{result.outcome.p50_ms:.1f}",
                f"{result.outcome.p99_ms:.1f}",
                *(f"{result.cost.cpu_us[part]:,.0f}" for part in ("server", "envoy", "store")),
                f"{result.cost.memory_bytes['store'] / 1e6:,.0f}",
            )
            for result in results
        ],
    )
    sizes = markdown(
        ("one", "bytes in memory", "bytes in the file"),
        [
            (size["what"], f"{size['memory']:,.0f}", f"{size['file']:,.0f}")
            for size in report["sizes"]
        ],
    )
    file, fill = report["file"], report["fill"]
    grown, rewritten = (f"{file[name] / 1e6:,.0f} MB" for name in ("before_bytes", "after_bytes"))
    lines = f"""\
- Connect with {report["leases"]:,} live sessions costs {report["connect_ratio"]:.2f} times what it costs
  with {FEW:,} (server + store, the cheapest of three turns each; the store alone
  {report["store_ratio"]:.2f}).
- {report["leases"]:,} sessions were admitted by one process in {fill["seconds"]:.0f} s.
- The append-only file: {grown} as it grew, {rewritten} rewritten, which took
  {file["rewrite_s"]:.1f} s with {file["memory_bytes"] / 1e6:,.0f} MB in memory.
- Of {crowded.sizes[-1].count:,} jobs that are due, a worker that starts is given the first after
  {crowded.first_claim_s * 1e3:,.0f} ms; its first {crowded.worked:,} are of {crowded.apps_first:,} apps."""
    restarts = markdown(
        ("the store is killed, its file", "MB", "s", "s of CPU", "served again after, s", "answers meanwhile",
         "without Retry-After"),
        [
            (
                one["what"], f"{one['bytes'] / 1e6:,.0f}", f"{one['seconds']:.1f}", f"{one['cpu_s']:.1f}",
                f"{one['back_s']:.1f}",
                ", ".join(f"{status}: {count}" for status, count in sorted(one["answers"].items())),
                f"{one['silent']}",
            )
            for one in report["restarts"]
        ],
    )  # fmt: skip
    parts = (
        machine_text(report["machine"]), rows, lines, restarts, sizes, crowd.table(crowded.steps),
        capacity_table(report),
    )  # fmt: skip
    return "\n\n".join(parts) + "\n"
