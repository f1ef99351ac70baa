"""The life of a session in a browser: it is prolonged, waits, ends when it is left, and says so (CONTRACT 6.2, 6.3)."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from conjure.core.ids import new_id
from conjure.sessions.tokens import SessionTokens
from conjure.settings import SessionSettings
from support.browsers import browser_program, playwright
from support.host_pages import KEEPS, WORLD, has_heard, new_world
from support.reactor import Reactor, http
from support.rest import bearer, mint
from support.rpc import client
from support.stack import new_app, serving_stack
from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.reactor import Request
    from support.stack import Stack

GO_OUT = "Go out"
"""What can be done where play begins."""


# What a runtime's client is told stands in the player's page, and a test can say what it says.
CLIENT = """
export function mount({container, jwt, expiresAt, world, state, onSession, onEvent, onError}) {
  const told = [["mount", container.childElementCount, jwt.split(".").length, expiresAt > 1e9, world.name, state]];
  window.runtime = {told, onEvent, onError, isThere: () => container.childElementCount > 0};
  container.append(document.createElement("canvas"));
  onSession("a-runtimes-own");
  return {
    show: (scene) => told.push(["show", scene]),
    renew: (jwt, expiresAt) => told.push(["renew", jwt.split(".").length, expiresAt > 1e9]),
    destroy: () => told.push(["destroy"]),
  };
}
"""


@pytest.fixture(scope="module")
async def hasty(
    usual_stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """A server whose leases are short, on the same store; a runtime's client draws its worlds."""

    async def client_module(_: Request) -> bytes:
        head = {"content_type": "text/javascript", "access_control_allow_origin": "*"}
        return http(200, CLIENT.encode(), **head)

    directory = tmp_path_factory.mktemp("hasty")
    async with Reactor() as site:
        site.answer = client_module
        settings = {
            "CONJURE_SESSIONS_LEASE_S": "2",
            "CONJURE_PLAYER_RUNTIME_CLIENT_URL": f"http://127.0.0.1:{site.port}/client.js",
        }
        async with serving_stack(
            directory, usual_stack.store_url, usual_stack.store, settings
        ) as running:
            yield running


async def test_a_reload_keeps_the_slot_and_who_leaves_gives_it_back(play, stack, rest, app):
    await app.set_caps(live_sessions=1)
    playing = await play(WORLD, app=app)
    page = playing.page
    await page.get_by_role("button", name=GO_OUT).wait_for()
    async with client(stack.server_target, app.secret) as caller:
        assert set(await caller.live()) == {playing.jti}
        for _ in range(2):
            await page.reload()
            await page.get_by_role("button", name=GO_OUT).wait_for()
        # Each page has connected, and the last one makes sure that a beacon has not come after that.
        await until(lambda: sum(url.endswith("/connect") for url in playing.asked) == 4)
        live = await caller.live()
        assert set(live) == {playing.jti}
        # The same credential is paid for once.
        assert live[playing.jti].charged_seconds == await caller.used("session_seconds") == 300
        assert await caller.used("session") == 1
        await page.goto("about:blank")

        async def is_over() -> bool:
            return not await caller.live()

        await until(is_over)
        assert 1 <= await caller.used("session_seconds") < 100


