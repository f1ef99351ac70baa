"""How deliveries are signed: in the vendor's way, and as Standard Webhooks has it (CONTRACT 8).

Both are HMAC-SHA256 over the time and the raw body, so that a delivery can be neither made up, changed nor
kept for later. They differ in the key: the vendor's is the whole secret as text, the standard's the bytes
that stand in it as base64.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import Final

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32

USER_AGENT: Final = "Conjure-Webhooks/1"
"""Who calls, for the logs of receivers."""


def new_secret() -> str:
    """`whsec_` and the base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(secret: str, event_id: str, now_s: int, body: bytes) -> dict[str, str]:
    """Returns the headers of a delivery of `body` at `now_s` (Unix seconds)."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    theirs = hmac.digest(secret.encode(), b"%d.%b" % (now_s, body), "sha256").hex()
    message = b"%b.%d.%b" % (event_id.encode(), now_s, body)
    standard = base64.b64encode(hmac.digest(key, message, "sha256")).decode()
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "alakazam-signature": f"t={now_s},v1={theirs}",
        "webhook-id": event_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": f"v1,{standard}",
    }
