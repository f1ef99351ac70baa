"""The calls of ConversationService that tell their answer while it is made."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from conjure.conversations.speech import NewSpeech
from conjure.core.errors import InvalidField, TooHeavy
from conjure.v1 import conversation_service_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from conjure.conversations.model import Said
    from conjure.conversations.requests import NewTurn
    from conjure.conversations.service import TalkService
    from conjure.conversations.speech import SpeechService
    from conjure.rpc.call import Call
    from conjure.v1.conversation_pb2 import SaidTurn

_TICK_S: Final = 0.4  # how often a silent stream is looked at: keep-alives (rpc.streams)
_TOGETHER_S: Final = 0.05  # what a brain tells within such a time is one message
_TOO_LARGE_TO_TELL: Final = (
    "id: this character is too large for a reply that is told while it comes; use say"
)
_TOO_LARGE_TO_SPEAK: Final = "id: this character is too large to speak"


async def say(
    talk: TalkService, new: NewTurn, call: Call, written: Callable[[Said], SaidTurn]
) -> AsyncGenerator[pb.SayStreamResponse | None, None]:
    """Yields the reply while it comes, and last the turn; None when nothing has come for a tick.

    Closing it ends the turn, unless that is kept already.
    """
    told: list[str] = []
    has_news = asyncio.Event()
    has_told = False

    async def tell(piece: str) -> None:
        if piece:
            told.append(piece)
            has_news.set()

    saying = asyncio.create_task(talk.say(call.session, new, tell))
    saying.add_done_callback(lambda _: has_news.set())
    try:
        while not saying.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await has_news.wait()
            has_news.clear()
            if told:
                has_told = True
                yield pb.SayStreamResponse(delta=_taken(told))
                await asyncio.wait({saying}, timeout=_TOGETHER_S)
            else:
                yield None
        try:
            said = await saying
        except TooHeavy:  # a stream cannot be relayed to a process that takes it
            raise InvalidField(_TOO_LARGE_TO_TELL) from None
        if told or not has_told:  # nobody has to tell anything before the end
            yield pb.SayStreamResponse(delta=_taken(told) or said.reply)
        yield pb.SayStreamResponse(turn=written(said))
    finally:
        saying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(saying, return_exceptions=True)


def _taken(told: list[str]) -> str:
    text = "".join(told)
    told.clear()
    return text


async def speak(
    speeches: SpeechService, request: pb.SpeakRequest, call: Call
) -> AsyncGenerator[pb.SpeakResponse, None]:
    """Yields the pieces of a speech."""
    new = NewSpeech(request.id, request.text)
    if request.HasField("style"):
        new = NewSpeech(request.id, request.text, request.style)
    holders = call.address, *call.session.holders
    pieces = speeches.speak(call.session, holders, new)
    async with contextlib.aclosing(pieces):
        try:
            async for piece in pieces:
                yield pb.SpeakResponse(content=piece)
        except TooHeavy:
            raise InvalidField(_TOO_LARGE_TO_SPEAK) from None
