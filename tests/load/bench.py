"""All that rows are about: worlds, sessions, and the deployments beside each other, each begun when it is asked for.

They share a store, and stand beside each other for the rows of a section to take turns.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import orjson
from google.api.httpbody_pb2 import HttpBody

from conjure.player.files import player_files
from conjure.providers.author.builtin import BuiltinAuthor
from conjure.providers.author.port import AuthorRequest
from conjure.rpc.messages import document
from conjure.v1 import session_service_pb2 as pb
from load.known import Known, known_sessions
from load.rows import CONNECT
from load.stand import TODAY, Stand, Target, conjure, floor, import_world, peer, world_of
from load.tools import Ask, LoadFailed
from support.rest import bearer

if TYPE_CHECKING:
    from contextlib import AsyncExitStack
    from collections.abc import Callable, Iterable
    from contextlib import AbstractAsyncContextManager

WORLDS = 33
"""Where worlds vary: an even number would line up with the workers that Envoy takes in turn."""
STATES = 40
LARGE_STATES = 1_000
_IDLE_S = 1.0
PLAYER_FILE = Ask(
    "GET",
    (f"/player/{player_files().release}/player.js",),
    headers={"accept-encoding": "gzip"},
)
"""A module of the player, as a browser asks for it."""
_PREMISE = "A lighthouse keeper in a storm"


@dataclass(frozen=True, slots=True)
class Worlds:
    """Ids, and the sessions of two of them. `authored` is as the built-in author writes them, of 30 KB."""

    small: str
    large: str
    authored: str
    many: list[str]
    version_of_large: str
    known: Known
    known_authored: Known


class Bench:
    """One store with worlds in it, and the deployments that are running."""

    def __init__(self, on: Stand, opened: AsyncExitStack) -> None:
        self.on = on
        self.secret = on.app.secret
        self._opened = opened
        self._running: dict[str, Target] = {}
        self._worlds: Worlds | None = None

    @property
    def worlds(self) -> Worlds:
        """What `prepare` made."""
        assert self._worlds is not None
        return self._worlds

    async def prepare(self) -> None:
        """Makes worlds and sessions, through the deployment that is measured."""
        at = await self.at("conjure")
        url, key = at.rest_url, self.secret
        made = await BuiltinAuthor().create_world(AuthorRequest(_PREMISE))
        authored = {name: part for name, part in made.document.items() if name != "id"}
        small, large, written, *many = [
            await import_world(url, key, world)
            for world in (
                world_of(17_000, STATES),
                world_of(170_000, LARGE_STATES),
                authored | {"cover": "https://example.com/cover.png"},
                *(world_of(17_000, STATES) for _ in range(WORLDS)),
            )
        ]
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as rest:
            saved = await rest.post(f"/v1/worlds/{large}/versions", json={}, headers=bearer(key))
            saved.raise_for_status()
        self._worlds = Worlds(
            small, large, written, many, saved.json()["versionId"],
            await known_sessions(self.on, small), await known_sessions(self.on, written),
        )  # fmt: skip

    async def at(self, name: str) -> Target:
        """A deployment by its name, begun now unless it runs."""
        if name not in self._running:
            self._running[name] = await self._opened.enter_async_context(await self._begun(name))
        return self._running[name]

    async def all_at(self, names: Iterable[str]) -> dict[str, Target]:
        """Several, with what they all say to the store when nobody calls."""
        found = {name: await self.at(name) for name in dict.fromkeys(names)}
        idle = await next(iter(found.values())).meter.idle_bytes_per_s(_IDLE_S)
        return {
            name: dataclasses.replace(target, idle_bytes_per_s=idle)
            for name, target in found.items()
        }

    async def _begun(self, name: str) -> AbstractAsyncContextManager[Target]:
        if name in {"REST floor", "gRPC floor"}:
            answers = await self._answers()
            return floor(self.on, name, answers[name == "gRPC floor"])
        if name == "file floor":
            return floor(self.on, name, await self._file(), calls=None)
        begin: dict[str, Callable[[], AbstractAsyncContextManager[Target]]] = {
            "conjure": lambda: conjure(self.on, 1),
            "today": lambda: conjure(self.on, 1, name="today", calls=TODAY),
            "two": lambda: conjure(self.on, 2, name="two"),
            "peer": lambda: peer(self.on),
            "peer with gzip": lambda: peer(self.on, "peer-gzip", PEER_GZIP="1"),
            "peer that signs": lambda: peer(self.on, "peer-signs", PEER_SIGNS_EACH="1"),
        }
        return begin[name]()

    async def _answers(self) -> tuple[bytes, bytes]:
        """What a connect is answered, in the form of either face."""
        at = await self.at("conjure")
        body = await connected(at, self.worlds.known.tokens[0])
        found = body.json()
        answer = pb.ConnectResponse(
            world_id=found["worldId"],
            reactor_jwt=found["reactorJwt"],
            expires_in=found["expiresIn"],
            expires_at=found["expiresAt"],
            world=document(orjson.dumps(found["world"])),
        )
        over_rest = HttpBody(content_type="application/json", data=body.content)
        return over_rest.SerializeToString(), answer.SerializeToString()

    async def _file(self) -> bytes:
        """What a browser gets of the player, in the form of the REST face."""
        at = await self.at("conjure")
        path, headers, _ = PLAYER_FILE.nth(0)
        async with (
            httpx.AsyncClient(base_url=at.rest_url, trust_env=False, timeout=60) as rest,
            rest.stream("GET", path, headers=headers) as answer,
        ):
            answer.raise_for_status()
            packed = b"".join([piece async for piece in answer.aiter_raw()])
        return HttpBody(
            content_type=answer.headers["content-type"], data=packed
        ).SerializeToString()


def connect(tokens: list[str], **headers: str) -> Ask:
    """A player comes in."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Ask("POST", (CONNECT,), tokens, headers=named)


async def connected(at: Target, token: str, coding: str = "identity") -> httpx.Response:
    """What a connect is answered. Raises httpx.HTTPStatusError."""
    path, headers, _ = connect([token], accept_encoding=coding).nth(0)
    async with httpx.AsyncClient(base_url=at.rest_url, trust_env=False, timeout=60) as rest:
        answer = await rest.post(path, headers=headers)
        answer.raise_for_status()
        return answer


async def agree(ours: Target, theirs: Target, token: str) -> None:
    """Raises LoadFailed unless the peer answers as Conjure does, to the letter of the credential."""
    said: list[tuple[Any, ...]] = []
    for at in (ours, theirs):
        body = (await connected(at, token)).json()
        claims = jwt.decode(body["reactorJwt"], options={"verify_signature": False})
        said.append((sorted(body), body["worldId"], body["world"], claims))
    if said[0] != said[1]:
        raise LoadFailed(f"the peer does not answer as Conjure does: {said}")
