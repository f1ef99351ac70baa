"""conjure.v1.CharacterService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.core.errors import NotFound

if TYPE_CHECKING:
    from conjure.core.preconditions import Precondition
    from conjure.rpc.call import Call
    from conjure.v1 import character_service_pb2 as pb


class CharacterServicer:
    """proto ↔ characters."""

    async def CreateCharacter(
        self, request: pb.CreateCharacterRequest, call: Call
    ) -> pb.CreateCharacterResponse:
        """Not built yet."""
        raise NotFound

    async def GetCharacter(
        self, request: pb.GetCharacterRequest, call: Call
    ) -> pb.GetCharacterResponse:
        """Not built yet."""
        raise NotFound

    async def ListCharacters(
        self, request: pb.ListCharactersRequest, call: Call
    ) -> pb.ListCharactersResponse:
        """Not built yet."""
        raise NotFound

    async def UpdateCharacter(
        self, request: pb.UpdateCharacterRequest, call: Call, expected: Precondition | None
    ) -> pb.UpdateCharacterResponse:
        """Not built yet."""
        raise NotFound

    async def DeleteCharacter(
        self, request: pb.DeleteCharacterRequest, call: Call, expected: Precondition | None
    ) -> pb.DeleteCharacterResponse:
        """Not built yet."""
        raise NotFound

    async def ForkCharacter(
        self, request: pb.ForkCharacterRequest, call: Call
    ) -> pb.ForkCharacterResponse:
        """Not built yet."""
        raise NotFound
