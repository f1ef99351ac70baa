"""A real browser, driven by Playwright: what a page asks for, says and shows.

Playwright is in `requirements-browser.lock`. Without it, or without a browser, tests say so and are skipped.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlencode, urlsplit

import pytest

from support.reactor import Reactor, Request, http
from support.rest import bearer, mint
from support.stack import new_app
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    import httpx
    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

    from support.stack import Stack, TestApp

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ARGUMENTS: Final = (
    # Its sandbox does not start for root, nor in most containers. It opens pages of tests only.
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def browser_program() -> str:
    """Where the browser is. The test says it aloud when there is none."""
    for name in _NAMES:
        if (found := shutil.which(name)) is not None:
            return found
    pytest.skip("NOT TESTED: there is no browser here (apt-get install chromium)")


def playwright() -> Any:
    """Playwright's asynchronous API. The test says it aloud when it is not there."""
    try:
        return importlib.import_module("playwright.async_api")
    except ImportError:
        pytest.skip("NOT TESTED: nothing drives a browser here (make .venv/.browser)")


@contextlib.asynccontextmanager
async def running_browser(folder: Path) -> AsyncIterator[Browser]:
    """A browser; whatever it leaves behind at home, it leaves in `folder`."""
    program = browser_program()
    async with playwright().async_playwright() as drives:
        browser = await drives.chromium.launch(
            executable_path=program,
            args=list(_ARGUMENTS),
            env={**os.environ, "HOME": str(folder)},
            timeout=LIMIT_S * 1_000,
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Visit:
    """A page of a person of their own: nobody else's storage and cache. All frames and later pages count."""

    context: BrowserContext
    page: Page
    asked: list[str] = field(default_factory=list)
    """The address of each request that any of its frames has made."""
    said: list[str] = field(default_factory=list)
    """Its errors: those of scripts, and what the console has as one, CSP's too."""

    @classmethod
    async def of(cls, context: BrowserContext) -> Self:
        """A page that tells from its first request on."""
        context.set_default_timeout(LIMIT_S * 1_000)
        visit = cls(context, await context.new_page())

        def console(message: ConsoleMessage) -> None:
            if message.type == "error":
                visit.said.append(f"{message.text} ({message.location.get('url', '')})")

        context.on("request", lambda request: visit.asked.append(request.url))
        context.on("console", console)
        context.on("weberror", lambda error: visit.said.append(str(error.error)))
        return visit

    @property
    def hosts(self) -> set[str]:
        """Whom it has asked: hosts with their ports."""
        return {urlsplit(url).netloc for url in self.asked if urlsplit(url).scheme not in _NO_HOST}


_NO_HOST: Final = {"data", "blob", "about"}

Opens = Callable[..., Awaitable[Visit]]
"""`await browse(url, **options)`: opens an address as somebody new; the options are those of a browser context."""


@dataclass
class Play(Visit):
    """A visit of the player, of a world of an app of its own."""

    app: TestApp | None = None
    world_id: str = ""
    token: str = field(default="", repr=False)
    jti: str = ""
    url: str = field(default="", repr=False)


async def started_play(
    browse: Opens,
    stack: Stack,
    rest: httpx.AsyncClient,
    world: Mapping[str, Any] | None = None,
    *,
    app: TestApp | None = None,
    world_id: str | None = None,
    query: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    routes: Mapping[str, Any] | None = None,
    **token_fields: Any,
) -> Play:
    """Imports a world as it is, mints a token with `token_fields`, and opens the player with it.

    `app`: whose world; without one, of an app that nobody else uses. `world_id`: one that this app has already.
    `query`: what else stands in the address (`theme`). `options`: of the browser context (`viewport`, `locale`,
    `color_scheme`, `reduced_motion`). `routes`: handlers of its requests, by pattern.
    """
    app = app or await new_app(stack.admin)
    if world_id is None:
        answer = await rest.post("/v1/worlds", json={"world": world}, headers=bearer(app.secret))
        assert answer.status_code == 200, answer.text
        world_id = str(answer.json()["worldId"])
    minted = await mint(rest, app.secret, world_id, **token_fields)
    url = f"{stack.rest_url}/embed.html?{urlencode({'token': minted['token'], **(query or {})})}"
    visit = await browse(url, routes=routes, **(options or {}))
    return Play(
        **vars(visit), app=app, world_id=world_id, token=minted["token"], jti=minted["jti"], url=url
    )


@dataclass
class HostSite:
    """A site of somebody else, on an origin of its own: what stands at its paths is what a test has put there."""

    server: Reactor
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Media type and content by path, without the query."""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def requests(self) -> list[Request]:
        """All that it was asked, with their headers."""
        return self.server.requests

    def html(self, body: str, path: str = "/") -> str:
        """Puts a page at a path, and returns its address."""
        head = "<!doctype html><html lang=en><meta charset=utf-8><title>A product</title>"
        return self.put(path, f"{head}<link rel=icon href=data:,>{body}")

    def put(self, path: str, content: str, media_type: str = "text/html; charset=utf-8") -> str:
        """Puts anything at a path, and returns its address."""
        self.pages[path] = media_type, content
        return self.origin + path

    async def answer(self, request: Request) -> bytes:
        media_type, content = self.pages.get(request.path.partition("?")[0], ("text/plain", ""))
        return http(200 if content else 404, content.encode(), content_type=media_type)


@contextlib.asynccontextmanager
async def running_host_site() -> AsyncIterator[HostSite]:
    """One that nobody has put anything on yet."""
    async with Reactor() as server:
        site = HostSite(server)
        server.answer = site.answer
        yield site
