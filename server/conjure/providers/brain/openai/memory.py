"""Folding a talk into a summary, and a line of welcome for the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.providers.brain.openai import asking, prompts, schemas
from conjure.providers.brain.port import Remembered
from conjure.providers.openai.failures import AnswerCut, AnswerUnfit, ModelRefused
from conjure.providers.openai.messages import tokens_of
from conjure.providers.plain import tidy

if TYPE_CHECKING:
    from conjure.providers.brain.openai.known import Known
    from conjure.providers.brain.openai.thinking import Thinking
    from conjure.providers.brain.port import MemoryRequest
    from conjure.providers.openai.messages import Message

_COOL: Final = 0.2  # temperature: what was said, and nothing else
_MOST_WELCOME: Final = 200  # characters
_TOKENS_OF_A_CHAR: Final = (
    0.4  # most scripts have fewer; one that has more is cut and asked for shorter
)
_TOKENS_BESIDE: Final = 200


async def fold(request: MemoryRequest, known: Known, thinking: Thinking) -> Remembered | None:
    """What is to be remembered; None when the model cannot be brought to say it. Raises ModelError."""
    why: str | None = None
    most_tokens = _TOKENS_BESIDE + max(
        int(_TOKENS_OF_A_CHAR * request.most_chars), tokens_of(request.summary or "")
    )

    def made(tokens: int) -> list[Message]:
        return asking.remember(request, tokens=tokens, why=why)

    while True:
        try:
            said = await thinking.ask(
                made,
                schemas.REMEMBERED,
                name="memory",
                most_tokens=most_tokens,
                temperature=_COOL,
            )
        except (AnswerUnfit, AnswerCut, ModelRefused) as error:
            why = prompts.why(error)
        else:
            summary = tidy(said["summary"], request.most_chars)
            welcome = tidy(said["welcome"], _MOST_WELCOME)
            if known.leaks.found(summary) or known.leaks.found(welcome):
                thinking.leaks += 1
                why = prompts.LEAKED
            elif summary and welcome:
                return Remembered(summary, welcome)
            else:
                why = prompts.EMPTY
        if not thinking.may_try_again():
            return None
