"""`/docs` in a real browser: it shows the contract, and asks nobody else for anything."""

from __future__ import annotations

from urllib.parse import urlsplit

from support.contract import operations
from support.devtools import opened

SHOWN = "[...document.querySelectorAll('details.operation')].filter((each) => !each.hidden).map((each) => each.id)"


async def test_the_page_shows_every_operation_from_this_host_alone(stack, tmp_path):
    every = {operation.id for operation in operations()}
    async with opened(f"{stack.rest_url}/docs#setEntrance", tmp_path) as page:
        await page.until(f"{SHOWN}.length")
        assert set(await page.value(SHOWN)) == every
        # What the address names is open, and drawn to its answers.
        text = await page.value("document.getElementById('setEntrance').innerText")
        for expected in (
            "/v1/worlds/{id}/entrance",
            "If-Match",
            "expectedRev",
            "ApiKeyAuth",
            "409",
        ):
            assert expected in text
        await page.value(
            "(() => { const box = document.getElementById('search'); box.value = 'Session Token';"
            " box.dispatchEvent(new Event('input')); })()"
        )
        found = await page.value(SHOWN)
        assert {"mintSessionToken", "connectSession"} <= set(found)
        assert "getScene" not in found
        assert await page.value("document.getElementById('found').innerText") == (
            f"{len(found)} of {len(every)} operations"
        )
        # A page with a strict policy says nothing when it keeps to it.
        assert page.said == []
        hosts = {urlsplit(url).netloc for url in page.asked if not url.startswith("data:")}
        assert hosts == {urlsplit(stack.rest_url).netloc}
        assert any(url.endswith("/openapi.json") for url in page.asked)


async def test_nothing_else_runs_in_it(stack, rest, tmp_path):
    policy = (await rest.get("/docs")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    async with opened(f"{stack.rest_url}/docs", tmp_path) as page:
        await page.until(f"{SHOWN}.length")
        await page.value(
            "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
        )
        assert await page.value("window.ran ?? null") is None
        assert page.said
