"""Sixteen callers who meet at four worlds, at a few sessions and at eight places, while parts are hurt.

What they were told has to have an explanation by a service that does one thing at a time. Porcupine looks for one;
where it finds none, or not in time, the test fails. Without Go nothing is judged, and the test says so.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from support.chaos.deployment import deployment
from support.chaos.judgement import JUDGE, judge
from support.chaos.ledger import Fate
from support.chaos.load import JUDGED_MIX
from support.chaos.proxy import Proxy
from support.chaos.trial import trial
from support.programs import go_built, needed
from support.until import until

pytestmark = pytest.mark.chaos

CALLERS, CAP = 16, 8
ENOUGH = 120
"""Calls that were acknowledged, before, between and after what is hurt: fewer prove little."""


@pytest.fixture(autouse=True)
def _judge():
    with needed():
        go_built(JUDGE)


async def judged(deployed, fault, inject, **expected):
    """A trial whose history has to be explained, all of it."""
    await deployed.cap_live_sessions(CAP)
    judgement = await trial(
        deployed, f"linearizable: {fault}", inject, callers=CALLERS, mix=JUDGED_MIX, **expected
    )
    print(*judgement.verdicts, sep="\n")  # noqa: T201 - with -s it measures
    assert not judgement.undecided(), "\n".join(judgement.undecided())
    found = {verdict.model: verdict for verdict in judgement.verdicts}
    assert found.keys() == {"world", "sessions", "keys"}
    assert all(verdict.operations > 20 for verdict in found.values()), "there was load"


async def until_busy(ledger, enough=ENOUGH):
    """Returns when so many calls have been acknowledged that begin from now on."""
    begun, seen = time.monotonic(), len(ledger.attempts)

    def is_busy() -> bool:
        calls = ledger.attempts[seen:]
        return sum(a.begun >= begun and a.fate is Fate.DONE for a in calls) >= enough

    await until(is_busy)


async def struck(deployed, times, hurt):
    """Hurts a few times, with load before and after each; returns the moments, or those that `hurt` returns."""
    moments = []
    for _ in range(times):
        await until_busy(deployed.ledger)
        begun = time.monotonic()
        moments.append(await hurt() or begun)
    await until_busy(deployed.ledger)
    return moments


async def test_nothing_is_hurt(tmp_path):
    async with deployment(tmp_path) as deployed:

        async def nothing():
            pass

        await judged(deployed, "no fault", lambda: struck(deployed, 3, nothing), felt=False)
        operations = deployed.history()
    for model, lie in {
        "world": first(operations, "read", "done", {"rev": "1"}),
        # All of them: one alone may have found the place of a session that ended at that very time.
        "sessions": [
            one | {"outcome": "done", "hold": 1_000_000}
            if (one["op"], one.get("outcome")) == ("connect", "refused")
            else one
            for one in operations
        ],
        "keys": first(operations, "ask", "done", {"answer": "another"}),
    }.items():
        judgement = await judge(lie, f"a lie of {model}", keep=tmp_path)
        assert {v.model for v in judgement.verdicts if v.violated} == {model}, (
            "what really happened convicts it"
        )


def first(operations, name, outcome, changed):
    """A history with the first such operation changed: of reads the first that is not of the first revision."""
    at = next(
        n for n, one in enumerate(operations)
        if (one["op"], one.get("outcome")) == (name, outcome) and one.get("rev") != "1"
    )  # fmt: skip
    return [*operations[:at], operations[at] | changed, *operations[at + 1 :]]


async def test_the_store_is_killed(tmp_path):
    async with deployment(tmp_path) as deployed:

        async def kill():
            os.kill(deployed.store.pid, signal.SIGKILL)

        await judged(deployed, "SIGKILL of the store, 3 times", lambda: struck(deployed, 3, kill))


async def test_a_worker_of_two_is_killed(tmp_path):
    async with deployment(tmp_path) as deployed:
        turn = iter([0, 1, 0])

        async def kill():
            port = deployed.ports[next(turn)]
            killed = deployed.worker(port)
            os.kill(killed, signal.SIGKILL)
            await until(lambda: deployed.worker(port) != killed)

        await judged(
            deployed, "SIGKILL of a worker of two, 3 times", lambda: struck(deployed, 3, kill)
        )


async def test_the_store_is_frozen(tmp_path):
    """Longer than callers wait: what was sent before is done when it wakes, and nobody was told."""
    async with deployment(tmp_path) as deployed:

        async def freeze():
            os.kill(deployed.store.pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(7)
            finally:
                os.kill(deployed.store.pid, signal.SIGCONT)
            return time.monotonic()

        await judged(deployed, "SIGSTOP of the store for 7 s", lambda: struck(deployed, 1, freeze))


async def test_the_connections_to_the_store_are_killed(tmp_path):
    async with deployment(tmp_path) as deployed:

        async def kill():
            busy = asyncio.ensure_future(until_busy(deployed.ledger, 4 * ENOUGH))
            while not busy.done():
                await asyncio.sleep(0.1)
                await deployed.admin.store.write(
                    "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"
                )
            await busy
            return [time.monotonic()]

        await judged(deployed, "CLIENT KILL ten times a second", kill, felt=None)


async def test_the_connections_to_the_store_break_in_the_middle_of_replies(tmp_path):
    async with Proxy() as proxy:

        def through(url):
            return f"redis://127.0.0.1:{proxy.to(int(url.rpartition(':')[2].partition('/')[0]))}/0"

        async with deployment(tmp_path, store_seen_as=through) as deployed:

            async def cut():
                proxy.cut_replies = proxy.cut_requests = 0.02
                await until_busy(deployed.ledger, 4 * ENOUGH)
                proxy.cut_replies = proxy.cut_requests = 0
                return [time.monotonic()]

            await judged(deployed, "server to store: 2 % of pieces cut in two", cut, felt=None)
