"""A mission as a client sends it, read into what is stored: every objective filled in, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops import fields
from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.params import a_string, an_object, string, strings
from conjure.kernel.ops.shape import whole
from conjure.kernel.resolve import first_defect
from conjure.kernel.schema import DEFINITIONS, is_plain
from conjure.kernel.values import strings as strings_in
from conjure.kernel.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject

_KNOWN: Final = {
    name: frozenset(DEFINITIONS[name]["properties"])
    for name in ("mission", "objective", "grounded", "phase", "fail", "ending", "motion")
}

_TOUCHED_BY_ONE: Final = 200
"""What one objective touches (`MOST_TOUCHED`): it takes about 100 µs to make all that it may become."""


@dataclass(frozen=True, slots=True)
class Mission:
    """A mission that fits the schema.

    `stored` is what the world keeps. `flags` has what each objective grants: its own flag, which is the
    one that is stored, and any others.
    """

    stored: JsonObject
    objectives: tuple[JsonObject, ...]
    flags: tuple[tuple[str, ...], ...]
    win: JsonObject


def read(draft: Draft, mission_id: str, members: JsonObject, entrance: str) -> Mission:
    """The mission that an op brings. `entrance` is where it begins. Raises OpError."""
    members = given(members, "mission")
    win = members.pop("win", None)
    win = {} if win is None else given(an_object(win, "win"), "ending")
    for key in ("title", "subtitle"):
        if key in win:
            a_string(win[key], f"win.{key}")
    sent = members.get("objectives", [])
    if not isinstance(sent, list) or not all(isinstance(item, dict) for item in sent):
        raise OpError("objectives must be a list of objects")
    if not sent:
        raise OpError("objectives is empty: a mission has at least one thing to do")
    draft.afford(_TOUCHED_BY_ONE * len(sent))
    objectives: list[JsonObject] = []
    flags: list[tuple[str, ...]] = []
    for at, item in enumerate(sent):
        try:
            objective = _objective(item)
        except OpError as error:
            raise of_objective(at, error) from None
        granted = objective["grants"]
        flags.append(tuple(granted))
        objectives.append({**objective, "grants": granted[0]})
    _check_unique(objectives, flags)
    _Requirements(draft, objectives, flags).fill_in()
    here = entrance
    for objective in objectives:
        here = objective.setdefault("location", here)
    complete = flags[-1][0]
    stored = {**members, "id": mission_id, "objectives": objectives, "complete": complete}
    check_prose(whole("mission", stored, "mission"), "mission", draft)
    return Mission(stored, tuple(objectives), tuple(flags), win)


def given(node: JsonObject, definition: str) -> JsonObject:
    """An object without those members of the schema that say nothing: null, and blank words.

    Forms send them for what their user left empty. What the schema does not know is left alone.
    """
    known = _KNOWN[definition]
    return {
        key: value for key, value in node.items() if key not in known or not _says_nothing(value)
    }


def of_objective(at: int, error: OpError) -> OpError:
    """The error, with the objective that it is about."""
    return OpError(f"objectives[{at}]: {error}")


def check_prose(value: JsonObject, name: str, draft: Draft) -> None:
    """Refuses a mission or an event whose factored prose the world's templates cannot put into words."""
    defect = None if is_plain(value, name) else first_defect(value, name, draft.library())
    if defect is not None:
        place = fields.spelled((name, *defect.place))
        raise OpError(f"{place} {defect.predicate.removesuffix('.')}")


