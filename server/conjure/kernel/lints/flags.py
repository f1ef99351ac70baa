"""Flags that are asked for but never set, and what missions rest on (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.lints.lint import WARNING, Lint
from conjure.kernel.values import child, children, elements, strings, text
from conjure.kernel.wording import quoted

if TYPE_CHECKING:
    from conjure.kernel.document import Entry, World
    from conjure.kernel.findings import Findings
    from conjure.kernel.values import JsonObject

UNREACHABLE_REQUIRE = Lint(
    "unreachable-require",
    WARNING,
    "a `requires` names a flag that no event grants",
    {
        "scene": {
            "events": [
                {"name": "Unlock", "kind": "override", "from": ["atrium"], "requires": ["key"]}
            ]
        }
    },
)
OBJECTIVE_UNREACHABLE = Lint(
    "objective-unreachable",
    WARNING,
    "an objective's flag (its `grants`, else its `id`) is granted by no event",
    {"missions": [{"id": "escape", "objectives": [{"id": "find-key", "text": "Find the key."}]}]},
)
OBJECTIVE_UNGROUNDED = Lint(
    "objective-ungrounded",
    WARNING,
    "a mission has `verified`, and an objective's grounded.target is not in it, in any case and "
    "without the blanks around it",
    {
        "missions": [
            {
                "id": "look",
                "verified": ["lamp"],
                "objectives": [
                    {"id": "find", "text": "Find the clock.", "grounded": {"target": "clock"}}
                ],
            }
        ]
    },
)
LINTS = (UNREACHABLE_REQUIRE, OBJECTIVE_UNREACHABLE, OBJECTIVE_UNGROUNDED)


def check(world: World, found: Findings) -> None:
    """Hold every flag that is asked for against the set of those that events grant."""
    if world.grants_known:
        for event in world.events.with_requirements:
            if "requires" in event.raw:
                _requires(world, event.raw, event.path, found)
            if "terminal" in event.raw:
                for at, fact in children(child(event.raw, "terminal"), "facts"):
                    _requires(world, fact, f"{event.path}.terminal.facts[{at}]", found)
        for cutscene in world.cutscenes:
            _requires(world, cutscene.raw, cutscene.path, found)
    for mission in world.missions:
        _mission(world, mission, found)


def _requires(world: World, node: JsonObject, path: str, found: Findings) -> None:
    grants, severity = world.events.grants, UNREACHABLE_REQUIRE.severity
    if found.is_full(severity):
        unmet = [
            1 for flag in elements(node, "requires") if isinstance(flag, str) and flag not in grants
        ]
        found.omit(severity, len(unmet))
        return
    for at, flag in strings(node, "requires"):
        if flag not in grants and not found.omits(severity):
            found.append(
                UNREACHABLE_REQUIRE.at(
                    f"{path}.requires[{at}]",
                    f"is {quoted(flag)}, a flag that no event grants, so it can never be met. "
                    "Add it to the 'grants' of an event, or remove it here.",
                )
            )


def _mission(world: World, mission: Entry, found: Findings) -> None:
    raw = mission.raw
    verified: set[str] | None = None
    if isinstance(raw.get("verified"), list):
        things = elements(raw, "verified")
        names = (item.get("label") if isinstance(item, dict) else item for item in things)
        verified = {_folded(name) for name in names if isinstance(name, str)}
    for at, objective in children(raw, "objectives"):
        path = f"{mission.path}.objectives[{at}]"
        if world.grants_known:
            _requires(world, objective, path, found)
            _flag(world, objective, path, found)
        target = text(child(objective, "grounded"), "target")
        if (
            verified is not None
            and target is not None
            and _folded(target) not in verified
            and not found.omits(OBJECTIVE_UNGROUNDED.severity)
        ):
            found.append(
                OBJECTIVE_UNGROUNDED.at(
                    f"{path}.grounded.target",
                    f"is {quoted(target)}, which is not among the mission's verified things. "
                    "Choose one of those, or verify it.",
                )
            )


def _folded(name: str) -> str:
    """What two names of a thing have in common that differ only in case or the blanks around."""
    return name.strip().casefold()


def _flag(world: World, objective: JsonObject, path: str, found: Findings) -> None:
    member = "grants" if "grants" in objective else "id"
    flag = text(objective, member)
    if (
        flag is not None
        and flag not in world.events.grants
        and not found.omits(OBJECTIVE_UNREACHABLE.severity)
    ):
        found.append(
            OBJECTIVE_UNREACHABLE.at(
                f"{path}.{member}",
                f"makes the objective wait for the flag {quoted(flag)}, which no event grants. "
                f"Add {quoted(flag)} to the 'grants' of the event that fulfils it.",
            )
        )
