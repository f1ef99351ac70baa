"""`conjure characters`: talk to a character of a running server, and see what it remembers."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final

import grpc
import typer

from conjure.cli.common import fail, print_table
from conjure.cli.prose import printable, wrapped
from conjure.cli.remote import (
    CALL_S,
    KeyOption,
    TargetOption,
    as_json,
    authorization,
    remote,
    run_remote,
)
from conjure.core.caller import ANONYMOUS
from conjure.core.times import rfc3339
from conjure.v1 import conversation_pb2
from conjure.v1 import conversation_service_pb2 as pb
from conjure.v1 import session_service_pb2 as session_pb
from conjure.v1.conversation_service_pb2_grpc import ConversationServiceStub
from conjure.v1.session_service_pb2_grpc import SessionServiceStub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.cli.remote import Remote

characters = typer.Typer(no_args_is_help=True, help="Talk to characters; what they remember.")
memory = typer.Typer(no_args_is_help=True, help="What a character remembers of its players.")
characters.add_typer(memory, name="memory")

_THINKING_S: Final = 130.0  # a model may take two minutes
_TOKEN_S: Final = 3_600
_HISTORY: Final = 20
_LONGEST_LINE: Final = 8_000
_WIDEST: Final = 100
_PAGE: Final = 100

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The character's id.")]
PlayerArgument = Annotated[str, typer.Argument(metavar="PLAYER", help="The player's identity.")]


@characters.command("say")
def say(
    character_id: IdArgument,
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="Without it: a talk, line by line.")
    ] = None,
    player: Annotated[
        str, typer.Option(help="Who talks; of `anon` nothing is remembered.")
    ] = ANONYMOUS,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """Say something to a character, or talk with it until the input ends.

    A session token is minted with the key, which counts one session; each line counts one `say`. A talk of a
    named player is folded into the character's memory at its end.
    """
    server = remote(target, key)

    async def talk(channel: grpc.aio.Channel) -> None:
        minted = await SessionServiceStub(channel).MintSessionToken(
            session_pb.MintSessionTokenRequest(
                world_id=character_id, player_identity=player, ttl_seconds=_TOKEN_S
            ),
            metadata=server.metadata,
            timeout=CALL_S,
        )
        one = _Talk(channel, character_id, minted.token)
        if text is not None:
            await one.say(text)
            return
        await one.greet()
        for line in _typed():
            try:
                await one.say(line)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:
                    raise
                print(f"[{printable(error.details() or '')}]")  # what cannot be said
        if player != ANONYMOUS:
            await one.end()

    run_remote(server, talk)


@memory.command("show")
def show(
    character_id: IdArgument,
    player: PlayerArgument,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """Show what a character remembers of a player."""
    found = list(_memories(remote(target, key), character_id, player=player))
    if not found:
        fail(f"the character remembers nobody called {player!r}")
    one = found[0]
    feels = one.affect
    affect = f"valence {feels.v:g}, arousal {feels.a:g}, dominance {feels.d:g}"
    rows = [
        ("player", one.player_identity),
        ("messages", one.message_count),
        ("last talked", rfc3339(_ms(one.last_time))),
        ("feels", f"{affect}, rapport {feels.rapport:g}"),
    ]
    print_table("", "", rows=rows)
    columns = min(shutil.get_terminal_size().columns, _WIDEST)
    print(f"\n{wrapped(one.summary or 'Nothing is summed up yet.', columns)}")
    for turn in one.turns:
        print(f"\n{wrapped(f'> {printable(turn.text)}', columns, indent=2)}")
        print(wrapped(printable(turn.reply), columns))


@memory.command("forget")
def forget(
    character_id: IdArgument,
    player: PlayerArgument,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """Forget a player, for ever."""
    server = remote(target, key)

    async def call(channel: grpc.aio.Channel) -> None:
        stub: Any = ConversationServiceStub(channel)
        request = pb.ForgetPlayerRequest(id=character_id, player_identity=player)
        await stub.ForgetPlayer(request, metadata=server.metadata, timeout=CALL_S)

    run_remote(server, call)
    print(f"forgotten: {printable(player)}")


@memory.command("export")
def export(character_id: IdArgument, target: TargetOption = None, key: KeyOption = None) -> None:
    """Print all that a character remembers: a line of JSON for each player, who talked last first."""
    for one in _memories(remote(target, key), character_id):
        sys.stdout.buffer.write(as_json(one) + b"\n")
    sys.stdout.buffer.flush()


def _memories(
    server: Remote, character_id: str, *, player: str | None = None
) -> Iterator[conversation_pb2.PlayerMemory]:
    """Reads them page by page; ends the program when the server refuses."""
    cursor: str | None = None
    while True:
        request = pb.ListMemoriesRequest(
            id=character_id, limit=_PAGE, cursor=cursor, player_identity=player
        )

        async def read(
            channel: grpc.aio.Channel, request: pb.ListMemoriesRequest = request
        ) -> pb.ListMemoriesResponse:
            stub: Any = ConversationServiceStub(channel)
            page: pb.ListMemoriesResponse = await stub.ListMemories(
                request, metadata=server.metadata, timeout=CALL_S
            )
            return page

        page = run_remote(server, read)
        yield from page.memories
        if not page.HasField("next_cursor"):
            return
        cursor = page.next_cursor


def _typed() -> Iterator[str]:
    """The lines of the input that say something; a prompt where they are typed."""
    is_typed = sys.stdin.isatty()
    while True:
        if is_typed:
            print("> ", end="", flush=True)
        line = sys.stdin.readline(_LONGEST_LINE)
        if not line:
            print()
            return
        if line.strip():
            if not is_typed:
                print(f"> {printable(line)}")  # so that what is recorded can be read
            yield line.strip()


@dataclass
class _Talk:
    """A session with a character. What it is and feels is carried from turn to turn, as a page does."""

    channel: grpc.aio.Channel
    character_id: str
    token: str
    stance: str | None = None
    affect: conversation_pb2.Affect | None = None
    history: list[conversation_pb2.GivenLine] = field(default_factory=list)

    async def greet(self) -> None:
        """Prints the line of welcome."""
        request = pb.ResumeTalkRequest(id=self.character_id)
        welcome = await self._call("ResumeTalk", request)
        self.affect = welcome.affect
        _print(welcome.welcome)

    async def say(self, text: str) -> None:
        """Prints what the character answers to a line."""
        given = self.affect and conversation_pb2.GivenAffect(
            v=self.affect.v, a=self.affect.a, d=self.affect.d, rapport=self.affect.rapport
        )
        request = pb.SayRequest(
            id=self.character_id,
            text=text,
            current_stance=self.stance,
            history=self.history,
            affect=given,
        )
        said = await self._call("Say", request)
        self.stance, self.affect = said.stance, said.affect
        self.history += [
            conversation_pb2.GivenLine(role="user", text=text),
            conversation_pb2.GivenLine(role="character", text=said.reply),
        ]
        del self.history[:-_HISTORY]
        _print(said.reply)
        action = f", {said.action.type} {printable(said.action.target)}".rstrip()
        print(
            f"[{printable(said.stance)}, {printable(said.emotion)}"
            f"{action if said.HasField('action') else ''}]"
        )

    async def end(self) -> None:
        """Folds the talk into what the character remembers."""
        request = pb.ConsolidateMemoryRequest(id=self.character_id)
        folded = await self._call("ConsolidateMemory", request)
        print(f"[it remembers {folded.message_count} messages of you]")

    async def _call(self, name: str, request: Any) -> Any:
        method = getattr(ConversationServiceStub(self.channel), name)
        return await method(request, metadata=authorization(self.token), timeout=_THINKING_S)


def _print(text: str) -> None:
    print(wrapped(text, min(shutil.get_terminal_size().columns, _WIDEST)), flush=True)


def _ms(time: Any) -> int:
    return int(time.seconds * 1000 + time.nanos // 1_000_000)
