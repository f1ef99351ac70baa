"""The lints, one file per family. A family has `LINTS` and `check(world, found)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.lints import (
    factored,
    flags,
    landing,
    phases,
    prose,
    reachability,
    references,
    structure,
    transitions,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.kernel.diagnostics import Diagnostic
    from conjure.kernel.document import World
    from conjure.kernel.lints.lint import Lint

_FAMILIES: Final = (
    structure,
    factored,
    references,
    transitions,
    prose,
    landing,
    flags,
    reachability,
    phases,
)

LINTS: Final[tuple[Lint, ...]] = tuple(lint for family in _FAMILIES for lint in family.LINTS)
CHECKS: Final[tuple[Callable[[World, list[Diagnostic]], None], ...]] = tuple(
    family.check for family in _FAMILIES
)
