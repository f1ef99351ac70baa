"""Every RPC as a call that succeeds for the owner of a character, over both faces; `callers` has who may try it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import grpc
import grpc.aio
from google.api import annotations_pb2
from google.protobuf import descriptor_pb2, message_factory

from conjure.player.files import player_files
from conjure.rpc.methods import service_descriptors
from conjure.v1 import auth_pb2, rest_pb2
from support.assets import kept_asset
from support.demo import write_demo
from support.jobs import queued_job
from support.rest import bearer, connect, mint
from support.rpc import TIMEOUT_S, metadata, read_refusal
from support.users import user_token
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx
    from google.protobuf.descriptor import MethodDescriptor
    from google.protobuf.message import Message

    from support.rpc import Refusal
    from support.stack import TestApp

MARK = "Kq7SecretOfTheBrain"
"""Part of every secret of `character_world`, and of nothing else."""

SHOWN = {
    "stances": [{"id": "calm", "label": "Calm", "mood": "quiet"}],
    "voice": {"id": "alto"},
    "voiceId": "alto-1",
    "greeting": "Hello.",
    "intro": {"kicker": "Meet", "title": "Ada", "hint": "Say hello."},
}
SECRETS: dict[str, Any] = {
    "persona": f"{MARK} persona, not a blinding whiteout",
    "scene": {"text": f"{MARK} scene", "states": {f"{MARK} state": {"base": f"{MARK} base"}}},
    "lore": [f"{MARK} lore", {"deeper": [[{"still": f"{MARK} lore deep down"}]]}],
    "examples": [{"user": f"{MARK} question", "character": f"{MARK} answer"}],
    "modelId": f"{MARK} model",
    # Members that nobody knows, and one that looks like factored prose.
    "notes": {"nested": {f"{MARK} key": [None, 1.0, f"{MARK} note"]}},
    "style": {"template": f"{MARK} template", "fills": {"light": f"{MARK} fill"}},
    "Stances": f"{MARK} of another spelling",
}
TEMPLATES = {"room": {"text": "A {mood} room.", "slots": {"mood": {"default": "quiet"}}}}


def character_world(**members: Any) -> dict[str, Any]:
    """A character with a full brain, in a world with factored prose and a room that nothing refers to."""
    world = small_world(
        kind="character", character=SHOWN | SECRETS, kernel={"templates": TEMPLATES}
    )
    world["scene"]["states"]["spare"] = {"base": {"template": "room", "fills": {}}}
    world["scene"]["events"].append({"name": "Wave", "kind": "override", "from": ["hall"]})
    world["scene"]["events"].append(
        {"name": "Console", "kind": "terminal", "from": ["hall"], "terminal": CONSOLE}
    )
    return world | members


CONSOLE = {"persona": "A console.", "facts": [{"text": "Nobody is there.", "requires": ["key"]}]}
DESCRIBED = 'Describe the hall as "A hall with one lamp."'
BROKEN = small_world(entrance={"state": "attic", "image": {"src": "x"}})
"""A world that does not pass the gate."""


@dataclass(frozen=True)
class Way:
    """One verb and path of an RPC."""

    verb: str
    path: str
    has_body: bool


@dataclass(frozen=True)
class Rpc:
    """What the protos say about one RPC. `ways`: over REST; none when it is for callers over gRPC alone."""

    descriptor: MethodDescriptor
    scheme: int
    scope: str
    ways: tuple[Way, ...]
    is_read: bool
    is_compressed: bool

    @property
    def is_rest(self) -> bool:
        return bool(self.ways)

    @property
    def is_stream(self) -> bool:
        return bool(self.descriptor.server_streaming)


def _read(descriptor: MethodDescriptor) -> Rpc:
    options = descriptor.GetOptions()
    auth = options.Extensions[auth_pb2.auth]
    http = options.Extensions[annotations_pb2.http]
    ways = [
        Way(verb.upper(), getattr(rule, verb), bool(rule.body))
        for rule in (http, *http.additional_bindings)
        if (verb := rule.WhichOneof("pattern")) is not None
    ]
    return Rpc(
        descriptor, auth.scheme, auth.scope, tuple(ways),
        options.idempotency_level == descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS,
        options.Extensions[rest_pb2.edge].gzip,
    )  # fmt: skip


RPCS = {
    f"{service.name}/{method.name}": _read(method)
    for service in service_descriptors()
    for method in service.methods
}


@dataclass
class Place:
    """A character in the store with two versions, a session that plays it, and a job that waits.

    `app_id`, `key_id` and `webhook_id` are what the user of its app's owner has in his console, who is no part of that app.
    """

    owner: TestApp
    world_id: str
    visibility: str
    first_rev: str
    versions: tuple[str, str]
    token: str
    jti: str
    app_id: str
    key_id: str
    webhook_id: str
    job_id: str
    asset: str

    def credential(self, rpc: str) -> str:
        """What the owner calls an RPC with."""
        if RPCS[rpc].scheme == auth_pb2.SCHEME_USER:
            return user_token(self.owner.user_id)
        if RPCS[rpc].scheme == auth_pb2.SCHEME_SESSION_TOKEN:
            return self.token
        return self.owner.secret

    @classmethod
    async def made(cls, rest: httpx.AsyncClient, owner: TestApp, visibility: str) -> Place:
        """A new one. Between the versions lies a write whose op carries secrets that are no part of it."""
        headers = bearer(owner.secret)

        async def call(verb: str, path: str, **body: Any) -> httpx.Response:
            answer = await rest.request(verb, path, json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer

        made = await call("POST", "/v1/worlds", world=character_world())
        world_id = made.json()["worldId"]
        path = f"/v1/worlds/{world_id}"
        if visibility != "private":
            await call("PATCH", path, visibility=visibility)
        first = (await call("POST", f"{path}/versions", title="first")).json()["versionId"]
        patch = {"narration": "Dust."}
        op = {"op": "update_state", "id": "hall", "patch": patch, "note": f"{MARK} of an op"}
        await call("POST", f"{path}/ops", ops=[op])
        second = (await call("POST", f"{path}/versions", title="second")).json()["versionId"]
        minted = await mint(rest, owner.secret, world_id)
        assert (await connect(rest, minted["token"])).status_code == 200
        return cls(
            owner, world_id, visibility, made.headers["etag"].strip('"'), (first, second),
            minted["token"], minted["jti"], *await owner.console(), await queued_job(owner),
            await kept_asset(owner),
        )  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A call that succeeds for the owner.

    `shows`: its answer holds the document. `tells`: it holds what the document has of texts of the brain.
    `is_open`: strangers may make it on a world that is not private.
    `status`: what the owner is answered over REST, where that is a refusal. `is_of_a_world`: it names one, or
    something else of the place;
    `is_of_an_app`: it names an app. `way`: which of the RPC's verbs and paths it takes over REST.
    """

    rpc: str
    fields: Callable[[Place], dict[str, Any]]
    label: str = ""
    shows: bool = False
    tells: bool = False
    is_open: bool = False
    status: int = 200
    is_of_a_world: bool = True
    is_of_an_app: bool = False
    way: int = 0

    @property
    def verb(self) -> str:
        return RPCS[self.rpc].ways[self.way].verb

    @property
    def succeeds(self) -> bool:
        """Whether the owner is answered; else it is a call that is refused whoever makes it."""
        return self.status < 400

    def __str__(self) -> str:
        return f"{self.rpc} {self.label}".strip()


