"""The gate: everything the kernel has to say about a world (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.diagnostics import ordered
from conjure.kernel.document import World
from conjure.kernel.lints import CHECKS, EVENT_CHECKS, STATE_CHECKS, structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeVar

    from conjure.kernel.diagnostics import Diagnostic
    from conjure.kernel.parts import Event, State

    P = TypeVar("P", State, Event)


# Measured on worlds of 1,000 states and as many or twice as many events.
_PART_BYTES: Final = 250
_FINDING_BYTES: Final = 450


class Examined:
    """A world that was examined: the findings, and what of that the next revision need not ask again."""

    __slots__ = ("findings", "view")

    def __init__(self, findings: tuple[Diagnostic, ...], view: World | None) -> None:
        self.findings = findings
        self.view = view  # of a sound world only

    @property
    def bytes(self) -> int:
        """About how much memory it takes, beside the document itself."""
        view = self.view
        parts = len(view.states.parts) + len(view.events.parts) if view is not None else 0
        return parts * _PART_BYTES + len(self.findings) * _FINDING_BYTES


def check(world: object) -> tuple[Diagnostic, ...]:
    """The findings about a world, errors first, then by path; one per field and lint.

    Total: any value that JSON can hold is an argument, and none makes it raise. Linear in the size
    of the world, which it does not change.
    """
    return examine(world).findings


def examine(world: object, before: Examined | None = None) -> Examined:
    """The same findings, for less: what was found before in parts that are the same objects still holds.

    `before` may be of any world, and is of use when it is of the revision that an edit made this one
    from. Neither may have been changed since. As `check` in all else.
    """
    found: list[Diagnostic] = []
    if not isinstance(world, dict):
        structure.check_root(world, found)
        return Examined(ordered(found), None)
    view = World(world, before.view if before is not None else None)
    if view.states.findings is None:
        view.states.findings = _judged(view.states.parts.values(), STATE_CHECKS)
    if view.events.findings is None:
        view.events.findings = _judged(view.events.parts, EVENT_CHECKS)
    found += view.states.findings
    found += view.events.findings
    for family in CHECKS:
        family(view, found)
    return Examined(ordered(found), view if view.is_sound else None)


def _judged(
    parts: Iterable[P], lints: Sequence[Callable[[P, list[Diagnostic]], None]]
) -> list[Diagnostic]:
    """What is found in parts by themselves; those that were judged before are not judged again."""
    found: list[Diagnostic] = []
    for part in parts:
        if part.findings is None:
            told: list[Diagnostic] = []
            for lint in lints:
                lint(part, told)
            part.findings = tuple(told)
        if part.findings:
            found += part.findings
    return found
