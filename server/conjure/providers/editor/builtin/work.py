"""An edit in the making: the draft, the names in it, what was said so far, and the reply."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops import OPS
from conjure.kernel.values import child, children, strings, text
from conjure.providers.editor.builtin.names import KINDS, Names, Thing, called, key, some
from conjure.providers.editor.builtin.questions import Ask, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.providers.editor.builtin.clause import Said
    from conjure.providers.editor.builtin.names import Kind
    from conjure.providers.editor.draft import Draft

WORD_FOR: Final[dict[Kind, str]] = {
    "state": "place",
    "event": "event",
    "cutscene": "cutscene",
    "sequence": "sequence",
    "flag": "key",
}
"""What things are called in replies."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the work had come."""

    ops: int
    sentences: int
    names: int
    last: dict[Kind, str]


class Work:
    """What the rules of the grammar work on."""

    def __init__(self, draft: Draft, verified: Sequence[dict[str, Any]]) -> None:
        self.draft = draft
        self.names = Names(draft.start)
        self.done: list[str] = []
        self.promised: set[str] = set()
        """Flags that another clause of the instruction grants."""
        self._verified = verified
        self._last: dict[Kind, str] = {}  # the newest comes last
        self._has_subject = False

    # The world as it is now

    @property
    def world(self) -> dict[str, Any]:
        """The document with all that was done so far."""
        return self.draft.world

    def state(self, name: str) -> dict[str, Any]:
        """A state that is there."""
        return child(child(child(self.world, "scene"), "states"), name)

    def events(self) -> list[dict[str, Any]]:
        """All events."""
        return [event for _, event in children(child(self.world, "scene"), "events")]

    def event(self, name: str) -> dict[str, Any]:
        """An event that is there."""
        return next((event for event in self.events() if event.get("name") == name), {})

    def leading(self, source: str | None, to: str) -> list[dict[str, Any]]:
        """The transitions from a state, or from anywhere, to another."""
        return [
            event
            for event in self.events()
            if event.get("to") == to and (source is None or source in sources(event))
        ]

    def entrance(self) -> str | None:
        """The state in which play begins."""
        return text(child(self.world, "entrance"), "state")

    def endings(self) -> list[str]:
        """The states in which play ends."""
        states = child(child(self.world, "scene"), "states")
        return [
            name
            for name, state in states.items()
            if isinstance(state, dict) and isinstance(state.get("ending"), dict)
        ]

    # Changes

    def apply(self, op: str, **members: Any) -> None:
        """Applies an op. Raises Ask when the kernel refuses it."""
        problem = self.draft.apply({"op": op, **members})
        if problem is not None:
            # What the kernel says is for whoever writes ops, so only what names none is passed on.
            raise Ask(
                "That cannot be done here. What shall be done instead?"
                if any(name in problem for name in OPS)
                else f"That cannot be done: {problem.rstrip('.')}. What shall be done instead?"
            )

    def say(self, sentence: str) -> None:
        """Adds a sentence to the reply."""
        self.done.append(sentence)

    def begin(self) -> Mark:
        """Begins a clause. What is returned takes the work back to here (`undo`)."""
        self._has_subject = False
        return Mark(len(self.draft.ops), len(self.done), self.names.mark, dict(self._last))

    def undo(self, mark: Mark) -> None:
        """Takes back what was done since."""
        del self.done[mark.sentences :]
        self._last = dict(mark.last)
        self._has_subject = False
        if len(self.draft.ops) > mark.ops:
            self.draft.undo(len(self.draft.ops) - mark.ops)
        self.names.undo(mark.names)

    def remember(self, kind: Kind, name: str) -> None:
        """What "it" means from now on."""
        self._last.pop(kind, None)
        self._last[kind] = name
        self._has_subject = True

    # Names

    def find(self, said: Said, kinds: Sequence[Kind] = KINDS, *, by_alias: bool = True) -> Thing:
        """Who is meant. Raises Ask when nobody is, or more than one could be.

        Without `by_alias` only by its own name: for what cannot be mended by saying another one.
        """
        found = self._candidates(said, kinds, by_alias=by_alias)
        if len(found) == 1:
            if not self._has_subject:  # a clause is about what it names first
                self.remember(found[0].kind, found[0].name)
            return found[0]
        if found:
            listed = ", ".join(
                f"the {WORD_FOR[thing.kind]} {called(thing.name)}" for thing in found[:6]
            )
            more = f" and {len(found) - 6:,} more" if len(found) > 6 else ""
            raise Ask(
                f"Which one do you mean by {called(said.text)}: {listed}{more}? "
                "Say its name exactly, in quotes."
            )
        raise Unknown(self._unknown(said, kinds))

    def find_state(self, said: Said) -> str:
        """The id of the state that is meant."""
        return self.find(said, ("state",)).name

    def find_event(self, said: Said) -> str:
        """The name of the event that is meant."""
        return self.find(said, ("event",)).name

    def find_by_part(self, said: Said, kinds: Sequence[Kind] = ("state", "event")) -> Thing:
        """As `find`, and an event may also be said by what it hangs on: "the gate" of "Open the gate"."""
        if self._candidates(said, kinds) or said.is_quoted or said.is_pronoun:
            return self.find(said, kinds)
        wanted = key(said.bare if said.bare is not None and said.kind == "event" else said.text)
        hanging = [e for e in self.events() if wanted in _anchor_keys(e)]
        matching = hanging or [e for e in self.events() if key(str(e.get("name")))[1:] == wanted]
        names = [name for event in matching if (name := text(event, "name")) is not None]
        if len(names) == 1:
            self.remember("event", names[0])
            return Thing("event", names[0])
        if names:
            raise Ask(f"Which event do you mean by {called(said.text)}: {some(names, word='or')}?")
        return self.find(said, kinds)

    def _candidates(
        self, said: Said, kinds: Sequence[Kind], *, by_alias: bool = True
    ) -> list[Thing]:
        if said.is_pronoun:
            last = [Thing(kind, name) for kind, name in self._last.items() if kind in kinds]
            known = [thing for thing in last if self.names.has(thing.kind, thing.name)]
            if not known:
                raise Ask(f"What do you mean by {called(said.text)}? Say its name.")
            return known[-1:]
        narrowed: Sequence[Kind] = [kind for kind in kinds if said.kind in {None, kind}]
        if said.is_quoted:
            return self.names.find(said.text, narrowed or kinds, by_alias=by_alias, by_case=True)
        found = self.names.find(said.text, kinds, by_alias=by_alias)
        if not found and said.bare is not None and narrowed:
            found = self.names.find(said.bare, narrowed, by_alias=by_alias)
        if not found and "event" in kinds:
            for form in _imperatives(said.text):
                found = found or self.names.find(form, ("event",))
        return found

    def _unknown(self, said: Said, kinds: Sequence[Kind]) -> str:
        what = " or ".join(WORD_FOR[kind] for kind in kinds if kind in {"state", "event"})
        what = what or " or ".join(WORD_FOR[kind] for kind in kinds)
        near = self.names.near(said.bare or said.text, kinds)
        if near:
            return f"There is no {what} {called(said.text)}. Did you mean {some(near, word='or')}?"
        known = [name for kind in kinds for name in self.names.all(kind)]
        if not known:
            return f"There is no {what} {called(said.text)}."
        return f"There is no {what} {called(said.text)}; there are {some(known, 6)}."

    # Flags

    def granting(self, flag: str) -> list[str]:
        """The names of the events that grant a flag."""
        return [str(e.get("name")) for e in self.events() if flag in flags(e, "grants")]

    def find_flag(self, said: Said) -> str | None:
        """The flag that a thing to have stands for, None when nothing gives it. Raises Ask when several do.

        "the key" is `key`, else `has_key`, else the one flag that has the word in it, else what the one
        event of which the name has it in grants.
        """
        if said.is_pronoun:
            raise Ask(f"What do you mean by {called(said.text)}? Say its name.")
        bare = re.sub(r"^the flag |^flag | flag$", "", said.text, flags=re.IGNORECASE)
        found = [thing.name for thing in self.names.find(bare, ("flag",))]
        words = key(bare)
        if not found:
            found = [
                flag
                for flag in self.names.all("flag")
                if key(flag) in {(prefix, *words) for prefix in ("has", "have", "got", "took")}
            ]
        found = found or [f for f in self.names.holding(bare, "flag") if _head(f) == words[-1]]
        if not found:
            # The words of what the events that grant something are called: "Take the brass key".
            named = [n for n in self.names.holding(bare, "event") if _head(n) == words[-1]]
            events = [self.event(name) for name in named]
            found = sorted({flag for event in events for flag in flags(event, "grants")})
        if not found:
            promised = [flag for flag in self.promised if key(flag) == words]
            return promised[0] if promised else None
        if len(found) > 1:
            raise Ask(f"Which one do you mean by {called(said.text)}: {some(found, word='or')}?")
        return found[0]

    def new_flag(self, said: Said) -> str:
        """The flag that a thing to get stands for: one that is there, else a new one."""
        if said.is_pronoun:
            raise Ask(f"What do you mean by {called(said.text)}? Say its name.")
        known = self.names.find(said.text, ("flag",))
        if known:
            return known[0].name
        words = said.text.strip()
        return words if _FLAG.fullmatch(words) else "_".join(key(words))

    # What was seen in the picture

    def verified(self, said: str) -> dict[str, Any] | None:
        """What a detector found under that name: its label, and its other names."""
        wanted = key(said)
        for seen in self._verified:
            label = text(seen, "label") or text(seen, "name")
            if not label:
                continue
            aliases = [alias for _, alias in strings(seen, "aliases")][:_MOST_ALIASES]
            if wanted in {key(name) for name in (label, *aliases)}:
                found: dict[str, Any] = {"label": label}
                return {**found, "aliases": aliases} if aliases else found
        return None


