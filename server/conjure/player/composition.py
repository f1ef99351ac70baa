"""Builds the domain of its parts: for the composition root, which has enough to do with all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.core.urls import http_url
from conjure.player.admission import Admission
from conjure.player.demo import DemoService
from conjure.player.files import player_files
from conjure.player.home import HomePage
from conjure.player.page import PlayerPage
from conjure.player.pictures import StatePictures
from conjure.player.servicer import PlayerServicer
from conjure.player.store import PlayerStore
from conjure.player.terminals import TerminalService
from conjure.providers.brain import Terminals

if TYPE_CHECKING:
    from conjure.assets.service import Assets
    from conjure.graph.service import GraphService
    from conjure.providers.models import Models
    from conjure.sessions.service import SessionService
    from conjure.settings import Settings
    from conjure.store.client import Store
    from conjure.usage.metering import Metering
    from conjure.worlds.service import WorldService


def player_of(
    settings: Settings,
    store: Store,
    models: Models,
    worlds: WorldService,
    graph: GraphService,
    sessions: SessionService,
    assets: Assets,
    metering: Metering,
    *,
    may_wait: bool,
) -> PlayerServicer:
    """Returns what answers the player. `may_wait`: calls of this process may wait for a model."""
    player_store = PlayerStore(store)
    admission = Admission(player_store, worlds)
    has_model = may_wait and settings.pictures.provider != "builtin"
    files = player_files()
    page = PlayerPage(
        files,
        assets_origin=http_url(settings.assets.public_url).origin,
        runtime_client_url=settings.player.runtime_client_url,
        runtime_sources=settings.player.runtime_sources,
    )
    chosen = settings.player
    demo = DemoService(chosen.demo_file, sessions) if chosen.demo_file else None
    return PlayerServicer(
        files=files,
        page=page,
        home=HomePage(settings, demo, graph) if chosen.home else None,
        demo=demo,
        pictures=StatePictures(
            admission,
            player_store,
            models.drawings,
            models.pictures if has_model else None,
            assets,
            metering,
            chosen,
        ),
        terminals=TerminalService(admission, Terminals()),
    )
