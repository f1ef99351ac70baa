"""Looking at frames: what is in them, and where (CONTRACT 11).

What is bounded: the looks of this process at the same time, and each caller's part of them. A look may cost a
model's money and is no unit of usage, so who asks for many gets no more than their share at once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import structlog

from conjure.core.errors import UnreadableFrame, VisionUnavailable
from conjure.providers.pictures.frames import FrameRefused, frame_of
from conjure.providers.vision import Hotspot, VisionError
from conjure.vision.requests import check_labels, check_room, folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.core.shares import Holder, Shares
    from conjure.providers.pictures.frames import Frame
    from conjure.providers.vision import Perceived, Vision
    from conjure.vision.requests import Label

log = structlog.get_logger(__name__)


class VisionService:
    """Rules of looks. `holders` are whose share a look is of, the narrowest first."""

    def __init__(self, vision: Vision, looks: Shares) -> None:
        self._vision = vision
        self._looks = looks

    async def perceive(
        self,
        holders: Iterable[Holder],
        frame_b64: str,
        *,
        room_name: str | None = None,
        room_description: str | None = None,
    ) -> Perceived:
        """Says what is to be seen.

        Raises InvalidField, UnreadableFrame, VisionUnavailable, OverShare, Overloaded.
        """
        check_room(room_name, room_description)
        self._require()
        with self._looks.take(holders):
            frame = await _frame(frame_b64)
            try:
                return await self._vision.perceive(
                    frame, room_name=room_name, room_description=room_description
                )
            except VisionError as error:
                raise _unavailable(error) from error

    async def ground(
        self, holders: Iterable[Holder], frame_b64: str, labels: tuple[Label, ...]
    ) -> list[tuple[Hotspot, str | None]]:
        """Says where labels are, in their order, each with its `choice_id`.

        A label is looked for once, however often it stands there; it is answered once for each choice.
        Raises InvalidField, UnreadableFrame, VisionUnavailable, OverShare, Overloaded.
        """
        check_labels(labels)
        self._require()
        asked: defaultdict[str, list[Label]] = defaultdict(list)
        for label in labels:
            asked[folded(label.text)].append(label)
        with self._looks.take(holders):
            frame = await _frame(frame_b64)
            try:
                found = await self._vision.ground(frame, [same[0].text for same in asked.values()])
            except VisionError as error:
                raise _unavailable(error) from error
        spots = {folded(spot.label): spot for spot in found}
        return [
            (Hotspot(label.text, spot.bbox, spot.confidence), label.choice_id)
            for label in dict.fromkeys(labels)
            if (spot := spots.get(folded(label.text))) is not None
        ]

    def _require(self) -> None:
        try:
            self._vision.require()
        except VisionError as error:
            raise VisionUnavailable("no vision provider is configured") from error


async def _frame(text: str) -> Frame:
    try:
        return await frame_of(text)
    except FrameRefused as refused:
        raise UnreadableFrame(f"frame_b64 {refused}") from refused


def _unavailable(error: VisionError) -> VisionUnavailable:
    log.warning("a look failed", cause=str(error))
    return VisionUnavailable()
