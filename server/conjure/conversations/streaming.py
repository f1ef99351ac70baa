"""The calls of ConversationService that tell their answer while it is made."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.conversations.speech import NewSpeech
from conjure.v1 import conversation_service_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from conjure.conversations.speech import SpeechService
    from conjure.rpc.call import Call


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
        async for piece in pieces:
            yield pb.SpeakResponse(content=piece)
