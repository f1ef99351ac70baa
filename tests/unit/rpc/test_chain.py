"""The layers and their order; the table of methods."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
import structlog
from google.protobuf import descriptor_pb2, descriptor_pool

from conjure.apps.servicer import AppServicer
from conjure.assets.servicer import AssetServicer
from conjure.characters.servicer import CharacterServicer
from conjure.conversations.servicer import ConversationServicer
from conjure.core.errors import Overloaded, TooHeavy
from conjure.edits.servicer import EditServicer
from conjure.graph.servicer import GraphServicer
from conjure.jobs.servicer import JobServicer
from conjure.player.servicer import PlayerServicer
from conjure.rpc import chain, streams
from conjure.rpc.assertions import calling
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.sessions.servicer import SessionServicer
from conjure.system.servicer import SystemServicer
from conjure.usage.servicer import UsageServicer
from conjure.v1 import auth_pb2, rest_pb2
from conjure.v1 import world_service_pb2 as pb
from conjure.versions.servicer import VersionServicer
from conjure.vision.servicer import VisionServicer
from conjure.watch.servicer import WatchServicer
from conjure.webhooks.servicer import WebhookServicer
from conjure.worlds.servicer import WorldServicer
from support.cases import each_of

SERVICERS = {
    "conjure.v1.AppService": AppServicer,
    "conjure.v1.WorldService": WorldServicer,
    "conjure.v1.GraphService": GraphServicer,
    "conjure.v1.EditService": EditServicer,
    "conjure.v1.VersionService": VersionServicer,
    "conjure.v1.SessionService": SessionServicer,
    "conjure.v1.WatchService": WatchServicer,
    "conjure.v1.JobService": JobServicer,
    "conjure.v1.WebhookService": WebhookServicer,
    "conjure.v1.VisionService": VisionServicer,
    "conjure.v1.UsageService": UsageServicer,
    "conjure.v1.CharacterService": CharacterServicer,
    "conjure.v1.ConversationService": ConversationServicer,
    "conjure.v1.PlayerService": PlayerServicer,
    "conjure.v1.AssetService": AssetServicer,
    "conjure.v1.SystemService": SystemServicer,
}
METHODS = [
    method
    for service in service_descriptors()
    for method in methods_of(service, max_request_bytes=1_048_576)
]

# Who may call what: written out, so that a changed proto is noticed (CONTRACT 0.1 to 7).
RULES = {
    "CharacterService/CreateCharacter": "worlds:write",
    "CharacterService/GetCharacter": "worlds:read",
    "CharacterService/ListCharacters": "worlds:read",
    "CharacterService/UpdateCharacter": "worlds:write",
    "CharacterService/DeleteCharacter": "worlds:write",
    "CharacterService/ForkCharacter": "worlds:write",
    "ConversationService/Say": auth_pb2.SCHEME_SESSION_TOKEN,
    "ConversationService/SayStream": auth_pb2.SCHEME_SESSION_TOKEN,
    "ConversationService/Speak": auth_pb2.SCHEME_SESSION_TOKEN,
    "ConversationService/DrawCharacter": auth_pb2.SCHEME_SESSION_TOKEN,
    "ConversationService/ResumeTalk": auth_pb2.SCHEME_SESSION_TOKEN,
    "ConversationService/GetMemory": auth_pb2.SCHEME_SESSION_TOKEN,
    "ConversationService/ConsolidateMemory": auth_pb2.SCHEME_SESSION_TOKEN,
    "ConversationService/ForgetPlayer": "worlds:write",
    "ConversationService/ListMemories": "worlds:write",
    "PlayerService/DrawState": auth_pb2.SCHEME_SESSION_TOKEN,
    "PlayerService/AskTerminal": auth_pb2.SCHEME_SESSION_TOKEN,
    "WorldService/CreateWorld": "worlds:write",
    "WorldService/GetWorld": "worlds:read",
    "WorldService/ListWorlds": "worlds:read",
    "GraphService/GetScene": "worlds:read",
    "GraphService/SetEntrance": "worlds:write",
    "GraphService/ListStates": "worlds:read",
    "GraphService/ListEvents": "worlds:read",
    "GraphService/GetState": "worlds:read",
    "GraphService/GetEvent": "worlds:read",
    "GraphService/DrawGraph": "worlds:read",
    "GraphService/ValidateGraph": "worlds:read",
    "GraphService/LintGraph": "worlds:read",
    "GraphService/CreateState": "worlds:write",
    "GraphService/UpdateState": "worlds:write",
    "GraphService/DeleteState": "worlds:write",
    "GraphService/CreateEvent": "worlds:write",
    "GraphService/UpdateEvent": "worlds:write",
    "GraphService/DeleteEvent": "worlds:write",
    "GraphService/ApplyOps": "worlds:write",
    "EditService/EditWorld": "worlds:write",
    "EditService/WatchEdit": "worlds:write",
    "WorldService/UpdateWorld": "worlds:write",
    "WorldService/DeleteWorld": "worlds:write",
    "WorldService/ForkWorld": "worlds:write",
    "VersionService/CreateVersion": "worlds:write",
    "VersionService/ListVersions": "worlds:read",
    "VersionService/GetVersion": "worlds:read",
    "VersionService/DiffVersions": "worlds:read",
    "VersionService/CheckoutVersion": "worlds:write",
    "VersionService/UpdateVersion": "worlds:write",
    "VersionService/DeleteVersion": "worlds:write",
    "SessionService/MintSessionToken": "sessions:mint",
    "SessionService/Connect": auth_pb2.SCHEME_SESSION_TOKEN,
    "SessionService/Disconnect": auth_pb2.SCHEME_SESSION_TOKEN,
    "SessionService/TrackSession": auth_pb2.SCHEME_SESSION_TOKEN,
    "SessionService/EndSession": "sessions:mint",
    "SessionService/ListSessions": "sessions:mint",
    "WatchService/WatchWorld": "worlds:read",
    "AppService/CreateApp": auth_pb2.SCHEME_USER,
    "AppService/ListApps": auth_pb2.SCHEME_USER,
    "AppService/CreateKey": auth_pb2.SCHEME_USER,
    "AppService/ListKeys": auth_pb2.SCHEME_USER,
    "AppService/RevokeKey": auth_pb2.SCHEME_USER,
    "WebhookService/CreateWebhook": auth_pb2.SCHEME_USER,
    "WebhookService/ListWebhooks": auth_pb2.SCHEME_USER,
    "WebhookService/DeleteWebhook": auth_pb2.SCHEME_USER,
    "JobService/GetJob": "worlds:read",
    "JobService/CancelJob": "worlds:write",
    "JobService/WatchJob": "worlds:read",
    # They cost a model's money, and publishable keys stand in web pages.
    "VisionService/Perceive": "worlds:write",
    "VisionService/GroundObjects": "worlds:write",
    "VisionService/DrawSeedFrame": "worlds:write",
    "PlayerService/GetEmbedPage": auth_pb2.SCHEME_PUBLIC,
    "PlayerService/GetEmbedModule": auth_pb2.SCHEME_PUBLIC,
    "PlayerService/GetEmbedScript": auth_pb2.SCHEME_PUBLIC,
    "PlayerService/GetPlayerFile": auth_pb2.SCHEME_PUBLIC,
    "PlayerService/GetHome": auth_pb2.SCHEME_PUBLIC,
    "PlayerService/PlayDemo": auth_pb2.SCHEME_PUBLIC,
    "UsageService/GetUsage": "usage:read",
    "AssetService/GetAsset": auth_pb2.SCHEME_PUBLIC,
    "SystemService/GetHealth": auth_pb2.SCHEME_PUBLIC,
    "SystemService/GetJwks": auth_pb2.SCHEME_PUBLIC,
    "SystemService/GetWorldSchema": auth_pb2.SCHEME_PUBLIC,
    "SystemService/GetOpenApi": auth_pb2.SCHEME_PUBLIC,
    "SystemService/GetOpenApiYaml": auth_pb2.SCHEME_PUBLIC,
    "SystemService/GetDocs": auth_pb2.SCHEME_PUBLIC,
}


def test_the_layers_stand_in_their_order():
    """Outermost first. Counting is outside of all, so that a drain waits for error answers too; whatever
    can fail is inside of `errors`; nobody's body is read before `auth` and `rate_limit`."""
    assert [layer.__name__ for layer in chain.CHAIN] == [
        "count",
        "observe",
        "errors",
        "admit",
        "deadline",
        "charge",
        "render",
        "auth",
        "rate_limit",
        "share",
        "handle",
    ]


