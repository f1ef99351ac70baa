"""The player in a real browser: the demo world is played to its ends, by mouse and by keyboard."""

from __future__ import annotations

import pytest

from support.playing import DEMO, Playing


@pytest.fixture
async def playing(play) -> Playing:
    return Playing(await play(DEMO))


async def test_by_mouse_to_a_win(playing: Playing):
    """Whatever is on the way: a lock, a key, a radio that answers, missions; and from the start once more."""
    page = playing.page
    await playing.opened()
    await page.emulate_media(reduced_motion="no-preference")
    await playing.at("Landing")
    pictures = [await playing.picture()]
    await playing.screenshot("1-first-scene")
    await playing.choose("Go in out of the rain")
    await playing.at("Kitchen")
    pictures.append(await playing.picture())
    # Where something moves a machine without a graphics card draws each frame, and so it did now: twice.
    await page.emulate_media(reduced_motion="reduce")
    assert await playing.choice("Stroke the cat").count() == 0, "it is hidden"
    journal = page.locator("summary", has_text="Journal")
    assert await journal.inner_text() == "Journal\n0/3"

    await playing.choose("Climb the stair")
    await playing.at("Stair")
    locked = playing.choice("Unlock the lamp room")
    assert await locked.get_attribute("aria-disabled") == "true"
    assert "It is locked. A key for a lock like this" in await locked.inner_text()
    await locked.click(force=True)
    await playing.at("Stair")
    pictures.append(await playing.picture())
    await playing.screenshot("2-locked-choice")
    await playing.choose("Go back down to the kitchen")

    await playing.choose("Take the brass key")
    await playing.at("Kitchen")
    assert await playing.choice("Take the brass key").count() == 0, "once is enough"
    await playing.choice("Call the coastguard").click()
    asked = page.get_by_role("textbox")
    await page.get_by_text("Ines speaking").first.wait_for()
    await asked.fill("What do you know about the Aurora?")
    await asked.press("Enter")
    await page.get_by_text("forty people aboard").first.wait_for()
    await playing.screenshot("3-terminal")
    await asked.press("Escape")
    await playing.at("Kitchen")
    assert await journal.inner_text() == "Journal\n2/3"

    await playing.choose("Climb the stair")
    await playing.choose("Unlock the lamp room")
    await playing.at("Lamp room")
    pictures.append(await playing.picture())
    await playing.choose("Light the lamp")
    await playing.at("Watch")
    pictures.append(await playing.picture())
    assert await journal.inner_text() == "Journal\n3/3"
    await journal.click()
    await playing.screenshot("4-journal")
    await journal.click()
    await playing.choose("Keep watch until morning")
    await page.get_by_role("heading", name="The Aurora comes home").wait_for()
    pictures.append(await playing.picture())
    assert await page.get_by_text("You kept the light.").first.is_visible()
    await playing.screenshot("5-win")
    # Each state has a picture of its own.
    assert len(set(pictures)) == len(pictures) == 6

    await page.get_by_role("button", name="Play again").click()
    await playing.at("Landing")
    assert await journal.inner_text() == "Journal\n0/3"
    assert await playing.picture() == pictures[0]
    playing.assert_quiet()


async def test_by_keyboard_alone_to_a_lose(playing: Playing):
    """Letters and Tab with Enter do the same; the focus is never nowhere."""
    page, keyboard = playing.page, playing.page.keyboard
    await playing.opened()
    await playing.at("Landing")
    await playing.watch_focus()
    await keyboard.press("?")
    await page.get_by_role("dialog").wait_for()
    await keyboard.press("r")
    await keyboard.press("Escape")
    await page.get_by_role("dialog").wait_for(state="hidden")
    await playing.at("Landing")  # letters belong to the dialog while it is open
    await keyboard.press("r")
    await playing.gone_on(by_key=True)
    await playing.at("Petrel")
    for _ in range(12):
        if await playing.choice("Row on between the Teeth").evaluate(
            "(button) => button === document.activeElement"
        ):
            break
        await keyboard.press("Tab")
    await keyboard.press("Enter")
    await playing.gone_on(by_key=True)
    await page.get_by_role("heading", name="The Teeth have two more").wait_for()
    await playing.screenshot("6-lose")
    assert await playing.focus_lost() == []
    for _ in range(12):
        await keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent") == "Play again":
            break
    await keyboard.press("Enter")
    await playing.at("Landing")
    assert await playing.focus_lost() == []
    playing.assert_quiet()


async def test_what_happens_by_itself(play):
    """Nobody touches anything: what is hidden plays, then what is offered, to the end."""
    after = {"hidden": {"autoAfterMs": 200, "hidden": True, "oneShot": True}, "shown": {"autoAfterMs": 1_500}}  # fmt: skip
    world = {
        "name": "A clock",
        "entrance": {"state": "hall"},
        "scene": {
            "states": {
                "hall": {"base": "A hall with a clock."},
                "yard": {"base": "A yard.", "ending": {"kind": "win", "title": "Twelve"}},
            },
            "events": [
                {"name": "It ticks", "kind": "override", "from": ["hall"], "base": "Tick.", **after["hidden"]},
                {"name": "It strikes", "kind": "transition", "from": ["hall"], "to": "yard", "base": "It strikes.",
                 **after["shown"]},
            ],
        },
    }  # fmt: skip
    playing = Playing(await play(world))
    await playing.choice("It strikes").wait_for()
    assert await playing.choice("It ticks").count() == 0
    await playing.page.get_by_text("Tick.", exact=True).first.wait_for()
    await playing.page.get_by_role("heading", name="Twelve").wait_for()
    playing.assert_quiet()
