"""The neighbour: another app that goes on with what it always does, and keeps what it was answered.

It waits in two measures. Seconds, which are a machine's; and the CPU time that a process of ours spent between
its question and its answer, which is no machine's: whoever waits behind work on the server's event loop, or
behind a script in the store, sees that work go by; whoever waits because a machine is busy sees none.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from support.abuse.ground import port_of
from support.processes import CAN_WATCH, cpu_s
from support.rest import bearer, import_world, mint
from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.abuse.ground import Ground
    from support.stack import TestApp

LOST: Final = 0
"""The status of a call whose connection broke."""

PROCESSES: Final = ("server", "edge", "store")
_REST_S: Final = 0.005  # a neighbour with a few calls in a row, not one that floods
_KEPT_OF_A_BODY: Final = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """One call: how it went, what it took, and what each process did meanwhile (seconds of CPU)."""

    what: str
    status: int
    seconds: float
    cpu: dict[str, float] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Step:
    what: str
    verb: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


class Neighbour:
    """Connects, reads, writes and begins to watch a small world, on a new connection each round.

    It runs in a thread of its own while the context is open, so that it does not wait for the attacker's
    side of this process.
    """

    def __init__(self, ground: Ground, app: TestApp) -> None:
        self._ground = ground
        self._app = app
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._steps: list[_Step] = []
        self.samples: list[Sample] = []

    async def __aenter__(self) -> Self:
        world_id = await import_world(self._ground.rest, self._app.secret)
        token = (await mint(self._ground.rest, self._app.secret, world_id))["token"]
        json_of = {"content-type": "application/json"}
        owner, world = bearer(self._app.secret), f"/v1/worlds/{world_id}"
        self._steps = [
            _Step("connect", "POST", "/v1/sessions/connect", bearer(token)),
            _Step("read", "GET", world, owner),
            *(
                _Step("write", "PATCH", f"{world}/entrance", owner | json_of, body)
                for body in (b'{"state": "cellar"}', b'{"state": "hall"}')
            ),
            _Step("scene", "GET", f"{world}/scene", bearer(self._app.publishable)),
            _Step("mint", "POST", "/v1/sessions/token", owner | json_of,
                  json.dumps({"worldId": world_id}).encode()),
            _Step("watch", "GET", f"{world}/events-stream", bearer(self._app.publishable)),
        ]  # fmt: skip
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        await until(lambda: not self._thread.is_alive())

    async def rounds(self, count: int) -> None:
        """Returns when so many whole rounds more have been answered."""
        wanted = len(self.samples) + count * len(self._steps)
        await until(lambda: len(self.samples) >= wanted or not self._thread.is_alive())

    def _go_on(self) -> None:
        while not self._stopping.is_set():
            connection = http.client.HTTPConnection(
                "127.0.0.1", port_of(self._ground.stack.rest_url), timeout=LIMIT_S
            )
            try:
                for step in self._steps:
                    self.samples.append(self._ask(connection, step))
                    time.sleep(_REST_S)
            finally:
                connection.close()

    def _ask(self, connection: http.client.HTTPConnection, step: _Step) -> Sample:
        before, begun = self._worked(), time.monotonic()
        try:
            connection.request(step.verb, step.path, step.body, step.headers)
            answer = connection.getresponse()
            # A stream goes on: that it has begun is all that is asked of it.
            text = answer.read1(_KEPT_OF_A_BODY) if step.what == "watch" else answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException) as error:
            status, text = LOST, repr(error).encode()
            connection.close()
        seconds, after = time.monotonic() - begun, self._worked()
        if step.what == "watch":
            connection.close()
        cpu = {name: after[name] - before[name] for name in before}
        shown = "" if status == 200 else text[:_KEPT_OF_A_BODY].decode(errors="replace")
        return Sample(step.what, status, seconds, cpu, shown)

    def _worked(self) -> dict[str, float]:
        if not CAN_WATCH:
            return {}
        return {name: cpu_s(pid) for name, pid in self._ground.pids.items()}


def worst(samples: Sequence[Sample], process: str) -> float:
    """The most that a process worked while one call waited, in seconds of CPU."""
    return max((sample.cpu.get(process, 0.0) for sample in samples), default=0.0)


def p99_s(samples: Sequence[Sample]) -> float:
    """The 99th percentile of the seconds that calls took; of fewer than a hundred, the longest."""
    ordered = sorted(sample.seconds for sample in samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