async def test_it_is_prolonged_while_it_plays_and_another_waits_for_its_place(hasty, rest, browse):
    app = await new_app(hasty.admin)
    await app.set_caps(live_sessions=1)
    world_id = await new_world(rest, app.secret)
    first, second = [await mint(rest, app.secret, world_id) for _ in range(2)]
    visit = await browse(f"{hasty.rest_url}/embed.html?token={first['token']}")
    page = visit.page
    async with client(hasty.server_target, app.secret) as caller:

        async def is_prolonged() -> bool:
            session = (await caller.live()).get(first["jti"])
            return session is not None and session.charged_seconds >= 4

        await until(is_prolonged)
        assert (await caller.live())[first["jti"]].reactor_session_id == "a-runtimes-own"
        # The runtime's client knows each credential, and what it sees plays.
        assert ["renew", 3, True] in await page.evaluate("runtime.told")
        await page.evaluate("runtime.onEvent('Wave')")
        await until(lambda: told_of(page, "Wave"))
        told = await page.evaluate("runtime.told")
        assert told[0] == ["mount", 0, 3, True, "A small world", "hall"]
        # When it fails, the world goes on as an illustrated story.
        await page.evaluate("runtime.onError(new Error('the GPU has gone'))")
        assert (await page.evaluate("runtime.told"))[-1] == ["destroy"]
        assert not await page.evaluate("runtime.isThere()")
        await page.get_by_role("button", name=GO_OUT).wait_for()
        waiting = await browse(f"{hasty.rest_url}/embed.html?token={second['token']}")
        await waiting.page.get_by_text("Everybody who can play at once is playing").first.wait_for()
        await page.close()
        await waiting.page.get_by_role("button", name=GO_OUT).wait_for()


async def test_without_a_connection_nothing_is_played_that_is_not_paid_for(hasty, rest, browse):
    app = await new_app(hasty.admin)
    minted = await mint(rest, app.secret, await new_world(rest, app.secret))
    visit = await browse(f"{hasty.rest_url}/embed.html?token={minted['token']}")
    page = visit.page
    await page.get_by_role("button", name=GO_OUT).wait_for()
    await until(lambda: page.evaluate("window.runtime !== undefined"))
    await page.route("**/v1/sessions/connect", lambda route: route.abort())
    await page.get_by_text("There is no connection").first.wait_for()
    await page.get_by_role("button", name=GO_OUT).click()
    await page.evaluate("runtime.onEvent('Go out')")
    assert not await told_of(page, "Go out")
    assert await page.get_by_role("heading", name="Hall").count() == 1
    await page.unroute("**/v1/sessions/connect")
    await page.get_by_text("There is no connection").first.wait_for(state="hidden")
    await page.get_by_role("button", name=GO_OUT).click()
    await page.get_by_role("heading", name="Yard").wait_for()


async def told_of(page: Any, event: str) -> bool:
    """Whether the runtime's client was told to show an event."""
    return any(
        each[0] == "show" and each[1]["event"] == event
        for each in await page.evaluate("runtime.told")
    )


# A browser that keeps nothing for a frame of another site, and an old one, over plain HTTP.
POOR = """
for (const name of ["sessionStorage", "localStorage"]) Object.defineProperty(window, name, {get() { throw new DOMException("no", "SecurityError"); }});
for (const name of ["BroadcastChannel", "scheduler", "requestIdleCallback"]) delete window[name];
delete Crypto.prototype.randomUUID;
delete Crypto.prototype.subtle;
Navigator.prototype.sendBeacon = () => false;
"""


async def test_where_nothing_may_be_kept_it_plays_and_ends_all_the_same(play, stack, app):
    playing = await play(WORLD, app=app)
    page = playing.page
    await page.get_by_role("button", name=GO_OUT).wait_for()
    await page.add_init_script(POOR)
    await page.reload()
    await page.get_by_role("button", name=GO_OUT).click()
    await page.get_by_role("heading", name="Yard").wait_for()
    assert playing.said == []
    await page.goto("about:blank")
    async with client(stack.server_target, app.secret) as caller:

        async def is_over() -> bool:
            return not await caller.live()

        await until(is_over)


@pytest.mark.one_store("it stops the store's process")
async def test_without_its_store_it_waits_and_goes_on(play, stack):
    store = stack.store.pid
    app = await new_app(stack.admin)
    playing = await play(WORLD, app=app)
    await playing.page.get_by_role("button", name=GO_OUT).wait_for()
    os.kill(store, signal.SIGSTOP)
    try:
        await playing.page.reload()
        await playing.page.get_by_text("cannot be reached").first.wait_for()
    finally:
        os.kill(store, signal.SIGCONT)
    await playing.page.get_by_role("button", name=GO_OUT).wait_for()
    async with client(stack.server_target, app.secret) as caller:
        await until(lambda: is_live(caller, playing.jti))


