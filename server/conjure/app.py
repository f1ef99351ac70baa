"""The composition root: builds everything, in the order in which it depends on each other.

The only file that knows all domains. What is opened last is closed first (AsyncExitStack). Tests build the
same thing on port 0.
"""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from conjure.administration import administration
from conjure.apps.servicer import AppServicer
from conjure.apps.users import UserTokens
from conjure.assets.collector import Collector
from conjure.assets.service import Assets
from conjure.assets.servicer import AssetServicer
from conjure.assets.store import AssetStore
from conjure.characters.creation import CharacterCreation
from conjure.characters.service import CharacterService
from conjure.characters.servicer import CharacterServicer
from conjure.characters.store import CharacterStore
from conjure.conversations.composition import conversations_of
from conjure.conversations.forgetting import ForgettingHandler
from conjure.conversations.store import TalkStore
from conjure.core import metrics
from conjure.core.cleanup import Cleanup
from conjure.core.shares import Shares
from conjure.core.urls import http_url
from conjure.edits.service import EditService
from conjure.edits.servicer import EditServicer
from conjure.graph.service import GraphService
from conjure.graph.servicer import GraphServicer
from conjure.jobs.following import JobFeeds
from conjure.jobs.service import JobService
from conjure.jobs.servicer import JobServicer
from conjure.jobs.store import JobStore
from conjure.jobs.worker import JobHandler
from conjure.player.composition import player_of
from conjure.providers.addresses import SystemResolver
from conjure.providers.http import OutboundClient
from conjure.providers.models import models_of
from conjure.providers.objects.opening import objects_of
from conjure.providers.runtime import LocalRuntime, NoRuntime, ReactorRuntime
from conjure.queue.directory import Directory
from conjure.queue.workers import Workers
from conjure.rates.exchange import RateExchange
from conjure.rates.limiter import RateLimiter
from conjure.rpc.auth import Authenticator
from conjure.rpc.compression import Compressor
from conjure.rpc.heavy import HeavyWork
from conjure.rpc.layer import ServerContext
from conjure.rpc.server import RpcServer
from conjure.rpc.tracing import tracing
from conjure.sessions.endings import Endings
from conjure.sessions.finder import LapseFinder
from conjure.sessions.leases import Leases
from conjure.sessions.service import SessionService
from conjure.sessions.servicer import SessionServicer
from conjure.sessions.store import SessionStore
from conjure.sessions.tokens import SessionTokens
from conjure.store.round_trips import RoundTrip
from conjure.system.servicer import SystemServicer
from conjure.usage.metering import Metering
from conjure.usage.service import UsageService
from conjure.usage.servicer import UsageServicer
from conjure.usage.store import UsageStore
from conjure.versions.service import VersionService
from conjure.versions.servicer import VersionServicer
from conjure.versions.store import VersionStore
from conjure.vision.creation import SeedFrames
from conjure.vision.service import VisionService
from conjure.vision.servicer import VisionServicer
from conjure.watch.service import WatchService
from conjure.watch.servicer import WatchServicer
from conjure.webhooks.circuits import Circuits
from conjure.webhooks.deliveries import MOST_ANSWER_BYTES, DeliveryHandler
from conjure.webhooks.endpoints import Endpoints
from conjure.webhooks.events import EventHandler
from conjure.webhooks.outcomes import Outcomes
from conjure.webhooks.service import WebhookService
from conjure.webhooks.servicer import WebhookServicer
from conjure.webhooks.store import WebhookStore
from conjure.worlds.covers import Covers
from conjure.worlds.creation import WorldCreation
from conjure.worlds.directory import PublicDirectory
from conjure.worlds.editor import WorldEditor
from conjure.worlds.frames import Frames
from conjure.worlds.generation import Generation
from conjure.worlds.service import WorldService
from conjure.worlds.servicer import WorldServicer
from conjure.worlds.store import WorldStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from conjure.administration import Administration
    from conjure.providers.author import Author
    from conjure.providers.brain import Brain
    from conjure.providers.editor import Editor
    from conjure.providers.runtime import Runtime
    from conjure.providers.voice import Voice
    from conjure.queue.handler import Handler
    from conjure.rpc.over_grpc import Serve
    from conjure.sessions.signing import SigningKeys
    from conjure.settings import RuntimeSettings, Settings

