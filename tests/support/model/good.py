"""What a good model answers: to each kind of call something that fits.

`reply` is what a ModelServer answers with when a test says nothing else. A kind of call that needs more than
a value of its schema gets an entry in `EXPERTS`: a function that is asked with the call, and answers None when
the call is none of its own. The first answer counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from support.model import author
from support.model.outcomes import Reply, structured, text
from support.model.sample import sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.model.calls import Call

EXPERTS: Final[list[Callable[[Call], Reply | None]]] = [author.reply]


def reply(call: Call) -> Reply:
    """An answer to a chat completion."""
    for expert in EXPERTS:
        answer = expert(call)
        if answer is not None:
            return answer
    if call.schema is not None:
        return structured(sample(call.schema), call)
    return text("All is done.")
