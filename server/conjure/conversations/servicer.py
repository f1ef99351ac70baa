"""conjure.v1.ConversationService."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from conjure.conversations import streaming
from conjure.conversations.requests import NewTurn
from conjure.rpc.messages import timestamp
from conjure.v1 import conversation_pb2
from conjure.v1 import conversation_service_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from conjure.conversations.memories import MemoryService
    from conjure.conversations.model import Memory, Said
    from conjure.conversations.portraits import PortraitService
    from conjure.conversations.service import TalkService
    from conjure.conversations.speech import SpeechService
    from conjure.providers.brain import Affect
    from conjure.rpc.call import Call


class ConversationServicer:
    """proto ↔ conversations."""

    def __init__(
        self,
        talk: TalkService,
        memories: MemoryService,
        portraits: PortraitService,
        speeches: SpeechService,
    ) -> None:
        self._talk = talk
        self._memories = memories
        self._portraits = portraits
        self._speeches = speeches

    async def Say(self, request: pb.SayRequest, call: Call) -> pb.SayResponse:
        """Answers what a player says."""
        said = await self._talk.say(
            call.session, new_turn(request), idempotency_key=call.idempotency_key
        )
        call.is_replayed = said.replayed
        return say_response(said)

    def SayStream(
        self, request: pb.SayStreamRequest, call: Call
    ) -> AsyncGenerator[pb.SayStreamResponse | None, None]:
        """Answers what a player says, and tells the reply while it comes."""
        return streaming.say(self._talk, new_turn(request), call, said_turn)

    def Speak(self, request: pb.SpeakRequest, call: Call) -> AsyncGenerator[pb.SpeakResponse, None]:
        """Speaks a text in the character's voice."""
        return streaming.speak(self._speeches, request, call)

    async def DrawCharacter(
        self, request: pb.DrawCharacterRequest, call: Call
    ) -> pb.DrawCharacterResponse:
        """Returns a picture of the character."""
        prompt = request.prompt if request.HasField("prompt") else None
        drawn = await self._portraits.draw(
            call.session, request.id, prompt, idempotency_key=call.idempotency_key
        )
        call.is_replayed = drawn.replayed
        return pb.DrawCharacterResponse(
            image_base64=base64.b64encode(drawn.picture.content).decode(),
            mime_type=drawn.picture.media_type,
            url=drawn.url,
        )

    async def ResumeTalk(self, request: pb.ResumeTalkRequest, call: Call) -> pb.ResumeTalkResponse:
        """Begins where the last session ended."""
        memory, welcome = await self._memories.resume(call.session, request.id)
        return pb.ResumeTalkResponse(
            returning=memory.is_there,
            welcome=welcome,
            affect=affect_message(memory.affect),
            message_count=memory.message_count,
        )

    async def GetMemory(self, request: pb.GetMemoryRequest, call: Call) -> pb.GetMemoryResponse:
        """Returns what the character remembers of this player."""
        memory = await self._memories.read(call.session, request.id)
        return pb.GetMemoryResponse(
            summary=memory.summary,
            affect=affect_message(memory.affect),
            message_count=memory.message_count,
        )

    async def ConsolidateMemory(
        self, request: pb.ConsolidateMemoryRequest, call: Call
    ) -> pb.ConsolidateMemoryResponse:
        """Folds the turns of this player into the summary."""
        summary, count = await self._memories.consolidate(call.session, request.id)
        return pb.ConsolidateMemoryResponse(ok=True, summary=summary, message_count=count)

    async def ForgetPlayer(
        self, request: pb.ForgetPlayerRequest, call: Call
    ) -> pb.ForgetPlayerResponse:
        """Forgets a player."""
        player = await self._memories.forget(call.tenant, request.id, request.player_identity)
        return pb.ForgetPlayerResponse(ok=True, deleted=player)

    async def ListMemories(
        self, request: pb.ListMemoriesRequest, call: Call
    ) -> pb.ListMemoriesResponse:
        """Lists what a character remembers."""
        page, following = await self._memories.list(
            call.tenant,
            request.id,
            limit=request.limit if request.HasField("limit") else None,
            cursor=request.cursor if request.HasField("cursor") else None,
            player=request.player_identity if request.HasField("player_identity") else None,
        )
        return pb.ListMemoriesResponse(
            memories=[_memory_message(memory) for memory in page], next_cursor=following
        )


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
    return pb.SayResponse(
        reply=said.reply,
        stance=said.stance,
        emotion=said.emotion,
        affect=affect_message(said.affect),
        action=_action_message(said),
    )


def said_turn(said: Said) -> conversation_pb2.SaidTurn:
    """The same as the end of a stream."""
    return conversation_pb2.SaidTurn(
        reply=said.reply,
        stance=said.stance,
        emotion=said.emotion,
        affect=affect_message(said.affect),
        action=_action_message(said),
    )


def _action_message(said: Said) -> conversation_pb2.Action | None:
    if said.action is None:
        return None
    return conversation_pb2.Action(type=said.action.type, target=said.action.target)


def affect_message(affect: Affect) -> conversation_pb2.Affect:
    """How a character feels."""
    return conversation_pb2.Affect(v=affect.v, a=affect.a, d=affect.d, rapport=affect.rapport)


def _memory_message(memory: Memory) -> conversation_pb2.PlayerMemory:
    return conversation_pb2.PlayerMemory(
        player_identity=memory.player,
        summary=memory.summary,
        affect=affect_message(memory.affect),
        message_count=memory.message_count,
        turns=[
            conversation_pb2.RememberedTurn(
                text=turn.text,
                reply=turn.reply,
                stance=turn.stance,
                time=timestamp(turn.time_ms),
            )
            for turn in memory.turns
        ],
        last_time=timestamp(memory.last_ms),
    )
