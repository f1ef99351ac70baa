"""conjure.v1.ConversationService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.conversations import streaming
from conjure.conversations.requests import NewTurn
from conjure.core.errors import NotFound
from conjure.v1 import conversation_pb2
from conjure.v1 import conversation_service_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from conjure.conversations.model import Said
    from conjure.conversations.service import TalkService
    from conjure.conversations.speech import SpeechService
    from conjure.providers.brain import Affect
    from conjure.rpc.call import Call


class ConversationServicer:
    """proto ↔ conversations."""

    def __init__(self, talk: TalkService, speeches: SpeechService) -> None:
        self._talk = talk
        self._speeches = speeches

    async def Say(self, request: pb.SayRequest, call: Call) -> pb.SayResponse:
        """Answers what a player says."""
        return say_response(await self._talk.say(call.session, new_turn(request)))

    def SayStream(
        self, request: pb.SayStreamRequest, call: Call
    ) -> AsyncGenerator[pb.SayStreamResponse | None, None]:
        """Answers what a player says, and tells the reply while it comes."""
        return streaming.say(self._talk, new_turn(request), call, say_response)

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


def new_turn(request: pb.SayRequest | pb.SayStreamRequest) -> NewTurn:
    """What a player says."""
    given = request.affect
    return NewTurn(
        character_id=request.id,
        text=request.text,
        stance=request.current_stance or None,
        history=tuple((line.role, line.text) for line in request.history),
        affect=(given.v, given.a, given.d, given.rapport) if request.HasField("affect") else None,
        memory=request.memory.json if request.HasField("memory") else None,
    )


def say_response(said: Said) -> pb.SayResponse:
    """What a character answers."""
    response = pb.SayResponse(
        reply=said.reply,
        stance=said.stance,
        emotion=said.emotion,
        affect=affect_message(said.affect),
    )
    if said.action is not None:
        response.action.type = said.action.type
        if said.action.target is not None:
            response.action.target = said.action.target
    return response


def affect_message(affect: Affect) -> conversation_pb2.Affect:
    """How a character feels."""
    return conversation_pb2.Affect(v=affect.v, a=affect.a, d=affect.d, rapport=affect.rapport)
