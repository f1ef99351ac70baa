"""Builds the domain of its parts: for the composition root, which has enough to do with all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.player.admission import Admission
from conjure.player.pictures import StatePictures
from conjure.player.servicer import PlayerServicer
from conjure.player.store import PlayerStore
from conjure.player.terminals import TerminalService
from conjure.providers.brain import Terminals

if TYPE_CHECKING:
    from conjure.assets.service import Assets
    from conjure.providers.models import Models
    from conjure.settings import Settings
    from conjure.store.client import Store
    from conjure.usage.metering import Metering
    from conjure.worlds.service import WorldService


def player_of(
    settings: Settings,
    store: Store,
    models: Models,
    worlds: WorldService,
    assets: Assets,
    metering: Metering,
    *,
    may_wait: bool,
) -> PlayerServicer:
    """Returns what answers the player. `may_wait`: calls of this process may wait for a model."""
    player_store = PlayerStore(store)
    admission = Admission(player_store, worlds)
    has_model = may_wait and settings.pictures.provider != "builtin"
    return PlayerServicer(
        pictures=StatePictures(
            admission,
            player_store,
            models.drawings,
            models.pictures if has_model else None,
            assets,
            metering,
            settings.player,
        ),
        terminals=TerminalService(admission, Terminals()),
    )
