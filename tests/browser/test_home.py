"""`/` and `/demo` in a real browser: a click plays the demo, and no page of another origin gets at it."""

from __future__ import annotations

import json
from importlib.resources import files
from urllib.parse import urlsplit

import pytest

from support.demo import write_demo
from support.rest import bearer

WORLD = json.loads(files("conjure.run").joinpath("demo_world.json").read_text(encoding="utf-8"))

TRIES = """async (url) => {
  const answer = await fetch(url);
  const frame = document.createElement("iframe");
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  frame.src = url;
  document.body.append(frame);
  await loaded;
  return [answer.status, answer.url];
}"""


@pytest.fixture
async def demo(rest, app) -> str:
    answer = await rest.post("/v1/worlds", json={"world": WORLD}, headers=bearer(app.secret))
    world_id = str(answer.json()["worldId"])
    write_demo(app.id, world_id, world_id)
    return world_id


async def sessions_of(rest, app) -> int:
    usage = await rest.get("/v1/usage", headers=bearer(app.secret))
    return int(usage.json()["usage"]["session"])


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_a_click_leads_to_the_demo(stack, rest, app, demo, browse, scripts):
    visit = await browse(f"{stack.rest_url}/", java_script_enabled=scripts, color_scheme="dark")
    page = visit.page
    assert visit.hosts == {urlsplit(stack.rest_url).netloc}
    assert visit.said == [], "the page keeps to its policy"
    assert await page.get_by_role("img").get_attribute("alt") == (
        "Its graph: 12 places, and 24 events in them."
    )
    await page.get_by_role("link", name=f"Play {WORLD['name']}").press("Enter")
    await page.wait_for_url("**/embed.html?token=*")
    assert await sessions_of(rest, app) == 1


async def test_no_page_of_another_origin_gets_a_token(stack, rest, app, demo, browse, host_site):
    """Neither by a script nor in a frame; a link on it leads there, as on any page."""
    url = f"{stack.rest_url}/demo"
    visit = await browse(host_site.html(f'<a href="{url}">Play</a>'))
    assert await visit.page.evaluate(TRIES, url) == [404, url]
    assert visit.page.frames[-1].url == url
    assert await sessions_of(rest, app) == 0
    await visit.page.get_by_role("link", name="Play").click()
    await visit.page.wait_for_url("**/embed.html?token=*")
    assert await sessions_of(rest, app) == 1
