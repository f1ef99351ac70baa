"""The brain that has a model think: it answers, and keeps what was shared (CONTRACT 5)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import structlog

from conjure.providers.brain.builtin import BuiltinBrain
from conjure.providers.brain.openai import memory, turn
from conjure.providers.brain.openai.known import Knowledge
from conjure.providers.brain.openai.thinking import Room, Thinking
from conjure.providers.brain.port import BrainError, BrainUnavailable
from conjure.providers.openai.chat import chat_models
from conjure.providers.openai.failures import BudgetSpent, ModelError, ModelUnavailable
from conjure.providers.openai.spending import Spending

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from conjure.kernel.character import Character
    from conjure.providers.brain.port import (
        MemoryRequest,
        Remembered,
        Tell,
        Turn,
        TurnRequest,
        WelcomeRequest,
    )
    from conjure.providers.openai.chat import ChatModel
    from conjure.settings.characters import BrainSettings
    from conjure.settings.models import OpenaiSettings

log = structlog.get_logger(__name__)

_MOST_CALLS: Final = 16  # of one turn, with those by which it is found out what an endpoint can do
_MOST_ANSWER_BYTES: Final = 4 * 2**20  # a stream has some 300 bytes for each token
# A prompt may have so many tokens, and a third of what the work may take: it is sent twice at times.
_MOST_ROOM: Final = 6_000


class OpenaiBrain:
    """Thinks for characters with models, for any number of callers at the same time.

    `models`: by their names, the usual one among them.
    """

    def __init__(self, models: Mapping[str, ChatModel], settings: BrainSettings) -> None:
        self._models = models
        self._settings = settings
        self._knowledge = Knowledge()
        self._rooms = {name: Room(min(_MOST_ROOM, settings.most_tokens // 3)) for name in models}
        self._builtin = BuiltinBrain()

    async def turn(self, request: TurnRequest, tell: Tell | None = None) -> Turn:
        """Answers; `tell` is told the reply while it is written. Raises BrainError and what `tell` raises."""
        known = await self._knowledge.of(request.character)
        async with self._thinking("turn", request.character) as thinking:
            return await turn.take(request, known, thinking, instead=self._builtin, tell=tell)

    async def remember(self, request: MemoryRequest) -> Remembered:
        """Folds turns into the summary; where no model can, as the built-in brain does. Raises BrainError."""
        known = await self._knowledge.of(request.character)
        async with self._thinking("memory", request.character) as thinking:
            remembered = await memory.fold(request, known, thinking)
        return remembered or await self._builtin.remember(request)

    async def welcome(self, request: WelcomeRequest) -> str:
        """A line of welcome, as the built-in brain has it."""
        return await self._builtin.welcome(request)

    @contextlib.asynccontextmanager
    async def _thinking(self, work: str, character: Character) -> AsyncIterator[Thinking]:
        """Around one piece of work. Raises BrainError for a ModelError."""
        wanted = character.model_id or ""
        name = wanted if wanted in self._models else self._settings.model
        limits = self._settings
        spending = Spending(_MOST_CALLS, limits.most_tokens, limits.most_s)
        thinking = Thinking(self._models[name], self._rooms[name], spending)
        outcome = "failed"
        try:
            yield thinking
            outcome = "answered"
        except (ModelUnavailable, BudgetSpent) as error:
            raise BrainUnavailable(f"{type(error).__name__}: {error}") from error
        except ModelError as error:
            raise BrainError(f"{type(error).__name__}: {error}") from error
        finally:
            # Tokens stand under other names: logs redact what is called one.
            log.info(
                "brain finished",
                work=work,
                outcome=outcome,
                calls=spending.calls,
                read=spending.tokens_read,
                written=spending.tokens_written,
                seconds=round(spending.seconds, 1),
                repairs=thinking.tries - 1,
                leaks=thinking.leaks,
            )


@contextlib.asynccontextmanager
async def openai_brain(
    settings: BrainSettings, openai: OpenaiSettings
) -> AsyncIterator[OpenaiBrain]:
    """The models of the settings; leaving closes their connections."""
    names = dict.fromkeys((settings.model, *settings.other_models))
    async with chat_models(
        settings, openai, names, label="brain", most_answer_bytes=_MOST_ANSWER_BYTES
    ) as models:
        yield OpenaiBrain(models, settings)
