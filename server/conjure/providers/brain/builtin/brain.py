"""A brain that needs no model: it says the same to the same words, history and seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.providers.brain.port import Affect, Remembered, Turn
from conjure.providers.dice import Dice
from conjure.providers.plain import tidy

if TYPE_CHECKING:
    from conjure.providers.brain.port import MemoryRequest, Tell, TurnRequest, WelcomeRequest

_NOTHING_KNOWN = (
    "I have nothing to say about that yet.",
    "Let me think about that for a while.",
    "That is a question for another day.",
)


class BuiltinBrain:
    """Thinks for characters without a network."""

    async def turn(self, request: TurnRequest, tell: Tell | None = None) -> Turn:
        """Answers in character."""
        dice = Dice(f"{request.seed}\0{len(request.history)}\0{request.text}")
        reply = dice.pick(_NOTHING_KNOWN)
        if tell is not None:
            await tell(reply)
        return Turn(reply, request.stance, "calm", Affect())

    async def remember(self, request: MemoryRequest) -> Remembered:
        """Folds turns into the summary, as far as it is not full."""
        said = [
            request.summary or "",
            *(line.text for line in request.turns if line.role == "user"),
        ]
        summary = tidy(" ".join(part for part in said if part), request.most_chars)
        return Remembered(summary, "Good to see you again.")

    def welcome(self, request: WelcomeRequest) -> str:
        """Greets a stranger, or somebody who was here before."""
        return request.welcome or request.character.greeting or "Hello."
