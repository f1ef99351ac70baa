"""What connect answers, checked, and what it has cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.rest import bearer

if TYPE_CHECKING:
    import httpx

CONNECT = "/v1/sessions/connect"
END = "/v1/sessions/end"
TRACK = "/v1/sessions/track"
LEASE_S = 300
"""The seconds that a lease charges, by default."""


def assert_connected(answer: httpx.Response) -> dict[str, Any]:
    """An admitted session, with the documented members and no others."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    body: dict[str, Any] = answer.json()
    assert set(body) == {
        "worldId", "reactorJwt", "expiresIn", "expiresAt", "world", "schemaVersion",
    }  # fmt: skip
    return body


async def used(rest: httpx.AsyncClient, key: str) -> dict[str, int]:
    """The day's use, by unit."""
    answer = await rest.get("/v1/usage", headers=bearer(key))
    assert answer.status_code == 200, answer.text
    counts: dict[str, int] = answer.json()["usage"]
    return counts


def assert_ended(answer: httpx.Response) -> int:
    """An end as CONTRACT 6.3 has it; returns what the session has cost."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"ok", "seconds", "schemaVersion"}
    assert body["ok"] is True
    assert type(body["seconds"]) is int
    return int(body["seconds"])
