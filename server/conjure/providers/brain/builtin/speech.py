"""Finding words: a line of the right kind that was not said lately, and has nothing of the brain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjure.providers.brain.builtin.language import Language
    from conjure.providers.brain.builtin.mind import Mind
    from conjure.providers.dice import Dice

_TRIES: Final = 24


class Speech:
    """A character about to speak in a language. `spoken`: what it has said already, the oldest first."""

    def __init__(self, mind: Mind, language: Language, dice: Dice, spoken: Sequence[str]) -> None:
        self.mind = mind
        self.language = language
        self.dice = dice
        self.said = {line.casefold().strip() for line in spoken}
        self.before = "\n".join(spoken).lower()
        self.last = spoken[-1].lower() if spoken else ""

    def line(self, kind: str, **filled: str) -> str | None:
        """One line of a kind, with its names filled in; None: there is none for which all names are known."""
        for name in tuple(filled):
            filled[name.capitalize()] = filled[name][:1].upper() + filled[name][1:]
        lines = [
            text
            for line in self.language.lines[kind]
            if (text := _filled(line, filled)) is not None
        ]
        if not lines:
            return None
        fresh = [line for line in lines if line.lower() not in self.before]
        return self.dice.pick(fresh or lines)

    def feeling(self, band: str) -> str:
        """How it is doing: `low`, `mid` or `high`."""
        lines = self.language.feelings[band]
        return self.dice.pick([line for line in lines if line.lower() not in self.before] or lines)

    def opener(self, tone: str | None) -> str | None:
        """How it begins, sometimes."""
        openers = self.language.openers.get(tone or "", ())
        if not openers or self.dice.unit() > 0.3:
            return None
        opener = self.dice.pick(openers)
        return None if self.last.startswith(opener.lower()) else opener

    def asides(self) -> list[str]:
        """Two asides, other than those of late."""
        asides = self.language.asides
        fresh = [aside for aside in asides if aside.lower() not in self.before[-1_500:]]
        return self.dice.deal(fresh if len(fresh) > 1 else asides, 2)

    def may(self, chance: float) -> bool:
        """Rolls for something that is said only sometimes."""
        return self.dice.unit() < chance

    def fresh(self, think: Callable[[], str | None]) -> str:
        """The first thought that was not said before and may be said; each is another roll of the dice."""
        for _ in range(_TRIES):
            reply = think()
            if reply is not None and self._is_fresh(reply):
                return reply
        return self._something()

    def _is_fresh(self, reply: str) -> bool:
        return reply.casefold().strip() not in self.said and self.mind.may_say(reply)

    def _something(self) -> str:
        """What says little, in as many ways as there are: whoever hears the same again and again is a machine."""
        lines = self.language.lines
        ways = [
            *lines["acknowledge"],
            *lines["unknown_plain"],
            *lines["deflect"],
            *lines["musing_plain"],
        ]
        for first in self.dice.deal(ways):
            for second in ("", *self.dice.deal((*lines["ask"], *lines["topics_plain"]))):
                reply = f"{first} {second}".rstrip()
                if self._is_fresh(reply):
                    return reply
        return self.dice.pick(ways)


def joined(*parts: str | None) -> str:
    """Parts of a reply, without those that there are not."""
    return " ".join(part for part in parts if part)


def _filled(line: str, filled: dict[str, str]) -> str | None:
    """A line with its names filled in; None: one is not known. What is filled in is never read as a name again."""
    if "{" not in line:
        return line
    parts: list[str] = []
    rest = line
    while True:
        before, brace, behind = rest.partition("{")
        parts.append(before)
        if not brace:
            return "".join(parts)
        name, _, rest = behind.partition("}")
        if not filled.get(name):
            return None
        parts.append(filled[name])
