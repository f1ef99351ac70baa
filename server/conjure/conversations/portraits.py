"""Pictures of a character (CONTRACT 5): one of what a player asks for, else its base picture.

There is always one. What cannot be drawn, over the quota or for whatever reason, is the base picture, and
costs nothing; where that cannot be had either it is a drawing of ours. The base picture is that of the
entrance, else the cover: what the character's owner has put there, so any URL and any data URL.

What an Idempotency-Key remembers is where the picture is kept that was drawn, as of seed frames
(`vision/creation.py`); should it be gone it is drawn anew, and not charged again. A base picture is not
remembered: the same key may have a picture drawn later.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson
import structlog

from conjure.assets.names import read_file_name
from conjure.conversations.requests import MOST_TEXT
from conjure.conversations.store import Answered, owner_of
from conjure.core.errors import (
    AssetsUnavailable,
    InvalidField,
    NotFound,
    PayloadTooLarge,
    QuotaExceeded,
    UnprocessableCreation,
)
from conjure.core.lru import LruCache
from conjure.providers.pictures import PictureRequest, PicturesError
from conjure.providers.plain import tidy
from conjure.usage.idempotency import Idempotency
from conjure.usage.metering import IMAGE

if TYPE_CHECKING:
    from conjure.assets.model import StoredAsset
    from conjure.assets.service import Assets
    from conjure.conversations.admission import Admission, Admitted
    from conjure.core.caller import SessionCaller, Tenant
    from conjure.providers.pictures import Picture, Pictures
    from conjure.usage.idempotency import FirstAnswer
    from conjure.usage.metering import Metering
    from conjure.worlds.covers import Covers
    from conjure.worlds.frames import Frames

log = structlog.get_logger(__name__)

ROUTE: Final = "character-image"
"""The route that Idempotency-Keys of drawn pictures are scoped to (CONTRACT 0)."""

_AT_HAND: Final = 256  # base pictures of a process
_AT_HAND_BYTES: Final = 32_000_000
_FRESH_S: Final = 600.0
"""How long a base picture is not looked for again: whoever holds a token could else have the document's URL
asked for all the time. Below the time that an asset stays which no document names."""

_AGAIN_S: Final = 60.0
"""The same of one that was not to be had."""

_SUBJECT_CHARS: Final = 400
_Key = tuple[str, str, str]  # of a base picture: tenant, character, revision


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture, and where it is kept. `is_own`: the base picture was not to be had, so it is our drawing.

    `replayed`: as the first time.
    """

    picture: Picture
    url: str
    is_own: bool = False
    replayed: bool = False


