"""Pictures by our own hand: drawings that need no network and never fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conjure.providers.pictures.cover import CLOSE, WHOLE, cover, view_of
from conjure.providers.pictures.palette import PALETTES
from conjure.providers.pictures.port import Drawn, Picture, PictureRequest
from conjure.providers.plain import tidy

ReadsSetting = Callable[[str, str, str], tuple[str, str]]
"""From a text, a mood and what it is a part of to scene and palette that fit (`author.setting_of`)."""

_MOST_READ: Final = 100  # characters
_ART_STYLE: Final = "flat layered silhouettes, {light} light"


class BuiltinPictures:
    """Draws SVG, seeded by the request: the same request gives the same bytes."""

    def __init__(self, reads_setting: ReadsSetting) -> None:
        self._reads_setting = reads_setting

    def of_title(self, title: str, seed: str) -> Picture:
        """Draws where a title says that something plays; takes 0.3 ms, as only its beginning is read."""
        scene, palette = self._reads_setting(title[:_MOST_READ], "", "")
        return cover(seed, title=title, scene=scene, palette=PALETTES[palette])

    async def draw(self, request: PictureRequest) -> Drawn:
        """Draws what the words of the request name; a request that knows scene and palette is believed."""
        scene, palette = request.scene, request.palette
        if scene is None or palette not in PALETTES:
            fitting, light = self._reads_setting(
                request.prompt, request.mood or "", request.within or ""
            )
            scene = scene or fitting
            palette = palette if palette in PALETTES else light
        said = (request.prompt, request.pov, request.mood, request.style)
        seed = "\n".join(part or "" for part in said)
        picture = cover(
            seed,
            title=request.title or "",
            scene=scene,
            palette=PALETTES[palette].lit(request.light),
            tint=request.within,
            view=_view(request, seed),
        )
        return Drawn(picture, tidy(request.prompt, 4_000), _ART_STYLE.format(light=palette))


def _view(request: PictureRequest, seed: str) -> str:
    """Which part is shown; with a title all, as that would be cut."""
    if request.title:
        return WHOLE
    if request.within:
        return view_of(seed)
    return CLOSE if _is_near(request.pov) else WHOLE


def _is_near(pov: str | None) -> bool:
    """Whether the camera stands in the picture, not behind somebody in it."""
    return "first" in (pov or "").lower()
