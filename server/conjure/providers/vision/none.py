"""No vision: what there is unless the settings name a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from conjure.providers.vision.port import VisionUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.providers.pictures.frames import Frame


class NoVision:
    """Looks at nothing."""

    def require(self) -> NoReturn:
        """Raises VisionUnavailable."""
        raise VisionUnavailable("no vision provider is configured")

    async def perceive(
        self, frame: Frame, *, room_name: str | None, room_description: str | None
    ) -> NoReturn:
        """Raises VisionUnavailable."""
        self.require()

    async def ground(self, frame: Frame, labels: Sequence[str]) -> NoReturn:
        """Raises VisionUnavailable."""
        self.require()
