"""How the phases of an event or an objective are filmed (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.lints.lint import WARNING, Lint
from conjure.kernel.values import children
from conjure.kernel.wording import some_of

if TYPE_CHECKING:
    from conjure.kernel.document import World
    from conjure.kernel.findings import Findings
    from conjure.kernel.parts import Event
    from conjure.kernel.values import JsonObject

SHARED_PHASE_CAMERA = Lint(
    "shared-phase-camera",
    WARNING,
    "there are two or more phases, and one has no camera of its own (a blank one is none)",
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


def check_event(event: Event, found: Findings) -> None:
    """Look at the phases of an event."""
    if "phases" in event.raw:
        _phases(event.raw, event.path, found)


def check(world: World, found: Findings) -> None:
    """Look at the phases of each objective."""
    for mission in world.missions:
        for at, objective in children(mission.raw, "objectives"):
            if "phases" in objective:
                _phases(objective, f"{mission.path}.objectives[{at}]", found)


def _phases(node: JsonObject, path: str, found: Findings) -> None:
    phases = children(node, "phases")
    shared = [f"phases[{at}]" for at, phase in phases if _is_blank(phase.get("camera"))]
    if len(phases) < 2 or not shared:
        return
    found.append(
        SHARED_PHASE_CAMERA.at(
            f"{path}.phases",
            f"share a camera: {some_of(shared, len(shared), _NAMED)} have none of their own. "
            "Give each phase its camera.",
        )
    )


def _is_blank(camera: object) -> bool:
    """Whether a camera says nothing: words that are blank, or halves that are."""
    if isinstance(camera, str):
        return not camera.strip()
    if isinstance(camera, dict):
        # Factored prose that could not be put into words has a defect of its own.
        halves = [camera.get("static"), camera.get("dynamic")]
        return "template" not in camera and not any(
            half and (not isinstance(half, str) or half.strip()) for half in halves
        )
    return not camera