async def is_live(caller, jti: str) -> bool:
    return jti in await caller.live()


async def test_what_cannot_be_played_is_said_in_plain_words(stack, rest, app, browse):
    world_id = await new_world(rest, app.secret)
    token = (await mint(rest, app.secret, world_id))["token"]
    tokens = SessionTokens(SessionSettings(), stack.admin.signing_keys)
    expired, _ = await tokens.issue(
        app.tenant(), world_id, jti=new_id(), player="p", origin=None, ttl_s=-60
    )
    page = await browse(f"{stack.rest_url}/embed.html?token={expired}")

    async def says(words: str, given: str) -> None:
        await page.page.goto(f"{stack.rest_url}/embed.html?token={given}")
        await page.page.get_by_text(words).first.wait_for()

    await says("This link has expired", expired)
    await says("This link has expired", token[:-4] + "AAAA")
    await says("This link has expired", "no-token")
    await app.set_caps(session_seconds=0)
    await says("playing time is used up", token)
    await app.set_caps(session_seconds=7_200)
    await rest.delete(f"/v1/worlds/{world_id}", headers=bearer(app.secret))
    await says("This world is gone", token)


async def test_a_page_that_was_put_aside_plays_on(rest, stack, app, host_site, tmp_path):
    """Back and forward: a browser keeps a page whole while it is away, and so its player."""
    world_id = await new_world(rest, app.secret)
    minted = await mint(rest, app.secret, world_id, origin=host_site.origin)
    there = host_site.html(
        f"<script>{KEEPS} addEventListener('pageshow', ({{persisted}}) => (window.isKept = persisted))</script>"
        f'<div data-alakazam-slug="x" data-alakazam-token="{minted["token"]}" style="height: 500px"></div>'
        f'<script src="{stack.rest_url}/embed.global.js"></script>'
    )
    elsewhere = host_site.html("Elsewhere", "/elsewhere")
    async with (
        playwright().async_playwright() as drives,
        client(stack.server_target, app.secret) as caller,
    ):
        browser = await drives.chromium.launch(
            executable_path=browser_program(),
            args=["--no-sandbox", "--disable-gpu", "--no-proxy-server"],
            ignore_default_args=["--disable-back-forward-cache"],
            env={**os.environ, "HOME": str(tmp_path)},
        )
        try:
            page = await browser.new_page()
            page.set_default_timeout(LIMIT_S * 1_000)
            await page.goto(there)
            await until(lambda: has_heard(page, "ready"))
            await page.goto(elsewhere)

            async def is_over() -> bool:
                return not await caller.live()

            await until(is_over)
            await page.go_back(wait_until="commit")
            await until(lambda: is_live(caller, minted["jti"]))
            assert await page.evaluate("isKept")
            told = [data["type"] for data, _ in await page.evaluate("heard")]
            assert told.count("ready") == 1
            assert "session-ended" not in told
        finally:
            await browser.close()


async def test_of_two_tabs_the_last_ends_the_session(play, stack, app):
    playing = await play(WORLD, app=app)
    await playing.page.get_by_role("button", name=GO_OUT).wait_for()
    second = await playing.context.new_page()
    await second.goto(playing.url)
    await second.get_by_role("button", name=GO_OUT).wait_for()
    await playing.page.goto("about:blank")
    async with client(stack.server_target, app.secret) as caller:
        assert set(await caller.live()) == {playing.jti}
        assert not any(url.endswith("/end") for url in playing.asked)
        await second.goto("about:blank")

        async def is_over() -> bool:
            return not await caller.live()

        await until(is_over)
