"""Settings of the player (CONTRACT 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.core.urls import UrlRefused, http_url
from conjure.settings.bounds import DAY_S, MOMENT_S, number
from conjure.settings.variables import SettingsError

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


@dataclass(frozen=True, slots=True)
class PlayerSettings:
    """The player of worlds in a browser, and the page at `/`."""

    # Whether `/` is a page for developers that says what runs here. Without it, it is 404.
    home: bool = False
    # The file in which `conjure dev` writes what it has started (dev.json): `/demo` plays the world in it.
    # Without one it is 404.
    demo_file: str = ""
    # URL of a JavaScript module that renders worlds by the runtime's own client: it exports `mount`
    # (server/conjure/player/README.md). Without one a world plays as an illustrated story.
    runtime_client_url: str = ""
    # Pictures of states that one world remembers. Then those go whose prose has changed since, then the
    # oldest; what is asked for again is drawn again.
    pictures: int = number(1_000, 1, 2_000)
    # How long no model is asked about a state again whose picture failed, or for which there was no `image`
    # left; until then the drawing is ours. Each failure in a row doubles it, up to a day.
    redraw_s: float = number(600.0, MOMENT_S, DAY_S)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        if self.runtime_client_url:
            try:
                http_url(self.runtime_client_url)
            except UrlRefused as error:
                raise SettingsError(f"{variables['runtime_client_url']} {error}") from error
