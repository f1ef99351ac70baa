"""conjure.v1.PlayerService."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.core.errors import NotFound
from conjure.player.page import frame_of
from conjure.rpc.conditional import needs_body
from conjure.v1 import player_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.player.files import PlayerFile, PlayerFiles
    from conjure.player.page import PlayerPage
    from conjure.rpc.call import Call

_NOSNIFF: Final = {"x-content-type-options": "nosniff"}
_PAGE: Final = _NOSNIFF | {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}
# Pages load them from their own origin, and ask again when these five minutes are over.
_EMBED: Final = _NOSNIFF | {
    "cache-control": "public, max-age=300",
    # Pages that keep out what is not meant for them (COEP) may load it.
    "cross-origin-resource-policy": "cross-origin",
}
_FILE: Final = _NOSNIFF | {"cache-control": "public, max-age=31536000, immutable"}


class PlayerServicer:
    """proto ↔ the player."""

    def __init__(self, *, files: PlayerFiles, page: PlayerPage) -> None:
        self._files = files
        self._page = page

    async def GetEmbedPage(
        self, request: pb.GetEmbedPageRequest, call: Call
    ) -> pb.GetEmbedPageResponse:
        """Answers with the page that plays a world."""
        frame = frame_of(request.token)
        call.response_headers.update(_PAGE)
        call.response_headers["content-security-policy"] = self._page.policy(frame)
        return pb.GetEmbedPageResponse(page=self._page.page(frame))

    async def GetEmbedModule(
        self, request: pb.GetEmbedModuleRequest, call: Call
    ) -> pb.GetEmbedModuleResponse:
        """Answers with the module that mounts the player."""
        script, etag = _embed(self._files.embed_module, call)
        return pb.GetEmbedModuleResponse(script=script, etag=etag)

    async def GetEmbedScript(
        self, request: pb.GetEmbedScriptRequest, call: Call
    ) -> pb.GetEmbedScriptResponse:
        """Answers with the same as a script."""
        script, etag = _embed(self._files.embed_script, call)
        return pb.GetEmbedScriptResponse(script=script, etag=etag)

    async def GetPlayerFile(
        self, request: pb.GetPlayerFileRequest, call: Call
    ) -> pb.GetPlayerFileResponse:
        """Answers with a file of the player."""
        file = self._files.served.get(request.file)
        if file is None or request.release != self._files.release:
            raise NotFound
        call.response_headers.update(_FILE)
        response = pb.GetPlayerFileResponse(media_type=file.media_type, etag=file.etag)
        if needs_body(call, file.etag):
            response.content = file.content
        return response

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


def _embed(file: PlayerFile, call: Call) -> tuple[bytes, str]:
    """Returns what is sent of a file, and its entity tag."""
    call.response_headers.update(_EMBED)
    return file.content if needs_body(call, file.etag) else b"", file.etag