def _id(**more: Any) -> Callable[[Place], dict[str, Any]]:
    return lambda place: {"id": place.world_id, **more}


def _version(place: Place) -> dict[str, Any]:
    return {"id": place.world_id, "version_id": place.versions[0]}


def _job(place: Place) -> dict[str, Any]:
    return {"job_id": place.job_id}


def _demo(place: Place) -> dict[str, Any]:
    write_demo(place.owner.id, place.world_id, place.world_id)
    return {"play": "character"}


WAVE = {"name": "Look", "kind": "override", "from": "hall"}
OPS = [{"op": "delete_event", "name": "Wave"}]
SAID = {
    "name": "Ada",
    "persona": f"{MARK} persona",
    "stances": [{"id": "calm", "label": "Calm"}, {"id": "glad", "mood": "warm"}],
    "cover": "https://example.com/ada.png",
}
"""What makes a character."""
# One red pixel.
FRAME = "R0lGODdhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs="


def _of_an_app(rpc: str, label: str = "", *, way: int = 0, **more: Any) -> Case:
    """A call of a user about an app of his; `names` are the fields that name a part of it, too."""
    names = more.pop("names", ())

    def fields(place: Place) -> dict[str, Any]:
        return {"id": place.app_id, **{name: getattr(place, name) for name in names}, **more}

    return Case(rpc, fields, label, is_of_a_world=False, is_of_an_app=True, way=way)


