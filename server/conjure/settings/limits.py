"""Sizes that the contract fixes and no deployment changes; the edge and the server must agree on them."""

from __future__ import annotations

from typing import Final

UNITS: Final = ("generation", "session", "session_seconds", "edit", "say", "tts", "image")
"""What is metered per app, mode and day (CONTRACT 7)."""

MAX_DOCUMENT_BYTES: Final = 12 * 1024 * 1024
"""The largest stored document, as JSON text (CONTRACT 3)."""

MAX_ANSWER_BYTES: Final = 60 * 1024 * 1024
"""The largest answer that the server makes: the largest document with all that the kernel says about it."""

MAX_RESPONSE_BYTES: Final = MAX_ANSWER_BYTES + 4 * 1024 * 1024
"""The largest response body that the edge passes on. Above the server's limit, so that the server refuses
first and can say why; the edge would cut the connection."""

LATE_END_S: Final = 86_400
"""How long after its end a session token can still end its session (CONTRACT 6.3). For so long the store
keeps what a session has cost, and the keys that its token was signed with."""
