"""What a generated world must be, whoever wrote it: the quality bar of authors."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from conjure.kernel import Severity, examine, unstored

LEAST_STATES: Final = 5
MOST_STATES: Final = 8
LEAST_EVENTS: Final = 6
MOST_EVENTS: Final = 12
LEAST_PROSE: Final = 40
"""Characters of the entrance's prose."""

_MOST_SITUATIONS: Final = 20_000  # many times what a world of eight states has


def misses(document: dict[str, Any], premise: str = "") -> list[str]:
    """What the world lacks, in sentences; empty when it passes.

    `document` is a world, stored, or as an author returns it: its pictures may be missing.
    """
    examined = examine(unstored.completed(document), most_situations=_MOST_SITUATIONS)
    found = [
        f"{finding.lint}: {finding.message}"
        for finding in examined.findings
        if finding.severity is not Severity.INFO
    ]
    if any(finding.severity is Severity.ERROR for finding in examined.findings):
        return found  # what else is wrong may follow from these
    if examined.is_beyond:
        found.append("Whether play can get stuck could not be told.")
    states, events = document["scene"]["states"], document["scene"]["events"]
    if not LEAST_STATES <= len(states) <= MOST_STATES:
        found.append(f"There are {len(states)} states: {LEAST_STATES} to {MOST_STATES} are wanted.")
    if not LEAST_EVENTS <= len(events) <= MOST_EVENTS:
        found.append(f"There are {len(events)} events: {LEAST_EVENTS} to {MOST_EVENTS} are wanted.")
    if max(map(len, _destinations(events).values()), default=0) < 2:
        found.append("From every state one gets to one other state only: no choice anywhere.")
    kinds = [(state.get("ending") or {}).get("kind") for state in states.values()]
    found += [f"There is no {kind} ending." for kind in ("win", "lose") if kind not in kinds]
    prose = states[document["entrance"]["state"]].get("base")
    if not isinstance(prose, str) or len(prose.strip()) < LEAST_PROSE:
        found.append(f"The entrance's prose has less than {LEAST_PROSE} characters.")
    elif premise.strip() and folded(prose) == folded(premise):
        found.append("The entrance's prose is the premise.")
    return found


def _destinations(events: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The states that transitions lead to, by the state that they leave."""
    found: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event["kind"] == "transition":
            for source in event["from"]:
                found[source].add(event["to"])
    return found


def folded(text: str) -> str:
    """What two texts have in common that differ in case, blanks and the marks at their ends."""
    return " ".join(text.casefold().split()).strip(" .!?")
