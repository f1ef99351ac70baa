"""What the kernel knows of one state or one event by itself, whatever world it stands in.

A world is a value: an edit makes new states and events of those that it changes, and shares all others.
So what was read of a part, and found in it, holds as long as the part is the same object. Nothing here
may depend on anything but the part and its name; what depends on more belongs to `document`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.wording import shown

if TYPE_CHECKING:
    from conjure.kernel.diagnostics import Diagnostic
    from conjure.kernel.values import JsonObject


def state_path(state_id: str) -> str:
    """`state[atrium]`."""
    return f"state[{shown(state_id)}]"


class State:
    """One state under its id.

    `raw` has its prose in words, `written` is what stands in the document, and `cost` how much writing
    out templates took, in characters: 0 for a state without any. `findings` is None until it was checked.
    """

    __slots__ = ("cost", "findings", "has_ending", "id", "raw", "written")

    def __init__(self, state_id: str, written: JsonObject, raw: JsonObject, cost: int) -> None:
        self.id = state_id
        self.written = written
        self.raw = raw
        self.cost = cost
        self.has_ending = "ending" in raw
        self.findings: tuple[Diagnostic, ...] | None = None

    @property
    def path(self) -> str:
        """`state[atrium]`."""
        return state_path(self.id)


class Event:
    """One event, with the members that several lints read; the rest as for a state.

    `place` is its path where its name gives none: it has no name, or shares it. `is_indexed` says that the
    event has flags, a terminal or `landWhen`, or edges that cannot be read (`Events`).
    """

    __slots__ = (
        "are_edges_known",
        "are_grants_known",
        "cost",
        "findings",
        "is_indexed",
        "kind",
        "name",
        "place",
        "raw",
        "sources",
        "to",
        "written",
    )

    def __init__(
        self, written: JsonObject, raw: JsonObject, cost: int, place: str | None = None
    ) -> None:
        self.written = written
        self.raw = raw
        self.cost = cost
        self.place = place
        self.findings: tuple[Diagnostic, ...] | None = None
        # Written out rather than by `values`: every event of every world comes here.
        name, kind, to = raw.get("name"), raw.get("kind"), raw.get("to")
        self.name: str | None = name if isinstance(name, str) else None
        self.kind: str | None = kind if isinstance(kind, str) else None
        self.to: str | None = to if isinstance(to, str) else None
        self.are_edges_known = self.to is not None or "to" not in raw
        self.are_grants_known = True
        self.sources: list[str] = []
        sources = raw.get("from")
        if isinstance(sources, list):
            # The document's own list where it can be: one object less per event for the collector.
            self.sources = sources
            for source in sources:
                if not isinstance(source, str):
                    self.sources = [item for item in sources if isinstance(item, str)]
                    self.are_edges_known = False
                    break
        else:
            self.are_edges_known = False
        if "grants" in raw:
            grants = raw["grants"]
            self.are_grants_known = isinstance(grants, list) and all(
                isinstance(flag, str) for flag in grants
            )
        # Most events have none of these.
        self.is_indexed = (
            "requires" in raw
            or "terminal" in raw
            or "landWhen" in raw
            or "grants" in raw
            or not self.are_edges_known
        )

    @property
    def path(self) -> str:
        """`event[Step outside]`, or its place in the document when it has no name."""
        return self.place or f"event[{shown(self.name or '')}]"

    def has_same_route(self, other: Event) -> bool:
        """Whether the two lead from the same states to the same one."""
        return self.to == other.to and self.kind == other.kind and self.sources == other.sources
