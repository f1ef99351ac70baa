"""What a page may ask for while it plays, and the checks of it (CONTRACT 6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conjure.core.errors import InvalidField
from conjure.kernel.names import LONGEST_NAME

MOST_TEXT: Final = 2_000
MOST_FLAGS: Final = 1_000
MOST_FLAG: Final = 256
_NAMED: Final = 20  # problems of flags


@dataclass(frozen=True, slots=True)
class Question:
    """What a player asks a terminal: the name of its event, and the flags that are held."""

    event: str
    text: str
    flags: tuple[str, ...] = ()


def check_state(state: str) -> None:
    """Raises InvalidField."""
    problems = _name_problems("state", state)
    if problems:
        raise InvalidField(*problems)


def check_question(asked: Question) -> None:
    """Raises InvalidField."""
    problems = _name_problems("event", asked.event)
    if not asked.text.strip():
        problems.append("text must have at least one character that is no white space")
    elif len(asked.text) > MOST_TEXT:
        problems.append(f"text must have at most {MOST_TEXT} characters")
    if len(asked.flags) > MOST_FLAGS:
        problems.append(f"flags must be at most {MOST_FLAGS}")
    else:
        long = [at for at, flag in enumerate(asked.flags) if len(flag) > MOST_FLAG]
        problems += [
            f"flags[{at}] must have at most {MOST_FLAG} characters" for at in long[:_NAMED]
        ]
    if problems:
        raise InvalidField(*problems)


def _name_problems(field: str, name: str) -> list[str]:
    if not 1 <= len(name) <= LONGEST_NAME:
        return [f"{field} must have 1 to {LONGEST_NAME} characters"]
    if "\0" in name:
        return [f"{field} holds the character NUL"]
    return []
