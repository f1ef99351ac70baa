"""A rule of the grammar, as data: the sentences, what they do, and examples that a test runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conjure.providers.editor.builtin.patterns import compiled

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from conjure.providers.editor.builtin.clause import Clause
    from conjure.providers.editor.builtin.work import Work


@dataclass(frozen=True)
class Example:
    """A sentence, and all that is different in the demo world afterwards.

    `changes` are values by where they stand (`states.hall.base`); None is what is gone. Without any the
    sentence is answered with a question, or says what cannot be done here.
    """

    says: str
    changes: dict[str, Any]
    reply: str


@dataclass(frozen=True)
class Rule:
    """One thing that people ask for, and the sentences in which they do."""

    title: str
    does: str
    patterns: tuple[str, ...]
    run: Callable[[Work, Clause], None]
    """Changes the draft and says so, or raises Ask."""

    @cached_property
    def expressions(self) -> tuple[re.Pattern[str], ...]:
        """The patterns, compiled."""
        return tuple(map(compiled, self.patterns))
