"""Terminals (CONTRACT 6.3): what a device of a world answers, from those of its facts whose flags are held.

Facts that ask for a flag that is not held are not even looked at: an answer is the same as if they were not
there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjure.core.errors import NotFound
from conjure.kernel.values import child
from conjure.player.requests import check_question
from conjure.providers.brain import TerminalRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conjure.core.caller import SessionCaller
    from conjure.player.admission import Admission
    from conjure.player.requests import Question
    from conjure.providers.brain import Terminals


class TerminalService:
    """Rules of terminals."""

    def __init__(self, admission: Admission, terminals: Terminals) -> None:
        self._admission = admission
        self._terminals = terminals

    async def ask(self, session: SessionCaller, asked: Question) -> str:
        """Returns what a terminal of the session's world answers.

        Raises InvalidField, NotFound, InvalidCredential (revoked), TooHeavy, StoreUnavailable.
        """
        check_question(asked)
        seen, _ = await self._admission.look(session)
        terminal = _terminal(seen.value, asked.event)
        if terminal is None:
            raise NotFound
        return await self._terminals.answer(
            TerminalRequest(
                name=asked.event,
                text=asked.text,
                facts=tuple(told(terminal.get("facts"), asked.flags)),
                persona=_text(terminal.get("persona")),
                greeting=_text(terminal.get("greeting")),
            )
        )


def _terminal(world: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """The terminal of an event; None when the world has no such one."""
    for event in world["scene"]["events"]:
        if event.get("name") == name and event.get("kind") == "terminal":
            return child(event, "terminal")
    return None


def told(facts: Any, flags: Iterable[str]) -> list[str]:
    """The texts of those facts that may be told to whoever holds these flags."""
    held = frozenset(flags)
    return [
        fact["text"]
        for fact in (facts if isinstance(facts, list) else ())
        if isinstance(fact, dict) and isinstance(fact.get("text"), str) and _is_open(fact, held)
    ]


def _is_open(fact: Mapping[str, Any], held: frozenset[str]) -> bool:
    requires = fact.get("requires")
    if requires is None:
        return True
    # What is no list of flags stays locked: it was meant to be.
    return isinstance(requires, list) and all(
        isinstance(flag, str) and flag in held for flag in requires
    )


def _text(raw: Any) -> str:
    return raw if isinstance(raw, str) else ""
