"""Whether a draft takes away more than was asked for, whatever the model thinks (CONTRACT 3.4).

Told from the instruction's own words and the names of things; nothing that stands in a world's prose counts,
as somebody else may have written it. What is not surely asked for is asked about: a question costs a person a
sentence, and nothing is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.values import elements, text
from conjure.kernel.wording import listed, quoted
from conjure.providers.editor.openai import phrases
from conjure.providers.editor.openai.mentions import Mentions, normal

if TYPE_CHECKING:
    from conjure.providers.editor.openai.changes import Changes, Kind

_FEW: Final = 3  # things that may always be changed, however small the world is
_MANY: Final = 20  # things that may not be changed without being named, however large it is
_NEAR: Final = 24  # characters between "remove" and "all"
_BREAKS: Final = frozenset(".;!?\n。！？；،؛")  # noqa: RUF001
_LISTED: Final = 6


def question(instruction: str, changes: Changes) -> str | None:
    """What to ask before this is done; None when it was asked for, or takes nothing away."""
    asked = _Asked(instruction, changes)
    would = [*_removals(asked, changes), *_alterations(asked, changes)]
    if not would:
        return None
    return (
        f"That would {'; it would also '.join(would)}. I was not asked for that by name, so nothing has been "
        "changed. Say by name what may be removed or changed, or say that it is all of them."
    )


class _Asked:
    """What an instruction asks for, as far as its words tell."""

    def __init__(self, instruction: str, changes: Changes) -> None:
        self._text = normal(instruction)
        self._mentions = Mentions(instruction)
        self.removes = bool(phrases.REMOVING.search(self._text))
        self.removes_all = _stand_together(self._text)
        self.means_world = any(
            pattern.search(self._text) for pattern in (phrases.ALL, phrases.WORLD)
        )
        self.speaks_of_entrance = bool(phrases.ENTRANCE.search(self._text))
        self.speaks_of_endings = bool(phrases.ENDING.search(self._text))
        by_role = self._by_role(changes)
        self._things = {
            kind.noun: self._mentions.named(kind.before)
            for kind in (changes.states, changes.events)
        }
        self._objects = {
            kind.noun: self._mentions.named(kind.before, as_place=False)
            for kind in (changes.states, changes.events)
        }
        self._things["state"] |= by_role
        self._objects["state"] |= by_role

    def _by_role(self, changes: Changes) -> set[str]:
        """The states that are named by what they are to play: 'the entrance', 'the losing end'."""
        found = {changes.entrance} if phrases.ENTRANCE.search(self._text) else set()
        for pattern, kinds in (
            (phrases.ENDING, ("win", "lose", None)),
            (phrases.WINNING, ("win",)),
            (phrases.LOSING, ("lose",)),
        ):
            meant = [name for name, kind in changes.endings.items() if kind in kinds]
            if len(meant) == 1 and pattern.search(self._text):
                found.update(meant)
        return {name for name in found if name is not None}

    def names(self, kind: Kind, name: str) -> bool:
        """Whether it speaks of a thing."""
        return name in self._things[kind.noun]

    def mentions(self, name: str) -> bool:
        """Whether a name stands in it."""
        return bool(self._mentions.named([name]))

    def removal(self, kind: Kind, name: str) -> bool:
        """Whether it asks for a thing to go."""
        return self.removes_all or (self.removes and name in self._objects[kind.noun])

    def removal_of_part(self, what: str, name: str | None) -> bool:
        """Whether it asks for another part of the world to go."""
        pattern = phrases.PARTS.get(what)
        is_named = (pattern is not None and bool(pattern.search(self._text))) or (
            name is not None and self.mentions(name)
        )
        return self.removes_all or (self.removes and is_named)


def _removals(asked: _Asked, changes: Changes) -> list[str]:
    states, events = changes.states, changes.events
    gone = {name for name in states.removed if asked.removal(states, name)}
    would = _told("remove", states, [name for name in states.removed if name not in gone])
    would += _told(
        "remove",
        events,
        [
            name
            for name in events.removed
            if not asked.removal(events, name) and not _is_left_alone(events.before[name], gone)
        ],
    )
    kept_states = set(states.origin.values())
    endings = [
        name
        for name in changes.lost_endings
        if name in kept_states
        and not (
            asked.removes_all
            or (asked.names(states, name) and (asked.removes or asked.speaks_of_endings))
        )
    ]
    if endings:
        would.append(f"let play no longer end in {listed(endings, _LISTED)}")
    elif (
        changes.lost_endings
        and not changes.has_ending
        and not (asked.speaks_of_endings or asked.removes_all)
    ):
        would.append("leave the world without any ending")
    parts = [
        what if name is None else f"{what} {quoted(name)}"
        for what, name in changes.lost_parts
        if not asked.removal_of_part(what, name)
    ]
    if parts:
        would.append(f"remove the {', the '.join(dict.fromkeys(parts[:_LISTED]))}")
    return would


def _alterations(asked: _Asked, changes: Changes) -> list[str]:
    if asked.means_world:
        return []
    would = []
    begins = changes.new_entrance
    if changes.has_moved_entrance and not (
        asked.speaks_of_entrance or (begins is not None and asked.mentions(begins))
    ):
        would.append("let play begin in another place")
    for kind in (changes.states, changes.events):
        would += [
            f"rename the {kind.noun} {quoted(old)} to {quoted(new)}"
            for old, new in list(kind.renamed.items())[:_LISTED]
            if not asked.names(kind, old) and not asked.mentions(new)
        ]
        altered = sum(1 for name in kind.changed if not asked.names(kind, name))
        total = len(kind.before)
        if altered > max(_FEW, min(_MANY, total // 2)):
            would.append(f"change {altered:,} of the {total:,} {kind.noun}s")
    return would


def _told(verb: str, kind: Kind, names: list[str]) -> list[str]:
    if not names:
        return []
    return [f"{verb} the {kind.noun}{'s' if len(names) > 1 else ''} {listed(names, _LISTED)}"]


def _is_left_alone(event: Any, gone: set[str]) -> bool:
    """Whether an event has no place without states that were to go: it leaves only them, or leads to one."""
    if not gone or not isinstance(event, dict):
        return False
    sources = [item for item in elements(event, "from") if isinstance(item, str)]
    return text(event, "to") in gone or (bool(sources) and gone.issuperset(sources))


def _stand_together(said: str) -> bool:
    """Whether a word for removing and one for all stand near each other, in one sentence."""
    removing = [match.span() for match in phrases.REMOVING.finditer(said)]
    for everything in phrases.ALL.finditer(said):
        for start, end in removing:
            between = (
                said[end : everything.start()]
                if end <= everything.start()
                else said[everything.end() : start]
            )
            if len(between) <= _NEAR and _BREAKS.isdisjoint(between):
                return True
    return False
