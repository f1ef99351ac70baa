"""The gate: everything the kernel has to say about a world (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.diagnostics import ordered
from conjure.kernel.document import World
from conjure.kernel.lints import CHECKS, structure

if TYPE_CHECKING:
    from conjure.kernel.diagnostics import Diagnostic


def check(world: object) -> tuple[Diagnostic, ...]:
    """The findings about a world, errors first, then by path; one per field and lint.

    Total: any value that JSON can hold is an argument, and none makes it raise. Linear in the size
    of the world, which it does not change.
    """
    found: list[Diagnostic] = []
    if isinstance(world, dict):
        view = World(world)
        for family in CHECKS:
            family(view, found)
    else:
        structure.check_root(world, found)
    return ordered(found)