class PortraitService:
    """Rules of a character's pictures."""

    def __init__(
        self,
        admission: Admission,
        pictures: Pictures,
        covers: Covers,
        assets: Assets,
        frames: Frames,
        metering: Metering,
    ) -> None:
        self._admission = admission
        self._pictures = pictures
        self._covers = covers
        self._assets = assets
        self._frames = frames
        self._metering = metering
        self._at_hand: LruCache[_Key, tuple[float, Portrait]] = LruCache(
            _AT_HAND, max_weight=_AT_HAND_BYTES, weigh=lambda kept: len(kept[1].picture.content)
        )
        self._making: dict[_Key, asyncio.Task[Portrait]] = {}

    async def draw(
        self,
        session: SessionCaller,
        character_id: str,
        prompt: str | None,
        *,
        idempotency_key: str | None = None,
    ) -> Portrait:
        """Draws what is asked for, for one `image`; without a prompt, or failing that, the base picture.

        Raises InvalidField, NotFound, InvalidCredential (revoked), IdempotencyInProgress,
        IdempotencyMismatch, TooHeavy, StoreUnavailable, OutcomeUnknown.
        """
        if prompt is not None and len(prompt) > MOST_TEXT:
            raise InvalidField(f"prompt must have at most {MOST_TEXT} characters")
        idempotency = None
        if idempotency_key is not None:  # read also when there is nothing to repeat: it may be none
            owner = owner_of(session)
            idempotency = Idempotency.of(ROUTE, idempotency_key, prompt, owner=owner)
        if prompt is not None and prompt.strip():
            drawn = await self._drawn(session, character_id, prompt, idempotency)
            if drawn is not None:
                return drawn
        return await self._base(session, await self._admission.look(session, character_id))

    async def _drawn(
        self,
        session: SessionCaller,
        character_id: str,
        prompt: str,
        idempotency: Idempotency | None,
    ) -> Portrait | None:
        tenant = session.tenant
        try:
            try:
                async with self._admission.held(
                    session, character_id, IMAGE, idempotency=idempotency
                ) as (admitted, hold):
                    made, kept = await self._made(tenant, admitted, prompt)
                    remembered = {"sha256": kept.sha256, "extension": kept.extension}
                    await self._metering.spend(tenant, hold, orjson.dumps(remembered))
                    return made
            except Answered as answered:
                return await self._again(session, character_id, prompt, answered.first)
        except QuotaExceeded:
            return None
        except (PicturesError, PayloadTooLarge, AssetsUnavailable) as error:
            log.info("a character was not drawn; its base picture is answered", cause=str(error))
            return None

    async def _again(
        self, session: SessionCaller, character_id: str, prompt: str, first: FirstAnswer
    ) -> Portrait:
        asset = first.members["sha256"], first.members["extension"]
        try:
            picture = await self._assets.read(*asset)
        except NotFound:
            admitted = await self._admission.look(session, character_id)
            made, _ = await self._made(session.tenant, admitted, prompt)
            return made
        return Portrait(picture, self._assets.url(*asset), replayed=True)

    async def _made(
        self, tenant: Tenant, admitted: Admitted, prompt: str
    ) -> tuple[Portrait, StoredAsset]:
        drawn = await self._pictures.draw(_request(admitted, prompt))
        kept = await self._assets.keep(tenant, drawn.picture)
        return Portrait(drawn.picture, kept.url), kept

    async def _base(self, session: SessionCaller, admitted: Admitted) -> Portrait:
        """The base picture; whoever asks for it meanwhile gets the same."""
        key = (session.tenant.tag, session.world_id, admitted.seen.rev)
        kept = self._at_hand.get(key)
        if kept is not None and time.monotonic() < kept[0]:
            return kept[1]
        making = self._making.get(key)
        if making is None:
            work = self._looked_for(session.tenant, session.world_id, admitted.seen.value)
            making = asyncio.create_task(work)
            self._making[key] = making
            making.add_done_callback(lambda task: self._has_made(key, task))
        return await asyncio.shield(making)

    def _has_made(self, key: _Key, task: asyncio.Task[Portrait]) -> None:
        self._making.pop(key, None)
        # An exception is seen, also when all who waited for it have left.
        if not task.cancelled() and task.exception() is None:
            made = task.result()
            until = time.monotonic() + (_AGAIN_S if made.is_own else _FRESH_S)
            self._at_hand.put(key, (until, made))

    async def _looked_for(
        self, tenant: Tenant, character_id: str, document: dict[str, Any]
    ) -> Portrait:
        for source in _sources(document):
            try:
                return await self._found(tenant, source)
            except (NotFound, AssetsUnavailable, UnprocessableCreation, PayloadTooLarge) as error:
                log.info("a character's picture cannot be had", cause=type(error).__name__)
        drawing = self._covers.of_title(str(document.get("name") or ""), character_id)
        try:
            url = (await self._assets.keep(tenant, drawing)).url
        except AssetsUnavailable:  # then it is nowhere yet, but this is its name
            url = self._assets.address(drawing).url
        return Portrait(drawing, url, is_own=True)

    async def _found(self, tenant: Tenant, source: str) -> Portrait:
        """Reads what a document names as a picture: an asset of ours, a data URL, or any other URL."""
        if source[:5].lower() == "data:":
            frame = await self._frames.sent(source)
            return Portrait(frame.picture, (await self._assets.keep(tenant, frame.picture)).url)
        asset = _asset_in(source)
        if asset is not None:
            # By its hash it is the same picture wherever the edge was when the document was written.
            return Portrait(await self._assets.read(*asset), self._assets.url(*asset))
        return Portrait((await self._frames.at(source)).picture, source)


def _request(admitted: Admitted, prompt: str) -> PictureRequest:
    """What is drawn: whom, as its author describes it, and what a player asks for; nothing of its brain."""
    character = admitted.character
    subject = tidy(character.subject or character.name, _SUBJECT_CHARS)
    return PictureRequest(prompt=f"{subject}: {prompt}", style=character.style)


def _sources(document: dict[str, Any]) -> list[str]:
    image = document["entrance"].get("image")
    named = [image.get("src") if isinstance(image, dict) else None, document.get("cover")]
    return list(dict.fromkeys(name for name in named if isinstance(name, str) and name))


def _asset_in(url: str) -> tuple[str, str] | None:
    """The hash and extension of an asset that a URL is of; None when it is of none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    head, _, name = path.rpartition("/")
    return read_file_name(name) if head == "/assets" else None
