"""One turn of a character, from what is asked to what leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conjure.providers.brain.openai import answers, asking, prompts, schemas
from conjure.providers.brain.openai.speech import Speech
from conjure.providers.openai.failures import AnswerCut, AnswerUnfit, ModelError, ModelRefused
from conjure.providers.openai.partial_json import TextMember

if TYPE_CHECKING:
    from conjure.providers.brain.openai.known import Known
    from conjure.providers.brain.openai.thinking import Thinking
    from conjure.providers.brain.port import Brain, Tell, Turn, TurnRequest

_ANSWER_TOKENS: Final = 900
_NOTHING: Final = "Let us talk about something else."
_WARM: Final = 0.8  # temperature: nobody talks twice alike


class _BrainTold(Exception):
    """The model was telling the brain: what it goes on to say is not listened to."""


async def take(
    request: TurnRequest,
    known: Known,
    thinking: Thinking,
    *,
    instead: Brain,
    tell: Tell | None,
) -> Turn:
    """Has the model answer. Raises ModelError, and what `tell` raises.

    An answer that is of no use is asked for once more, unless something of it was told: that cannot be taken
    back. One that tells the brain even then ends with what another brain answers, `instead`: whoever asked
    for it gets an answer in character, and nothing to learn.
    """
    why: str | None = None
    while True:
        speech = Speech(known.leaks, tell)
        try:
            said = await _asked(request, known, thinking, speech, why)
        except (AnswerUnfit, AnswerCut, ModelRefused) as error:
            if speech.has_begun or not thinking.may_try_again():
                raise
            why = prompts.why(error)
            continue
        if speech.is_leak:
            thinking.leaks += 1
            if not speech.has_begun and thinking.may_try_again():
                why = prompts.LEAKED
                continue
            return await _instead(request, known, speech, instead)
        if speech.text:
            return answers.turn(said, request, speech.text, known.leaks)
        if not thinking.may_try_again():
            raise AnswerUnfit("the reply is empty")
        why = prompts.EMPTY


async def _instead(request: TurnRequest, known: Known, speech: Speech, other: Brain) -> Turn:
    """The turn of another brain, after what was told before."""
    if not speech.has_begun:
        speech.restart()
    turn = await other.turn(request)
    await speech.add(_NOTHING if known.leaks.found(turn.reply) else turn.reply)
    return replace(turn, reply=speech.text)


async def _asked(
    request: TurnRequest, known: Known, thinking: Thinking, speech: Speech, why: str | None
) -> dict[str, Any]:
    """Speaks the reply; returns what came with it: nothing, where that is broken. Raises ModelError."""
    reply = TextMember("reply")

    async def heard(piece: str) -> None:
        if speech.has_ended:
            return
        await speech.hear(reply.feed(piece))
        if reply.is_complete or speech.is_full:
            await speech.end()
        if speech.is_leak:
            raise _BrainTold

    said: dict[str, Any]
    try:
        said = await thinking.ask(
            lambda tokens: asking.turn(request, known, tokens=tokens, why=why),
            schemas.turn(stance.id for stance in asking.stances_of(request)),
            name="turn",
            accepted=schemas.ACCEPTED,
            most_tokens=_ANSWER_TOKENS,
            temperature=_WARM,
            heard=heard if speech.is_told else None,
        )
    except _BrainTold:
        return {}
    except ModelError as error:
        if isinstance(error, AnswerCut) and speech.has_begun and not speech.has_ended:
            await speech.break_off()
        if speech.has_ended:  # what comes behind the reply is no reason to be silent
            return {}
        raise
    if (
        not speech.has_ended
    ):  # it came in one piece, or in a form in which it cannot be read before its end
        if speech.has_begun:
            raise AnswerUnfit("the reply cannot be read to its end")
        speech.restart()
        await speech.hear(said["reply"])
        await speech.end()
    return said
