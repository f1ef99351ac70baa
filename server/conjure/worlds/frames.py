"""Frames that worlds are made from: sent or fetched, read, and kept for jobs (CONTRACT 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

import structlog

from conjure.core.errors import PayloadTooLarge, UnprocessableCreation
from conjure.providers.elsewhere import TOO_LARGE
from conjure.providers.http import OutboundClient, OutboundError
from conjure.providers.pictures import EXTENSIONS, Frame
from conjure.providers.pictures.frames import MOST_BYTES, FrameRefused, frame_of
from conjure.worlds.requests import KeptFrame

if TYPE_CHECKING:
    from conjure.assets.service import Assets
    from conjure.core.caller import Tenant
    from conjure.worlds.requests import NewWorld

log = structlog.get_logger(__name__)

FETCH_S: Final = 10.0
"""For all of a fetch: its turn, the lookup, the answer to its last byte (CONTRACT 2.1)."""

_AT_A_TIME: Final = 8
"""Fetches of one process: each may hold 12 MiB."""

_OF_AN_APP: Final = 3
"""Fetches for one app. Hosts that never answer take all of their time: its own are those who wait then."""

# One text for all that can go wrong on the way: whether there is no such host, whether it is one of ours,
# whether it refuses or is slow, is nothing that a caller may learn here of the network around this server.
_NOT_FETCHED: Final = (
    "frame_url must be the public address of an image, answered with status 200, without a redirect, within"
    f" {FETCH_S:.0f} seconds and {MOST_BYTES >> 20} MiB"
)


class Frames:
    """Reads frames. Fetches without cookies, credentials or referer, and follows no redirect.

    `may_fetch`: this process may wait for whoever answers; a heavy worker may not.
    """

    def __init__(self, assets: Assets, *, allows_private: bool, may_fetch: bool = True) -> None:
        self._assets = assets
        self._may_fetch = may_fetch
        self._client = OutboundClient(
            "frames",
            timeout_s=FETCH_S,
            max_concurrent=_AT_A_TIME,
            most_each=_OF_AN_APP,
            max_response_bytes=MOST_BYTES,
            headers={"accept": ", ".join(kind for kind in EXTENSIONS if "svg" not in kind)},
            allows_private=allows_private,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def of(self, new: NewWorld) -> Frame | None:
        """Reads the frame that a creation brings; None when it brings none.

        Raises UnprocessableCreation, whose errors name the field; PayloadTooLarge.
        """
        if new.frame_url is not None:
            return await self.at(new.frame_url)
        if new.frame_b64 is not None:
            return await self.sent(new.frame_b64)
        return None

    async def at(self, url: str) -> Frame:
        """Fetches and reads the picture at a URL that a document names.

        Raises UnprocessableCreation; PayloadTooLarge where nobody may wait for it.
        """
        if not self._may_fetch:
            raise PayloadTooLarge(TOO_LARGE)
        return await self._read("frame_url", await self._fetched(url))

    async def sent(self, text: str) -> Frame:
        """Reads a data URL. Raises UnprocessableCreation."""
        return await self._read("frame_b64", text)

    async def keep(self, tenant: Tenant, frame: Frame) -> KeptFrame:
        """Keeps a frame for a world that is made later.

        Raises AssetsUnavailable, StoreUnavailable, OutcomeUnknown.
        """
        asset = await self._assets.keep(tenant, frame.picture)
        return KeptFrame(asset.sha256, asset.extension, frame.width, frame.height)

    async def kept(self, kept: KeptFrame) -> Frame:
        """Returns a frame that was kept. Raises NotFound, AssetsUnavailable."""
        picture = await self._assets.read(kept.sha256, kept.extension)
        return Frame(picture, kept.width, kept.height)

    async def _fetched(self, url: str) -> bytes:
        try:
            answer = await self._client.get(url)
        except OutboundError as error:
            log.info("a frame was not fetched", cause=str(error))
            raise UnprocessableCreation(_NOT_FETCHED) from error
        if answer.status != 200:
            log.info("a frame was not fetched", status=answer.status)
            raise UnprocessableCreation(_NOT_FETCHED)
        return answer.body

    async def _read(self, field: str, sent: bytes | str) -> Frame:
        try:
            return await frame_of(sent)
        except FrameRefused as refused:
            raise UnprocessableCreation(f"{field} {refused}") from refused
