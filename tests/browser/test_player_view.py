"""What a person meets in the player: focus and what is read out, videos, pictures that fail, worlds of any words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from support.playing import Playing
from support.rpc import client
from support.until import until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.async_api import Page

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="
NO_VIDEO = "data:video/webm;base64,bm8gdmlkZW8="


def world(
    states: Mapping[str, Any], events: list[Mapping[str, Any]], **others: Any
) -> dict[str, Any]:
    return {
        "id": "w",
        "name": "A house",
        "entrance": {"state": "hall", "image": {"src": PIXEL, "label": "A white hall"}},
        "scene": {"states": states, "events": events},
        **others,
    }


def event(name: str, kind: str, **others: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "from": ["hall"], **others}


HOUSE = world(
    {
        "hall": {"base": "A white hall.", "ambient": ["A clock ticks."]},
        "garden": {"base": "A garden.", "ending": {"kind": "win", "title": "Outside"}},
    },
    [
        event("Look up", "override", narration="There is a lamp."),
        event(
            "Open the chest", "override", requires=["key"], lockedHint="It is locked.", hotkey="o"
        ),
        event("Go out", "transition", to="garden", hotkey="g"),
    ],
)


async def focused(page: Page) -> str:
    found: str = await page.evaluate("document.activeElement.textContent")
    return found


async def said(page: Page) -> list[str]:
    """What is said aloud by now."""
    texts: list[str] = await page.locator("main > [aria-live=polite] p").all_text_contents()
    return texts


async def opened(play: Any, document: Mapping[str, Any], **others: Any) -> Playing:
    playing = Playing(await play(document, **others))
    await playing.opened()
    return playing


async def test_what_is_new_is_said_once_and_the_focus_goes_to_where_it_stands(play):
    playing = await opened(play, HOUSE)
    page = playing.page
    assert await said(page) == ["Hall", "A white hall.", "A clock ticks."]
    assert await page.locator(".stage img").get_attribute("alt") == "A white hall"
    assert (
        await page.title() == await page.get_by_role("heading", level=1).inner_text() == "A house"
    )
    await playing.choice("Look up").focus()
    await page.keyboard.press("Enter")
    assert await said(page) == ["There is a lamp."]
    assert await focused(page) == "Hall"
    await page.keyboard.press("Escape")
    await playing.at("Hall")
    # Back in the hall, which was read before; what has happened stays to be read.
    assert await said(page) == ["There is a lamp."]
    assert await page.locator(".echo").inner_text() == "There is a lamp."
    await page.keyboard.press("Tab")
    assert (await focused(page)).startswith("Look up")
    await page.keyboard.press("g")
    await playing.gone_on(by_key=True)
    assert await said(page) == ["Garden", "A garden.", "You made it", "Outside"]
    assert await focused(page) == "Garden"
    await page.get_by_role("button", name="Back one step").click()
    await playing.at("Hall")
    playing.assert_quiet()


async def test_what_is_locked_can_be_reached_and_letters_are_no_keys_for_who_does_not_want_them(
    play,
):
    """What is locked does nothing; nor do letters with other keys, nor any letter once it is not wanted."""
    playing = await opened(play, HOUSE)
    locked = playing.page.get_by_role("button", name="Open the chest")
    await locked.focus()
    for key in ("Enter", " ", "o"):
        await playing.page.keyboard.press(key)
    assert await focused(playing.page) == await locked.text_content()
    assert await playing.page.locator(".passing").is_hidden()
    described = await locked.get_attribute("aria-describedby")
    assert await playing.page.locator(f"#{described}").text_content() == "Locked. It is locked."

    page = playing.page
    for key in ("Control+g", "Alt+g", "Meta+g"):
        await page.keyboard.press(key)
    await page.keyboard.press("?")
    await page.get_by_label("Play by letter keys").uncheck()
    await page.keyboard.press("?")
    await page.get_by_role("dialog").wait_for(state="hidden")
    await page.keyboard.press("g")
    assert await playing.choice("Go out").is_visible()
    await page.reload()
    await playing.opened()
    await page.keyboard.press("g")
    assert await playing.choice("Go out").is_visible()


async def test_a_dead_end_says_so_and_leads_back_and_the_help_starts_over(play):
    house = world(
        {"hall": {"base": "A white hall."}, "cellar": {"base": "A cellar."}},
        [event("Go down", "transition", to="cellar"), event("Look up", "override")],
    )
    playing = await opened(play, house, ttlSeconds=3600)
    page = playing.page
    # The lease is of five minutes, and is prolonged as long as the token lives.
    assert int((await page.locator(".time > span").first.inner_text()).removesuffix(" min")) > 50
    await playing.choose("Go down")
    await page.locator(".ending-title", has_text="There is nothing left to do here.").wait_for()
    assert (await said(page))[-1] == "There is nothing left to do here."
    await page.get_by_role("button", name="Back one step").click()
    await playing.at("Hall")
    await playing.choose("Go down")
    await page.get_by_role("button", name="Help").click()
    await page.get_by_role("button", name="Start over").click()
    await playing.at("Hall")
    assert await page.locator(".ending").is_hidden()
    playing.assert_quiet()


async def test_videos_that_do_not_load_are_skipped_and_the_others_can_be(play, browse):
    """Those that play are made by the browser itself."""
    maker = await browse("about:blank")
    video = await maker.page.evaluate(_MAKES_VIDEO)
    document = world(
        HOUSE["scene"]["states"] | {"shore": {"base": "A shore."}},
        [
            event("Sail", "transition", to="sails"),
            event("Dive", "transition", to="dives"),
            event("Return", "transition", to="hall") | {"from": ["shore"]},
        ],
        introVideo=NO_VIDEO,
        cutscenes=[
            {"id": "sails", "video": video, "from": "hall", "to": "shore", "label": "The crossing",
             "subtitle": "Nobody speaks."},
            {"id": "dives", "video": NO_VIDEO, "from": "hall", "to": "shore"},
        ],
    )  # fmt: skip
    playing = await opened(play, document)
    page = playing.page
    await page.emulate_media(reduced_motion="no-preference")
    await playing.at("Hall")  # the intro was no video
    # It is a short one: it may not end before it has been looked at.
    await page.evaluate("document.querySelector('video').loop = true")
    await playing.choice("Sail").focus()
    await page.keyboard.press("Enter")
    await playing.gone_on(by_key=True)
    shown = page.get_by_role("dialog", name="The crossing")
    await shown.wait_for()
    assert await shown.get_by_text("Nobody speaks.").is_visible()
    assert await focused(page) == "Skip"
    await playing.eventually("document.querySelector('video').currentTime > 0")
    await page.keyboard.press("Escape")
    await shown.wait_for(state="hidden")
    await playing.at("Shore")
    assert await focused(page) == "Shore"
    await playing.choose("Return")
    await playing.choose("Dive")
    await playing.at("Shore")
    await playing.choose("Return")

    await page.emulate_media(reduced_motion="reduce")
    assert await page.evaluate("document.getAnimations().length") == 0
    await playing.choose("Sail")
    await shown.get_by_role("button", name="Play").click()
    await playing.eventually("document.querySelector('video').currentTime > 0")
    await shown.get_by_role("button", name="Skip").click()
    await playing.at("Shore")


async def test_the_picture_before_stays_when_the_next_one_does_not_come(play):
    document = world(
        {"hall": {"base": "A hall."}, "attic": {"base": "An attic."}},
        [event("Go up", "transition", to="attic")],
    )
    playing = Playing(await play(document, query={"theme": "light"}))
    await playing.opened()
    await playing.page.route(
        "**/v1/sessions/picture", lambda route: route.fulfill(status=503, json={"detail": "x"})
    )
    await playing.page.reload()
    await playing.opened()
    await playing.choose("Go up")
    await playing.at("Attic")
    assert await playing.page.locator(".stage img").get_attribute("src") == PIXEL


async def test_what_goes_wrong_in_the_player_is_said_and_gives_the_place_back(play, stack):
    playing = await opened(play, HOUSE | {"introVideo": NO_VIDEO})
    await playing.at("Hall")
    page, app = playing.page, playing.visit.app
    await page.evaluate("sessionStorage.clear()")
    await page.add_init_script("delete HTMLDialogElement.prototype.showModal")
    await page.reload()
    await page.get_by_role("alert").get_by_text("Something in the player went wrong").wait_for()
    await page.keyboard.press("Tab")
    assert await focused(page) == "Try again"
    async with client(stack.server_target, app.secret) as caller:

        async def is_free() -> bool:
            return not await caller.live()

        await until(is_free)


LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
ANY_WORDS = world(
    {
        "hall": {
            "base": f"الموقد مشتعل والشاي ساخن.\n\n{LONG}\n\n灯台の灯りは消えている。🐈‍⬛🔑",
            "ambient": ["שלום עולם"],
        },
        "empty": {"base": ""},
    },
    [
        event("اصعد الدرج", "transition", to="empty", autoAfterMs=3_600_000),
        event("x" * 256, "override", drive={"movement": "forward", "lookVertical": "up"},
              waypoint={"label": LONG, "distanceM": 12}),
        *(event(f"Choice {number}", "override", requires=["never"], lockedHint=LONG)
          for number in range(58)),
    ],
    missions=[{"id": "m", "title": LONG, "objectives": [{"id": "o", "text": LONG}]}],
)  # fmt: skip


async def test_any_words_fit_on_any_screen(play):
    """Also twice as large (WCAG 2.2, 1.4.4 and 1.4.10), and in their own direction."""
    playing = await opened(play, ANY_WORDS | {"name": LONG})
    page = playing.page
    assert await page.locator("button.choice").count() == 60
    for width, height in [(320, 256), (320, 568), (667, 375), (1440, 900), (3840, 2160)]:
        await page.set_viewport_size({"width": width, "height": height})
        for size in ("100%", "200%"):
            await page.evaluate(
                f"document.documentElement.style.setProperty('font-size', '{size}')"
            )
            assert await page.evaluate("document.documentElement.scrollWidth") == width
            assert await page.evaluate(_CUT_OFF) == []
    directions = await page.locator(".prose p").evaluate_all(
        "(all) => all.map((element) => getComputedStyle(element).direction)"
    )
    assert directions == ["rtl", "ltr", "ltr"]


async def test_any_colour_can_be_read(play):
    playing = await opened(play, HOUSE)
    # All others: view.test.mjs. Here it is whether the style sheets use what was computed, and in an old browser.
    await playing.page.add_init_script("delete window.OffscreenCanvas")
    for theme, colour in (("dark", "black"), ("light", "white"), ("light", "oklch(70% .2 30)")):
        query = urlencode({"theme": theme, "colorPrimary": colour})
        await playing.page.goto(f"{playing.visit.url}&{query}")
        await playing.opened()
        ratios = await playing.page.evaluate(_CONTRASTS)
        assert min(ratios.values()) >= 4.5, (theme, colour, ratios)
    # What is no colour changes nothing.
    for colour in ("var(--ink)", "red;}*{display:none"):
        await playing.page.goto(f"{playing.visit.url}&{urlencode({'colorPrimary': colour})}")
        await playing.opened()
        assert await playing.page.evaluate("document.documentElement.style.cssText") == "", colour


_MAKES_VIDEO = """async () => {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(20), {mimeType: "video/webm"});
  const parts = [];
  recorder.ondataavailable = ({data}) => parts.push(data);
  recorder.start();
  for (let frame = 0; frame < 12; frame++) {
    pen.fillStyle = `hsl(${frame * 30} 60% 40%)`;
    pen.fillRect(0, 0, 300, 150);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  recorder.stop();
  await new Promise((resolve) => (recorder.onstop = resolve));
  const reader = new FileReader();
  reader.readAsDataURL(new Blob(parts, {type: "video/webm"}));
  await new Promise((resolve) => (reader.onload = resolve));
  return reader.result;
}"""

# Text that its own box hides.
_CUT_OFF = """() => [...document.querySelectorAll(".page *, .bar *")].filter((element) => {
  if (element.closest(".spoken") || element.getClientRects().length === 0) return false;
  const {overflowX} = getComputedStyle(element);
  return overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1;
}).map((element) => element.outerHTML.slice(0, 200))"""

# What is written on the accent, and what is written in it over the worst of pictures: under 14 % of white or black.
_CONTRASTS = """() => {
  const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const style = getComputedStyle(document.documentElement);
  const paint = (...colours) => {
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const value = (name) => style.getPropertyValue(name);
  const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  const told = {"on the accent": contrast(paint(value("--on-accent")), paint(value("--accent")))};
  for (const picture of ["#000", "#fff"]) {
    const ground = paint(picture, `rgb(${value("--ground")} / 86%)`);
    for (const name of ["--ink", "--soft", "--accent-text", "--win", "--lose"])
      told[`${name} over ${picture}`] = contrast(paint(value(name)), ground);
  }
  return told;
}"""
