"""One browser for all the tests of a worker; each opens pages as somebody new."""

from __future__ import annotations

import contextlib
import importlib
from typing import TYPE_CHECKING, Any, Final

import pytest

from support.browsers import Visit, running_browser, running_host_site, started_play

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from playwright.async_api import Browser, Page

    from support.browsers import HostSite, Opens, Play


# A fifth of what a page costs a machine without a graphics card; tests of what moves ask for it.
_STILL: Final = {"reduced_motion": "reduce"}


@pytest.fixture(scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    async with running_browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
async def browse(browser: Browser) -> AsyncIterator[Opens]:
    """Opens an address as somebody new; options are those of a browser context, `routes` its handlers by pattern."""
    async with contextlib.AsyncExitStack() as opened:

        async def opens(
            url: str, *, routes: Mapping[str, Any] | None = None, **options: Any
        ) -> Visit:
            context = await browser.new_context(**_STILL | options)
            opened.push_async_callback(context.close)
            visit = await Visit.of(context)
            for pattern, handler in (routes or {}).items():
                await context.route(pattern, handler)
            await visit.page.goto(url)
            return visit

        yield opens


@pytest.fixture
def play(browse, stack, rest) -> Callable[..., Awaitable[Play]]:
    """`await play(world, **token_fields)`: the player, with a world of an app of its own (support/browsers.py)."""

    async def plays(world: Mapping[str, Any] | None = None, **others: Any) -> Play:
        return await started_play(browse, stack, rest, world, **others)

    return plays


@pytest.fixture
def axe() -> Callable[[Page], Awaitable[list[str]]]:
    """What axe finds wrong with a page: rules, with the elements."""
    try:
        runner = importlib.import_module("axe_playwright_python.async_playwright").Axe()
    except ImportError:
        pytest.skip("NOT TESTED: axe is not here (make .venv/.browser)")

    async def found(page: Page) -> list[str]:
        results = (await runner.run(page)).response
        return [
            f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
            for rule in results["violations"]
            for node in rule["nodes"]
        ]

    return found


@pytest.fixture
async def host_site() -> AsyncIterator[HostSite]:
    """A site of somebody else."""
    async with running_host_site() as site:
        yield site