def _says_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _objective(sent: JsonObject) -> JsonObject:
    """One objective, with a list of flags as its `grants`. Its types are for the schema to check."""
    objective = given(sent, "objective")
    objective_id = string(objective, "id")
    string(objective, "text")
    for key in ("grounded", "fail"):
        if key in objective:
            objective[key] = given(an_object(objective[key], key), key)
    grounded = objective.get("grounded", {})
    is_empty = not {"target", "confirm"} & grounded.keys()
    if "grounded" in objective and is_empty and (not grounded or "target" in sent["grounded"]):
        del objective["grounded"]  # left empty in a form, beside numbers that it fills in
    for key in ("targetAliases", "confirmAliases"):
        if key in grounded:
            grounded[key] = strings(grounded[key], f"grounded.{key}")
    if "confirm" in grounded:
        a_string(grounded["confirm"], "grounded.confirm")
    for key in ("camera", "movement"):
        if isinstance(objective.get(key), dict):
            objective[key] = given(objective[key], "motion")
    if isinstance(objective.get("phases"), list):
        objective["phases"] = [
            given(phase, "phase") if isinstance(phase, dict) else phase
            for phase in objective["phases"]
        ]
    flags = strings(objective.get("grants", []), "grants")
    objective["grants"] = [flag for flag in flags if flag.strip()] or [objective_id]
    if "requires" in objective:
        objective["requires"] = strings(objective["requires"], "requires")
    return objective


def _check_unique(objectives: list[JsonObject], flags: list[tuple[str, ...]]) -> None:
    """Refuses an objective whose id or flag an earlier one has: it would be done before it was begun."""
    ids: dict[str, int] = {}
    granted: dict[str, int] = {}
    for at, (objective, its_flags) in enumerate(zip(objectives, flags, strict=True)):
        names = [("id", ids, objective["id"])] + [("flag", granted, flag) for flag in its_flags]
        for what, taken, name in names:
            before = taken.setdefault(name, at)
            if before != at:
                raise of_objective(
                    at,
                    OpError(f"the {what} {quoted(name)} is that of objectives[{before}] already"),
                )


class _Requirements:
    """What each objective waits for, and what a player reads until then."""

    def __init__(
        self, draft: Draft, objectives: list[JsonObject], flags: list[tuple[str, ...]]
    ) -> None:
        self._draft = draft
        self._objectives = objectives
        self._flags = flags
        self._granting = {flag: at for at, its_flags in enumerate(flags) for flag in its_flags}
        self._elsewhere: Mapping[str, str] | None = None

    def fill_in(self) -> None:
        """Gives every objective its `requires`, and a `lockedHint` to those that require something."""
        for at, objective in enumerate(self._objectives):
            if "requires" not in objective:
                objective["requires"] = [self._flags[at - 1][0]] if at else []
            for flag in objective["requires"]:
                self._check_order(at, flag)
            if objective["requires"] and "lockedHint" not in objective:
                objective["lockedHint"] = f"Need: {self._text(objective['requires'][0])}"

    def _check_order(self, at: int, flag: str) -> None:
        """Refuses an objective that waits for itself or a later one: nobody could ever do it."""
        granting = self._granting.get(flag, -1)
        if granting < at or flag in self._events_elsewhere():
            return
        who = "it grants itself" if granting == at else f"only objectives[{granting}] grants"
        raise of_objective(
            at,
            OpError(
                f"requires the flag {quoted(flag)}, which {who}: objectives are done in their "
                "order, so this one never could be. Put them in the order in which they are done"
            ),
        )

    def _text(self, flag: str) -> str:
        """What a player does to get a flag: of this mission, or else of the world."""
        at = self._granting.get(flag)
        if at is not None:
            text: str = self._objectives[at]["text"]
            return text
        return self._events_elsewhere().get(flag, flag)

    def _events_elsewhere(self) -> Mapping[str, str]:
        """By flag, the name of the first event of the world that grants it."""
        if self._elsewhere is None:
            found: dict[str, str] = {}
            events = self._draft.readable("event")
            known = events.to_list() if events is not None else []
            self._draft.afford(len(known))
            for event in known:
                if isinstance(event, dict) and isinstance(event.get("name"), str):
                    for _, flag in strings_in(event, "grants"):
                        found.setdefault(flag, event["name"])
            self._elsewhere = found
        return self._elsewhere
