"""Callers of every kind that go on until they are told to stop, whatever happens to them."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
import uuid
from typing import TYPE_CHECKING, Final

from support.chaos.ledger import Attempt, Fate, Watched
from support.revs import number
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from typing import Any

    from support.chaos.faces import Face
    from support.chaos.ledger import Ledger
    from support.chaos.talk import Visitor

ROOMS: Final = tuple(f"room{n:02}" for n in range(24))
"""The states that writes choose from: which one a rev holds tells writes apart."""

MIX: Final = {
    "write": 30,
    "write_asserted": 10,
    "read": 25,
    "create": 5,
    "create_keyed": 5,
    "save": 5,
    "play": 20,
}
WORK_MIX: Final = {"write": 15, "create_keyed": 5, "job": 40, "play": 40}
"""What leaves durable work behind, and a little of what tells that a face serves."""
TALK_MIX: Final = {"write": 15, "read": 5, "say": 35, "say_stream": 25, "speak": 20}
"""Players who talk with a character, and listen."""
JUDGED_MIX: Final = {
    "write": 25,
    "write_asserted": 15,
    "read": 20,
    "create_keyed": 3,
    "play": 15,
    "share": 20,
    "stay": 2,
}
"""What the judge has most to say about: callers who meet at the same worlds and the same sessions."""
_SHARED: Final = 6
"""Sessions that callers share: fewer than callers."""
_SHORT_REST_S: Final = 0.03
_WATCH_AGAIN_S: Final = 0.05


def world_of_rooms(name: str) -> dict[str, Any]:
    """A round of rooms, each a step from the next."""
    return small_world(
        name=name,
        entrance={"state": ROOMS[0], "image": {"src": "https://example.com/room.png"}},
        scene={
            "states": {room: {"base": f"A plain room with the sign {room}."} for room in ROOMS},
            "events": [
                {"name": f"To {b}", "kind": "transition", "from": [a], "to": b}
                for a, b in zip(ROOMS, ROOMS[1:] + ROOMS[:1], strict=True)
            ],
        },
    )


class Load:
    """`callers` at once, spread over the faces, on these worlds; each rests `rest_s` between two calls.

    `visitors`: as whom they talk with a character.
    """

    def __init__(
        self,
        faces: Sequence[Face],
        worlds: Sequence[str],
        ledger: Ledger,
        *,
        callers: int = 16,
        rest_s: float = 0.01,
        mix: dict[str, int] = MIX,
        visitors: Sequence[Visitor] = (),
        seed: int = 1,
    ) -> None:
        self._faces = faces
        self._worlds = worlds
        self._ledger = ledger
        self._callers = callers
        self._rest_s = rest_s
        self._mix = mix
        self._visitors = visitors
        self._seed = seed
        self._stopping = False
        self._shared: list[tuple[str, str]] = []

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Load for as long as the body runs; leaves when the last call has ended."""
        tasks = [
            asyncio.create_task(self._go_on(random.Random(f"{self._seed}-{n}"), self._faces[n % len(self._faces)]))
            for n in range(self._callers)
        ]  # fmt: skip
        try:
            yield
        finally:
            self._stopping = True
            await asyncio.gather(*tasks)

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """A watcher of each world by each face, who resumes when it ends; stays until all have all."""
        watchers = [
            (Watched(face.name, world), face) for face in self._faces for world in self._worlds
        ]
        tasks = [asyncio.create_task(self._watch(watched, face)) for watched, face in watchers]
        self._ledger.watched += [watched for watched, _ in watchers]
        try:
            yield
            await self._caught_up()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _caught_up(self) -> None:
        """Waits for the watchers to be shown the newest write; the checker says who was not."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                for watched in self._ledger.watched:
                    done = self._ledger.of("write", Fate.DONE)
                    newest = max(
                        (number(a.answer) for a in done if a.subject == watched.world), default=0
                    )
                    while not watched.revs or (watched.revs[-1] or 0) < newest:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)  # for a rev that nobody was told of

    async def _go_on(self, dice: random.Random, face: Face) -> None:
        kinds, weights = list(self._mix), list(self._mix.values())
        while not self._stopping:
            kind = dice.choices(kinds, weights)[0]
            failures = await getattr(self, f"_{kind}")(face, dice)
            await asyncio.sleep(_SHORT_REST_S if failures else self._rest_s)

    @contextlib.asynccontextmanager
    async def _attempt(
        self, face: Face, kind: str, subject: str = "", mark: str = "", asserted: str | None = None
    ) -> AsyncIterator[Attempt]:
        attempt = Attempt(kind, face.name, subject, mark, asserted)
        attempt.begun = time.monotonic()
        # Noted at once: what is cancelled on its way was tried, too.
        self._ledger.attempts.append(attempt)
        try:
            yield attempt
        finally:
            attempt.ended = time.monotonic()

    async def _write(self, face: Face, dice: random.Random, *, asserted: str | None = None) -> bool:
        world = dice.choice(self._worlds)
        async with self._attempt(face, "write", world, dice.choice(ROOMS), asserted) as attempt:
            await face.write(attempt)
        return self._ledger.has_failed(attempt)

    async def _write_asserted(self, face: Face, dice: random.Random) -> bool:
        """Reads, and writes on that rev alone, as an editor does."""
        world = dice.choice(self._worlds)
        async with self._attempt(face, "read", world) as read:
            await face.read(read)
        if read.fate is not Fate.DONE:
            return True
        async with self._attempt(face, "write", world, dice.choice(ROOMS), read.answer) as attempt:
            await face.write(attempt)
        return self._ledger.has_failed(attempt)

    async def _read(self, face: Face, dice: random.Random) -> bool:
        async with self._attempt(face, "read", dice.choice(self._worlds)) as attempt:
            await face.read(attempt)
        return self._ledger.has_failed(attempt)

    async def _create(self, face: Face, dice: random.Random) -> bool:
        name = uuid.uuid4().hex
        async with self._attempt(face, "create", name) as attempt:
            await face.create(attempt, small_world(name=name))
        return self._ledger.has_failed(attempt)

    async def _create_keyed(self, face: Face, dice: random.Random) -> bool:
        name = uuid.uuid4().hex
        return await self._keyed(
            face, "create", name, lambda attempt: face.create(attempt, small_world(name=name))
        )

    async def _job(self, face: Face, dice: random.Random) -> bool:
        return await self._keyed(face, "job", uuid.uuid4().hex, face.job)

    async def _keyed(
        self, face: Face, kind: str, name: str, ask: Callable[[Attempt], Awaitable[None]]
    ) -> bool:
        """Asks again with its key until it is answered, as a client library does; and once more then."""
        answered = 0
        while answered < 2 and not (self._stopping and answered == 0):
            async with self._attempt(face, kind, name, name) as attempt:
                await ask(attempt)
            if attempt.fate is Fate.DONE:
                answered += 1
            else:
                await asyncio.sleep(_SHORT_REST_S)
        return False

    async def _save(self, face: Face, dice: random.Random) -> bool:
        async with self._attempt(
            face, "save", dice.choice(self._worlds), uuid.uuid4().hex
        ) as attempt:
            await face.save(attempt)
        return self._ledger.has_failed(attempt)

    async def _play(self, face: Face, dice: random.Random) -> bool:
        """A token, a session, perhaps a reload of the page; some sessions are ended, most are left."""
        world = dice.choice(self._worlds)
        async with self._attempt(face, "mint") as minted:
            token = await face.mint(minted, world)
        if token is None:
            return self._ledger.has_failed(minted)
        jti = minted.answer
        for _ in range(dice.choice((1, 1, 2))):
            async with self._attempt(face, "connect", jti) as connected:
                await face.connect(connected, token)
        if connected.fate is Fate.DONE and dice.random() < 0.7:
            async with self._attempt(face, "end", jti) as ended:
                await face.end(ended, token)
            if dice.random() < 0.3:  # a page that was reloaded goes on
                async with self._attempt(face, "connect", jti) as connected:
                    await face.connect(connected, token)
            return self._ledger.has_failed(ended)
        return self._ledger.has_failed(connected)

    async def _share(self, face: Face, dice: random.Random) -> bool:
        """Connects or ends a session that others connect and end, too, perhaps at this moment."""
        if len(self._shared) < _SHARED:
            async with self._attempt(face, "mint") as minted:
                token = await face.mint(minted, dice.choice(self._worlds))
            if token is None:
                return self._ledger.has_failed(minted)
            self._shared.append((minted.answer, token))
        jti, token = dice.choice(self._shared)
        if dice.random() < 0.6:
            async with self._attempt(face, "connect", jti) as attempt:
                await face.connect(attempt, token)
        else:
            async with self._attempt(face, "end", jti) as attempt:
                await face.end(attempt, token)
        return self._ledger.has_failed(attempt)

    async def _stay(self, face: Face, dice: random.Random) -> bool:
        """A session that is renewed in the last third of its lease, again and again; at last it is left."""
        async with self._attempt(face, "mint") as attempt:
            token = await face.mint(attempt, dice.choice(self._worlds))
        jti = attempt.answer
        while token is not None and not self._stopping:
            async with self._attempt(face, "connect", jti) as attempt:
                await face.connect(attempt, token)
            if attempt.fate is not Fate.DONE or dice.random() < 0.2:
                break
            renewed = attempt.begun + attempt.amount * dice.uniform(0.7, 1.1)
            while time.monotonic() < renewed and not self._stopping:  # noqa: ASYNC110
                await asyncio.sleep(_SHORT_REST_S)
        return self._ledger.has_failed(attempt)

    async def _say(self, face: Face, dice: random.Random, *, streamed: bool = False) -> bool:
        visitor, text = dice.choice(self._visitors), f"Who are you? I am {uuid.uuid4().hex}."
        async with self._attempt(face, "say", visitor.player, text) as attempt:
            await (face.say_stream if streamed else face.say)(attempt, visitor)
        return self._ledger.has_failed(attempt)

    async def _say_stream(self, face: Face, dice: random.Random) -> bool:
        return await self._say(face, dice, streamed=True)

    async def _speak(self, face: Face, dice: random.Random) -> bool:
        visitor = dice.choice(self._visitors)
        async with self._attempt(face, "speak", visitor.player) as attempt:
            await face.speak(attempt, visitor)
        return self._ledger.has_failed(attempt)

    async def _watch(self, watched: Watched, face: Face) -> None:
        last: str | None = None
        while True:
            async with self._attempt(face, "watch", watched.world) as attempt:
                try:
                    async with contextlib.aclosing(face.watch(attempt, last)) as shown:
                        async for rev, is_reset in shown:
                            if is_reset:
                                watched.revs.append(None)
                            watched.revs.append(number(rev))
                            last = rev
                except asyncio.CancelledError:
                    if attempt.fate is not Fate.DONE:  # it was not waited for
                        self._ledger.attempts.remove(attempt)
                    raise
            await asyncio.sleep(_WATCH_AGAIN_S)