CASES = (
    Case("WorldService/CreateWorld", lambda _: {"world": character_world()}, is_of_a_world=False),
    Case(
        "WorldService/CreateWorld",
        lambda _: {"world": BROKEN | {"character": SHOWN | SECRETS}},
        "refused",
        status=422,
        is_of_a_world=False,
    ),
    Case(
        "WorldService/CreateWorld",
        lambda _: {"premise": "a lighthouse", "run_async": True},
        "later",
        status=202,
        is_of_a_world=False,
    ),
    Case("WorldService/GetWorld", _id(), shows=True, is_open=True),
    Case("WorldService/ListWorlds", lambda _: {"limit": 5}, is_of_a_world=False),
    Case("WorldService/UpdateWorld", _id(name="Another")),
    Case("WorldService/DeleteWorld", _id()),
    Case("WorldService/ForkWorld", _id(), is_open=True),
    Case("GraphService/GetScene", _id(), is_open=True),
    Case("GraphService/SetEntrance", _id(state="cellar"), shows=True),
    Case("GraphService/SetEntrance", _id(state="attic"), "refused", status=422),
    Case("GraphService/ListStates", _id(), is_open=True),
    Case("GraphService/ListEvents", _id(), is_open=True),
    Case("GraphService/GetState", _id(state_id="hall"), is_open=True),
    Case("GraphService/GetEvent", _id(event_name="Go down"), is_open=True),
    Case("GraphService/DrawGraph", _id(), is_open=True),
    Case("GraphService/CreateState", _id(state={"id": "attic", "base": "An attic."}), shows=True),
    Case("GraphService/UpdateState", _id(state_id="hall", patch={"narration": "."}), shows=True),
    Case("GraphService/DeleteState", _id(state_id="spare"), shows=True),
    Case("GraphService/CreateEvent", _id(event=WAVE), shows=True),
    Case("GraphService/UpdateEvent", _id(event_name="Wave", patch={"hotkey": "f"}), shows=True),
    Case("GraphService/DeleteEvent", _id(event_name="Wave"), shows=True),
    Case("GraphService/ApplyOps", _id(ops=OPS), shows=True),
    Case("GraphService/ValidateGraph", _id(), "stored", shows=True, is_open=True),
    Case("GraphService/ValidateGraph", _id(world=small_world()), "given", is_open=True),
    Case("GraphService/ValidateGraph", _id(data=BROKEN), "refused", is_open=True, status=422),
    Case("GraphService/LintGraph", _id(), "stored", is_open=True),
    Case("GraphService/LintGraph", _id(data=BROKEN), "given", is_open=True),
    Case("EditService/EditWorld", _id(instruction=DESCRIBED), shows=True),
    Case("EditService/EditWorld", _id(message="Make it nicer"), "asks", shows=True),
    Case("EditService/WatchEdit", _id(instruction=DESCRIBED)),
    Case("VersionService/CreateVersion", _id(title="third")),
    Case("VersionService/ListVersions", _id()),
    Case("VersionService/GetVersion", _version, shows=True),
    Case(
        "VersionService/DiffVersions",
        lambda place: {"id": place.world_id, "a": place.versions[0], "b": place.versions[1]},
    ),
    Case("VersionService/CheckoutVersion", _version, shows=True),
    Case("VersionService/UpdateVersion", lambda place: _version(place) | {"title": "renamed"}),
    Case("VersionService/DeleteVersion", _version),
    Case("SessionService/MintSessionToken", lambda place: {"world_id": place.world_id}),
    Case("SessionService/Connect", lambda _: {}),
    Case("SessionService/TrackSession", lambda _: {"reactor_session_id": "r-1"}),
    Case("SessionService/EndSession", lambda place: {"jti": place.jti}),
    Case("SessionService/Disconnect", lambda _: {}),
    Case("SessionService/ListSessions", lambda _: {"limit": 5}, is_of_a_world=False),
    Case(
        "WatchService/WatchWorld",
        lambda place: {"id": place.world_id, "from_rev": place.first_rev},
    ),
    Case("AppService/CreateApp", lambda _: {"name": "Another game"}, is_of_a_world=False),
    Case("AppService/ListApps", lambda _: {"limit": 5}, is_of_a_world=False),
    _of_an_app("AppService/CreateKey", kind="secret", name="backend"),
    _of_an_app("AppService/ListKeys"),
    _of_an_app("AppService/RevokeKey", names=["key_id"]),
    _of_an_app("AppService/RevokeKey", "by POST", names=["key_id"], way=1),
    _of_an_app("WebhookService/CreateWebhook", url="https://127.0.0.1:1/"),
    _of_an_app("WebhookService/ListWebhooks"),
    _of_an_app("WebhookService/DeleteWebhook", names=["webhook_id"]),
    _of_an_app("WebhookService/DeleteWebhook", "by POST", names=["webhook_id"], way=1),
    Case("JobService/GetJob", _job),
    Case("JobService/CancelJob", _job),
    Case("JobService/WatchJob", _job),
    # Nobody looks where no vision provider is configured.
    Case(
        "VisionService/Perceive",
        lambda _: {"frame_b64": FRAME, "room_name": "The hall"},
        is_of_a_world=False,
        status=503,
    ),
    Case(
        "VisionService/GroundObjects",
        lambda _: {"frame_b64": FRAME, "labels": [{"label": "a door", "choice_id": "c-1"}]},
        is_of_a_world=False,
        status=503,
    ),
    Case(
        "VisionService/DrawSeedFrame",
        lambda _: {"prompt": "a lighthouse", "mood": "night"},
        is_of_a_world=False,
    ),
    Case("CharacterService/CreateCharacter", lambda _: SAID, is_of_a_world=False),
    Case(
        "CharacterService/CreateCharacter",
        lambda _: {"world": character_world()},
        "refused",
        status=422,
        is_of_a_world=False,
    ),
    Case("CharacterService/GetCharacter", _id(), tells=True, is_open=True),
    Case(
        "CharacterService/ListCharacters", lambda _: {"limit": 5}, tells=True, is_of_a_world=False
    ),
    Case("CharacterService/UpdateCharacter", _id(lore=f"{MARK} of a patch"), tells=True),
    Case("CharacterService/DeleteCharacter", _id()),
    Case("CharacterService/ForkCharacter", _id(), is_open=True),
    Case("ConversationService/Say", _id(text="Hello, who are you?")),
    Case("ConversationService/SayStream", _id(text="Hello, who are you?")),
    # Nobody speaks where no voice is configured.
    Case("ConversationService/Speak", _id(text="Good evening."), status=503),
    Case("ConversationService/DrawCharacter", _id(prompt="By the lamp.")),
    Case("ConversationService/ResumeTalk", _id()),
    Case("ConversationService/GetMemory", _id()),
    Case("ConversationService/ConsolidateMemory", _id()),
    Case("ConversationService/ForgetPlayer", _id(player_identity="ada / lovelace")),
    Case("ConversationService/ListMemories", _id(limit=5)),
    Case("PlayerService/GetEmbedPage", lambda place: {"token": place.token}, is_of_a_world=False),
    Case("PlayerService/GetEmbedModule", lambda _: {}, is_of_a_world=False),
    Case("PlayerService/GetEmbedScript", lambda _: {}, is_of_a_world=False),
    Case("PlayerService/GetHome", lambda place: _demo(place) and {}, is_of_a_world=False),
    Case("PlayerService/PlayDemo", _demo, is_of_a_world=False, status=303),
    Case(
        "PlayerService/GetPlayerFile",
        lambda _: {"release": player_files().release, "file": "player.js"},
        is_of_a_world=False,
    ),
    Case("PlayerService/DrawState", lambda _: {"state": "hall"}),
    Case(
        "PlayerService/AskTerminal",
        lambda _: {"event": "Console", "text": "Who is there?", "flags": ["key"]},
    ),
    Case("UsageService/GetUsage", lambda _: {}, is_of_a_world=False),
    Case("AssetService/GetAsset", lambda place: {"file": place.asset}, is_of_a_world=False),
    Case("SystemService/GetHealth", lambda _: {}, is_of_a_world=False),
    Case("SystemService/GetJwks", lambda _: {}, is_of_a_world=False),
    Case("SystemService/GetWorldSchema", lambda _: {}, is_of_a_world=False),
    Case("SystemService/GetOpenApi", lambda _: {}, is_of_a_world=False),
    Case("SystemService/GetOpenApiYaml", lambda _: {}, is_of_a_world=False),
    Case("SystemService/GetDocs", lambda _: {}, is_of_a_world=False),
)


