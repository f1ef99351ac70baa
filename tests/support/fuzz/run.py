"""Many malformed requests, and everything that must be true while and after they come.

`CONJURE_FUZZ_SEED` chooses the seed; request number n of a seed is always made in the same way, so that one
which failed can be made again.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import httpx

from support.fuzz import rest, rpc
from support.rest import bearer, import_world, mint
from support.stack import channel, resident_bytes
from support.talks import character_world
from support.until import LIMIT_S
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from support.stack import Stack, TestApp

AT_ONCE = 12
_PER_WORLD = 100
_LOGGED_FAULTS = ('"level":"error"', "Traceback", "unexpected exception", '"level": "error"')


@dataclass
class Fuzz:
    """A run against a stack, by a key of its own."""

    stack: Stack
    app: TestApp
    seed: str = field(default_factory=lambda: os.environ.get("CONJURE_FUZZ_SEED", "conjure"))
    wrong: list[str] = field(default_factory=list)

    async def over_rest(self, count: int) -> None:
        """Sends requests to the edge's REST port."""
        port = int(self.stack.rest_url.rpartition(":")[2])

        async def one(known: rest.Known, random: Random) -> str | None:
            sent = rest.request(known, random)
            wrong = await rest.send(port, sent)
            return wrong and f"{wrong}\n    {sent.data[:600]!r}"

        await self._run("rest", count, one)

    async def over_grpc(self, count: int) -> None:
        """Makes calls to the server's own port and to the edge's, some of them frame by frame."""
        ports = [
            int(target.rpartition(":")[2])
            for target in (self.stack.server_target, self.stack.edge_grpc_target)
        ]
        async with (
            channel(self.stack.server_target) as direct,
            channel(self.stack.edge_grpc_target) as edge,
        ):

            async def one(known: rest.Known, random: Random) -> str | None:
                kind = random.random()
                if kind < 0.15:
                    return await rpc.frames(random.choice(ports), known, random)
                sent = rpc.call(known, random)
                through_edge = kind < 0.4
                wrong = await rpc.invoke(
                    edge if through_edge else direct, sent, through_edge=through_edge
                )
                return wrong and f"{wrong}\n    {sent!r}"[:1500]

            await self._run("grpc", count, one)

    async def _run(
        self, what: str, count: int, one: Callable[[rest.Known, Random], Awaitable[str | None]]
    ) -> None:
        sys.stdout.write(f"CONJURE_FUZZ_SEED={self.seed}: {count} requests over {what}\n")
        await self.app.set_caps(
            **dict.fromkeys(("generation", "session", "edit", "say", "tts", "image"), 10**9)
        )
        logs = [self.stack.directory / "server.log", self.stack.directory / "envoy.log"]
        logged = [path.stat().st_size for path in logs]
        processes = {"server": self.stack.server.pid, "edge": self.stack.edge.pid}
        before: dict[str, int] = {}
        for start in range(0, count, _PER_WORLD):
            if start >= count // 5 and not before:  # caches are warm
                before = {name: resident_bytes(pid) for name, pid in processes.items()}
            known = await self._known(is_character=start // _PER_WORLD % 2 == 0)
            gate = asyncio.Semaphore(AT_ONCE)

            async def guarded(number: int, known: rest.Known = known) -> None:
                async with gate:  # noqa: B023 - all of a round have ended before the next
                    wrong = await one(known, Random(f"{self.seed}:{what}:{number}"))
                if wrong:
                    self.wrong.append(f"{what} {number}: {wrong}")

            numbers = range(start, min(count, start + _PER_WORLD))
            await asyncio.gather(*(guarded(number) for number in numbers))
        assert processes == {"server": self.stack.server.pid, "edge": self.stack.edge.pid}
        growth = {name: resident_bytes(pid) - before[name] for name, pid in processes.items()}
        sys.stdout.write(f"memory grew by {growth} bytes\n")
        self._judge_logs(logs, logged)
        assert not self.wrong, f"{len(self.wrong)} of {count}:\n" + "\n".join(self.wrong[:20])
        assert growth["server"] < 100_000_000, growth  # worlds and verified tokens are cached
        assert growth["edge"] < 40_000_000, growth

    def _judge_logs(self, logs: list, sizes: list[int]) -> None:
        for path, size in zip(logs, sizes, strict=True):
            with path.open("rb") as file:
                file.seek(size)
                text = file.read().decode(errors="replace")
            self.wrong += [
                f"{path.name}: {line[:1000]}"
                for line in text.splitlines()
                if any(sign in line for sign in _LOGGED_FAULTS)
            ]

    async def _known(self, *, is_character: bool) -> rest.Known:
        """A new world, a token and a version of it: requests before may have spoilt the last.

        A character has somebody to talk to; other worlds have not.
        """
        async with httpx.AsyncClient(
            base_url=self.stack.rest_url, trust_env=False, timeout=LIMIT_S
        ) as client:
            document = character_world() if is_character else small_world()
            world_id = await import_world(client, self.app.secret, **document)
            token = (await mint(client, self.app.secret, world_id, playerIdentity="ada"))["token"]
            made = await client.post(
                f"/v1/worlds/{world_id}/versions",
                json={"title": "t"},
                headers=bearer(self.app.secret),
            )
            return rest.Known(
                key=self.app.secret,
                world_id=world_id,
                token=token,
                states=list(document["scene"]["states"]),
                events=[event["name"] for event in document["scene"]["events"]],
                version=made.json()["versionId"],
            )
