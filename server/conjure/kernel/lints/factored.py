"""Templates, and prose that is made from them (CONTRACT section 9)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conjure.kernel.lints.lint import ERROR, Lint
from conjure.kernel.lints.structure import SCHEMA
from conjure.kernel.places import joined

if TYPE_CHECKING:
    from conjure.kernel.document import World
    from conjure.kernel.findings import Findings


def _uses(template: dict[str, object], **fills: str) -> dict[str, object]:
    member = {"template": "hall", "fills": fills}
    return {
        "kernel": {"templates": {"hall": template}},
        "scene": {"states": {"atrium": {"base": member}}},
    }


KERNEL_CYCLE = Lint(
    "kernel-cycle",
    ERROR,
    "templates include each other, or one itself, in a circle",
    {"kernel": {"templates": {"hall": {"text": "{>door}"}, "door": {"text": "{>hall}"}}}},
)
SLOT_UNKNOWN = Lint(
    "slot-unknown",
    ERROR,
    "prose fills a slot that its template does not have, or a template that does not exist is used "
    "or included",
    _uses({"text": "A hall."}, mood="calm"),
)
SLOT_MISSING = Lint(
    "slot-missing",
    ERROR,
    "prose leaves a slot of its template empty that has no default",
    _uses({"text": "A {mood} hall.", "slots": {"mood": {}}}),
)
SLOT_FILL = Lint(
    "slot-fill",
    ERROR,
    "a fill, or a slot's default, is not among the fills that the slot allows",
    _uses({"text": "A {mood} hall.", "slots": {"mood": {"fills": ["calm", "dark"]}}}, mood="loud"),
)
LINTS = (KERNEL_CYCLE, SLOT_UNKNOWN, SLOT_MISSING, SLOT_FILL)

# Text that grows without bound is the schema's: a member that holds more than one may.
_BY_NAME: Final = {lint.name: lint for lint in (*LINTS, SCHEMA)}


def check(world: World, found: Findings) -> None:
    """Name what was found while the prose was resolved."""
    for defect in world.defects:
        lint = _BY_NAME[defect.lint]
        if found.omits(lint.severity):
            continue
        owner, field = world.located(defect.place)
        loc = replace(defect.loc, field=field or None)
        found.append(lint.at(joined(owner, field), defect.predicate, loc))
    found.omit(ERROR, world.defects_omitted)