UNSERVED = frozenset(case.rpc for case in CASES if case.status == 503)
"""RPCs that need a provider which the stacks of tests do not have."""


def case_of(rpc: str, way: int = 0) -> Case:
    """The first call of an RPC that goes this way: what it takes when all is well."""
    return next(case for case in CASES if (case.rpc, case.way) == (rpc, way))


@dataclass(frozen=True)
class Answer:
    """What came back, and all of it as bytes: body, headers, trailers. `refusal` is of gRPC, `response` of REST."""

    is_ok: bool
    evidence: bytes
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    response: httpx.Response | None = None


async def call_grpc(
    channel: grpc.aio.Channel, case: Case, place: Place, headers: Mapping[str, str]
) -> Answer:
    """Makes the call as an internal service does; of a stream, up to its first message."""
    descriptor = RPCS[case.rpc].descriptor
    name = f"/{descriptor.containing_service.full_name}/{descriptor.name}"
    request = request_message(descriptor, case.fields(place)).SerializeToString()
    how: dict[str, Any] = {"metadata": metadata(**headers), "timeout": TIMEOUT_S}
    raw: Any = None
    try:
        if descriptor.server_streaming:
            raw = channel.unary_stream(name)(request, **how)
            body = await raw.read()
            raw.cancel()
            return Answer(True, body)
        raw = channel.unary_unary(name)(request, **how)
        body = await raw
        sent = (await raw.initial_metadata(), await raw.trailing_metadata())
        return Answer(True, body + repr(sent).encode())
    except grpc.aio.AioRpcError as error:
        said = (error.details(), error.initial_metadata(), error.trailing_metadata())
        return Answer(False, repr(said).encode(), refusal=read_refusal(error))


