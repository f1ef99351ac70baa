"""The gate: everything the kernel has to say about a world (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.diagnostics import Severity
from conjure.kernel.document import Unreadable, World
from conjure.kernel.findings import Findings, Listed
from conjure.kernel.lints import CHECKS, EVENT_CHECKS, STATE_CHECKS, softlock, structure
from conjure.kernel.lints.limits import more_findings
from conjure.kernel.softlock import Beyond

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeVar

    from conjure.kernel.diagnostics import Diagnostic
    from conjure.kernel.parts import Event, State

    P = TypeVar("P", State, Event)


# Measured on worlds of 1,000 states and as many or twice as many events.
_PART_BYTES: Final = 250
_FINDING_BYTES: Final = 450


class Examined:
    """A world that was examined: the findings, and what of that the next revision can use again.

    `findings` is bounded (`findings`): when there are more, the last one says so. `counts` has the
    number of all, by severity. `is_beyond` says that whether there is a softlock could not be told.
    """

    __slots__ = ("counts", "findings", "is_beyond", "view")

    def __init__(self, found: Findings, view: World | None, *, is_beyond: bool = False) -> None:
        self.is_beyond = is_beyond
        listed = Listed(found)
        self.findings: tuple[Diagnostic, ...] = listed.items
        self.counts: Counter[Severity] = listed.counts
        if listed.omitted:
            more = more_findings(listed.omitted)
            self.findings += (more,)
            self.counts[more.severity] += 1
        self.view = view  # of a sound world only

    @property
    def omitted(self) -> int:
        """How many findings there are beside those that are listed."""
        return sum(self.counts.values()) - len(self.findings)

    @property
    def bytes(self) -> int:
        """About how much memory it takes, beside the document itself."""
        view = self.view
        parts = len(view.states.parts) + len(view.events.parts) if view is not None else 0
        return parts * _PART_BYTES + len(self.findings) * _FINDING_BYTES


def check(world: object) -> tuple[Diagnostic, ...]:
    """The findings about a world, errors first, then by path; one per field and lint.

    Total: any value that JSON can hold is an argument, and none makes it raise. Linear in the size
    of the world, which it does not change. Bounded: where there is more to say than a list holds, its
    last finding (`more-findings`) tells how much; errors come first, so one is never left out for
    anything else. Of a world in which more than a hundred members do not fit the schema nothing else is
    told: it is refused whatever else is wrong with it, and most of that would follow from those.
    """
    return examine(world).findings


def examine(world: object, before: Examined | None = None, *, most_situations: int = 0) -> Examined:
    """The same findings, for less: what was found before in parts that are the same objects holds.

    `before` may be of any world, and is of use when it is of the revision that an edit made this one
    from. Neither may have been changed since. A world without errors is also searched for a softlock,
    if that may look at any situations. As `check` in all else.
    """
    found = Findings()
    if not isinstance(world, dict):
        structure.check_root(world, found)
        return Examined(found, None)
    try:
        view = World(world, before.view if before is not None else None)
    except Unreadable as unreadable:
        structure.check_unreadable(world, unreadable, found)
        return Examined(found, None)
    if view.states.findings is None:
        view.states.findings = _checked(view.states.parts.values(), STATE_CHECKS)
    if view.events.findings is None:
        view.events.findings = _checked(view.events.parts, EVENT_CHECKS)
    found.include(view.states.findings)
    found.include(view.events.findings)
    for family in CHECKS:
        family(view, found)
    is_beyond = False
    if most_situations and not found.has(Severity.ERROR):
        try:
            dead_end = softlock.find(view, most_situations)
        except Beyond:
            is_beyond = True
        else:
            found.extend(() if dead_end is None else (dead_end,))
    return Examined(found, view if view.is_sound else None, is_beyond=is_beyond)


def _checked(parts: Iterable[P], lints: Sequence[Callable[[P, Findings], None]]) -> Findings:
    """What is found in parts by themselves; a part that was checked before is not checked again."""
    found, fresh = Findings(), Findings()
    for part in parts:
        if part.findings is not None:
            found.extend(part.findings)
            continue
        if found.omitted:
            # No longer remembered, as their number has no bound: only counted, where there is no room.
            so_far = found.total
            for lint in lints:
                lint(part, found)
            part.findings = () if found.total == so_far else None
            continue
        for lint in lints:
            lint(part, fresh)
        if not fresh.kept:
            part.findings = ()
            continue
        found.include(fresh)
        if not found.omitted:
            part.findings = tuple(fresh.kept)
        fresh = Findings()
    return found
