"""Pictures of states (CONTRACT 6.3): each drawn when it is first asked for, and remembered by its world.

A model's costs one `image`, once for all players. Over the quota, and when a model fails, the drawing is
ours, free of charge, and is remembered as well: until its time is over no model is asked about that state
again, so that whoever holds a token cannot have the same failing picture asked for all the time. Each time
that a model fails the time doubles.

Who asks for what is just being drawn gets the same. Two processes may draw one state at once: one picture is
remembered, and both answer that. The unit of the other one is spent as well, also when the world was deleted
meanwhile: a model has drawn, which somebody pays for, and nothing is spent that was not metered.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.errors import (
    AppError,
    NotFound,
    PayloadTooLarge,
    QuotaExceeded,
    StoreUnavailable,
)
from conjure.core.ids import new_id
from conjure.core.lru import LruCache
from conjure.player.looks import look_of
from conjure.player.requests import check_state
from conjure.player.store import Remembered
from conjure.providers.pictures import MEDIA_TYPES, PicturesDeclined, PicturesError
from conjure.usage.metering import IMAGE

if TYPE_CHECKING:
    from conjure.assets.service import Assets
    from conjure.core.caller import SessionCaller, Tenant
    from conjure.player.admission import Admission
    from conjure.player.looks import Look
    from conjure.player.model import Entry
    from conjure.player.store import Full, PlayerStore
    from conjure.providers.pictures import BuiltinPictures, Picture, Pictures
    from conjure.settings import PlayerSettings
    from conjure.usage.metering import Hold, Metering
    from conjure.worlds.access import VisibleDocument

log = structlog.get_logger(__name__)

_DAY_MS: Final = 86_400_000
_AGAIN_S: Final = 60.0
"""How long this process asks no model about a state whose picture could not be kept."""
_MOST_FAILING: Final = 10_000
_AT_HAND: Final = 10_000  # names of looks, some 400 bytes each
_TRIES: Final = 3
_AT_ONCE: Final = 20  # states that are read before others have their turn
_Key = tuple[str, str, str]  # of a picture: tenant, world, name of its look


@dataclass(frozen=True, slots=True)
class StatePicture:
    """Where the picture of a state is."""

    url: str
    media_type: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be drawn, of which world as its players see it."""

    tenant: Tenant
    world_id: str
    look: Look
    seen: VisibleDocument

    @property
    def key(self) -> _Key:
        """Two that are the same are drawn once."""
        return self.tenant.tag, self.world_id, self.look.name


