"""The flows most tests begin with, over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.worlds import small_world

if TYPE_CHECKING:
    import httpx


def bearer(credential: str) -> dict[str, str]:
    return {"authorization": f"Bearer {credential}"}


async def import_world(rest: httpx.AsyncClient, key: str, **members: Any) -> str:
    answer = await rest.post(
        "/v1/worlds", json={"world": small_world(**members)}, headers=bearer(key)
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["worldId"])


async def mint(rest: httpx.AsyncClient, key: str, world_id: str, **body: Any) -> dict[str, Any]:
    answer = await rest.post(
        "/v1/sessions/token", json={"worldId": world_id, **body}, headers=bearer(key)
    )
    assert answer.status_code == 200, answer.text
    minted: dict[str, Any] = answer.json()
    return minted


async def connect(rest: httpx.AsyncClient, token: str, **headers: str) -> httpx.Response:
    return await rest.post("/v1/sessions/connect", headers=bearer(token) | headers)


def assert_error(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Every failure has the contract's shape (CONTRACT 0)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    body: dict[str, Any] = answer.json()
    assert isinstance(body["detail"], str)
    assert body["detail"]
    assert body["schemaVersion"] == "1.0"
    assert set(body) <= {"detail", "schemaVersion", "errors", "diagnostics"}
    assert "Traceback" not in answer.text
    return body
