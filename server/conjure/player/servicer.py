"""conjure.v1.PlayerService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.core.errors import NotFound
from conjure.player.requests import Question
from conjure.v1 import player_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.player.pictures import StatePictures
    from conjure.player.terminals import TerminalService
    from conjure.rpc.call import Call


class PlayerServicer:
    """proto ↔ the player."""

    def __init__(self, *, pictures: StatePictures, terminals: TerminalService) -> None:
        self._pictures = pictures
        self._terminals = terminals

    async def GetEmbedPage(
        self, request: pb.GetEmbedPageRequest, call: Call
    ) -> pb.GetEmbedPageResponse:
        """Answers with the page that plays a world."""
        raise NotFound

    async def GetEmbedModule(
        self, request: pb.GetEmbedModuleRequest, call: Call
    ) -> pb.GetEmbedModuleResponse:
        """Answers with the module that mounts the player."""
        raise NotFound

    async def GetEmbedScript(
        self, request: pb.GetEmbedScriptRequest, call: Call
    ) -> pb.GetEmbedScriptResponse:
        """Answers with the same as a script."""
        raise NotFound

    async def GetPlayerFile(
        self, request: pb.GetPlayerFileRequest, call: Call
    ) -> pb.GetPlayerFileResponse:
        """Answers with a file of the player."""
        raise NotFound

    async def GetHome(self, request: pb.GetHomeRequest, call: Call) -> pb.GetHomeResponse:
        """Answers with a page for developers."""
        raise NotFound

    async def PlayDemo(self, request: pb.PlayDemoRequest, call: Call) -> pb.PlayDemoResponse:
        """Leads to the demo."""
        raise NotFound

    async def DrawState(self, request: pb.DrawStateRequest, call: Call) -> pb.DrawStateResponse:
        """Answers with where the picture of a state is."""
        drawn = await self._pictures.draw(call.session, request.state)
        return pb.DrawStateResponse(url=drawn.url, mime_type=drawn.media_type)

    async def AskTerminal(
        self, request: pb.AskTerminalRequest, call: Call
    ) -> pb.AskTerminalResponse:
        """Answers what a player asks a terminal."""
        asked = Question(request.event, request.text, tuple(request.flags))
        return pb.AskTerminalResponse(reply=await self._terminals.ask(call.session, asked))
