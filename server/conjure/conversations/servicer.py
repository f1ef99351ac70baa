"""conjure.v1.ConversationService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.conversations import streaming
from conjure.core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from conjure.conversations.speech import SpeechService
    from conjure.rpc.call import Call
    from conjure.v1 import conversation_service_pb2 as pb


class ConversationServicer:
    """proto ↔ conversations."""

    def __init__(self, speeches: SpeechService) -> None:
        self._speeches = speeches

    async def Say(self, request: pb.SayRequest, call: Call) -> pb.SayResponse:
        """Not built yet."""
        raise NotFound

    async def SayStream(
        self, request: pb.SayStreamRequest, call: Call
    ) -> AsyncGenerator[pb.SayStreamResponse | None, None]:
        """Not built yet."""
        raise NotFound
        yield

    def Speak(self, request: pb.SpeakRequest, call: Call) -> AsyncGenerator[pb.SpeakResponse, None]:
        """Speaks a text in the character's voice."""
        return streaming.speak(self._speeches, request, call)

    async def DrawCharacter(
        self, request: pb.DrawCharacterRequest, call: Call
    ) -> pb.DrawCharacterResponse:
        """Not built yet."""
        raise NotFound

    async def ResumeTalk(self, request: pb.ResumeTalkRequest, call: Call) -> pb.ResumeTalkResponse:
        """Not built yet."""
        raise NotFound

    async def GetMemory(self, request: pb.GetMemoryRequest, call: Call) -> pb.GetMemoryResponse:
        """Not built yet."""
        raise NotFound

    async def ConsolidateMemory(
        self, request: pb.ConsolidateMemoryRequest, call: Call
    ) -> pb.ConsolidateMemoryResponse:
        """Not built yet."""
        raise NotFound

    async def ForgetPlayer(
        self, request: pb.ForgetPlayerRequest, call: Call
    ) -> pb.ForgetPlayerResponse:
        """Not built yet."""
        raise NotFound

    async def ListMemories(
        self, request: pb.ListMemoriesRequest, call: Call
    ) -> pb.ListMemoriesResponse:
        """Not built yet."""
        raise NotFound
