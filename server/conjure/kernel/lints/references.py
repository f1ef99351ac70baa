"""References that name nothing, names that are not unique, and the way in (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.lints.lint import ERROR, Lint
from conjure.kernel.values import child, children, strings, text
from conjure.kernel.wording import quoted

if TYPE_CHECKING:
    from conjure.kernel.diagnostics import Diagnostic
    from conjure.kernel.document import World
    from conjure.kernel.findings import Findings
    from conjure.kernel.parts import Event

DANGLING_REF = Lint(
    "dangling-ref",
    ERROR,
    "an event's `from` or `to`, the entrance, a cutscene's `from` or `to`, the outro or a sequence "
    "beat names a state that does not exist (a `to` of an event may also name a cutscene)",
    {"entrance": {"state": "hall"}},
)
NO_ENTRANCE = Lint(
    "no-entrance",
    ERROR,
    "the world has no entrance, or the entrance names no state",
    {"entrance": None},
)
DUPLICATE_EVENT = Lint(
    "duplicate-event",
    ERROR,
    "two events have the same name",
    {
        "scene": {
            "events": [
                {"name": "Wave", "kind": "override", "from": ["atrium"]},
                {"name": "Wave", "kind": "override", "from": ["cellar"]},
            ]
        }
    },
)
DUPLICATE_ID = Lint(
    "duplicate-id",
    ERROR,
    "a cutscene's id is also a state's, or two cutscenes, sequences or missions share one",
    {
        "cutscenes": [
            {"id": "cellar", "video": "https://x.test/v.mp4", "from": "atrium", "to": "cellar"}
        ]
    },
)
LINTS = (DANGLING_REF, NO_ENTRANCE, DUPLICATE_EVENT, DUPLICATE_ID)


def check(world: World, found: Findings) -> None:
    """Follow every reference once, by the indexes."""
    _entrance(world, found)
    _names(world, found)
    if world.states_known:
        _events(world, found)
        _cutscenes_and_sequences(world, found)


def _dangling(world: World, path: str, name: str, what: str = "state") -> Diagnostic:
    return DANGLING_REF.at(
        path,
        f"is {quoted(name)}, but the world has no such {what}. {world.choices.suggestion(name)}",
    )


def _entrance(world: World, found: Findings) -> None:
    entrance = world.raw.get("entrance")
    if entrance is None:
        found.append(
            NO_ENTRANCE.at(
                "entrance", "is missing: nobody can enter. Add an entrance that names a state."
            )
        )
    elif isinstance(entrance, dict) and entrance.get("state") is None:
        found.append(
            NO_ENTRANCE.at("entrance.state", "is missing: nobody can enter. Name the first state.")
        )
    elif (
        world.entrance is not None and world.states_known and world.entrance not in world.state_ids
    ):
        found.append(_dangling(world, "entrance.state", world.entrance))


def _names(world: World, found: Findings) -> None:
    # Reported once for a name, at its second event, however many more there are.
    found.extend(
        DUPLICATE_EVENT.at(
            f"{event.path}.name",
            f"is taken: {world.events.counts[event.name]} events are named {quoted(event.name)}. "
            "Give each a name of its own.",
        )
        for event in world.events.repeated
        if event.name is not None and not found.omits(DUPLICATE_EVENT.severity)
    )
    for entries in (world.cutscenes, world.sequences, world.missions):
        found.extend(
            DUPLICATE_ID.at(
                f"{entry.path}.id",
                f"is taken: an earlier one has the id {quoted(entry.name)} too. Change one.",
            )
            for entry in entries
            if entry.occurrence == 2 and entry.name is not None
        )
    found.extend(
        DUPLICATE_ID.at(
            f"{cutscene.path}.id",
            "is also the id of a state, so an event's 'to' could mean either. Rename the cutscene.",
        )
        for cutscene in world.cutscenes
        if cutscene.occurrence == 1 and cutscene.name in world.state_ids
    )


def _events(world: World, found: Findings) -> None:
    if not world.graph.has_dangling_routes:
        return
    states, cutscenes = world.state_ids, world.destinations
    for event in world.events.parts:
        for source in event.sources:
            if source not in states:
                _sources(world, event, found)
                break
        to = event.to
        if to is None or to in states or to in cutscenes or not world.cutscenes_known:
            continue
        if not found.omits(DANGLING_REF.severity):
            found.append(_dangling(world, f"{event.path}.to", to, "state or cutscene"))


def _sources(world: World, event: Event, found: Findings) -> None:
    states, severity = world.state_ids, DANGLING_REF.severity
    if found.is_full(severity):
        found.omit(severity, len([1 for name in event.sources if name not in states]))
        return
    found.extend(
        _dangling(world, f"{event.path}.from[{at}]", name)
        for at, name in strings(event.raw, "from")
        if name not in states and not found.omits(severity)
    )


def _cutscenes_and_sequences(world: World, found: Findings) -> None:
    """Cutscenes, sequences and the outro."""
    states = world.state_ids
    for cutscene in world.cutscenes:
        named = [("from", text(cutscene.raw, "from")), ("to", text(cutscene.raw, "to"))]
        named += [(f"from[{at}]", name) for at, name in strings(cutscene.raw, "from")]
        found.extend(
            _dangling(world, f"{cutscene.path}.{field}", name)
            for field, name in named
            if name is not None and name not in states and not found.omits(DANGLING_REF.severity)
        )
    for sequence in world.sequences:
        for at, beat in children(sequence.raw, "beats"):
            name = text(beat, "state")
            if name is not None and name not in states:
                found.append(_dangling(world, f"{sequence.path}.beats[{at}].state", name))
    outro = text(child(world.raw, "outro"), "state")
    if outro is not None and outro not in states:
        found.append(_dangling(world, "outro.state", outro))
