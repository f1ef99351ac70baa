"""For people: axe finds nothing at any moment of play; small screens, zoom, scripts of other directions, no motion."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urlencode

from support.playing import DEMO, Playing

MOMENTS = ("loading", "scene", "locked", "journal", "help", "terminal", "ending")
NARROW = {"viewport": {"width": 320, "height": 568}}
WIDE = {"viewport": {"width": 1280, "height": 720}}


async def moments(playing: Playing, letting_in: asyncio.Event):
    """Comes to each moment in turn."""
    page = playing.page
    await page.get_by_role("progressbar").wait_for()
    yield "loading"
    letting_in.set()
    await playing.opened()
    await playing.at("Landing")
    await playing.picture()
    yield "scene"
    await playing.choose("Go in out of the rain")
    await playing.choose("Climb the stair")
    yield "locked"
    await page.locator("summary", has_text="Journal").click()
    yield "journal"
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    yield "help"
    await page.keyboard.press("Escape")
    await playing.choose("Go back down to the kitchen")
    await playing.choice("Call the coastguard").click()
    await page.get_by_role("textbox").fill("Where is the key?")
    await page.get_by_role("textbox").press("Enter")
    await page.get_by_text("beside the tide table").first.wait_for()
    yield "terminal"
    await page.get_by_role("textbox").press("Escape")
    for choice in (
        "Go back out to the landing",
        "Row out to the Aurora",
        "Row on between the Teeth",
    ):
        await playing.choose(choice)
    yield "ending"


SIGHTS = (("dark", WIDE), ("light", NARROW))


async def test_axe_finds_nothing_and_nothing_is_cut_off(play, axe):
    """Without motion: nothing runs, ever. Each moment is as it is for somebody who sees it for long.

    The scene is looked at in the dark and in the light; what else there is in one of them, in turn.
    """
    letting_in = asyncio.Event()

    async def in_time(route):
        await letting_in.wait()
        await route.continue_()

    options = {**WIDE, "reduced_motion": "reduce", "color_scheme": "dark"}
    visit = await play(
        DEMO, query={"theme": "auto"}, options=options, routes={"**/v1/sessions/connect": in_time}
    )
    playing = Playing(visit)
    page = visit.page
    seen = []
    async for moment in moments(playing, letting_in):
        assert await page.evaluate("document.getAnimations().length") == 0, moment
        for at, (theme, screen) in enumerate(SIGHTS):
            await page.set_viewport_size(screen["viewport"])
            if moment == "scene" or at == len(seen) % 2:
                await page.emulate_media(color_scheme=theme)
                await playing.eventually(f"document.documentElement.dataset.theme === '{theme}'")
                assert await axe(page) == [], (moment, theme)
            assert await playing.overflow() <= 0, (moment, theme)
        # Half as wide in CSS pixels is what zoom makes of it.
        await page.set_viewport_size({"width": 640, "height": 360})
        assert await playing.overflow() <= 0, moment
        await page.set_viewport_size(SIGHTS[len(seen) % 2][1]["viewport"])
        seen.append(moment)
    assert tuple(seen) == MOMENTS
    playing.assert_quiet()


async def test_who_cannot_play_reads_why(stack, browse, axe):
    """`theme=auto` is what the system prefers."""
    query = urlencode({"token": "damaged", "theme": "auto"})
    visit = await browse(f"{stack.rest_url}/embed.html?{query}", color_scheme="dark", **NARROW)
    await visit.page.get_by_role("heading", name="This world cannot be played").wait_for()
    for scheme in ("dark", "light"):
        await visit.page.emulate_media(color_scheme=scheme)
        await Playing(visit).eventually(f"document.documentElement.dataset.theme === '{scheme}'")
        ground = await visit.page.evaluate(
            "getComputedStyle(document.documentElement).backgroundColor"
        )
        assert (max(map(int, re.findall(r"\d+", ground)[:3])) < 128) == (scheme == "dark"), ground
        assert await axe(visit.page) == [], scheme
    assert await Playing(visit).overflow() <= 0


PROSE = {
    "rtl": "في المنارة القديمة مصباح لم يُضأ منذ عشرين عامًا، والبحر يعلو في الخارج.",
    "cjk": "岬の灯台は二十年のあいだ暗いままだった。門の向こうで、だれかが鐘を鳴らしている。",
    "emoji": "A door 🚪 of 👩🏽‍🚀 and 🏴‍☠️, e\u0301 and n\u0303, and a\u200bvery\u200blong"
    + "word" * 45,
}


def any_script() -> dict[str, Any]:
    """A state of each script, from which its text leads to the next; the last one is an ending of all of them."""
    following = [*list(PROSE)[1:], "end"]
    rtl, cjk, emoji = PROSE.values()
    states: dict[str, Any] = {
        name: {"base": "A room.", "narration": text, "ambient": [text]}
        for name, text in PROSE.items()
    }
    states["end"] = {"base": cjk, "ending": {"kind": "win", "title": emoji, "subtitle": rtl}}
    events: list[dict[str, Any]] = []
    for (name, text), to in zip(PROSE.items(), following, strict=True):
        events += [
            {"name": text, "kind": "transition", "from": [name], "to": to, "base": text},
            {"name": f"A lock {name}", "kind": "override", "from": [name], "requires": ["x"], "lockedHint": text},
        ]  # fmt: skip
    return {
        "name": emoji,
        "entrance": {"state": next(iter(PROSE))},
        "scene": {"states": states, "events": events},
    }


async def test_any_script_is_read(play, axe):
    """Each text goes its own way, and nothing is wider than a phone."""
    playing = Playing(await play(any_script(), options=NARROW))
    await playing.opened()
    for script, text in PROSE.items():
        prose = playing.page.locator(".prose p").first
        await playing.page.locator(".prose p", has_text=text).first.wait_for()
        assert await prose.inner_text() == text
        direction = "rtl" if script == "rtl" else "ltr"
        assert await prose.evaluate("(p) => getComputedStyle(p).direction") == direction
        assert (
            await playing.choice(text)
            .locator(".choice-name")
            .evaluate("(p) => getComputedStyle(p).direction")
            == direction
        )
        assert await playing.overflow() <= 0, script
        await playing.still()
        assert await axe(playing.page) == [], script
        await playing.choose(text)
    await playing.page.locator(".ending-title", has_text=PROSE["emoji"]).wait_for()
    assert await playing.overflow() <= 0
    playing.assert_quiet()


async def test_twice_as_large_nothing_is_cut_off(play):
    """Zoom of the page itself, as a browser's menu does it; and half the text is not under the bar."""
    playing = Playing(await play(DEMO, options=WIDE))
    await playing.opened()
    await playing.page.evaluate("document.documentElement.style.setProperty('zoom', '2')")
    assert await playing.overflow() <= 0
    await playing.choose("Go in out of the rain")
    await playing.at("Kitchen")
    assert await playing.overflow() <= 0
    last = playing.choice("Go back out to the landing")
    await last.scroll_into_view_if_needed()
    box = await last.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