def test_a_stream_that_lasts_has_the_same_layers_where_they_make_sense():
    """No deadline of ours; a face that writes many messages; a key that is looked at again."""
    assert [layer.__name__ for layer in streams.LASTING_CHAIN] == [
        "count",
        "observe",
        "errors",
        "admit",
        "until_drained",
        "render_stream",
        "reauthorize",
        "auth",
        "rate_limit",
        "hold",
        "handle",
    ]


def test_a_stream_that_ends_has_the_layers_of_a_call():
    """But for those that write its answer, and charge for that."""
    instead = {"render": "render_stream"}
    assert [layer.__name__ for layer in streams.ENDING_CHAIN] == [
        instead.get(layer.__name__, layer.__name__)
        for layer in chain.CHAIN
        if layer.__name__ != "charge"
    ]


def test_which_streams_last_and_which_end():
    """Written out, so that a new one is thought about."""
    found = {method.name: method.is_lasting for method in METHODS if method.is_stream}
    lasting, ending = {"WatchWorld", "WatchJob", "WatchEdit"}, {"SayStream", "Speak"}
    assert found == dict.fromkeys(lasting, True) | dict.fromkeys(ending, False)


def test_every_layer_says_why_it_is_there():
    for layer in (*chain.CHAIN, *streams.LASTING_CHAIN, *streams.ENDING_CHAIN):
        assert layer.__doc__


