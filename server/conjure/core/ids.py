"""Identifiers: UUIDs everywhere (CONTRACT 0)."""

from __future__ import annotations

import re
import uuid

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id() -> str:
    """Returns a random UUID (v4)."""
    return str(uuid.uuid4())


def canonical_uuid(text: str) -> str | None:
    """Returns `text` in lower case when it is a UUID in its usual form, else None."""
    lowered = text.lower()
    return lowered if _UUID.fullmatch(lowered) else None
