"""How the phases of an event or an objective are filmed (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.lints.lint import INFO, Lint
from conjure.kernel.values import children
from conjure.kernel.wording import either

if TYPE_CHECKING:
    from conjure.kernel.diagnostics import Diagnostic
    from conjure.kernel.document import World
    from conjure.kernel.parts import Event
    from conjure.kernel.values import JsonObject

SHARED_PHASE_CAMERA = Lint(
    "shared-phase-camera",
    INFO,
    "there are two or more phases, and one has no camera of its own",
    {
        "scene": {
            "events": [
                {
                    "name": "Drink",
                    "kind": "override",
                    "from": ["atrium"],
                    "phases": [{"base": "She lifts the cup."}, {"base": "She drinks."}],
                }
            ]
        }
    },
)
LINTS = (SHARED_PHASE_CAMERA,)

_NAMED = 3


def check_event(event: Event, found: list[Diagnostic]) -> None:
    """Look at the phases of an event."""
    if "phases" in event.raw:
        _phases(event.raw, event.path, found)


def check(world: World, found: list[Diagnostic]) -> None:
    """Look at the phases of each objective."""
    for mission in world.missions:
        for at, objective in children(mission.raw, "objectives"):
            if "phases" in objective:
                _phases(objective, f"{mission.path}.objectives[{at}]", found)


def _phases(node: JsonObject, path: str, found: list[Diagnostic]) -> None:
    phases = children(node, "phases")
    shared = [f"phases[{at}]" for at, phase in phases if not phase.get("camera")]
    if len(phases) < 2 or not shared:
        return
    some = shared[:_NAMED]
    if len(shared) > _NAMED:
        some = [*some, f"{len(shared) - _NAMED} more"]
    found.append(
        SHARED_PHASE_CAMERA.at(
            f"{path}.phases",
            f"share a camera: {either(some).replace(' or ', ' and ')} have none of their own. "
            "Give each phase its camera.",
        )
    )
