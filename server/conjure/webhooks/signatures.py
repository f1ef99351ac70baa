"""How deliveries are signed: in the vendor's way, and as Standard Webhooks has it (CONTRACT 8).

Both are HMAC-SHA256 over the time and the raw body, so that a delivery can be neither made up, changed nor
kept for later. They differ in the key: the vendor's is the whole secret as text, the standard's the bytes
that stand in it as base64.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32

TOLERANCE_S: Final = 300
"""How old a delivery may be, by its own time: as long as Standard Webhooks' libraries take one."""

USER_AGENT: Final = "Conjure-Webhooks/1"
"""Who calls, for the logs of receivers."""


def new_secret() -> str:
    """`whsec_` and the base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(secret: str, event_id: str, now_s: int, body: bytes) -> dict[str, str]:
    """Returns the headers of a delivery of `body` at `now_s` (Unix seconds)."""
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "alakazam-signature": _alakazam(secret, str(now_s), body),
        "webhook-id": event_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": _standard(secret, event_id, str(now_s), body),
    }


def signature_problem(
    secret: str, headers: Mapping[str, str], body: bytes, now_s: float
) -> str | None:
    """What is wrong with a delivery that came with these headers (names in lower case); None: nothing.

    The receiver's side, both ways: for `conjure webhooks listen`, and to compare with.
    """
    time_text = headers.get("webhook-timestamp", "")
    if not (time_text.isascii() and time_text.isdecimal() and len(time_text) < 12):
        return "webhook-timestamp is missing or no time"
    if abs(now_s - int(time_text)) > TOLERANCE_S:
        return f"webhook-timestamp is more than {TOLERANCE_S} s away"
    expected = {
        "webhook-signature": _standard(secret, headers.get("webhook-id", ""), time_text, body),
        "alakazam-signature": _alakazam(secret, time_text, body),
    }
    for name, right in expected.items():
        if not hmac.compare_digest(headers.get(name, "").encode(), right.encode()):
            return f"{name} is wrong: another secret, or the body was changed"
    return None


def _alakazam(secret: str, time_text: str, body: bytes) -> str:
    signed = hmac.digest(secret.encode(), b"%b.%b" % (time_text.encode(), body), "sha256")
    return f"t={time_text},v1={signed.hex()}"


def _standard(secret: str, event_id: str, time_text: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    message = f"{event_id}.{time_text}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, message, 'sha256')).decode()}"
