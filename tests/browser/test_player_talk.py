"""Talking in the player: to characters that answer, stand otherwise, speak and remember, and to terminals."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import httpx
import pytest

pytest.importorskip("axe_playwright_python", reason="NOT TESTED: make .venv/.browser")
from axe_playwright_python.async_playwright import Axe

from conjure.providers.voice.local.available import is_installed
from support.browsers import started_play
from support.rest import bearer
from support.stack import new_app, serving_stack
from support.talks import character_world
from support.until import LIMIT_S, until
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from playwright.async_api import Page

    from support.browsers import Opens, Play
    from support.stack import Stack

# Sounds are played by an element that is nowhere in the page. They begin again at their end: a short one is not over
# before it was looked at.
_HEARS = """
() => {
  window.sounds = [];
  window.pauses = 0;
  window.Audio = class extends Audio {
    constructor() {
      super();
      this.loop = true;
      this.addEventListener("pause", () => { window.pauses += 1; });
      window.sounds.push(this);
    }
  };
}
"""


@pytest.fixture(scope="module")
async def speaking(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A server that has a voice, and its edge, on the store of the others."""
    voice = {"CONJURE_VOICE_PROVIDER": "local"} if is_installed() else {}
    folder = tmp_path_factory.mktemp("speaking")
    async with serving_stack(folder, stack.store_url, stack.store, voice) as running:
        yield running


@pytest.fixture
async def opens(browse: Opens, speaking: Stack) -> AsyncIterator[Callable[..., Awaitable[Play]]]:
    """`await opens(world, **token_fields)`: the player of that server."""
    async with httpx.AsyncClient(
        base_url=speaking.rest_url, timeout=LIMIT_S, trust_env=False
    ) as rest:
        yield functools.partial(started_play, browse, speaking, rest)


@pytest.fixture
def talk(opens: Callable[..., Awaitable[Play]]) -> Callable[..., Awaitable[Play]]:
    """`await talk(world, **token_fields)`: a character that has said its welcome."""

    async def begins(world: dict[str, Any] | None = None, **others: Any) -> Play:
        if "world_id" not in others:
            world = world or keeper()
        played = await opens(world, **others)
        await played.page.evaluate(_HEARS)
        await lines(played.page).first.wait_for()
        return played

    return begins


def keeper(**members: Any) -> dict[str, Any]:
    """A character without a picture of its own: all that it shows is drawn here."""
    drawn = {"entrance": {"state": "calm"}, "cover": None}
    moods = {"calm": "quiet", "glad": "warm", "cross": "angry"}
    stances = [{"id": name, "label": name, "mood": mood} for name, mood in moods.items()]
    return character_world(**{"stances": stances, **members}) | drawn


def picture(page: Page) -> Awaitable[str]:
    """The address of what fills the stage."""
    return page.evaluate("() => [...document.querySelectorAll('.stage img')].at(-1)?.src ?? ''")


def lines(page: Page) -> Any:
    return page.locator(".talk-log .talk-line:not(.talk-growing)")


def box(page: Page) -> Any:
    return page.locator(".talk-input")


async def say(page: Page, text: str, count: int) -> str:
    """Says something; returns the answer, the line that makes them `count`."""
    await box(page).fill(text)
    await box(page).press("Enter")
    await lines(page).nth(count - 1).wait_for()
    return str(await lines(page).nth(count - 1).locator("p").inner_text())


async def test_a_character_answers_and_stands_as_it_feels(talk):
    played = await talk()
    page = played.page
    await until(lambda: picture(page))
    calm = await picture(page)
    assert "Mind the step, it is wet." in await lines(page).first.inner_text()
    assert await say(page, "You are an idiot", 3)

    async def has_turned(before: str) -> bool:
        return await picture(page) != before

    await until(lambda: has_turned(calm))
    cross = await picture(page)
    mood = await page.locator(".talk-mood").inner_text()
    for at, text in enumerate(("I am sorry, forgive me", "You are wonderful", "You are so kind")):
        assert await say(page, text, 5 + 2 * at)
    assert await page.locator(".talk-mood").inner_text() not in ("", mood)
    await until(lambda: has_turned(cross))
    # Whoever writes goes on writing.
    assert await page.evaluate("document.activeElement.className") == "talk-input"
    assert await box(page).input_value() == ""
    # A reply is told once, and whole; while it grows nothing is.
    assert await page.locator(".talk-log").get_attribute("aria-live") == "off"
    last = await lines(page).last.locator("p").inner_text()
    assert await page.locator(".talk-live").inner_text() == f"Maren: {last}"
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert played.said == []


