"""People who are signed in: their tokens, and the apps that they make."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import jwt

from conjure.core.ids import new_id
from support.rest import bearer
from support.stack import USER_SECRET

if TYPE_CHECKING:
    import httpx


def user_token(user_id: str | None = None, **claims: Any) -> str:
    """A token of the identity provider; of a user nobody else is, unless one is named."""
    subject = f"user-{new_id()}" if user_id is None else user_id
    usual = {"sub": subject, "aud": "authenticated", "exp": time.time() + 600}
    return jwt.encode(usual | claims, USER_SECRET, "HS256")


async def make_app(rest: httpx.AsyncClient, token: str, name: str = "My game") -> str:
    """Makes an app of the holder of a token; returns its id."""
    answer = await rest.post("/v1/apps", json={"name": name}, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def make_key(rest: httpx.AsyncClient, token: str, app_id: str, **body: Any) -> dict[str, Any]:
    """Makes a key of an app; returns the answer."""
    answer = await rest.post(f"/v1/apps/{app_id}/keys", json=body, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made
