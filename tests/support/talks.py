"""Characters to talk to, and talks with them over gRPC."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conjure.v1 import conversation_pb2, document_pb2
from conjure.v1 import conversation_service_pb2 as pb
from conjure.v1.conversation_service_pb2_grpc import ConversationServiceStub
from support.rpc import TIMEOUT_S, metadata
from support.worlds import small_world

if TYPE_CHECKING:
    from support.rpc import Client

STANCES = ("calm", "glad", "cross")
PERSONA = (
    "Maren keeps the lighthouse at Skerry Point and has not left the island in eleven winters,"
    " since the night the supply boat went down with her brother aboard."
)
"""Long enough for a leak of more than twelve words to be told."""


def character_world(**members: Any) -> dict[str, Any]:
    """A character as a document for import; `members` are those of `character`."""
    events = [
        {"name": f"From {a} to {b}", "kind": "transition", "from": [a], "to": b}
        for a in STANCES
        for b in STANCES
        if a != b
    ]
    character = {
        "persona": PERSONA,
        "lore": "The lamp burns oil. The keeper before her was called Ansel Brook.",
        "stances": [{"id": name, "label": name.title(), "mood": name} for name in STANCES],
        "greeting": "Mind the step, it is wet.",
    }
    return small_world(
        name="Maren",
        kind="character",
        character=character | members,
        entrance={"state": "calm", "image": {"src": "https://example.com/maren.png"}},
        scene={
            "states": {name: {"base": f"A keeper by her lamp, {name}."} for name in STANCES},
            "events": events,
        },
    )


class Talk:
    """One session of one player with one character, over gRPC. Each method returns the call."""

    def __init__(self, client: Client, character_id: str, token: str) -> None:
        self.stub = ConversationServiceStub(client.channel)
        self.id = character_id
        self.token = token

    def say(
        self,
        text: str | None = "Hello, who are you?",
        *,
        history: list[tuple[str | None, str | None]] | None = None,
        affect: dict[str, float] | None = None,
        memory: Any = None,
        timeout: float = TIMEOUT_S,
        key: str | None = None,
        **fields: Any,
    ) -> Any:
        request = pb.SayRequest(
            id=self.id,
            text=text,
            history=[conversation_pb2.GivenLine(role=r, text=t) for r, t in history or []],
            affect=None if affect is None else conversation_pb2.GivenAffect(**affect),
            memory=None
            if memory is None
            else document_pb2.JsonDocument(json=json.dumps(memory).encode()),
            **fields,
        )
        return self.stub.Say(request, metadata=self._metadata(key), timeout=timeout)

    def say_stream(self, text: str = "Hello, who are you?") -> Any:
        return self._call(self.stub.SayStream, pb.SayStreamRequest(id=self.id, text=text))

    def speak(self, text: str) -> Any:
        return self._call(self.stub.Speak, pb.SpeakRequest(id=self.id, text=text))

    def resume(self) -> Any:
        return self._call(self.stub.ResumeTalk, pb.ResumeTalkRequest(id=self.id))

    def memory(self) -> Any:
        return self._call(self.stub.GetMemory, pb.GetMemoryRequest(id=self.id))

    def consolidate(self) -> Any:
        return self._call(self.stub.ConsolidateMemory, pb.ConsolidateMemoryRequest(id=self.id))

    def draw(self, prompt: str | None = None, *, key: str | None = None) -> Any:
        request = pb.DrawCharacterRequest(id=self.id, prompt=prompt)
        return self._call(self.stub.DrawCharacter, request, key)

    def _call(self, method: Any, request: Any, key: str | None = None) -> Any:
        return method(request, metadata=self._metadata(key), timeout=TIMEOUT_S)

    def _metadata(self, key: str | None) -> tuple[tuple[str, str], ...]:
        headers = {} if key is None else {"idempotency_key": key}
        return metadata(self.token, **headers)


async def new_character(client: Client, **members: Any) -> str:
    """Imports one; returns its id."""
    return str((await client.create(character_world(**members))).world_id)


async def new_talk(
    client: Client, player: str | None = "ada", character_id: str | None = None, **fields: Any
) -> Talk:
    """Begins to talk, with a new character unless one is given."""
    character_id = character_id or await new_character(client)
    minted = await client.mint(character_id, player_identity=player, **fields)
    return Talk(client, character_id, minted.token)


def forget(client: Client, character_id: str, player: str) -> Any:
    """The owner forgets a player."""
    return ConversationServiceStub(client.channel).ForgetPlayer(
        pb.ForgetPlayerRequest(id=character_id, player_identity=player),
        metadata=metadata(client.key),
        timeout=TIMEOUT_S,
    )


def list_memories(client: Client, character_id: str, **fields: Any) -> Any:
    """A page of what a character remembers."""
    return ConversationServiceStub(client.channel).ListMemories(
        pb.ListMemoriesRequest(id=character_id, **fields),
        metadata=metadata(client.key),
        timeout=TIMEOUT_S,
    )
