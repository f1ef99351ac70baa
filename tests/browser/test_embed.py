"""Pages of other origins mount the player, hear what is played, and take it away (CONTRACT 12)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from support.browsers import running_host_site
from support.host_pages import KEEPS, has_heard, new_world
from support.rest import mint
from support.rpc import client
from support.until import until

if TYPE_CHECKING:
    from support.browsers import HostSite

SIZE = "<style>div { height: 500px }</style>"
README = Path(__file__).parents[2] / "README.md"


async def test_a_script_mounts_what_is_there_and_what_comes(
    rest, stack, app, browse, host_site: HostSite
):
    world_id = await new_world(rest, app.secret)
    first, second, third = [
        (await mint(rest, app.secret, world_id, origin=host_site.origin))["token"] for _ in range(3)
    ]
    script = f'<script src="{stack.rest_url}/embed.global.js"></script>'
    visit = await browse(
        host_site.html(
            f"{SIZE}<script>{KEEPS}</script>{script}{script.replace(' src', ' async src')}"
            f'<div data-alakazam-slug="small" data-alakazam-token="{first}" data-alakazam-theme="light"'
            f' data-alakazam-color-primary="#86ffba"></div><div data-alakazam-slug="later"></div>'
        )
    )
    page = visit.page
    frame = page.locator("iframe")
    await until(lambda: has_heard(page, "ready"))
    # Loaded twice, it has mounted once; without a token it waits for one.
    assert await frame.count() == 1
    seen = await frame.evaluate(
        "({title, allow, referrerPolicy, src, offsetWidth, offsetHeight, parentElement}) => [title, allow, "
        "referrerPolicy, src, offsetWidth === parentElement.clientWidth, offsetHeight]"
    )
    assert seen == [
        "World: small",
        "autoplay; fullscreen",
        "no-referrer",
        f"{stack.rest_url}/embed.html?token={first}&theme=light&colorPrimary={quote('#86ffba')}",
        True,
        500,
    ]
    assert await page.evaluate("Object.keys(Alakazam)") == ["createEmbed", "mount"]
    await page.evaluate(
        "([second, third]) => { document.querySelector('[data-alakazam-slug=later]').dataset.alakazamToken = second;"
        " const added = document.createElement('section'); added.dataset.alakazamSlug = 'added';"
        " added.dataset.alakazamToken = third; document.body.append(added); Alakazam.mount() }",
        [second, third],
    )
    async with client(stack.server_target, app.secret) as caller:

        async def live() -> int:
            return len(await caller.live())

        async def are_three() -> bool:
            return await live() == 3

        async def is_none() -> bool:
            return await live() == 0

        await until(are_three)
        assert await frame.count() == 3
        # A container of no height of its own does not squeeze it.
        assert await frame.nth(2).evaluate("({offsetHeight}) => offsetHeight >= 320")
        # However a frame is taken away, its session ends: removed, or as the public studio does it.
        await page.evaluate(
            "[...document.querySelectorAll('iframe')].forEach((frame, at) => {"
            " if (at > 0) frame.src = 'about:blank'; frame.remove() })"
        )
        await until(is_none)
    assert host_site.requests
    for token in (first, second, third):
        assert not any(token in str(request) for request in host_site.requests[1:])
        assert not any(token in said for said in visit.said)


async def test_the_lines_of_the_readme_play_a_world(rest, stack, app, browse, host_site: HostSite):
    (lines,) = re.findall(r"```html\n(.*?)```", README.read_text(), re.DOTALL)
    assert lines.count("\n") == 2
    token = (await mint(rest, app.secret, await new_world(rest, app.secret)))["token"]
    for said, meant in (("http://127.0.0.1:8080", stack.rest_url), ("TOKEN", token)):
        assert said in lines
        lines = lines.replace(said, meant)
    page = (await browse(host_site.html(f"<script>{KEEPS}</script>{lines}"))).page
    await until(lambda: has_heard(page, "ready"))


async def test_a_module_mounts_and_its_page_hears_all(
    rest, stack, app, browse, host_site: HostSite
):
    world_id = await new_world(rest, app.secret)
    token = (await mint(rest, app.secret, world_id, origin=host_site.origin))["token"]
    home = stack.rest_url
    host_site.put("/keeps.js", KEEPS, "text/javascript")
    host_site.put(
        "/product.js",
        f'import {{ createEmbed }} from "{home}/embed.js"; window.createEmbed = createEmbed;',
        "text/javascript",
    )
    policy = f"default-src 'none'; script-src 'self' {home}; frame-src {home}; style-src 'none'"
    visit = await browse(
        host_site.html(
            f'<meta http-equiv="content-security-policy" content="{policy}"><script src="/keeps.js"></script>'
            '<script type="module" src="/product.js"></script><main id="world"></main>'
        )
    )
    page = visit.page
    await page.wait_for_function("typeof createEmbed === 'function'")
    # What is refused says why, and never the token.
    refused = await page.evaluate(
        """(token) => [
          {token}, {token, container: null}, {token, container: "#nowhere"}, {token, container: "###"},
          {container: "main"}, {container: "main", token: ""}, {container: "main", token: 7},
          {container: "main", token: token.repeat(30)}, null,
        ].map((options) => {
          try { createEmbed(options); } catch (error) { return [error.name, error.message.includes(token)]; }
        })""",
        token,
    )
    assert refused == [["TypeError", False]] * 9
    assert await page.locator("iframe").count() == 0
    await page.evaluate(
        "(token) => { window.embed = createEmbed({...callbacks, container: '#world', slug: 'small', token,"
        " theme: {colorPrimary: 'tomato', scheme: 'nonsense'}}) }",
        token,
    )
    await page.frame_locator("iframe").get_by_role("button", name="Go out").click()
    await until(lambda: has_heard(page, "ending"))
    told = [
        {"type": "ready", "worldId": world_id, "name": "A small world"},
        {"type": "state-entered", "state": "hall"},
        {"type": "choice", "event": "Go out"},
        {"type": "state-entered", "state": "yard"},
        {"type": "ending", "kind": "win", "title": "Out"},
    ]
    assert await page.evaluate("heard") == [
        [{"source": "conjure", **members}, home] for members in told
    ]
    names = ["onReady", "onStateEntered", "onChoice", "onStateEntered", "onEnding"]
    assert await page.evaluate("called") == [
        [name, {key: value for key, value in members.items() if key != "type"}]
        for name, members in zip(names, told, strict=True)
    ]
    # A callback that throws is the page's own error, and what the page's policy refuses is nothing of ours.
    assert any("a page's own" in said for said in visit.said), visit.said
    assert not any("Security Policy" in said for said in visit.said), visit.said
    async with client(stack.server_target, app.secret) as caller:
        assert len(await caller.live()) == 1
        await page.evaluate("embed.destroy(); embed.destroy();")

        async def is_over() -> bool:
            return not await caller.live()

        await until(is_over)
    assert await page.locator("iframe").count() == 0
    assert len(await page.evaluate("called")) == len(told)


async def test_a_page_of_another_origin_cannot_frame_it(
    rest, stack, app, browse, host_site: HostSite
):
    world_id = await new_world(rest, app.secret)
    async with running_host_site() as thief:
        token = (await mint(rest, app.secret, world_id, origin=host_site.origin))["token"]
        url = thief.html(
            f'<div data-alakazam-slug="x" data-alakazam-token="{token}"></div>'
            f'<script src="{stack.rest_url}/embed.global.js"></script>'
        )
        visit = await browse(url)
        await until(lambda: any("frame-ancestors" in said for said in visit.said))
        assert [url for url in visit.asked if "/v1/" in url] == []
        # The browser tells the page nothing of it: the script does.
        told = await visit.page.evaluate(
            "(token) => new Promise((onError) => Alakazam.createEmbed({container: 'div', token, onError}))",
            token,
        )
        message = f"for pages of {host_site.origin}, and this one is of {thief.origin}."
        assert told == {"reason": "invalid", "message": f"The session token is {message}"}
        assert any(message in said for said in visit.said)
        assert not any(token in said for said in visit.said if "createEmbed" in said)


async def test_a_token_in_disguise_is_none(rest, stack, app, browse, host_site: HostSite):
    """It is too long to be read, so anybody may frame the page; a header would lose its blanks."""
    world_id = await new_world(rest, app.secret)
    token = (await mint(rest, app.secret, world_id, origin="https://play.example"))["token"]
    url = f"{stack.rest_url}/embed.html?token={token}{'+' * 8_000}"
    visit = await browse(host_site.html(f'<script>{KEEPS}</script><iframe src="{url}"></iframe>'))
    await until(lambda: has_heard(visit.page, "error"))
    assert [url for url in visit.asked if "/v1/" in url] == []


async def test_markup_of_somebody_else_does_not_lead_tokens_away(
    rest, stack, app, browse, host_site: HostSite
):
    """Elements with a name take those of the document's own members (DOM clobbering)."""
    world_id = await new_world(rest, app.secret)
    token = (await mint(rest, app.secret, world_id, origin=host_site.origin))["token"]
    thief = "https://thief.example/embed.global.js"
    markup = "".join(
        f"<embed name={name} src={thief}>"
        for name in ("currentScript", "readyState", "querySelector")
    )
    visit = await browse(
        host_site.html(
            f'{markup}<a id=Alakazam></a><div data-alakazam-slug="x" data-alakazam-token="{token}"></div>'
            f'<script src="{stack.rest_url}/embed.global.js"></script>'
        ),
        routes={"https://thief.example/**": lambda route: route.abort()},
    )
    src = await visit.page.locator("iframe[title^=World]").get_attribute("src")
    assert src == f"{stack.rest_url}/embed.html?token={token}"
    assert not [url for url in visit.asked if "thief" in url and "token" in url]


