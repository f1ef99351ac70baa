"""conjure.v1.PlayerService."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.core.caching import IMMUTABLE, OF_A_RELEASE
from conjure.core.errors import InvalidField, NotFound
from conjure.player.home import home_policy
from conjure.player.page import PAGE_HEADERS, frame_of
from conjure.player.requests import Question
from conjure.player.visitors import is_of_this_machine, opens_a_page
from conjure.rpc.conditional import needs_body
from conjure.v1 import player_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.player.demo import DemoService
    from conjure.player.files import PlayerFile, PlayerFiles
    from conjure.player.home import HomePage
    from conjure.player.page import PlayerPage
    from conjure.player.pictures import StatePictures
    from conjure.player.terminals import TerminalService
    from conjure.rpc.call import Call

_NOSNIFF: Final = {"x-content-type-options": "nosniff"}
_EMBED: Final = _NOSNIFF | {
    "cache-control": OF_A_RELEASE,
    # Pages that keep out what is not meant for them (COEP) may load it.
    "cross-origin-resource-policy": "cross-origin",
}
_EMBED_PATH: Final = "/embed.html"
_PLAYS: Final = ("world", "character")
_FILE: Final = _NOSNIFF | {"cache-control": IMMUTABLE}


class PlayerServicer:
    """proto ↔ the player."""

    def __init__(
        self,
        *,
        files: PlayerFiles,
        page: PlayerPage,
        home: HomePage | None,
        demo: DemoService | None,
        pictures: StatePictures,
        terminals: TerminalService,
    ) -> None:
        """`home` and `demo` are None where they are turned off."""
        self._files = files
        self._page = page
        self._home = home
        self._demo = demo
        self._pictures = pictures
        self._terminals = terminals

    async def GetEmbedPage(
        self, request: pb.GetEmbedPageRequest, call: Call
    ) -> pb.GetEmbedPageResponse:
        """Answers with the page that plays a world."""
        frame = frame_of(request.token)
        call.response_headers.update(self._page.headers(frame))
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
        if self._home is None:
            raise NotFound
        page = await self._home.page(shows_the_demo=_may_see_the_demo(call))
        call.response_headers.update(PAGE_HEADERS)
        call.response_headers["content-security-policy"] = home_policy()
        return pb.GetHomeResponse(page=page)

    async def PlayDemo(self, request: pb.PlayDemoRequest, call: Call) -> pb.PlayDemoResponse:
        """Leads to the page that plays the demo, with a token minted for it."""
        if self._demo is None or not _may_see_the_demo(call):
            raise NotFound
        play = request.play if request.HasField("play") else "world"
        if play not in _PLAYS:
            raise InvalidField(f"play must be {' or '.join(_PLAYS)}")
        call.response_headers.update(PAGE_HEADERS)
        # A HEAD has no effect (RFC 9110, 9.3.2), and only says that there is a demo.
        if call.verb == "HEAD":
            await self._demo.demo()
            return pb.PlayDemoResponse(location=_EMBED_PATH)
        token = await self._demo.token(play)
        return pb.PlayDemoResponse(location=f"{_EMBED_PATH}?token={token}")

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


def _may_see_the_demo(call: Call) -> bool:
    if not is_of_this_machine(call.client):
        return False
    return not call.is_rest or (is_of_this_machine(call.host) and opens_a_page(call.headers))


def _embed(file: PlayerFile, call: Call) -> tuple[bytes, str]:
    """Returns what is sent of a file, and its entity tag."""
    call.response_headers.update(_EMBED)
    return file.content if needs_body(call, file.etag) else b"", file.etag