class StatePictures:
    """Rules of pictures of states. `model`: who draws besides us; None where nobody does."""

    def __init__(
        self,
        admission: Admission,
        store: PlayerStore,
        drawings: BuiltinPictures,
        model: Pictures | None,
        assets: Assets,
        metering: Metering,
        settings: PlayerSettings,
    ) -> None:
        self._admission = admission
        self._store = store
        self._drawings = drawings
        self._model = model
        self._assets = assets
        self._metering = metering
        self._most = settings.pictures
        self._wait_ms = int(settings.redraw_s * 1000)
        self._names: LruCache[tuple[str, str, str], str] = LruCache(_AT_HAND)
        self._making: dict[_Key, asyncio.Task[Entry]] = {}
        self._failing: LruCache[_Key, float] = LruCache(_MOST_FAILING)

    async def draw(self, session: SessionCaller, state_id: str) -> StatePicture:
        """Returns the picture of a state of the session's world; drawn, unless it is remembered.

        Raises InvalidField, NotFound, InvalidCredential (revoked), TooHeavy, AssetsUnavailable,
        StoreUnavailable, OutcomeUnknown.
        """
        check_state(state_id)
        seen, found = await self._admission.look(session, lambda seen: self._name(seen, state_id))
        if not self._name(seen, state_id):
            raise NotFound
        entry = found.entry
        if entry is None or self._may_be_better(entry, found.now_ms):
            look = look_of(seen.value, state_id)
            assert look is not None  # noqa: S101 - it has a name
            wanted = _Wanted(session.tenant, session.world_id, look, seen)
            entry = await self._drawn(wanted, 0 if entry is None else entry.wait_ms)
        return self._at(entry)

    def _name(self, seen: VisibleDocument, state_id: str) -> str:
        """What stands for the look of a state; '' when there is none."""
        key = (seen.key, seen.rev, state_id)
        name = self._names.get(key)
        if name is None:
            look = look_of(seen.value, state_id)
            name = "" if look is None else look.name
            if name:
                self._names.put(key, name)
        return name

    def _may_be_better(self, entry: Entry, now_ms: int) -> bool:
        """Whether a model may draw what is a drawing of ours now."""
        return self._model is not None and entry.is_ours and entry.again_ms <= now_ms

    def _at(self, entry: Entry) -> StatePicture:
        media_type = MEDIA_TYPES.get(entry.extension, "application/octet-stream")
        return StatePicture(self._assets.url(entry.sha256, entry.extension), media_type)

    async def _drawn(self, wanted: _Wanted, waited_ms: int) -> Entry:
        """Draws; whoever asks for the same meanwhile gets that. It goes on when who asked first has left."""
        making = self._making.get(wanted.key)
        if making is None:
            making = asyncio.create_task(self._made(wanted, waited_ms))
            self._making[wanted.key] = making
            making.add_done_callback(lambda task: self._has_made(wanted.key, task))
        return await asyncio.shield(making)

    def _has_made(self, key: _Key, task: asyncio.Task[Entry]) -> None:
        self._making.pop(key, None)
        if not task.cancelled():
            task.exception()  # seen, also when all who waited for it have left

    async def _made(self, wanted: _Wanted, waited_ms: int) -> Entry:
        """Has a model draw, if there is one that may be asked, else draws.

        `waited_ms`: for how long none was asked, the last time.
        """
        wait_ms = self._wait_ms
        if self._model is None:
            wait_ms = 0  # one that there is later may draw it at once
        elif time.monotonic() >= (self._failing.get(wanted.key) or 0.0):
            try:
                return await self._by_model(self._model, wanted)
            except QuotaExceeded:
                pass
            except PicturesDeclined as declined:
                log.info(
                    "the picture of a state was declined; it is one of ours", cause=str(declined)
                )
                wait_ms = _DAY_MS
            except (PicturesError, PayloadTooLarge) as error:
                log.warning("the picture of a state failed; it is one of ours", cause=str(error))
                wait_ms = min(max(wait_ms, 2 * waited_ms), _DAY_MS)
        drawn = await self._drawings.draw(wanted.look.request)
        return (await self._remembered(wanted, drawn.picture, None, wait_ms)).entry

    async def _by_model(self, model: Pictures, wanted: _Wanted) -> Entry:
        """Has the model draw, for one unit.

        Raises NotFound (the world is gone: it is spent all the same), QuotaExceeded, PicturesError,
        PayloadTooLarge, and what keeping a picture raises: then nothing is spent.
        """
        async with self._metering.held(wanted.tenant, IMAGE, is_long=True) as hold:
            drawn = await model.draw(wanted.look.request)
            try:
                return (await self._remembered(wanted, drawn.picture, hold)).entry
            except AppError:
                # It may have been paid for outside: not again for a while.
                self._failing.put(wanted.key, time.monotonic() + _AGAIN_S)
                raise

    async def _remembered(
        self, wanted: _Wanted, picture: Picture, hold: Hold | None, wait_ms: int = 0
    ) -> Remembered:
        """Keeps a picture, and has the world remember it. A hold is spent with it."""
        tenant, world_id = wanted.tenant, wanted.world_id
        asset = await self._assets.keep(tenant, picture)
        await self._assets.claim(tenant, world_id, (asset.sha256,))
        effect_id = new_id() if hold is None else hold.id
        leaving: tuple[str, ...] = ()
        for _ in range(_TRIES):
            try:
                outcome = await self._store.remember(
                    tenant, world_id, wanted.look.name, asset, most=self._most, hold=hold,
                    effect_id=effect_id, wait_ms=wait_ms, leaving=leaving,
                )  # fmt: skip
            except NotFound:  # the world was deleted meanwhile: nobody names it
                await self._assets.dropped((asset.sha256,))
                raise
            if isinstance(outcome, Remembered):
                unneeded = {asset.sha256} if outcome.entry.sha256 != asset.sha256 else set()
                await self._assets.dropped(unneeded.union(outcome.dropped))
                return outcome
            leaving = await self._leaving(wanted.seen, outcome)
        raise StoreUnavailable("the pictures of the world change faster than one can be added")

    async def _leaving(self, seen: VisibleDocument, full: Full) -> tuple[str, ...]:
        """Those that go: all whose prose is not in the world any more; then the oldest, up to a tenth."""
        current: set[str] = set()
        for at, state_id in enumerate(seen.value["scene"]["states"]):
            current.add(self._name(seen, state_id))
            if at % _AT_ONCE == 0:
                await asyncio.sleep(0)  # a world may have thousands
        gone = [name for name, _ in full.pictures if name not in current]
        rest = sorted((made_ms, name) for name, made_ms in full.pictures if name in current)
        # More than may be are there where the setting was lowered.
        room = len(full.pictures) - self._most + max(1, self._most // 10)
        more = max(0, room - len(gone))
        return (*gone, *(name for _, name in rest[:more]))
