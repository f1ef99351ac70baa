"""Settings of the player (CONTRACT 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.core.origins import origin_patterns
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
    # What that module calls, besides the server of the player: origins with commas, `https://api.example`,
    # also `https://*.example`. Web sockets there are allowed too.
    runtime_origins: str = ""
    # Pictures of states that one world remembers. Then those go whose prose has changed since, then the
    # oldest; what is asked for again is drawn again.
    pictures: int = number(1_000, 1, 2_000)
    # How long no model is asked about a state again whose picture failed, or for which there was no `image`
    # left; until then the drawing is ours. Each failure in a row doubles it, up to a day.
    redraw_s: float = number(600.0, MOMENT_S, DAY_S)

    @property
    def runtime_sources(self) -> tuple[str, ...]:
        """The same as a policy of pages writes it (CSP Level 3, 2.3.1), for HTTP and for web sockets."""
        return tuple(
            source
            for pattern in origin_patterns(self.runtime_origins)
            for source in (pattern.source, pattern.source.replace("http", "ws", 1))
        )

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        if self.runtime_client_url:
            try:
                http_url(self.runtime_client_url)
            except UrlRefused as error:
                raise SettingsError(f"{variables['runtime_client_url']} {error}") from error
        try:
            origin_patterns(self.runtime_origins)
        except ValueError as error:
            raise SettingsError(f"{variables['runtime_origins']}: {error}") from error
