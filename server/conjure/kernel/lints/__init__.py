"""The lints, one file per family.

A family has `LINTS`, and looks at a world by `check(world, found)`, at each state or event by itself by
`check_state` or `check_event`, or at both. `softlock` is looked for only where that is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.lints import (
    factored,
    flags,
    landing,
    limits,
    names,
    phases,
    prose,
    reachability,
    references,
    softlock,
    structure,
    transitions,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.kernel.document import World
    from conjure.kernel.findings import Findings
    from conjure.kernel.lints.lint import Lint
    from conjure.kernel.parts import Event, State

_FAMILIES: Final = (
    structure,
    factored,
    references,
    transitions,
    prose,
    landing,
    flags,
    reachability,
    softlock,
    phases,
    names,
    limits,
)

LINTS: Final[tuple[Lint, ...]] = tuple(lint for family in _FAMILIES for lint in family.LINTS)

# What is found in a part by itself is found once, as long as the part does not change …
STATE_CHECKS: Final[tuple[Callable[[State, Findings], None], ...]] = (
    prose.check_state,
    names.check_state,
)
EVENT_CHECKS: Final[tuple[Callable[[Event, Findings], None], ...]] = (
    transitions.check_event,
    prose.check_event,
    landing.check_event,
    phases.check_event,
    names.check_event,
)
# … and what takes more than one part is asked of the world each time.
CHECKS: Final[tuple[Callable[[World, Findings], None], ...]] = (
    structure.check,
    factored.check,
    references.check,
    transitions.check,
    landing.check,
    flags.check,
    reachability.check,
    phases.check,
)