def test_every_rpc_has_the_rule_that_the_contract_gives_it():
    found = {
        method.full_name.removeprefix("/conjure.v1."): method.scope or method.scheme
        for method in METHODS
    }
    assert found == RULES


@each_of("method", METHODS, ids=lambda method: method.full_name)
def test_every_rpc_has_a_servicer_method(method):
    assert callable(getattr(SERVICERS[method.service], method.name))


def test_no_servicer_method_is_without_an_rpc():
    named = {(method.service, method.name) for method in METHODS}
    for service, servicer in SERVICERS.items():
        for name in vars(servicer):
            assert name.startswith("_") or (service, name) in named


def service_of(*options: tuple[int, str] | None):
    """A service made on the spot, with an RPC for each auth rule."""
    pool = descriptor_pool.Default()
    name = f"test_{abs(hash(options))}"
    file = descriptor_pb2.FileDescriptorProto(name=f"{name}.proto", package=name, syntax="proto3")
    file.message_type.add(name="Empty")
    service = file.service.add(name="Service")
    for number, option in enumerate(options):
        method = service.method.add(
            name=f"Rpc{number}", input_type=f".{name}.Empty", output_type=f".{name}.Empty"
        )
        if option is not None:
            scheme, scope = option
            method.options.Extensions[auth_pb2.auth].scheme = scheme
            method.options.Extensions[auth_pb2.auth].scope = scope
    pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    return pool.FindServiceByName(f"{name}.Service")


@each_of(
    "option",
    [
        None,
        (auth_pb2.SCHEME_UNSPECIFIED, ""),
        (auth_pb2.SCHEME_API_KEY, ""),
        (auth_pb2.SCHEME_PUBLIC, "worlds:read"),
        (auth_pb2.SCHEME_SESSION_TOKEN, "worlds:read"),
    ],
)
def test_an_rpc_without_a_clear_rule_stops_the_start(option):
    good = (auth_pb2.SCHEME_API_KEY, "worlds:read")
    assert methods_of(service_of(good), max_request_bytes=1)[0].scope == "worlds:read"
    with pytest.raises(TypeError, match="Rpc1"):
        methods_of(service_of(good, option), max_request_bytes=1)


def test_limits_are_of_the_proto_or_the_common_one():
    limits = {method.name: method.max_request_bytes for method in METHODS}
    assert limits["CreateWorld"] == 12 * 1_048_576
    assert limits["Connect"] == 16_384
    assert limits["GetWorld"] == 1_048_576
    creations = {method.name for method in METHODS if method.is_creation}
    assert creations == {"CreateWorld", "CreateCharacter"}


