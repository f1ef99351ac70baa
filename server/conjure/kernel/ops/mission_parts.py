"""The states and events that a mission becomes (CONTRACT 3.3.1). Made first, put into the world later.

Play begins at the entrance and goes from objective to objective. Two things move on with it: the
*place*, which is the location of the last objective, and the *position*, which is the state that the
player is in. They differ after an outcome: the place is then `hall`, the position `hall__key`. An
objective leaves from the position of the one before it, so the chain never breaks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.lints.prose import negations
from conjure.kernel.ops.errors import NotThere, OpError
from conjure.kernel.ops.mission_motion import Motion
from conjure.kernel.ops.mission_reading import check_prose, of_objective
from conjure.kernel.ops.params import prose
from conjure.kernel.ops.shape import whole
from conjure.kernel.wording import quoted, shortened

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.ops.mission_reading import Mission
    from conjure.kernel.values import JsonObject

_PROXIMITY: Final = 0.1
_LONGEST_IN_NAME: Final = 100


def compile_mission(draft: Draft, mission: Mission, entrance: str) -> Parts:
    """What a mission adds to the world. Raises OpError; the draft is only read."""
    parts = Parts(draft)
    route = _Route(draft, parts, entrance)
    last = len(mission.objectives) - 1
    for at, objective in enumerate(mission.objectives):
        try:
            route.add(objective, mission.flags[at], mission.win if at == last else None)
        except OpError as error:
            raise of_objective(at, error) from None
    return parts


class Parts:
    """New states and events. Their ids and names are free in the world and among themselves."""

    def __init__(self, draft: Draft) -> None:
        self.states: dict[str, JsonObject] = {}
        self.events: dict[str, JsonObject] = {}
        self._draft = draft
        self._numbers: dict[str, int] = {}

    def has_state(self, state_id: str) -> bool:
        """Whether there is such a state, new or old."""
        return state_id in self.states or state_id in self._draft.states

    def state(self, state_id: str) -> JsonObject:
        """A state, new or old."""
        return self.states.get(state_id) or self._draft.state(state_id)

    def add_state(self, state_id: str, state: JsonObject) -> None:
        """Takes a new state."""
        self._draft.check_free("state", state_id)
        if state_id in self.states:
            raise OpError(f"the state {quoted(state_id)} already exists; choose another id")
        self.states[state_id] = state

    def add_event(self, event: JsonObject) -> None:
        """Takes a new event."""
        name = event["name"]
        self._draft.check_free("event", name)
        if name in self.events:
            raise OpError(f"the event {quoted(name)} already exists; choose another name")
        check_prose(whole("event", event, "event"), "event", self._draft)
        self.events[name] = event

    def free_event_name(self, wanted: str) -> str:
        """The name, or the first one like it that no event has."""
        events = self._draft.named_list("event")
        name, number = wanted, self._numbers.get(wanted, 1)
        while name in events or name in self.events:
            number += 1
            name = f"{wanted} ({number})"
        self._draft.charge(number - self._numbers.get(wanted, 1))
        self._numbers[wanted] = number  # all before it are taken
        return name


class _Route:
    """The way of a mission through the world, one objective at a time."""

    def __init__(self, draft: Draft, parts: Parts, entrance: str) -> None:
        self._draft = draft
        self._parts = parts
        self._motion = Motion(draft)
        self._entrance = draft.state(entrance)
        self._place = self._position = entrance
        if _is_ending(self._entrance):
            raise OpError(
                f"play ends in the entrance {quoted(entrance)}, so a mission cannot begin there; "
                "remove its ending or set another entrance first"
            )

    def add(self, objective: JsonObject, flags: tuple[str, ...], win: JsonObject | None) -> None:
        """Adds what an objective becomes. `win` is given for the last one, which ends play."""
        location, start = objective["location"], self._position
        moves = location not in {self._place, start}
        if not self._parts.has_state(location):
            self._make_location(location, objective)
        to = self._landing(location, objective, win, moves=moves)
        event = {
            "name": objective["text"],
            "kind": "override" if to is None else "transition",
            "from": [start],
            **({} if to is None else {"to": to}),
            **_deed(objective),
            **_evidence(objective.get("grounded", {})),
            "grants": list(flags),
            "oneShot": True,
            **_lock(objective),
        }
        self._parts.add_event(event)
        if "fail" in objective:
            self._add_fail(location, objective, start)
        self._place, self._position = location, to or start

    def _make_location(self, location: str, objective: JsonObject) -> None:
        if "base" not in objective:
            try:
                self._draft.state(location)
            except NotThere as error:
                raise OpError(f"{error} (with a 'base' it would be made)") from None
        self._parts.add_state(
            location, {"base": objective["base"], **self._motion.of(objective, self._entrance)}
        )

    def _landing(
        self, location: str, objective: JsonObject, win: JsonObject | None, *, moves: bool
    ) -> str | None:
        """The state that the objective's event leads to; None when it changes something in place."""
        outcome = objective.get("outcome")
        if win is not None and outcome is None:
            outcome = _sentence("The mission is complete.", win)
        if outcome is not None:
            landing = f"{location}__{objective['id']}"
            state = {"base": outcome, **self._motion.of(objective, self._parts.state(location))}
            if win is not None:
                state["ending"] = _ending("win", "MISSION COMPLETE", win)
            self._parts.add_state(landing, state)
            return landing
        if moves:
            if _is_ending(self._parts.state(location)):
                raise OpError(
                    f"play ends in {quoted(location)}, so the mission could not go on from there; "
                    "give the objective an 'outcome' or another location"
                )
            return location
        return self._position if "confirm" in objective.get("grounded", {}) else None

    def _add_fail(self, location: str, objective: JsonObject, source: str) -> None:
        fail = objective["fail"]
        to = f"{location}__fail_{objective['id']}"
        outcome = fail.get("outcome") or _sentence("The attempt has failed.", fail)
        state = {
            "base": outcome,
            **self._motion.of({}, self._parts.state(location)),
            "ending": _ending("lose", "FAILED", fail),
        }
        self._parts.add_state(to, state)
        wanted = f"Fail: {shortened(objective['text'], _LONGEST_IN_NAME)}"
        event = {
            "name": fail.get("name") or self._parts.free_event_name(wanted),
            "kind": "transition",
            "from": [source],
            "to": to,
            **({"base": prose(fail["action"], "fail.action")} if "action" in fail else {}),
            **_lock(objective),
        }
        self._parts.add_event(event)


