"""One op, as its code and its documentation both know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject

# What an op does to a draft. Returns the name of what it made, renamed or addressed, if that has
# one. Raises OpError before the draft is changed, or not at all.
Run: TypeAlias = "Callable[[Draft, JsonObject], str | None]"


@dataclass(frozen=True, slots=True)
class Op:
    """A change of CONTRACT section 3.3.

    A parameter that ends in `?` may be left out. `example` applies to the world that the page of
    ops begins with. `more` is what else a reader has to know, in Markdown.
    """

    name: str
    meaning: str
    parameters: Mapping[str, str]
    example: Mapping[str, Any]
    run: Run
    more: str = ""
