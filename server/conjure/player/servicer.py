"""conjure.v1.PlayerService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.core.errors import NotFound

if TYPE_CHECKING:
    from conjure.rpc.call import Call
    from conjure.v1 import player_service_pb2 as pb


class PlayerServicer:
    """proto ↔ the player."""

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
        raise NotFound

    async def AskTerminal(
        self, request: pb.AskTerminalRequest, call: Call
    ) -> pb.AskTerminalResponse:
        """Answers what a player asks a terminal."""
        raise NotFound
