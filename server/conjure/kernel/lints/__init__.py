"""The lints, one file per family. A family has `LINTS` and `check(world, found)`.

The family of factored prose (`kernel-cycle`, `slot-unknown`, `slot-missing`, `slot-fill`) is not
here yet; it starts from `document.prose`, which alone decides what words a prose member stands for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.lints import (
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
