"""For people: axe finds nothing at any moment of play; small screens, zoom, scripts of other directions, no motion."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlencode

import pytest

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


@pytest.mark.parametrize(
    ("theme", "screen"), [("dark", WIDE), ("light", NARROW)], ids=["dark, wide", "light, narrow"]
)
async def test_axe_finds_nothing_and_nothing_is_cut_off(play, axe, theme, screen):
    """Without motion: nothing runs, ever. Each moment is as it is for somebody who sees it for long."""
    letting_in = asyncio.Event()

    async def in_time(route):
        await letting_in.wait()
        await route.continue_()

    options = {**screen, "reduced_motion": "reduce"}
    visit = await play(
        DEMO, query={"theme": theme}, options=options, routes={"**/v1/sessions/connect": in_time}
    )
    playing = Playing(visit)
    seen = []
    async for moment in moments(playing, letting_in):
        assert await visit.page.evaluate("document.getAnimations().length") == 0, moment
        assert await axe(visit.page) == [], moment
        assert await playing.overflow() <= 0, moment
        # Half as wide in CSS pixels is what zoom makes of it.
        await visit.page.set_viewport_size({"width": 640, "height": 360})
        assert await playing.overflow() <= 0, moment
        await visit.page.set_viewport_size(screen["viewport"])
        seen.append(moment)
    assert tuple(seen) == MOMENTS
    playing.assert_quiet()


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_who_cannot_play_reads_why(stack, browse, axe, scheme):
    """`theme=auto` is what the system prefers."""
    query = urlencode({"token": "damaged", "theme": "auto"})
    visit = await browse(f"{stack.rest_url}/embed.html?{query}", color_scheme=scheme, **NARROW)
    await visit.page.get_by_role("heading", name="This world cannot be played").wait_for()
    ground = await visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (max(map(int, re.findall(r"\d+", ground)[:3])) < 128) == (scheme == "dark"), ground
    assert await axe(visit.page) == []
    assert await Playing(visit).overflow() <= 0


PROSE = {
    "rtl": "في المنارة القديمة مصباح لم يُضأ منذ عشرين عامًا، والبحر يعلو في الخارج.",
    "cjk": "岬の灯台は二十年のあいだ暗いままだった。門の向こうで、だれかが鐘を鳴らしている。",
    "emoji": "A door 🚪 of 👩🏽‍🚀 and 🏴‍☠️, e\u0301 and n\u0303, and a\u200bvery\u200blong"
    + "word" * 45,
}


@pytest.mark.parametrize("script", PROSE)
async def test_any_script_is_read(play, axe, script):
    """Each text goes its own way, and nothing is wider than a phone."""
    text = PROSE[script]
    world = {
        "name": text,
        "entrance": {"state": "a"},
        "scene": {
            "states": {
                "a": {"base": "A room.", "narration": text, "ambient": [text]},
                "b": {"base": text, "ending": {"kind": "win", "title": text, "subtitle": text}},
            },
            "events": [
                {"name": text, "kind": "transition", "from": ["a"], "to": "b", "base": text},
                {"name": "A lock", "kind": "override", "from": ["a"], "requires": ["x"], "lockedHint": text},
            ],
        },
    }  # fmt: skip
    playing = Playing(await play(world, options=NARROW))
    await playing.opened()
    prose = playing.page.locator(".prose p").first
    assert await prose.inner_text() == text
    direction = "rtl" if script == "rtl" else "ltr"
    assert await prose.evaluate("(p) => getComputedStyle(p).direction") == direction
    assert (
        await playing.choice(text)
        .locator(".choice-name")
        .evaluate("(p) => getComputedStyle(p).direction")
        == direction
    )
    assert await playing.overflow() <= 0
    await playing.still()
    assert await axe(playing.page) == []
    await playing.choose(text)
    await playing.page.locator(".ending-title", has_text=text).wait_for()
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
