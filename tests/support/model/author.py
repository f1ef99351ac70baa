"""A good model's answers to the steps of the author: of their schemas, and no two texts of a world alike."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from support.model.outcomes import structured
from support.model.sample import sample

if TYPE_CHECKING:
    from support.model.calls import Call
    from support.model.outcomes import Reply

_MEMBERS = {"layout", "lock", "start", "crossing", "shelter", "danger", "beyond", "win"}
_MEMBERS |= {"who", "facts", "neutral"}
_WAYS = ("to_", "back_", "through_")


def reply(call: Call) -> Reply | None:
    """The answer to a step; None when the call is none."""
    schema = call.schema
    names = schema.get("properties", {}) if isinstance(schema, dict) else {}
    if not any(name in _MEMBERS or name.startswith(_WAYS) for name in names):
        return None
    # By what is asked, so that the same is answered the same.
    first = zlib.crc32(call.text.encode("utf-8", "replace")) % 90_000 + 10_000
    made = sample(schema, first=first)
    others = [name for name, part in made.items() if isinstance(part, dict) and "feeling" in part]
    for number, name in enumerate(others):
        made[name]["feeling"] = names[name]["properties"]["feeling"]["enum"][number]
    return structured(made, call)