@pytest.mark.skipif(
    not is_installed(), reason="NOT TESTED: no voice here (pip install 'conjure[voice]')"
)
async def test_replies_are_heard_once_the_voice_is_on(talk):
    played = await talk()
    page, asked = played.page, played.asked
    await say(page, "Who are you?", 3)
    assert not any(url.endswith("/tts") for url in asked)
    await page.get_by_role("button", name="Voice: off").click()
    await say(page, "Tell me about the lamp", 5)
    await until(lambda: page.evaluate("window.sounds.some((sound) => sound.currentTime > 0.2)"))
    await page.locator(".talk[data-voice=playing]").wait_for()
    # What is said next ends what is spoken.
    await box(page).fill("And the keeper before you?")
    await box(page).press("Enter")
    await until(lambda: page.evaluate("window.pauses"))
    await page.locator(".talk[data-voice=playing]").wait_for()
    assert len([url for url in asked if url.endswith("/tts")]) == 2
    await page.get_by_role("button", name="Stop").click()
    await until(lambda: page.evaluate("window.sounds[0].paused"))
    # What was heard last is heard again for nothing.
    await page.get_by_role("button", name="Hear it").click()
    await page.locator(".talk[data-voice=playing]").wait_for()
    assert len([url for url in asked if url.endswith("/tts")]) == 2
    assert await page.evaluate("window.sounds.length") == 1
    assert played.said == []


async def test_where_nobody_speaks_or_answers_it_says_so_and_the_talk_goes_on(talk):
    played = await talk()
    page = played.page
    await page.route("**/tts", _no_voice)
    await page.get_by_role("button", name="Voice: off").click()
    await say(page, "Who are you?", 3)
    await page.get_by_text("There is no voice here at the moment").wait_for()
    assert not await page.locator(".talk-speaker").is_visible()
    assert await say(page, "Never mind", 5)
    # Without an answer it says so, and keeps what was written.
    await page.route("**/say*", lambda route: route.abort())
    await box(page).fill("Who are you?")
    await box(page).press("Enter")
    await page.get_by_text("There was no answer").wait_for()
    assert await box(page).input_value() == "Who are you?"
    await page.unroute("**/say*")
    await box(page).press("Enter")
    await lines(page).nth(6).wait_for()


async def test_a_named_player_is_welcomed_back(talk, rest):
    first = await talk(playerIdentity="ada")
    welcome = await lines(first.page).first.inner_text()
    await say(first.page, "My name is Ada and I come from Bergen", 3)
    await first.page.goto("about:blank")

    async def is_folded() -> bool:
        path = f"/v1/characters/{first.world_id}/memory"
        memory = await rest.get(path, headers=bearer(first.token))
        return memory.json()["summary"] is not None

    await until(is_folded)
    for player, is_known in (("ada", True), ("bob", False)):
        page = (await talk(app=first.app, world_id=first.world_id, playerIdentity=player)).page
        assert (await lines(page).first.inner_text() != welcome) == is_known


async def test_a_stream_that_does_not_begin_is_charged_once_and_what_is_written_is_not_lost(
    talk, speaking
):
    """The call that makes up for it is the last one that is left for today; what is written then is kept."""
    app = await new_app(speaking.admin)
    await app.set_caps(say=1)
    page = (await talk(app=app)).page
    await page.route("**/say-stream", lambda route: route.abort())
    assert await say(page, "Who are you?", 3)
    await page.unroute("**/say-stream")
    await box(page).fill("And who\nwas before you?")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("Maren has no more answers for today").wait_for()
    assert await box(page).input_value() == "And who\nwas before you?"
    assert await lines(page).count() == 3


