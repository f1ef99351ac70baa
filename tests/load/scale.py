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
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import redis

from conjure.store import keyspace
from conjure.run.child import ChildFailed
from load import plot
from load.bench import connect
from load.capacity import capacity_table
from load.fill import fill_leases, fill_worlds, forget_leases
from load.report import machine, machine_text, markdown, plain
from load.rows import Drive, Rest
from load.run import BUILD, PROTOSET
from load.sizes import Size, weigh_all
from load.stand import conjure, import_world, stand, world_of
from load.targets import LEASES
from load.tools import CONNECTIONS, Ask, LoadFailed, ToolMissing, wrk_binary
from support.stack import new_app

if TYPE_CHECKING:
    from load.rows import Result
    from load.stand import Stand, Target

FEW = 1_000
WORLDS = 100_000
_LOAD_S = 300  # a store that has not read its file by then never will
_POLL_S = 0.01


def main(arguments: list[str]) -> int:
    """Measures, prints, writes build/load/scale.json and .md, RESULTS.md too; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make scale ARGS=…", description=__doc__)
    parser.add_argument("--leases", type=int, default=LEASES, help="about 1 KB of memory each")
    parser.add_argument("--worlds", type=int, default=WORLDS, help="in one app")
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
    if given.leases >= LEASES and given.worlds >= WORLDS:
        plot.record(plot.SCALE, report["text"])
        print(f"written: {plot.RESULTS} and its charts")
    return 0


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
                async with conjure(many, 1) as at_many:
                    ratios, filled = await _leases(drive, (few, at_few), (many, at_many), given)
                    await _worlds(drive, many, at_many, given.worlds)
                    rewritten = await _rewrite(drive, many, at_many)
            restarts = rewritten.pop("restarts")
    session = Size(
        "live session", given.leases, filled["memory_per_session"], filled["file_per_session"]
    )
    judged = {
        "machine": found,
        "leases": given.leases,
        "worlds": given.worlds,
        **ratios,
        "rows": [plain(result) for result in drive.results],
        "sizes": [dataclasses.asdict(size) for size in (*sizes, session)],
        "fill": filled,
        "file": rewritten,
        "restarts_s": restarts,
    }
    return judged | {"text": _text(judged, drive.results)}


async def _leases(
    drive: Drive, few: tuple[Stand, Target], many: tuple[Stand, Target], given: argparse.Namespace
) -> tuple[dict[str, float], dict[str, float]]:
    """Connects with few and with many live sessions, in turns; the ratios of the cheapest of each."""
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
    return {"connect_ratio": both, "store_ratio": store}, filled


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


async def _rewrite(drive: Drive, on: Stand, at: Target) -> dict[str, Any]:
    """Kills and restarts the store on its file, as it grew and rewritten; connects meanwhile."""
    store, watched = on.store, at.meter.pids
    before = store.info("persistence")["aof_current_size"]
    restarts = {"as it grew": await _restart(on)}
    at = dataclasses.replace(at, meter=on.meter(server=watched["server"], envoy=watched["envoy"]))

    async def done() -> float:
        started = time.monotonic()
        while True:
            info = store.info("persistence")
            if not (info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"]):
                return time.monotonic() - started
            await asyncio.sleep(0.1)

    await asyncio.sleep(1)
    await done()  # a store that starts on a file that grew so much rewrites it at once
    print("· the file is rewritten", flush=True)
    store.bgrewriteaof()
    waiting = asyncio.ensure_future(done())
    tenant = on.app.tenant()
    jti = store.zrange(keyspace.leases(tenant), 0, 0)[0]
    world = store.hget(keyspace.lease(tenant, jti), "world")
    tokens = await on.fresh_tokens(world, CONNECTIONS)
    name = "connect, known token, while the file is rewritten"
    await drive.rest(Rest(name, connect(tokens)), at)
    seconds = await waiting
    after = store.info("persistence")["aof_current_size"]
    restarts["rewritten"] = await _restart(on)
    return {
        "rewrite_s": seconds,
        "before_bytes": before,
        "after_bytes": after,
        "memory_bytes": store.info("memory")["used_memory"],
        "restarts": restarts,
    }


async def _restart(on: Stand) -> float:
    """Kills the store, as a crash does; returns the seconds until it answers with all of its data."""
    print("· the store is killed", flush=True)
    keys = on.store.dbsize()
    os.kill(on.store_child.pid, signal.SIGKILL)
    started = time.monotonic()
    while time.monotonic() - started < _LOAD_S:
        with contextlib.suppress(redis.RedisError):
            if on.store.ping():
                took = time.monotonic() - started
                missing = keys - on.store.dbsize()
                # What lives for a minute may have ended meanwhile; a lease may not.
                if missing > keys // 100:
                    raise LoadFailed(f"{missing} of {keys} keys are gone after a restart")
                return took
        await asyncio.sleep(_POLL_S)
    raise LoadFailed("the store did not come back")


def _text(report: dict[str, Any], results: list[Result]) -> str:
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
    file, fill, restarts = report["file"], report["fill"], report["restarts_s"]
    grown, rewritten = (f"{file[name] / 1e6:,.0f} MB" for name in ("before_bytes", "after_bytes"))
    lines = f"""\
- Connect with {report["leases"]:,} live sessions costs {report["connect_ratio"]:.2f} times what it costs
  with {FEW:,} (server + store, the cheapest of three turns each; the store alone
  {report["store_ratio"]:.2f}).
- {report["leases"]:,} sessions were admitted by one process in {fill["seconds"]:.0f} s.
- The append-only file: {grown} as it grew, {rewritten} rewritten, which took
  {file["rewrite_s"]:.1f} s with {file["memory_bytes"] / 1e6:,.0f} MB in memory.
- Killed, and serving again with all data: {restarts["as it grew"]:.1f} s from the file as it grew,
  {restarts["rewritten"]:.1f} s once rewritten."""
    parts = (machine_text(report["machine"]), rows, lines, sizes, capacity_table(report))
    return "\n\n".join(parts) + "\n"
