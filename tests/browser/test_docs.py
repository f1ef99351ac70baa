"""`/docs` in a real browser: it shows the contract, and asks nobody else for anything."""

from __future__ import annotations

from urllib.parse import urlsplit

from support.contract import operations

SHOWN = "details.operation:not([hidden])"
IDS = "(shown) => shown.map((each) => each.id)"


async def test_the_page_shows_every_operation_from_this_host_alone(stack, browse):
    every = {operation.id for operation in operations()}
    visit = await browse(f"{stack.rest_url}/docs#setEntrance")
    page = visit.page
    await page.locator(SHOWN).first.wait_for()
    assert set(await page.locator(SHOWN).evaluate_all(IDS)) == every
    # What the address names is open, and drawn to its answers.
    text = await page.locator("#setEntrance").inner_text()
    for expected in ("/v1/worlds/{id}/entrance", "If-Match", "expectedRev", "ApiKeyAuth", "409"):
        assert expected in text
    await page.locator("#search").fill("Session Token")
    found = await page.locator(SHOWN).evaluate_all(IDS)
    assert {"mintSessionToken", "connectSession"} <= set(found)
    assert "getScene" not in found
    said = await page.locator("#found").inner_text()
    assert said == f"{len(found)} of {len(every)} operations"
    # A page with a strict policy says nothing when it keeps to it.
    assert visit.said == []
    assert visit.hosts == {urlsplit(stack.rest_url).netloc}
    assert any(url.endswith("/openapi.json") for url in visit.asked)


async def test_nothing_else_runs_in_it(stack, rest, browse):
    policy = (await rest.get("/docs")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    visit = await browse(f"{stack.rest_url}/docs")
    await visit.page.locator(SHOWN).first.wait_for()
    await visit.page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert await visit.page.evaluate("window.ran ?? null") is None
    assert visit.said
