"""The page at `/` for developers: what runs here, and where to go. It has no script, no key and no secret.

Whoever asks sees what kind of parts there are, pages of other origins too. Of the demo, and of where the
numbers are, it tells those who may open the demo.
"""

from __future__ import annotations

import base64
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Final

from conjure import __version__
from conjure.core.errors import NotFound
from conjure.core.policies import ALONE, styles_of
from conjure.core.weights import is_heavier
from conjure.graph.service import picture_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.graph.service import GraphService
    from conjure.player.demo import Demo, DemoService
    from conjure.settings import Settings
    from conjure.worlds.access import VisibleDocument

_WITH_A_KEY: Final = "With a secret key of your app (<code>conjure apps create</code>),"
_IN_THE_FOLDER: Final = "In the folder in which <code>conjure dev</code> runs,"
_READ_THE_KEY: Final = (
    "KEY=$(python3 -c \"import json; print(json.load(open('.conjure/dev.json'))['secretKey'])\")\n"
)

_CALL: Final = Template(
    """curl -s $base/v1/worlds -H "Authorization: Bearer $$KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{"premise": "a clockmaker who repairs a frozen city"}'"""
)
_EMBED: Final = Template(
    """<script src="$base/embed.global.js"></script>
<div data-alakazam-slug="my-world" data-alakazam-token="TOKEN"></div>"""
)

_MOST_DRAWN: Final = 65_536
"""The weight (`core.weights`) of the heaviest world whose graph is on the page: drawn in 40 ms at worst."""

_LINKS: Final = (
    ("/docs", "the API as a page, where you can try it"),
    ("/openapi.json", "the same for programs, also as <a href='/openapi.yaml'>YAML</a>"),
    ("/schema/smworld-1.0.json", "the JSON Schema of worlds"),
    ("/.well-known/jwks.json", "the public keys of session tokens"),
    ("/healthz", "whether the store answers"),
)


class HomePage:
    """Makes the page."""

    def __init__(self, settings: Settings, demo: DemoService | None, graph: GraphService) -> None:
        """`demo` is None where nothing says which one it is."""
        self._demo = demo
        self._graph = graph
        base = settings.assets.public_url.rstrip("/")
        self._same = {
            "version": escape(__version__),
            "parts": "\n".join(
                f"    <div><dt>{escape(name)}</dt><dd>{escape(what)}</dd></div>"
                for name, what in _parts(settings)
            ),
            "call": escape(_CALL.substitute(base=base)),
            "embed": escape(_EMBED.substitute(base=base)),
        }

    async def page(self, *, shows_the_demo: bool) -> bytes:
        """Returns the page, UTF-8. `shows_the_demo`: who asks may open it (`player.visitors`).

        Raises StoreUnavailable.
        """
        demo = await self._found() if shows_the_demo else None
        world = None if demo is None else await self._world(demo)
        return (
            Template(_text())
            .substitute(
                self._same,
                demo="" if world is None else _invitation(world),
                links="\n".join(_links(() if demo is None else demo.numbers)),
                picture="" if world is None else _figure(world),
                where=_WITH_A_KEY if demo is None else _IN_THE_FOLDER,
                key="" if demo is None else escape(_READ_THE_KEY),
            )
            .encode()
        )

    async def _found(self) -> Demo | None:
        try:
            return None if self._demo is None else await self._demo.demo()
        except NotFound:
            return None

    async def _world(self, demo: Demo) -> VisibleDocument | None:
        try:
            return await self._graph.scene(demo.reader, demo.world_id)
        except NotFound:  # it was deleted
            return None


@cache
def _text() -> str:
    return files(__package__).joinpath("home.html").read_text(encoding="utf-8")


@cache
def home_policy() -> str:
    """What the page is allowed to do (`content-security-policy`)."""
    return "; ".join((*ALONE, f"style-src {styles_of(_text())}", "img-src data:"))


def _parts(settings: Settings) -> Iterable[tuple[str, str]]:
    yield "Store", "a cluster" if settings.store.cluster else "one server"
    for name, provider in (
        ("Author of worlds", settings.author.provider),
        ("Editor", settings.editor.provider),
        ("Brain of characters", settings.brain.provider),
        ("Voice", settings.voice.provider),
        ("Pictures", settings.pictures.provider),
        ("Vision", settings.vision.provider),
        ("Runtime", settings.runtime.provider),
    ):
        yield name, "built in" if provider == "builtin" else provider


def _invitation(world: VisibleDocument) -> str:
    name = escape(str(world.value.get("name") or "the demo world"))
    return f"""<ul class="go">
    <li><a class="first" href="/demo">Play {name}</a></li>
    <li><a href="/demo?play=character">Talk to the demo character</a></li>
  </ul>"""


def _links(numbers: Iterable[tuple[str, str]]) -> Iterable[str]:
    for path, what in _LINKS:
        yield f'    <li><a href="{path}">{path}</a>: {what}</li>'
    for url, whose in numbers:
        yield (
            f'    <li><a href="{escape(url)}">{escape(url)}</a>: numbers of {whose}, for Prometheus</li>'
        )


def _figure(world: VisibleDocument) -> str:
    if is_heavier(world.text, _MOST_DRAWN):
        return ""
    # Drawn here and not by a heavy worker, as the demo is the developer's own: a page that waits for one to
    # start takes seconds.
    svg = picture_of(world)
    scene = world.value["scene"]
    said = f"{len(scene['states'])} places, and {len(scene['events'])} events in them"
    source = base64.b64encode(svg).decode()
    return f"""  <h2>The demo world</h2>
  <figure>
    <img alt="Its graph: {said}." src="data:image/svg+xml;base64,{source}">
    <figcaption>{said}. Program them, and this picture follows:
      <code>GET /v1/worlds/{escape(str(world.value["id"]))}/graph.svg</code></figcaption>
  </figure>"""