# Words of a flag that say that something was got, not what.
_GOT: Final = frozenset(
    [
        "has",
        "have",
        "had",
        "got",
        "took",
        "taken",
        "found",
        "done",
        "obtained",
        "collected",
        "is",
        "flag",
    ]
)


def _head(name: str) -> str:
    """What a flag or an event is about, its last word: a "gate key" is a key and no gate."""
    words = [word for word in key(name) if word not in _GOT]
    return words[-1] if words else ""


_MOST_ALIASES: Final = 20
_FLAG: Final = re.compile(r"[^\s]{1,200}")


def sources(event: dict[str, Any]) -> list[str]:
    """The states that an event is possible in."""
    return [name for _, name in strings(event, "from")]


def flags(event: dict[str, Any], member: str) -> list[str]:
    """The flags that an event requires or grants."""
    return [flag for _, flag in strings(event, member)]


def _anchor_keys(event: dict[str, Any]) -> set[tuple[str, ...]]:
    anchor = child(event, "anchor")
    label = text(anchor, "label")
    return {key(name) for name in (label, *(a for _, a in strings(anchor, "aliases"))) if name}


_DOUBLED: Final = re.compile(r"([bdgkmnprt])\1$")  # but "pull", "press"


def _imperatives(said: str) -> list[str]:
    """What a person who says "picking up the key", or "picks up the key", may call the event."""
    verb, space, rest = said.partition(" ")
    low = verb.casefold()
    forms: list[str] = []
    if low.endswith("ing") and len(low) > 4:
        stem = low[:-3]
        forms = [stem, f"{stem}e", _DOUBLED.sub(r"\1", stem), f"{stem[:-1]}ie"]
    elif low.endswith("ies"):
        forms = [f"{low[:-3]}y"]
    elif low.endswith("s"):
        forms = [low[:-1], low[:-2] if low.endswith("es") else low[:-1]]
    return [f"{form}{space}{rest}" for form in dict.fromkeys(forms) if form]


def imperative(said: str) -> str:
    """The deed of "opening the hatch", "Open the hatch", as well as spelling can tell."""
    verb, space, rest = said.partition(" ")
    low = verb.casefold()
    if not (low.endswith("ing") and len(low) > 4):
        return said[:1].upper() + said[1:]
    stem = low[:-3]
    stem = f"{stem}e" if stem in _WITH_E else _DOUBLED.sub(r"\1", stem)
    return f"{stem[:1].upper()}{stem[1:]}{space}{rest}"


# Stems that have lost an e.
_WITH_E: Final = frozenset(
    [
        "brav",
        "brib",
        "chas",
        "clos",
        "com",
        "continu",
        "danc",
        "div",
        "driv",
        "escap",
        "examin",
        "explor",
        "fir",
        "giv",
        "glid",
        "hid",
        "ignit",
        "leav",
        "mak",
        "mov",
        "pok",
        "rais",
        "releas",
        "rid",
        "ris",
        "scal",
        "shov",
        "slid",
        "solv",
        "squeez",
        "star",
        "tak",
        "trad",
        "us",
        "writ",
    ]
)
