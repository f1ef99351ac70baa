"""Playing in a browser as a person does: what is read, what is pressed, what is seen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from support.until import until

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from support.browsers import Visit

ROOT: Final = Path(__file__).parents[2]
SCREENSHOTS: Final = ROOT / "build" / "screenshots"
DEMO: Final[dict[str, Any]] = json.loads(
    (ROOT / "server/conjure/run/demo_world.json").read_text(encoding="utf-8")
)
# Whether the keyboard would go nowhere: looked at in each frame, from the first key on.
_WATCHES_FOCUS: Final = """() => {
  window.focusLost = [];
  const look = () => {
    const active = document.activeElement;
    if (active === null || active === document.body) window.focusLost.push(document.querySelector("h2").textContent);
    requestAnimationFrame(look);
  };
  addEventListener("keyup", () => requestAnimationFrame(look), {once: true});
}"""
_IS_STILL: Final = """() => document.getAnimations().every(
  ({playState, effect}) => playState !== "running" || effect.getComputedTiming().endTime === Infinity
    || effect.target.closest(".timebar") !== null  // runs until something happens by itself
)"""
_HAS_ONE_PICTURE: Final = """() => {
  const [picture, ...others] = document.querySelectorAll(".stage img");
  return picture?.naturalWidth > 0 && others.length === 0;
}"""


class Playing:
    """What a person sees and does in the player's page."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.page = visit.page

    def choice(self, name: str) -> Locator:
        return self.page.locator("button.choice", has=self.page.get_by_text(name, exact=True))

    async def opened(self) -> None:
        """The first scene is there."""
        await self.page.locator(".loading").wait_for(state="detached")

    async def at(self, title: str) -> None:
        """Play has come to a state, and nothing passes any more."""
        await self.page.get_by_role("heading", name=title, exact=True, level=2).wait_for()
        await self.page.locator(".passing").wait_for(state="hidden")

    async def choose(self, name: str) -> None:
        """Takes a choice by mouse, and goes on as soon as it may until the event is over."""
        await self.choice(name).click()
        await self.gone_on()

    async def gone_on(self, *, by_key: bool = False) -> None:
        """Passes what passes by itself, as soon as it may be."""
        passing = self.page.locator(".passing")
        skip = passing.get_by_role("button", name="Continue")
        while True:
            shown = passing.locator("button:visible").or_(self.page.locator(".passing[hidden]"))
            await shown.first.wait_for(state="attached")
            if await passing.is_hidden():
                return
            if by_key:
                await self.page.keyboard.press("Escape")
            else:
                # The phase may end by itself meanwhile.
                await skip.evaluate("(button) => button.click()")

    async def picture(self) -> str:
        """The path of the picture that is shown, once it is there and nothing else; it has been decoded."""
        await self.eventually(_HAS_ONE_PICTURE)
        source: str = await self.page.locator(".stage img").evaluate("(image) => image.src")
        assert urlsplit(source).netloc == urlsplit(self.page.url).netloc, source
        path = urlsplit(source).path
        assert re.fullmatch(r"/assets/[0-9a-f]{64}\.\w+", path), path
        return path

    async def still(self) -> None:
        """Nothing moves any more that ever ends."""
        await self.eventually(_IS_STILL)

    async def eventually(self, script: str) -> None:
        """Returns once it holds. Playwright's own way of waiting is against the policy of the page."""

        async def holds() -> bool:
            return bool(await self.page.evaluate(script))

        await until(holds)

    async def screenshot(self, name: str) -> None:
        """Kept for those who want to look at it: build/screenshots, which is in no commit."""
        await self.still()
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    async def watch_focus(self) -> None:
        """From the next key on."""
        await self.page.evaluate(_WATCHES_FOCUS)

    async def focus_lost(self) -> list[str]:
        """At which scenes the focus was nowhere."""
        lost: list[str] = await self.page.evaluate("window.focusLost")
        return lost

    async def overflow(self) -> int:
        """By how many pixels the page is wider than what shows it."""
        over: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return over

    def assert_quiet(self) -> None:
        """It has asked this host alone, and has said nothing wrong: no error, nothing against its policy."""
        assert self.visit.said == []
        assert self.visit.hosts == {urlsplit(self.page.url).netloc}