async def call_rest(
    rest: httpx.AsyncClient, case: Case, place: Place, headers: Mapping[str, str]
) -> Answer:
    """Makes the call as the public does; of a stream, up to its first event."""
    rpc = RPCS[case.rpc]
    path, content = http_request(case, place)
    async with rest.stream(case.verb, path, content=content, headers=dict(headers)) as answer:
        if rpc.is_stream and answer.is_success:
            body = b""
            with contextlib.suppress(StopAsyncIteration):
                async for piece in answer.aiter_bytes():
                    body += piece
                    if b"\ndata: " in body:
                        break
        else:
            body = await answer.aread()
    evidence = body + repr(answer.headers.multi_items()).encode()
    status = answer.status_code
    return Answer(status == case.status, evidence, status, dict(answer.headers), response=answer)


def request_message(descriptor: MethodDescriptor, fields: dict[str, Any]) -> Message:
    """The request of an RPC with these fields; documents are given as values."""
    message = message_factory.GetMessageClass(descriptor.input_type)()
    for name, value in fields.items():
        item = descriptor.input_type.fields_by_name[name]
        if item.message_type is None and item.is_repeated:
            getattr(message, name).extend(value)
        elif item.message_type is None:
            setattr(message, name, value)
        elif item.is_repeated:
            for each in value:
                getattr(message, name).add(**each)
        else:  # a document
            getattr(message, name).json = json.dumps(value).encode()
    return message


def http_request(case: Case, place: Place) -> tuple[str, bytes]:
    """The address and the body of the call over REST."""
    rpc, fields = RPCS[case.rpc], case.fields(place)
    way = rpc.ways[case.way]
    path, members = way.path, {}
    for item in rpc.descriptor.input_type.fields:
        if item.name not in fields:
            continue
        value = fields[item.name]
        if f"{{{item.name}}}" in path:
            path = path.replace(f"{{{item.name}}}", quote(value, safe=""))
        elif item.GetOptions().Extensions[rest_pb2.rest].inline:
            members |= value
        else:
            members[item.json_name] = value
    if way.has_body:
        return path, json.dumps(members).encode()
    return (f"{path}?{urlencode(members)}" if members else path), b""