_DELIVERY_LOOKUPS: Final = (
    64  # of names, at the same time: one that is never answered for takes half a minute
)


@dataclass(frozen=True, slots=True)
class Domains:
    """What is served, and what works beside it."""

    admin: Administration
    authenticator: Authenticator
    servicers: Mapping[str, Any]
    watching: WatchService
    job_feeds: JobFeeds
    workers: Workers
    finder: LapseFinder
    collector: Collector


@contextlib.asynccontextmanager
async def serving(
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    within: Callable[[Serve], Serve] | None = None,
    author: Author | None = None,
    editor: Editor | None = None,
    brain: Brain | None = None,
    voice: Voice | None = None,
) -> AsyncIterator[tuple[RpcServer, int]]:
    """Runs a server; yields it with its port. Leaving stops it at once, unless it was drained.

    `host` may be a socket file, `unix:PATH`. `within` is what a heavy worker puts around each call. `author`,
    `editor`, `brain` and `voice` are others than the settings name, for tests.
    """
    async with contextlib.AsyncExitStack() as stack:
        # Outermost: the last spans are those of what closes.
        tracer = await stack.enter_async_context(tracing(settings.tracing, settings.store))
        # Where there are heavy workers, this process leaves heavy worlds to them.
        has_workers = settings.heavy.workers > 0 and sys.platform != "win32"  # needs socket files
        domains = await _domains(
            settings,
            stack,
            _given(author=author, editor=editor, brain=brain, voice=voice),
            has_workers=has_workers,
            is_heavy_worker=within is not None,
            watch=True,
        )
        admin = domains.admin
        rates = RateLimiter(settings.rates)
        await stack.enter_async_context(
            RateExchange(admin.store, rates, every_s=settings.rates.share_s)
        )
        heavy = HeavyWork(settings) if has_workers else None
        if heavy is not None:
            await stack.enter_async_context(heavy)
            stack.enter_context(metrics.HEAVY_WAITING.reads(lambda: heavy.calls))
        compressor = stack.enter_context(Compressor(settings.gzip))
        context = ServerContext(
            settings,
            domains.authenticator,
            rates,
            tracer,
            heavy,
            compressor=compressor,
            is_relay=within is not None,
        )
        for gauge in (
            metrics.RPC_IN_FLIGHT.reads(lambda: context.in_flight.count, "call"),
            metrics.RPC_IN_FLIGHT.reads(lambda: context.streams.count, "stream"),
            metrics.STORE_PENDING.reads(lambda: RoundTrip.pending),
            metrics.KEY_CACHE_TRUSTED.reads(lambda: admin.security.is_fresh),
            metrics.WATCHED_WORLDS.reads(lambda: domains.watching.watched),
            metrics.WATCHED_JOBS.reads(lambda: domains.job_feeds.watched),
            metrics.ASSETS_KEPT.reads(lambda: domains.collector.kept),
        ):
            stack.enter_context(gauge)
        server = RpcServer(settings, context, domains.servicers, within)
        stack.enter_context(metrics.EDGE_CONNECTIONS.reads(lambda: server.edge_connections))
        if settings.queue.inline:
            await stack.enter_async_context(domains.finder)
            await stack.enter_async_context(domains.collector)
            await stack.enter_async_context(domains.workers)
            server.beside_drain(lambda: domains.workers.drain(settings.server.drain_s))
        bound = await server.start(
            settings.server.host if host is None else host,
            settings.server.port if port is None else port,
        )
        stack.push_async_callback(server.stop)
        yield server, bound


@contextlib.asynccontextmanager
async def working(settings: Settings, *, author: Author | None = None) -> AsyncIterator[Workers]:
    """Works without serving; yields the workers, to be drained. Leaving gives back what is running."""
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(tracing(settings.tracing, settings.store))
        # It authenticates nobody, so that nothing of what it caches can be revoked.
        domains = await _domains(
            settings,
            stack,
            _given(author=author),
            has_workers=False,
            is_heavy_worker=False,
            watch=False,
        )
        stack.enter_context(metrics.STORE_PENDING.reads(lambda: RoundTrip.pending))
        await stack.enter_async_context(domains.finder)
        await stack.enter_async_context(domains.collector)
        yield await stack.enter_async_context(domains.workers)


def _given(**models: object) -> dict[str, object]:
    return {name: model for name, model in models.items() if model is not None}


