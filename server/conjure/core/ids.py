"""Identifiers: UUIDs everywhere (CONTRACT 0)."""

from __future__ import annotations

import os
import re
from itertools import count

from conjure.core.errors import NotFound

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def new_id() -> str:
    """Returns a random UUID (v4, RFC 9562, 5.4).

    Written here and not by `uuid`, whose objects cost three times as much: each call needs one or two.
    """
    digits = os.urandom(16).hex()
    variant = _VARIANT[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


_THIS_PROCESS = new_id()
_STEPS = count()


def step_id() -> str:
    """Returns the name of a step of this process, which nobody else has and anybody may guess.

    For what is asked again under it and never shown: a tenth of a UUID's cost.
    """
    return f"{_THIS_PROCESS}.{next(_STEPS)}"


def canonical_uuid(text: str) -> str | None:
    """Returns `text` in lower case when it is a UUID in its usual form, else None."""
    lowered = text.lower()
    return lowered if _UUID.fullmatch(lowered) else None


def checked_id(text: str) -> str:
    """Returns an id of a path in its stored form. Raises NotFound for what is no UUID (CONTRACT 0)."""
    found = canonical_uuid(text)
    if found is None:
        raise NotFound
    return found