async def test_what_is_written_is_sent_when_it_is_meant_to_be_and_is_text(talk):
    """A line break, an input method, a paste of a megabyte: none of them sends. Whatever anybody writes is text."""
    evil = "<img src=x onerror=alert(1)><b>مرحبا</b> 你好 🌊"
    played = await talk(keeper(greeting=evil) | {"name": evil})
    page = played.page
    assert await lines(page).first.locator("p").inner_text() == evil
    field = box(page)
    await field.press_sequentially("One")
    await field.press("Shift+Enter")
    await field.press_sequentially("two")
    assert await field.input_value() == "One\ntwo"
    for composing in ("isComposing: true", "keyCode: 229"):
        await field.evaluate(
            f"(box) => box.dispatchEvent(new KeyboardEvent('keydown', "
            f"{{ key: 'Enter', bubbles: true, cancelable: true, {composing} }}))"
        )
    assert await lines(page).count() == 1
    await field.fill("x" * 1_000_000)
    await field.press("Enter")
    assert await page.get_by_role("button", name="Send").get_attribute("aria-disabled") == "true"
    await page.get_by_text("4,000 of 2,000: the end of it was left out").wait_for()
    await field.fill("🌊a" * 1_000)
    assert await page.locator(".talk-count").inner_text() == "2,000 of 2,000"
    await field.press("Enter")
    await lines(page).nth(2).wait_for()
    await say(page, evil, 5)
    assert await lines(page).nth(3).locator("p").inner_text() == evil
    assert await page.locator(".talk img, .talk b").count() == 0
    assert await lines(page).nth(3).locator("p").get_attribute("dir") == "auto"
    assert played.said == []


async def test_a_picture_is_shown_when_it_is_asked_for_and_a_reload_goes_on_with_the_talk(talk):
    page = (await talk(playerIdentity="ada")).page
    await say(page, "Show me a picture of the reef", 3)
    picture = page.locator(".talk-picture img")
    await picture.wait_for()
    assert "reef" in str(await picture.get_attribute("alt"))
    await until(lambda: picture.evaluate("(image) => image.naturalWidth > 0"))
    said = await lines(page).all_inner_texts()
    await page.reload()
    await page.locator(".talk-picture img").wait_for()
    assert await lines(page).all_inner_texts() == said
    assert await say(page, "And who are you?", 5)


LAMP = "The lamp burns whale oil and turns once in twelve seconds."
CELLAR = "The cellar door opens with the brass key under the stove."


IN_SIGHT = "document.querySelector('.talk-input').getBoundingClientRect().bottom <= innerHeight"


async def test_a_terminal_answers_from_what_it_may_tell(opens):
    facts = [{"text": LAMP}, {"text": CELLAR, "requires": ["lit"]}]
    scene = small_world()["scene"]
    radio = {"name": "The old radio", "kind": "terminal", "from": ["hall"]} | {
        "terminal": {
            "persona": "A radio that mumbles.",
            "facts": facts,
            "greeting": "Static, then a voice.",
        }
    }
    light = {"name": "Light the lamp", "kind": "override", "from": ["hall"], "grants": ["lit"]}
    light |= {"base": "The lamp is lit.", "oneShot": True}
    world = small_world(
        cover=None,
        entrance={"state": "hall"},
        scene=scene | {"events": [*scene["events"], radio, light]},
    )
    played = await opens(world)
    page = played.page
    await page.get_by_role("button", name="The old radio").click()
    assert "Static, then a voice." in await lines(page).first.inner_text()
    assert await page.locator(".talk").get_by_role("heading").inner_text() == "The old radio"
    assert await page.evaluate("document.activeElement.className") == "talk-input"
    assert "whale oil" in await say(page, "What does the lamp burn?", 3)
    assert "brass key" not in await say(page, "How does the cellar door open?", 5)
    await box(page).press("Escape")
    await page.locator(".talk").wait_for(state="detached")
    await page.get_by_role("button", name="Light the lamp").click()
    await page.get_by_role("button", name="The old radio").click()
    at = await lines(page).count()
    assert "brass key" in await say(page, "How does the cellar door open?", at + 2)
    # On a phone the button keeps its word whole, and the box stays in sight under an answer.
    await page.set_viewport_size({"width": 320, "height": 568})
    send = page.get_by_role("button", name="Send")
    assert await send.evaluate("({scrollWidth, clientWidth}) => scrollWidth <= clientWidth")
    assert await send.evaluate("({offsetHeight}) => offsetHeight") < 50
    await box(page).focus()
    await say(page, "What does the lamp burn?", at + 4)
    await until(lambda: page.evaluate(IN_SIGHT))
    await page.get_by_role("button", name="Close").click()
    await page.evaluate("scrollTo(0, 0)")
    await page.get_by_role("button", name="The old radio").evaluate("(button) => button.click()")
    await until(lambda: page.evaluate(IN_SIGHT))
    await page.get_by_role("button", name="Close").click()
    await page.locator(".talk").wait_for(state="detached")
    assert played.said == []


async def _no_voice(route: Any) -> None:
    await route.fulfill(
        status=503, json={"detail": "nobody can speak here", "schemaVersion": "1.0"}
    )
