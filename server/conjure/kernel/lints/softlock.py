"""Whether play can get stuck (CONTRACT section 9). Costly, so that only those look who were asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.lints.lint import WARNING, Lint
from conjure.kernel.parts import state_path
from conjure.kernel.softlock import find_dead_end
from conjure.kernel.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.kernel.diagnostics import Diagnostic
    from conjure.kernel.document import World

SOFTLOCK = Lint(
    "softlock",
    WARNING,
    "from a situation that a player can get into (a state, flags held, one-shot events played) no ending "
    "can be reached any more; only `validate`, `lint` and `conjure lint` look for it",
    {
        "scene": {
            "states": {"cellar": {"ending": {}}, "pit": {"base": "A pit."}},
            "events": [{"name": "Fall", "kind": "transition", "from": ["atrium"], "to": "pit"}],
        }
    },
)
LINTS = (SOFTLOCK,)

_WHOLE: Final = 8
"""Steps of a way that are told one by one; of a longer one the first and the last are."""
_HEAD: Final = 3


def find(world: World, most: int) -> Diagnostic | None:
    """The finding about a world that passes the gate; None when there is none.

    `most` is how many situations may be looked at. Raises Beyond when that is not enough to tell.
    """
    if not world.states.endings or world.entrance is None:
        return None
    found = find_dead_end(world, world.entrance, most)
    if found is None:
        return None
    state = state_path(found.state)
    if not found.way:
        return SOFTLOCK.at(
            state, "is the entrance, and no ending can be reached from it. Lead a way to one."
        )
    return SOFTLOCK.at(
        state,
        f"can be a dead end: after {_told(found.way)} no ending can be reached any more. Give it a way "
        "to an ending, or keep play from getting there like that.",
    )


def _told(way: Sequence[str]) -> str:
    names = [quoted(name) for name in way]
    if len(names) > _WHOLE:
        left_out = len(names) - 2 * _HEAD
        names = [*names[:_HEAD], f"{left_out:,} more", *names[-_HEAD:]]
    return " → ".join(names)
