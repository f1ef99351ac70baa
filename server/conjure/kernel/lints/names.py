"""Names that the API cannot address (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.lints.lint import WARNING, Lint
from conjure.kernel.names import unaddressable

if TYPE_CHECKING:
    from conjure.kernel.findings import Findings
    from conjure.kernel.parts import Event, State

UNADDRESSABLE_NAME = Lint(
    "unaddressable-name",
    WARNING,
    "a state's id or an event's name is blank, `.` or `..`, or holds the character NUL: no address "
    "of the API can name it, but ops can rename it",
    {"scene": {"states": {"..": {"base": "A yard behind the house."}}}},
)
LINTS = (UNADDRESSABLE_NAME,)


def check_state(state: State, found: Findings) -> None:
    """Look at the id of a state."""
    problem = unaddressable(state.id)
    if problem is not None:
        found.append(
            UNADDRESSABLE_NAME.at(
                state.path,
                f"cannot be addressed by the API: {problem}. Give it another id with the op "
                "rename_state.",
            )
        )


def check_event(event: Event, found: Findings) -> None:
    """Look at the name of an event."""
    problem = None if event.name is None else unaddressable(event.name)
    if problem is not None:
        found.append(
            UNADDRESSABLE_NAME.at(
                f"{event.path}.name",
                f"cannot be addressed by the API: {problem}. Give the event another name with the op "
                "update_event.",
            )
        )
