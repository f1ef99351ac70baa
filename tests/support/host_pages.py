"""A small world, and pages of somebody else around it that keep what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from support.rest import bearer

if TYPE_CHECKING:
    import httpx

WORLD: Final[dict[str, Any]] = {
    "name": "A small world",
    "entrance": {"state": "hall"},
    "scene": {
        "states": {
            "hall": {"base": "A wide hall."},
            "yard": {"base": "A yard.", "ending": {"kind": "win", "title": "Out"}},
        },
        "events": [
            {"name": "Wave", "kind": "override", "from": ["hall"], "base": "She waves."},
            {"name": "Go out", "kind": "transition", "from": ["hall"], "to": "yard"},
        ],
    },
}

# `heard`: each message to the page. `called`: each callback; the first one of them throws.
KEEPS: Final = """
const heard = [], called = [];
addEventListener("message", ({data, origin}) => heard.push([data, origin]));
const callbacks = {};
for (const name of ["onReady", "onChoice", "onStateEntered", "onEnding", "onSessionEnded", "onError"])
  callbacks[name] = (told) => {
    called.push([name, told]);
    if (called.length === 1) throw new Error("a page's own");
  };
Object.assign(window, {heard, called, callbacks});
"""


async def new_world(rest: httpx.AsyncClient, key: str) -> str:
    """Imports the small world."""
    answer = await rest.post("/v1/worlds", json={"world": WORLD}, headers=bearer(key))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["worldId"])


async def has_heard(page: Any, kind: str) -> bool:
    """Whether a page was told something of a kind by the player in it."""
    return bool(await page.evaluate("(kind) => heard.some(([{type}]) => type === kind)", kind))
