"""Drawing seed frames, each for one `image` (CONTRACT 11).

What an Idempotency-Key remembers is where the picture is kept, and the words that it was answered with; the
picture itself is an asset. An asset that nothing names stays for `CONJURE_ASSETS_UNNAMED_S`, by default as
long as keys are remembered. Should it be gone all the same it is drawn anew, and not charged again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson
import structlog

from conjure.core.errors import InvalidField, NotFound, PicturesUnavailable, TooHeavy
from conjure.providers.pictures import Drawn, PictureRequest, PicturesDeclined, PicturesError, png
from conjure.usage.idempotency import Idempotency
from conjure.usage.metering import IMAGE
from conjure.vision.requests import check_seed_frame

if TYPE_CHECKING:
    from conjure.assets.model import StoredAsset
    from conjure.assets.service import Assets
    from conjure.core.caller import Tenant
    from conjure.providers.pictures import Picture, Pictures
    from conjure.usage.idempotency import FirstAnswer
    from conjure.usage.metering import Metering
    from conjure.vision.requests import SeedFrameRequest

log = structlog.get_logger(__name__)

ROUTE: Final = "seed-frame"
"""The route that Idempotency-Keys of seed frames are scoped to (CONTRACT 0)."""

_DRAWING_WIDTH: Final = 1_280  # pixels of a drawing of ours; 0.2 s of a processor


@dataclass(frozen=True, slots=True)
class SeedFrame:
    """A picture, where it is kept, and what it is in words. `replayed`: as the first time."""

    picture: Picture
    url: str
    prompt: str
    art_style: str
    replayed: bool = False


class SeedFrames:
    """Draws seed frames. `draws_here`: drawings of ours are made in this process, not left to another."""

    def __init__(
        self, pictures: Pictures, assets: Assets, metering: Metering, *, draws_here: bool = True
    ) -> None:
        self._pictures = pictures
        self._assets = assets
        self._metering = metering
        self._draws_here = draws_here

    async def draw(
        self, tenant: Tenant, request: SeedFrameRequest, *, idempotency_key: str | None = None
    ) -> SeedFrame:
        """Draws a seed frame and keeps it; or answers as the first time.

        Raises InvalidField (also a prompt that is declined), TooHeavy, QuotaExceeded, IdempotencyInProgress,
        IdempotencyMismatch, PicturesUnavailable, AssetsUnavailable, StoreUnavailable, OutcomeUnknown.
        """
        check_seed_frame(request)
        asked = (request.prompt, request.pov, request.mood, request.style)
        idempotency = Idempotency.of(ROUTE, idempotency_key, *asked)
        if not self._draws_here:
            raise TooHeavy  # `png` would hold this process up
        async with self._metering.held(tenant, IMAGE, idempotency, is_long=True) as hold:
            if hold.first is not None:
                return await self._again(tenant, request, hold.first)
            made, kept = await self._made(tenant, request)
            remembered = {
                "sha256": kept.sha256,
                "extension": kept.extension,
                "prompt": made.prompt,
                "art_style": made.art_style,
            }
            await self._metering.spend(tenant, hold, orjson.dumps(remembered))
            return made

    async def _again(
        self, tenant: Tenant, request: SeedFrameRequest, first: FirstAnswer
    ) -> SeedFrame:
        kept = first.members
        try:
            picture = await self._assets.read(kept["sha256"], kept["extension"])
        except NotFound:
            made, _ = await self._made(tenant, request)
            return made
        url = self._assets.url(kept["sha256"], kept["extension"])
        return SeedFrame(picture, url, kept["prompt"], kept["art_style"], replayed=True)

    async def _made(
        self, tenant: Tenant, request: SeedFrameRequest
    ) -> tuple[SeedFrame, StoredAsset]:
        drawn = await self._drawn(
            PictureRequest(request.prompt, request.pov, request.mood, request.style)
        )
        kept = await self._assets.keep(tenant, drawn.picture)
        return SeedFrame(drawn.picture, kept.url, drawn.prompt, drawn.art_style), kept

    async def _drawn(self, request: PictureRequest) -> Drawn:
        try:
            drawn = await self._pictures.draw(request)
            if drawn.picture.media_type != "image/svg+xml":
                return drawn
            # Pixels: a seed frame is what a video model begins with.
            picture = await asyncio.to_thread(png, drawn.picture, _DRAWING_WIDTH)
        except PicturesDeclined as declined:
            log.info("a picture was declined", cause=str(declined))
            raise InvalidField("prompt is declined by the model that draws") from declined
        except PicturesError as error:
            log.warning("a picture failed", cause=str(error))
            raise PicturesUnavailable from error
        return Drawn(picture, drawn.prompt, drawn.art_style)