def test_the_envelope_of_the_edge_meets_no_field_of_any_request():
    """RestEnvelope is read from the same bytes as the request: its numbers must be its own."""
    own = {field.number for field in rest_pb2.RestEnvelope.DESCRIPTOR.fields}
    for method in METHODS:
        assert not own & {field.number for field in method.request.DESCRIPTOR.fields}


class TestAssertions:
    """A handler takes what is asserted exactly where its request can say it (rpc.assertions)."""

    METHOD = next(method for method in METHODS if method.name == "DeleteWorld")
    READ = next(method for method in METHODS if method.name == "GetWorld")

    def test_a_handler_that_does_not_take_it_stops_the_start(self):
        async def careless(request, call): ...

        with pytest.raises(TypeError, match="DeleteWorld"):
            calling(self.METHOD, careless)

    def test_so_does_one_that_takes_what_there_is_not(self):
        async def hopeful(request, call, expected): ...

        with pytest.raises(TypeError, match="GetWorld"):
            calling(self.READ, hopeful)

    def test_each_handler_fits_its_method(self):
        for method in METHODS:
            if not method.is_stream:
                servicer = object.__new__(SERVICERS[method.service])
                calling(method, getattr(servicer, method.name))

    def test_writes_of_something_that_is_there_can_assert_its_revision(self):
        """Written out, so that a new write is thought about: what else writes, creates, or ends a key."""
        others = {m.name for m in METHODS if not (m.asserts_revision or m.is_read)}
        assert others == {
            "CreateCharacter", "ForkCharacter", "CreateWorld", "ForkWorld", "MintSessionToken", "Connect", "Disconnect", "TrackSession",
            "EndSession", "CreateApp", "CreateKey", "RevokeKey", "CancelJob", "CreateWebhook",
            "DeleteWebhook", "Perceive", "GroundObjects", "DrawSeedFrame",
            "Say", "SayStream", "Speak", "DrawCharacter", "ResumeTalk", "ConsolidateMemory", "ForgetPlayer", "PlayDemo",
            "DrawState", "AskTerminal",
        }  # fmt: skip

    def test_a_token_that_has_run_out_does_only_what_a_page_does_when_it_is_left(self):
        expired = {m.name for m in METHODS if m.accepts_expired}
        assert expired == {"Disconnect", "ConsolidateMemory"}

    def test_what_is_read_with_get_has_no_side_effects(self):
        """But for one that a person goes to, and that refuses whatever else a page can make of a GET."""
        got = {m.name for m in METHODS if "GET" in {b.verb for b in m.bindings}}
        assert got - {m.name for m in METHODS if m.is_read} == {"PlayDemo"}


async def test_what_waits_for_a_heavy_worker_keeps_its_request_once():
    """It was read to be found too heavy; what was read of it, and the error's frames, had it twice more."""
    (method,) = (each for each in METHODS if each.full_name.endswith("/CreateWorld"))
    call = SimpleNamespace(
        method=method, raw=pb.CreateWorldRequest(premise="x").SerializeToString(), is_rest=False, request_message=None
    )  # fmt: skip
    kept = []

    class Heavy:
        request_bytes = 1_000

        async def answer(self, call):
            kept.extend((call.request_message, sys.exc_info()[1]))
            return b"answered"

    async def too_heavy(call):
        assert call.request_message.premise == "x"
        raise TooHeavy

    step = chain.handle(method, SimpleNamespace(heavy=Heavy()), too_heavy)
    assert await step(call) == b"answered"
    assert kept == [None, None]


async def test_a_request_that_there_is_no_memory_to_read_is_told_that_nothing_was_done():
    """Of a write that is 504 once it has begun; this one has not."""

    def no_memory(_):
        raise MemoryError

    request = SimpleNamespace(FromString=no_memory)
    method = SimpleNamespace(
        request=request, max_request_bytes=1_000, waits_for_model=False, is_stream=False, is_creation=True
    )  # fmt: skip
    call = SimpleNamespace(method=method, raw=b"x", is_rest=False, request_message=None)
    step = chain.handle(method, SimpleNamespace(heavy=None), pytest.fail)
    with structlog.testing.capture_logs(), pytest.raises(Overloaded):
        await step(call)
