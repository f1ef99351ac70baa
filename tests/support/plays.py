"""A session that plays a world, over gRPC: what its page asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjure.v1 import player_service_pb2 as pb
from conjure.v1.player_service_pb2_grpc import PlayerServiceStub
from support.rpc import TIMEOUT_S, metadata
from support.worlds import small_world

if TYPE_CHECKING:
    from support.rpc import Client

FACTS = [
    {"text": "The reactor was shut down after the flood of 2041."},
    {"text": "The code of the vault is KESTREL 77.", "requires": ["has_badge"]},
    {"text": "Doctor Lindqvist left by the north stairs.", "requires": ["has_badge", "saw_film"]},
]
TERMINAL = {"persona": "An old console.", "greeting": "Station log, line 4.", "facts": FACTS}


def played_world(**members: Any) -> dict[str, Any]:
    """Two rooms, one with a terminal, and two endings."""
    world = small_world(subject="A diver in a yellow suit", styleTail="ink and wash", **members)
    states = world["scene"]["states"]
    states["out"] = {"base": "Open sky above the sea.", "ending": {"kind": "win"}}
    states["lost"] = {"base": "Open sky above the sea.", "ending": {"kind": "lose"}}
    world["scene"]["events"] += [
        {"name": "Climb", "kind": "transition", "from": ["hall"], "to": "out"},
        {"name": "Fall", "kind": "transition", "from": ["cellar"], "to": "lost"},
        {"name": "Console", "kind": "terminal", "from": ["hall"], "terminal": TERMINAL},
    ]
    return world


class Play:
    """One session. Each method returns the call."""

    def __init__(self, client: Client, world_id: str, token: str, jti: str) -> None:
        self.stub = PlayerServiceStub(client.channel)
        self.world_id = world_id
        self.token = token
        self.jti = jti

    def picture(self, state: str = "hall", timeout: float = TIMEOUT_S) -> Any:
        return self.stub.DrawState(
            pb.DrawStateRequest(state=state), metadata=metadata(self.token), timeout=timeout
        )

    def ask(self, text: str, *flags: str, event: str = "Console") -> Any:
        request = pb.AskTerminalRequest(event=event, text=text, flags=flags)
        return self.stub.AskTerminal(request, metadata=metadata(self.token), timeout=TIMEOUT_S)


async def new_play(client: Client, world: Any = None, world_id: str | None = None) -> Play:
    """Begins to play, a new world unless one is given."""
    world_id = world_id or (await client.create(world or played_world())).world_id
    minted = await client.mint(world_id)
    return Play(client, world_id, minted.token, minted.jti)