def _deed(objective: JsonObject) -> JsonObject:
    """What is played: steps, or one prose."""
    phases = objective.get("phases", [])
    if len(phases) > 1:
        return {"phases": phases}
    if "action" in objective:
        return {"base": prose(objective["action"], "action")}
    # One step is no row of steps, but it says what is done.
    members = ("base", "detail", "camera", "movement")
    return {key: phases[0][key] for key in members if key in phases[0]} if phases else {}


def _evidence(grounded: JsonObject) -> JsonObject:
    """What has to be seen: the thing that the event hangs on, and the sign that it has happened."""
    seen: JsonObject = {}
    if "target" in grounded:
        near = grounded.get("proximity", _PROXIMITY)
        seen["anchor"] = {**_label(grounded, "target"), "minProximity": near}
    if "confirm" in grounded:
        seen["landWhen"] = _label(grounded, "confirm")
    return seen


def _label(grounded: JsonObject, key: str) -> JsonObject:
    aliases = grounded.get(f"{key}Aliases")
    return {"label": grounded[key]} | ({"aliases": aliases} if aliases else {})


def _lock(objective: JsonObject) -> JsonObject:
    """What has to be done before, and what a player reads until then."""
    lock: JsonObject = {"requires": objective["requires"]} if objective["requires"] else {}
    return lock | ({"lockedHint": objective["lockedHint"]} if "lockedHint" in objective else {})


def _ending(kind: str, title: str, words: JsonObject) -> JsonObject:
    ending: JsonObject = {"kind": kind, "title": title}
    return ending | {key: words[key] for key in ("title", "subtitle") if key in words}


def _sentence(words: str, ending: JsonObject) -> str:
    """What is seen at an end that nobody described; a subtitle may say no, which a picture cannot."""
    subtitle = ending.get("subtitle", "")
    return words if not subtitle or negations(subtitle) else f"{words} {subtitle}"


def _is_ending(state: JsonObject) -> bool:
    return isinstance(state.get("ending"), dict)
