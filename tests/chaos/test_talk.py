"""Players talk with a character, and listen, under faults: no answered turn is lost, no unit leaks."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import pytest

from support.chaos.deployment import MUCH, deployment
from support.chaos.ledger import Attempt, Fate
from support.chaos.talk import PLAYERS, VOICE, Visitor
from support.chaos.trial import again_and_again, trial
from support.processes import family
from support.talks import new_character
from support.until import until

pytestmark = pytest.mark.chaos


@contextlib.asynccontextmanager
async def talking_deployment(directory):
    """A deployment that speaks, with a character and its players."""
    environment = VOICE | {"CONJURE_RATES_SESSION_PER_S": "1000"}
    async with deployment(directory, environment=environment) as deployed:
        await deployed.app.set_caps(say=MUCH, tts=MUCH)
        async with deployed.direct() as caller:
            character_id = await new_character(caller)
            for player in (f"player {n}" for n in range(PLAYERS)):
                minted = await caller.mint(character_id, player_identity=player)
                deployed.visitors.append(Visitor(player, character_id, minted.token))
                deployed.ledger.attempts.append(
                    Attempt("mint", "grpc", fate=Fate.DONE, status=200, answer=minted.jti)
                )
        yield deployed


async def test_workers_are_killed_over_turns_and_speeches(tmp_path):
    async with talking_deployment(tmp_path) as deployed:
        turn = iter([0, 1, 0, 1])

        async def kill():
            port = deployed.ports[next(turn)]
            killed = deployed.worker(port)
            its_own = [Path(f"/proc/{pid}") for pid in family(killed)]
            os.kill(killed, signal.SIGKILL)
            await until(lambda: deployed.worker(port) != killed)
            # Nothing goes on speaking when there is nobody left to hear it.
            await until(lambda: not any(process.exists() for process in its_own))

        await trial(
            deployed,
            "say and tts: SIGKILL of a worker of two, 4 times",
            lambda: again_and_again(4, kill),
        )


async def test_the_store_is_killed_under_turns_and_speeches(tmp_path):
    async with talking_deployment(tmp_path) as deployed:

        async def kill():
            os.kill(deployed.store.pid, signal.SIGKILL)

        await trial(
            deployed,
            "say and tts: SIGKILL of the store, 3 times",
            lambda: again_and_again(3, kill),
        )


async def test_the_edge_is_killed_over_turns_and_speeches(tmp_path):
    """What was told on the way, and what was heard, stays; nobody knows of what was cut off before."""
    async with talking_deployment(tmp_path) as deployed:

        async def kill():
            os.kill(deployed.edge.pid, signal.SIGKILL)

        await trial(
            deployed, "say and tts: SIGKILL of Envoy, 2 times", lambda: again_and_again(2, kill)
        )
