"""A talk of a player with a character, and its summary: each turn a row of the table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.leaks import Leaks
from model.works import Work, must_be_503
from support.talks import STANCES, character_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from model.stand import Stand

_PLAYER_S: Final = 3_600
_WORLD = character_world()
_LEAKS: Final = Leaks([_WORLD["character"]["persona"], _WORLD["character"]["lore"]])


async def talk(on: Stand, lines: Sequence[tuple[str, str]]) -> AsyncIterator[Work]:
    """Says these lines to one character, and has it remember the player; the last work is the summary."""
    made = (await on.ask("POST", "/v1/characters", world=_WORLD)).json()
    minted = await on.ask(
        "POST", "/v1/sessions/token",
        worldId=made["id"], playerIdentity="ada", ttlSeconds=_PLAYER_S,
    )  # fmt: skip
    player = str(minted.json()["token"])
    for what, text in lines:
        yield await _asked(on, player, what, f"/v1/characters/{made['id']}/say", {"text": text})
    yield await _asked(on, player, "summary", f"/v1/characters/{made['id']}/consolidate", {})


async def _asked(on: Stand, player: str, what: str, path: str, body: dict[str, str]) -> Work:
    work = Work(what)
    begun = time.monotonic()
    answer = await on.ask("POST", path, request_id=work.request_id, as_player=player, **body)
    work.seconds = time.monotonic() - begun
    work.counted(on.logged(work.request_id), "brain finished")
    if answer.status_code != 200:
        work.outcome = "refunded"
        must_be_503(answer, work)
        return work
    work.outcome = "answered"
    said = answer.json()
    if body and said["stance"] not in STANCES:
        work.broken.append(f"the stance {said['stance']}")
    if _LEAKS.found(answer.text):
        work.broken.append("the answer tells the brain")
    return work
