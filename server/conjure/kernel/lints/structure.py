"""Members of the wrong type, and required ones that are missing (CONTRACT sections 9 and 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.document import MOST_MISFITS
from conjure.kernel.lints.lint import ERROR, Lint
from conjure.kernel.names import LONGEST_NAME
from conjure.kernel.places import Unread
from conjure.kernel.schema import violations
from conjure.kernel.templates import MOST_IN_MEMBER, MOST_IN_WORLD

if TYPE_CHECKING:
    from conjure.kernel.document import Unreadable, World
    from conjure.kernel.findings import Findings
    from conjure.kernel.schema import Place
    from conjure.kernel.values import JsonObject

SCHEMA = Lint(
    "schema",
    ERROR,
    f"a member has the wrong type, a required one is missing, a name has over {LONGEST_NAME} "
    "characters, or templates write more than is "
    f"allowed ({MOST_IN_MEMBER:,} characters in a member, {MOST_IN_WORLD:,} in a world)",
    {"scene": {"states": {"atrium": {"base": 5}}}},
)
LINTS = (SCHEMA,)


def check(world: World, found: Findings) -> None:
    """Report what does not fit the schema."""
    if world.fits:
        return
    found.extend(
        SCHEMA.at(world.path_of(place), problem)
        for place, problem in violations(world.written)
        if not _is_no_entrance(world, place)
    )


def check_unreadable(world: JsonObject, unreadable: Unreadable, found: Findings) -> None:
    """Report the first hundred members that do not fit, of a world that was not read on for that."""
    unread = Unread(world)
    found.extend(
        SCHEMA.at(unread.path_of(place), problem)
        for place, problem in unreadable.misfits[:MOST_MISFITS]
    )
    found.append(
        SCHEMA.at(
            "world",
            f"has more members that do not fit the schema than the {MOST_MISFITS} listed, so nothing "
            "else was looked at. Fix those first, then check again.",
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
