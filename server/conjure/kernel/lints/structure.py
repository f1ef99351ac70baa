"""Members of the wrong type, and required ones that are missing (CONTRACT sections 9 and 10)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from conjure.kernel.lints.lint import ERROR, Lint
from conjure.kernel.names import LONGEST_NAME
from conjure.kernel.schema import violations
from conjure.kernel.templates import MOST_IN_MEMBER, MOST_IN_WORLD

if TYPE_CHECKING:
    from conjure.kernel.document import World
    from conjure.kernel.findings import Findings
    from conjure.kernel.schema import Place

SCHEMA = Lint(
    "schema",
    ERROR,
    f"a member has the wrong type, a required one is missing, a name has over {LONGEST_NAME} "
    "characters, or templates write more than is "
    f"allowed ({MOST_IN_MEMBER:,} characters in a member, {MOST_IN_WORLD:,} in a world)",
    {"scene": {"states": {"atrium": {"base": 5}}}},
)
LINTS = (SCHEMA,)

# Finding more costs more than checking a valid world does, and nobody reads further.
MOST_FINDINGS = 100


def check(world: World, found: Findings) -> None:
    """Report what does not fit the schema, the first hundred of it."""
    if world.fits:
        return
    misfits = (
        misfit for misfit in violations(world.written) if not _is_no_entrance(world, misfit[0])
    )
    found.extend(
        SCHEMA.at(world.path_of(place), problem)
        for place, problem in islice(misfits, MOST_FINDINGS)
    )
    if next(misfits, None) is not None:
        found.append(
            SCHEMA.at(
                "world",
                f"has more members that do not fit the schema than the {MOST_FINDINGS} listed. "
                "Fix those first, then check again.",
            )
        )


def check_root(value: object, found: Findings) -> None:
    """Report that a document is no world at all."""
    found.extend(SCHEMA.at("world", problem) for _, problem in violations(value))


def _is_no_entrance(world: World, place: Place) -> bool:
    """Whether the lint `no-entrance` reports it: an entrance, or its state, is not there."""
    entrance = world.raw.get("entrance")
    if place == ("entrance",):
        return entrance is None
    if place == ("entrance", "state"):
        return isinstance(entrance, dict) and entrance.get("state") is None
    return False