async def _domains(
    settings: Settings,
    stack: contextlib.AsyncExitStack,
    instead: Mapping[str, Any],
    *,
    has_workers: bool,
    is_heavy_worker: bool,
    watch: bool,
) -> Domains:
    """Builds the domains. `instead`: models by their names, other ones than the settings name.

    `has_workers`: heavy worlds are for other processes. `is_heavy_worker`: this is one of those; it has one
    call at a time, which must not wait for anybody outside.

    `watch`: this process authenticates callers, whose keys may be revoked.
    """
    admin = await stack.enter_async_context(
        administration(
            settings.store,
            settings.auth,
            settings.apps,
            idempotency_s=settings.worlds.idempotency_s,
            watch=watch,
        )
    )
    await stack.enter_async_context(admin.key_use)
    store = admin.store
    cleanup = await stack.enter_async_context(Cleanup(last_wait_s=settings.store.patience_s + 1))
    directory = await stack.enter_async_context(Directory(store))
    asset_store, objects = AssetStore(store), objects_of(settings.assets)
    assets = Assets(asset_store, objects, settings.assets)
    usage = UsageStore(store, settings.caps, settings.worlds)
    metering = Metering(usage, cleanup)
    most_weight = settings.heavy.document_bytes if has_workers else None
    most_checked = settings.heavy.request_bytes if has_workers else None
    world_store = WorldStore(store, settings.worlds, most_weight=most_weight)
    world_editor = WorldEditor(world_store, assets)
    worlds = WorldService(world_store, PublicDirectory(store), world_editor, assets, directory)
    tokens = SessionTokens(settings.sessions, admin.signing_keys)
    users = await stack.enter_async_context(UserTokens(settings.auth))
    session_store = SessionStore(
        store,
        settings.caps,
        settings.sessions,
        is_cluster=settings.store.cluster,
        idempotency_s=settings.worlds.idempotency_s,
    )
    runtime = await _runtime(
        settings.runtime, tokens, admin.signing_keys, settings.sessions.issuer, stack
    )
    # What an asker has begun ends before its runtime's client is closed.
    asking = await stack.enter_async_context(
        Cleanup(
            last_wait_s=min(runtime.timeout_s, settings.server.drain_s)
            + settings.store.patience_s
            + 1
        )
    )
    endings = Endings(store, session_store, directory)
    leases = Leases(session_store, endings, runtime, asking)
    sessions = SessionService(session_store, worlds, tokens, leases, endings)
    watching = WatchService(worlds, settings.watch)
    chosen = await stack.enter_async_context(models_of(settings, may_wait=not is_heavy_worker))
    models = replace(chosen, **instead)
    covers = Covers(
        models.drawings if is_heavy_worker else models.pictures,
        models.drawings,
        most_s=settings.pictures.cover_s,
    )
    generation = Generation(models.author, covers, assets)
    frames = await stack.enter_async_context(
        Frames(
            assets,
            allows_private=settings.author.frame_allow_private,
            may_fetch=not is_heavy_worker,
        )
    )
    creation = WorldCreation(world_store, worlds, metering, generation, assets, frames)
    job_store = JobStore(store, settings.jobs, settings.worlds, settings.caps)
    job_feeds = JobFeeds(job_store, settings.watch)
    jobs = JobService(job_store, job_feeds, metering, directory, generation, frames)
    versions = VersionService(
        VersionStore(store, settings.versions, idempotency_s=settings.worlds.idempotency_s),
        worlds,
        world_editor,
        assets,
        most_weight=most_weight,
    )
    graph = GraphService(
        worlds,
        world_editor,
        most_situations=settings.worlds.softlock_situations,
        most_checked=most_checked,
    )
    seed_frames = SeedFrames(
        models.pictures,
        assets,
        metering,
        # Making pixels of a drawing of ours would hold everybody up.
        draws_here=not has_workers or settings.pictures.provider != "builtin",
    )
    looks = settings.vision.looks
    shares = settings.shares
    vision = VisionService(
        models.vision, Shares("looks", looks, shares.reserve_of(looks), shares.of(looks))
    )
    edits = EditService(
        models.editor,
        worlds,
        writer=world_editor,
        versions=versions,
        metering=metering,
        at_once=has_workers,
    )
    talk_store = TalkStore(
        store,
        settings.caps,
        settings.memory,
        hold_s=settings.worlds.hold_s,
        idempotency_s=settings.worlds.idempotency_s,
    )
    conversations = conversations_of(
        settings, models, talk_store, worlds, metering, covers, assets, frames, cleanup
    )
    webhooks, handlers = await _webhooks(settings, admin, stack)
    return Domains(
        admin=admin,
        authenticator=Authenticator(
            admin.keys, tokens, users, own_origin=http_url(settings.assets.public_url).origin
        ),
        servicers={
            "conjure.v1.AppService": AppServicer(admin.apps, admin.keys),
            "conjure.v1.WebhookService": WebhookServicer(webhooks),
            "conjure.v1.WorldService": WorldServicer(
                worlds, creation, jobs, most_checked=most_checked
            ),
            "conjure.v1.GraphService": GraphServicer(graph),
            "conjure.v1.EditService": EditServicer(edits),
            "conjure.v1.VersionService": VersionServicer(versions),
            "conjure.v1.SessionService": SessionServicer(sessions),
            "conjure.v1.WatchService": WatchServicer(watching),
            "conjure.v1.JobService": JobServicer(jobs),
            "conjure.v1.VisionService": VisionServicer(vision, seed_frames),
            "conjure.v1.CharacterService": CharacterServicer(
                CharacterService(worlds, CharacterStore(store, most_weight=most_weight)),
                CharacterCreation(creation, generation, models.author, covers, assets, frames),
                most_checked=most_checked,
            ),
            "conjure.v1.ConversationService": conversations,
            "conjure.v1.PlayerService": player_of(
                settings,
                store,
                models,
                worlds,
                graph,
                sessions,
                assets,
                metering,
                may_wait=not is_heavy_worker,
            ),
            "conjure.v1.AssetService": AssetServicer(assets),
            "conjure.v1.UsageService": UsageServicer(UsageService(usage)),
            "conjure.v1.SystemService": SystemServicer(store, admin.signing_keys),
        },
        watching=watching,
        job_feeds=job_feeds,
        workers=Workers(
            store,
            directory,
            (
                JobHandler(job_store, generation, assets, frames, settings.jobs),
                ForgettingHandler(talk_store),
                *handlers,
            ),
            settings.queue,
        ),
        finder=LapseFinder(store, endings),
        collector=Collector(asset_store, objects, settings.assets),
    )


