"""The page of the player in a real browser: whom it plays for, and what it does when a file does not come."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from support.host_pages import new_world
from support.rest import mint
from support.until import until

if TYPE_CHECKING:
    from playwright.async_api import Route

    from support.browsers import HostSite


@pytest.fixture
async def bound(rest, app, host_site: HostSite) -> str:
    """The address of the player with a token that is bound to the host site."""
    world_id = await new_world(rest, app.secret)
    token = (await mint(rest, app.secret, world_id, origin=host_site.origin))["token"]
    return f"/embed.html?token={token}"


async def test_it_plays_with_no_other_token_than_the_server_has_read(stack, browse, bound):
    """Should the two ever read an address differently: what the server says then decides."""

    async def read_another(route: Route) -> None:
        answer = await route.fetch()
        text = re.sub('(name="conjure-frame" content=)"[^"]*"', r'\1"*"', await answer.text())
        await route.fulfill(response=answer, body=text)

    visit = await browse("about:blank")
    await visit.page.route("**/embed.html*", read_another)
    await visit.page.goto(stack.rest_url + bound)
    await visit.page.get_by_role("alert").wait_for()
    assert not [url for url in visit.asked if "/v1/" in url]


async def test_a_token_of_another_origin_plays_in_a_window_of_its_own(stack, browse, bound):
    """Its calls are those of the player's own page, as a real browser makes them."""
    visit = await browse(stack.rest_url + bound)
    await visit.page.get_by_role("button", name="Go out").wait_for()
    assert not [said for said in visit.said if "Security Policy" in said or "401" in said]


class TestAFileThatDoesNotCome:
    """Of a release that is being rolled out."""

    @pytest.mark.parametrize("name", ["stage.js", "player.css"])
    async def test_the_page_is_loaded_again(self, stack, browse, bound, name):
        missing = 2

        async def not_yet(route: Route) -> None:
            nonlocal missing
            missing -= 1
            if missing < 0:
                await route.continue_()
            else:
                await route.fulfill(status=404, content_type="application/json", body="{}")

        visit = await browse("about:blank")
        await visit.page.route(f"**/{name}", not_yet)
        await visit.page.goto(stack.rest_url + bound)
        await until(lambda: missing < 0)
        await visit.page.get_by_role("button", name="Go out").wait_for()
        await visit.page.wait_for_function("history.state === null")

    async def test_before_its_modules_are_there_it_says_that_it_opens(self, stack, browse, bound):
        visit = await browse(
            f"{stack.rest_url}/embed.html?token={bound}",
            java_script_enabled=False,
        )
        await visit.page.get_by_text("Opening the world").wait_for()

    async def test_in_the_end_it_says_so(self, stack, browse, bound):
        visit = await browse("about:blank")
        await visit.page.clock.install()
        await visit.page.route("**/stage.js", lambda route: route.abort())
        await visit.page.goto(stack.rest_url + bound)

        async def has_given_up() -> bool:
            await visit.page.clock.run_for(5_000)
            return await visit.page.get_by_role("alert").count() == 1

        await until(has_given_up)
        assert "did not load" in await visit.page.get_by_role("alert").inner_text()
        pages = [url for url in visit.asked if "/embed.html" in url]
        assert len(pages) == 6
        assert not [url for url in visit.asked if "/v1/" in url]