async def test_only_its_parent_sends_it_events(rest, stack, app, browse, host_site: HostSite):
    world_id = await new_world(rest, app.secret)
    token = (await mint(rest, app.secret, world_id, origin=host_site.origin))["token"]
    other = host_site.html("A frame beside it", "/other")
    visit = await browse(
        host_site.html(
            f'{SIZE}<script>{KEEPS}</script><div data-alakazam-slug="x" data-alakazam-token="{token}"></div>'
            f'<script src="{stack.rest_url}/embed.global.js"></script><iframe name="other" src="{other}"></iframe>'
        )
    )
    page = visit.page
    await until(lambda: has_heard(page, "ready"))
    send = (
        "({source, type, event}) => { const player = [...top.document.querySelectorAll('iframe')].find(({title})"
        " => title.startsWith('World')).contentWindow; player.postMessage({source, type, event}, '*') }"
    )
    event = {"source": "alakazam-studio", "type": "world-event", "event": "Go out"}
    beside = page.frame(name="other")
    assert beside is not None
    await beside.evaluate(send, event)
    for wrong in (
        event | {"source": "conjure"},
        event | {"event": "Fly"},
        event | {"event": {"name": ["Go out"]}},
        event | {"event": "x" * 1_000_000},
    ):
        await page.evaluate(send, wrong)
    await page.evaluate(send, event | {"event": {"kind": "prompt", "value": "She waves."}})
    await until(lambda: has_heard(page, "choice"))
    choices = [
        data["event"] for data, _ in await page.evaluate("heard") if data["type"] == "choice"
    ]
    assert choices == ["Wave"]

    async def goes_out() -> bool:
        # It does nothing while another event plays.
        await page.evaluate(send, event)
        return await has_heard(page, "ending")

    await until(goes_out)
