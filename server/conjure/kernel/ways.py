"""Where an event leads, and what it needs: the two rules that all of play follows (CONTRACT 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.values import strings, text

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from conjure.kernel.values import JsonObject


def leads_on(event: JsonObject) -> bool:
    """Whether an event is one that leads on; every other stays where it is."""
    return event.get("kind") == "transition"


class Ways:
    """The ways between these states, some of which show a cutscene.

    Of two cutscenes of one id the first counts, as of two events of one name.
    """

    __slots__ = ("_cutscenes", "_states")

    def __init__(self, states: Container[str], cutscenes: Iterable[JsonObject]) -> None:
        self._states = states
        self._cutscenes: dict[str, JsonObject] = {}
        for cutscene in cutscenes:
            name = text(cutscene, "id")
            if name is not None:
                self._cutscenes.setdefault(name, cutscene)

    def cutscene(self, name: str) -> JsonObject:
        """The cutscene of an id; empty when there is none."""
        return self._cutscenes.get(name, {})

    def shown(self, event: JsonObject) -> str | None:
        """The id of the cutscene that a transition leads to; None when it leads to a state, or stays."""
        to = text(event, "to") if leads_on(event) else None
        return to if to is not None and to not in self._states and to in self._cutscenes else None

    def landing(self, event: JsonObject) -> str | None:
        """The state that a transition leads to, through its cutscene if it has one; None: nowhere."""
        shown = self.shown(event)
        to = text(event if shown is None else self.cutscene(shown), "to")
        return to if to is not None and to in self._states else None

    def needs(self, event: JsonObject) -> list[str]:
        """The flags that it needs, and those that its cutscene does, each once, as the author wrote them."""
        needed = strings(event, "requires")
        shown = self.shown(event)
        if shown is not None:
            needed = needed + strings(self.cutscene(shown), "requires")
        return list(dict.fromkeys(flag for _, flag in needed))
