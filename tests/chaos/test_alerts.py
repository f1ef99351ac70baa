"""Each alert of edge/alerts.yaml is fired by the fault that it is for, by a real Prometheus, and by nothing else.

Time is compressed (`support/alerting/rules.py`): a minute of a rule is a second here. All faults happen to one
deployment, one after the other; each begins when all is silent, and has to leave it so. What the dashboard asks for
is asked for, too.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from support.alerting.dashboard import SILENT_UNTIL_A_FAULT, Board
from support.alerting.deployment import running_scene
from support.alerting.faults import FAULTS
from support.alerting.load import Life
from support.alerting.rules import FACTOR, IS_BUSY, LONGEST_S, NAMES, OF_BUSY_MACHINES
from support.chaos.report import ALERTS, FiredAlert
from support.programs import go_program, needed
from support.until import LIMIT_S, until

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(1_800),  # Prometheus may have to be made first
    # Callers are cancelled in the middle of a call when a fault is over; their sockets are closed a little later.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
async def scene(tmp_path_factory):
    with needed():
        program = go_program("prometheus")
    async with running_scene(tmp_path_factory.mktemp("alerts"), program) as running:
        yield running


@pytest.fixture(scope="module")
async def life(scene):
    async with Life(scene, scene.deployed.app).going_on() as going:
        yield going


@pytest.fixture(scope="module")
def board(scene):
    return Board(scene.prometheus)


PATIENCE_S = LIMIT_S + LONGEST_S / FACTOR
BESIDE = OF_BUSY_MACHINES if IS_BUSY else set()


async def until_silent(prometheus):
    """Waits until no alert is pending, either."""

    async def is_silent():
        return set(await prometheus.alerts()) <= BESIDE

    try:
        await until(is_silent, limit_s=PATIENCE_S)
    except TimeoutError:
        raise AssertionError(f"it is not silent: {await prometheus.alerts()}") from None


async def test_no_alert_fires_without_a_fault(scene, life, board):
    """For as long as any of them needs. Everything is used meanwhile, and nobody is told of a failure of ours."""
    await until_silent(scene.prometheus)
    begun = time.monotonic()
    await asyncio.sleep(LONGEST_S / FACTOR)
    assert await scene.prometheus.fired_within(time.monotonic() - begun) <= BESIDE
    assert not life.failures()
    assert not await scene.prometheus.faults()
    answered = {kind for kind, status in life.answers if status in {200, 202, 204}}
    assert answered >= {"read", "write", "connect", "end", "job", "lint", "look", "cover"}, answered
    await board.ask()
    assert board.silent <= SILENT_UNTIL_A_FAULT


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_fires_its_alerts_and_no_others(scene, life, board, name):
    fault, prometheus = FAULTS[name], scene.prometheus
    await until_silent(prometheus)
    begun = time.monotonic()
    async with fault.inject(scene, life):
        try:
            await until(lambda: _fires(prometheus, fault.fires), limit_s=PATIENCE_S)
        except TimeoutError:
            raise AssertionError(f"{fault.text}: {await prometheus.alerts()}") from None
        fired_s = time.monotonic() - begun
        await board.ask()
    healed = time.monotonic()
    await until_silent(prometheus)
    gone_s = time.monotonic() - healed
    fired = await prometheus.fired_within(time.monotonic() - begun)
    ALERTS.append(
        FiredAlert(fault.text, sorted(fault.fires), sorted(fired - fault.fires), fired_s, gone_s)
    )
    assert fault.fires <= fired <= fault.fires | fault.companions | BESIDE


async def _fires(prometheus, names):
    states = await prometheus.alerts()
    return all(states.get(name) == "firing" for name in names)


def test_each_alert_has_its_fault():
    fired = {alert for fault in FAULTS.values() for alert in fault.fires}
    assert fired == set(NAMES)


async def test_each_query_of_the_dashboard_has_shown_something(board):
    """Some are of what only a fault makes: they have had theirs. Garbage is looked for every few minutes."""
    await board.ask("15m")
    assert not board.silent