async def _webhooks(
    settings: Settings, admin: Administration, stack: contextlib.AsyncExitStack
) -> tuple[WebhookService, tuple[Handler, ...]]:
    """Returns what registers webhooks, and what tells them."""
    chosen = settings.webhooks
    store = WebhookStore(admin.store, chosen, idempotency_s=settings.worlds.idempotency_s)
    endpoints = Endpoints(store)
    client = await stack.enter_async_context(
        OutboundClient(
            "webhooks",
            timeout_s=chosen.timeout_s,
            max_concurrent=settings.queue.deliveries,  # so that no delivery waits for its turn
            max_response_bytes=MOST_ANSWER_BYTES,
            allows_private=chosen.allow_private,
            resolver=SystemResolver(most=_DELIVERY_LOOKUPS),
            cuts=True,
        )
    )
    outcomes = await stack.enter_async_context(Outcomes(store, endpoints))
    circuits = Circuits(
        at_once=chosen.at_once,
        failing_at_once=chosen.failing_at_once,
        slow_at_once=max(1, settings.queue.deliveries // 4),
        new_at_once=max(1, settings.queue.deliveries // 4),
    )
    return (
        # With a resolver of its own: names that are never answered for, registered by a few users, would
        # hold up the lookups of all deliveries.
        WebhookService(store, admin.apps, SystemResolver(), allows_private=chosen.allow_private),
        (
            EventHandler(store, endpoints),
            DeliveryHandler(client, endpoints, outcomes, circuits, plan=chosen.plan),
        ),
    )


async def _runtime(
    settings: RuntimeSettings,
    tokens: SessionTokens,
    keys: SigningKeys,
    issuer: str,
    stack: contextlib.AsyncExitStack,
) -> Runtime:
    if settings.provider == "reactor":
        return await stack.enter_async_context(ReactorRuntime(settings))
    if settings.provider == "none":
        return NoRuntime()
    return LocalRuntime(tokens.sign, keys.kid_at, issuer=issuer)
