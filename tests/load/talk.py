"""Talks with a character: what a turn costs beside a connect, and how soon a speech is heard and what it costs.

A deployment of its own: the built-in brain, and the local voice, whose processes count as the server's.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import httpx
import miniaudio

from load.bench import connect
from load.known import known_sessions
from load.report import markdown, rows_table
from load.rows import Rest
from load.stand import conjure, import_world
from load.tools import Ask, LoadFailed
from load.turns import together
from support.processes import cpu_s, ended_children_cpu_s, family
from support.rest import bearer
from support.talks import character_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from load.rows import Drive
    from load.stand import Stand, Target
    from load.turns import Turns

NAME: Final = "talk"
SAY: Final = "say, built-in brain"
CONNECT: Final = "connect, known"
CONNECTIONS: Final = 16
MOST_TRIPS: Final = 2.0
"""What a turn may send to the store: one script before it thinks, one after."""

NOTE: Final = (
    "REST, a deployment of its own. *Say* is a turn of a named player, kept and charged: a thousand players, each with"
    " what the character remembers. *Speeches* are of the local voice, whose processes are part of `server`; the first"
    " byte is the caller's, of a process that has spoken before."
)

_ENVIRONMENT: Final = {
    "CONJURE_VOICE_PROVIDER": "local",
    "CONJURE_CAPS_SAY": "1000000000",
    "CONJURE_CAPS_TTS": "1000000000",
}
# Seven, so that a player does not say the same each time: a thousand take turns.
_SAID: Final = (
    "Hello, who are you?",
    "What does the lamp burn?",
    "Who kept the light before you?",
    "I am Ada, and I came by boat.",
    "That is a lie, and you know it!",
    "Thank you, that is very kind.",
    "Do you like the winter here?",
)
_SPOKEN: Final = (
    "Good evening. Mind the step, it is wet. The lamp burns oil, and the keeper before me was called Ansel Brook.",
    "I have not left the island in a long time, and I do not think that I will leave it now. Sit down by the fire.",
    "The storm will be over in the morning. Until then nobody comes in here, and nobody goes out to the boats.",
)


@dataclass(frozen=True, slots=True)
class Speeches:
    """Some speeches, so many at a time. `spoken_s` is how long all of them last; times are of each of them."""

    at_once: int
    first_ms: list[float]
    whole_ms: list[float]
    spoken_s: float
    cpu_ms: dict[str, float]

    def per_spoken_s(self, process: str) -> float:
        """CPU (ms) of a process for a second of speech."""
        return self.cpu_ms[process] / self.spoken_s


async def measure(on: Stand, drive: Drive, *, turns: int) -> tuple[list[Turns], list[Speeches]]:
    """Measures all of it; rows only where wrk is there. Raises LoadFailed when a speech is refused."""
    async with conjure(on, 1, _ENVIRONMENT, name=NAME) as at:
        character = await import_world(at.rest_url, on.app.secret, character_world())
        known = await known_sessions(on, character, is_each_another=True)
        said = [json.dumps({"text": text}).encode() for text in _SAID]
        rows = [
            Rest(CONNECT, connect(known.tokens), known=known, is_base=True),
            Rest(SAY, Ask("POST", [f"/v1/characters/{character}/say"], known.tokens, said)),
        ]
        for turn in range(turns):
            print(f"Talks, turn {turn + 1}", flush=True)
            for row in rows:
                await drive.rest(row, at, CONNECTIONS)
        spoken = [
            await _speeches(at, f"/v1/characters/{character}/tts", known.tokens, at_once, 20)
            for at_once in (1, 4)
        ]
    return together(NAME, drive.results), spoken


async def _speeches(
    at: Target, path: str, tokens: Sequence[str], at_once: int, count: int
) -> Speeches:
    """Asks for so many, `at_once` at a time, after as many that are not counted."""
    heard: list[tuple[float, float, float]] = []
    async with httpx.AsyncClient(base_url=at.rest_url, trust_env=False, timeout=60) as rest:

        async def hear(number: int) -> tuple[float, float, float]:
            begun, first_ms, mp3 = time.monotonic(), 0.0, b""
            body, headers = {"text": _SPOKEN[number % len(_SPOKEN)]}, bearer(tokens[number])
            async with rest.stream("POST", path, json=body, headers=headers) as answer:
                if answer.status_code != 200:
                    raise LoadFailed(f"a speech was refused: {await answer.aread()!r}")
                async for piece in answer.aiter_raw():
                    first_ms = first_ms or (time.monotonic() - begun) * 1000
                    mp3 += piece
            whole_ms = (time.monotonic() - begun) * 1000
            return first_ms, whole_ms, await asyncio.to_thread(_lasts_s, mp3)

        async def caller(number: int) -> None:
            heard.extend([await hear(one) for one in range(number, count, at_once)])

        await asyncio.gather(*(hear(number) for number in range(at_once)))
        before = _spent_ms(at)
        await asyncio.gather(*(caller(number) for number in range(at_once)))
        after = _spent_ms(at)
    first, whole, lasts = zip(*heard, strict=True)
    cpu = {label: after[label] - before[label] for label in after}
    found = Speeches(at_once, list(first), list(whole), sum(lasts), cpu)
    print(f"· {count} speeches, {at_once} at a time: first byte {median(first):.0f} ms", flush=True)
    return found


def _spent_ms(at: Target) -> dict[str, float]:
    """CPU so far, by process. Each speech is made in a process of its own, which has ended when it has."""
    return {
        label: 1000 * sum(
            cpu_s(pid) + ended_children_cpu_s(pid) for first in pids[:1] for pid in family(first)
        )
        for label, pids in at.meter.pids.items()
    }  # fmt: skip


def _lasts_s(mp3: bytes) -> float:
    found = miniaudio.decode(mp3)
    return found.num_frames / found.sample_rate


def table(rows: Sequence[Turns], spoken: Sequence[Speeches]) -> str:
    """Both tables."""
    speeches = markdown(
        ("speeches, at a time", "first byte, ms", "whole, ms", "s of speech each",
         "server, ms of CPU per s of speech", "Envoy", "store"),
        [
            (
                str(one.at_once),
                _spread(one.first_ms),
                _spread(one.whole_ms),
                f"{one.spoken_s / len(one.first_ms):.1f}",
                *(f"{one.per_spoken_s(name):.2f}" for name in ("server", "envoy", "store")),
            )
            for one in spoken
        ],
    )  # fmt: skip
    return f"{rows_table(rows)}\n\n{speeches}" if rows else speeches


def plain(one: Speeches) -> dict[str, Any]:
    """For JSON."""
    return asdict(one)


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.0f} ({min(values):.0f}-{max(values):.0f})"
