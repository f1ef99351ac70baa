"""A brain that needs no model: it says the same to the same words, history and seed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

from conjure.core.beside import Beside
from conjure.providers.brain.builtin.actions import action_of
from conjure.providers.brain.builtin.answering import Answer
from conjure.providers.brain.builtin.attempts import asks_for_brain
from conjure.providers.brain.builtin.choosing import language_of
from conjure.providers.brain.builtin.feelings import delta_of, emotion_of, stance_after
from conjure.providers.brain.builtin.hearing import MOST_WORDS, Heard, hear
from conjure.providers.brain.builtin.memory import Memory, noted
from conjure.providers.brain.builtin.mind import Minds
from conjure.providers.brain.builtin.speech import Speech, joined
from conjure.providers.brain.builtin.text import fold, folded, visible, words
from conjure.providers.brain.port import Remembered, Turn
from conjure.providers.dice import Dice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjure.providers.brain.builtin.language import Language
    from conjure.providers.brain.builtin.mind import Mind
    from conjure.providers.brain.port import Line, MemoryRequest, Tell, TurnRequest, WelcomeRequest

_Done = TypeVar("_Done")

_REMEMBERED: Final = 40
"""Lines of a history that it looks at: 20 turns."""
_SHORT: Final = 1_000
"""Characters of a talk that are read on the event loop: 10 ms at worst."""
_SHOWS_LANGUAGE: Final = 1.2
_PIECE: Final = re.compile(r"(?<=[.!?…:]) ")


class BuiltinBrain:
    """Thinks for characters without a network, and keeps ready what it knows of those that are talked to."""

    def __init__(self) -> None:
        self._minds = Minds()
        self._beside = Beside()

    async def turn(self, request: TurnRequest, tell: Tell | None = None) -> Turn:
        """Answers in character."""
        turn = _turn(request, await self._minds.of(request.character))
        if tell is not None:
            sentences = _PIECE.split(turn.reply)
            for index, sentence in enumerate(sentences):
                await tell(f" {sentence}" if index else sentence)
        return turn

    async def remember(self, request: MemoryRequest) -> Remembered:
        """Folds turns into the summary."""
        mind = await self._minds.of(request.character)
        return await self._done(lambda: _remembered(request, mind), request.summary, request.turns)

    async def welcome(self, request: WelcomeRequest) -> str:
        """Greets a stranger, or somebody who was here before."""
        if request.welcome and not request.turns:
            return request.welcome
        mind = await self._minds.of(request.character)
        return await self._done(lambda: _welcome(request, mind), request.summary, request.turns)

    async def _done(
        self, work: Callable[[], _Done], summary: str | None, turns: Sequence[Line]
    ) -> _Done:
        """What is read of a talk. Of a long one that takes a tenth of a second and more: beside the loop."""
        if len(summary or "") + sum(len(line.text) for line in turns) <= _SHORT:
            return work()
        return await self._beside.run(work)


def _remembered(request: MemoryRequest, mind: Mind) -> Remembered:
    language = _language_of_lines(request.turns, mind.language)
    memory = Memory.of(request.summary)
    noted(memory, request.turns, mind, language)
    summary = memory.sayable(language, request.most_chars, mind)
    dice = Dice(f"{request.seed}\0{summary}")
    return Remembered(summary, _welcome_back(memory, Speech(mind, language, dice, ())))


def _welcome(request: WelcomeRequest, mind: Mind) -> str:
    character = request.character
    dice = Dice(f"{request.seed}\0{request.summary}\0{len(request.turns)}")
    if request.summary is None and not request.turns:
        language = language_of(folded(character.greeting or ""), otherwise=mind.language)
        speech = Speech(mind, language, dice, ())
        greeting = " ".join((character.greeting or "").split())
        if greeting and mind.may_say(greeting):
            return greeting
        return speech.line("welcome", name=mind.name) or speech.line("welcome_plain") or mind.name
    language = _language_of_lines(
        request.turns, language_of(folded(request.welcome or ""), otherwise=mind.language)
    )
    memory = Memory.of(request.summary)
    noted(memory, request.turns, mind, language)
    return _welcome_back(memory, Speech(mind, language, dice, ()))


def _turn(request: TurnRequest, mind: Mind) -> Turn:
    character = request.character
    text = visible(request.text)
    spelled = words(text)[:MOST_WORDS]
    plain = [fold(word) for word in spelled]
    history = request.history[-_REMEMBERED:]
    language = _language(plain, history, mind)
    heard = hear(text, spelled, plain, language)
    kind = _kind(heard, text, plain)
    delta = delta_of(kind, plain, request.affect)
    here = mind.feelings.get(request.stance) or (0.0, 0.0, 0.0)
    last = history[-1].text if history else ""
    answer = Answer(
        request=request,
        heard=heard,
        speech=Speech(
            mind,
            language,
            Dice(f"{request.seed}\0{len(request.history)}\0{last}\0{request.text}"),
            [*request.said, *(line.text for line in history if line.role == "character")],
        ),
        action=action_of(heard, text, language) if kind == heard.kind else None,
        valence=request.affect.v + 0.4 * here[0],
        kind="said_name" if kind == "player_name" else kind,
    )
    reply = answer.reply()
    felt = "unknown" if answer.kind == "unknown" else kind
    return Turn(
        reply,
        stance_after(character, mind, request.stance, request.affect, delta),
        emotion_of(felt, request.affect, delta),
        delta,
        answer.action,
    )


def _kind(heard: Heard, text: str, plain: list[str]) -> str:
    if not plain:
        return "nonsense"
    return "attempt" if asks_for_brain(text, plain) else heard.kind


def _language(plain: list[str], history: Sequence[Line], mind: Mind) -> Language:
    """The one of what is said; where that shows none, the one of what was said before, or the character's."""
    before = mind.language
    if len(plain) < 6:
        spoken = [
            word for line in history[-6:] if line.role == "user" for word in folded(line.text[:200])
        ]
        if spoken:
            before = language_of(spoken, otherwise=before)
    return language_of(plain[:80], otherwise=before)


def _language_of_lines(turns: Sequence[Line], otherwise: Language) -> Language:
    spoken = [
        word for line in turns[-12:] if line.role == "user" for word in folded(line.text[:200])
    ]
    return language_of(spoken, otherwise=otherwise, least=_SHOWS_LANGUAGE)


def _welcome_back(memory: Memory, speech: Speech) -> str:
    """A line for somebody who was here before, about something that was shared."""

    def think() -> str | None:
        name = memory.name
        hello = speech.line("back_name", player=name) if name else speech.line("back")
        own = [item for item in memory.lists["has"] if speech.mind.unsaid.isdisjoint(folded(item))]
        if own and speech.may(0.5 if memory.lists["talked"] else 1.0):
            return joined(hello, speech.line("back_has", topic=own[-1]))
        shared = memory.lists["talked"] or memory.lists["told"]
        if shared:
            return joined(hello, speech.line("back_topic", topic=shared[-1]))
        if memory.lists["likes"]:
            return joined(hello, speech.line("back_likes", topic=memory.lists["likes"][-1]))
        return hello

    return speech.fresh(think)
