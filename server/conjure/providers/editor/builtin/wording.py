# ruff: noqa: RUF001 (people write quotes, dashes and marks of many scripts)
"""Words that the rules make: ids and labels of new things, and what is seen of an event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.values import child, elements, text
from conjure.providers.author.builtin.text import capital, third_person
from conjure.providers.editor.builtin.names import called, key
from conjure.providers.editor.builtin.patterns import WORDS
from conjure.providers.editor.builtin.questions import Ask, Unknown
from conjure.providers.editor.builtin.work import sources

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.clause import Clause
    from conjure.providers.editor.builtin.work import Work

_WORD: Final = re.compile(r"[^\W_]+")
# Words that make a name without quotes look like more than a name.
_MORE_THAN_A_NAME: Final = frozenset(
    [
        "but",
        "and",
        "or",
        "not",
        "dont",
        "don't",
        "do",
        "does",
        "isn't",
        "no",
        "with",
        "which",
        "that",
        "who",
        "where",
        "when",
        "while",
        "if",
        "unless",
        "until",
        "so",
        "because",
        "then",
        "connect",
        "connected",
        "leading",
        "leads",
        "to",
        "from",
        "into",
        "as",
        "-",
        "–",
        "—",
        "is",
        "are",
    ]
)
_NO_NAMES: Final = frozenset(
    word for kind in ("called", "place", "event", "ending") for word in WORDS[kind].split("|")
)
_MOST_WORDS: Final = 5
# What people do in a world, as a name of an event begins.
_DEEDS: Final = frozenset(
    [
        "approach",
        "ascend",
        "board",
        "break",
        "burn",
        "call",
        "catch",
        "chase",
        "climb",
        "close",
        "cook",
        "crawl",
        "cross",
        "cut",
        "dance",
        "dig",
        "dive",
        "drink",
        "drive",
        "drop",
        "eat",
        "enter",
        "escape",
        "examine",
        "exit",
        "explore",
        "fall",
        "feed",
        "fight",
        "fill",
        "find",
        "fire",
        "fix",
        "float",
        "fly",
        "follow",
        "fold",
        "give",
        "glide",
        "go",
        "grab",
        "greet",
        "hang",
        "hide",
        "hold",
        "jump",
        "kick",
        "kneel",
        "knock",
        "land",
        "lean",
        "leap",
        "leave",
        "lie",
        "lift",
        "light",
        "listen",
        "lock",
        "look",
        "lower",
        "mount",
        "move",
        "open",
        "pass",
        "pet",
        "pick",
        "plant",
        "play",
        "point",
        "pour",
        "press",
        "pry",
        "pull",
        "push",
        "put",
        "raise",
        "reach",
        "read",
        "return",
        "ride",
        "ring",
        "row",
        "run",
        "sail",
        "search",
        "shake",
        "shout",
        "shut",
        "sing",
        "sit",
        "slide",
        "sneak",
        "sprint",
        "squeeze",
        "stand",
        "steal",
        "step",
        "swim",
        "swing",
        "take",
        "talk",
        "throw",
        "tie",
        "touch",
        "trade",
        "travel",
        "turn",
        "unlock",
        "use",
        "visit",
        "wade",
        "wait",
        "wake",
        "walk",
        "wander",
        "watch",
        "wave",
        "whistle",
        "wind",
        "write",
    ]
)


def new_name(clause: Clause, slot: str, what: str) -> str:
    """The name for something new. Raises Ask when words without quotes are more than a name."""
    name, is_quoted = clause.new_name(slot)
    words = [word.casefold().strip(".,") for word in name.split()]
    if not any(words) or (not is_quoted and set(words) <= _NO_NAMES):
        raise Ask(f"What shall the {what} be called?")
    if not is_quoted and (len(words) > _MOST_WORDS or _MORE_THAN_A_NAME.intersection(words)):
        raise Unknown(
            f"Which words of {called(name)} are the name of the {what}? Put the name in quotes."
        )
    return name


def state_id(work: Work, name: str) -> str:
    """The id of a state of that name, its words joined as in the ids of the world."""
    words = [word.casefold() for word in _WORD.findall(name.replace("'", "").replace("’", ""))]
    if not words:
        return name
    joints = [_joint(known) for known in work.names.all("state")]
    joint = max(("_", "-", " "), key=joints.count)
    return joint.join(words)


def _joint(name: str) -> str:
    return next((mark for mark in ("_", "-", " ") if mark in name), "")


def label_of(work: Work, state: str) -> str:
    """What a state is called in sentences: the words of its id."""
    return " ".join(state.replace("_", " ").replace("-", " ").split()) or state


def shown_deed(work: Work, deed: str) -> str | None:
    """What is seen of a deed: "The player climbs down."; None when it does not say what is done."""
    first = deed.partition(" ")[0].casefold()
    if first not in _DEEDS:
        return None
    return f"{_who(work)} {third_person(deed)}."


def _who(work: Work) -> str:
    pov = text(work.world, "pov") or ""
    if "first" in pov.casefold():
        return "The view"
    subject = text(work.world, "subject")
    if subject and len(subject) <= 80 and "\n" not in subject and "." not in subject:
        return capital(subject)
    return "The player"


def arrival(work: Work, to: str) -> dict[str, Any] | None:
    """The evidence of having arrived for a new way into a state; None when the state has its own.

    That of another way into it, else what the view is held on there.
    """
    for event in work.leading(None, to):
        lands = child(event, "landWhen")
        if text(lands, "label"):
            kept = ("label", "aliases", "minExtent", "hits", "timeoutMs")
            return {member: lands[member] for member in kept if member in lands}
    state = work.state(to)
    if text(state, "arriveLabel"):
        return None
    centre = child(child(state, "autopilot"), "keepCentered")
    if not text(centre, "label"):
        return None
    aliases = {"aliases": elements(centre, "aliases")} if elements(centre, "aliases") else {}
    return {"label": centre["label"], **aliases, "minExtent": 0.15, "hits": 2, "timeoutMs": 15_000}


_NEAR_ENOUGH: Final = 0.25


def anchor(work: Work, thing: str) -> dict[str, Any]:
    """What an event hangs on: a thing that was seen in the picture is called as it was seen."""
    label = re.sub(r"^(?:the|a|an|my|this|that) ", "", thing.strip(), flags=re.IGNORECASE)
    return {"minProximity": _NEAR_ENOUGH, **(work.verified(label) or {"label": label})}


def anchor_in_view(work: Work, thing: str, states: list[str]) -> dict[str, Any] | None:
    """The anchor of a new event on a thing that is surely in the picture: seen there, or told of."""
    words = key(thing)
    if work.verified(thing) is None:
        for state in states:
            base = work.state(state).get("base")
            told = key(base) if isinstance(base, str) else ()
            if not _holds(told, words):
                return None
    return anchor(work, thing)


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    """Whether the words stand one after the other in others."""
    return any(words[at : at + len(part)] == part for at in range(len(words) - len(part) + 1))


def free_event_name(work: Work, name: str, source: str) -> str:
    """The name, or with where it happens when another event has it, or with a number."""
    if not work.names.has("event", name):
        return name
    name = longer = f"{name} from {_the(label_of(work, source))}"
    number = 2
    while work.names.has("event", longer):
        longer = f"{name} {number}"
        number += 1
    return longer


def go_to(work: Work, state: str) -> str:
    """The name of a plain way into a state."""
    return f"Go to {_the(label_of(work, state))}"


def _the(label: str) -> str:
    return label if label.casefold().startswith(("the ", "a ", "an ")) else f"the {label}"


def in_use(work: Work, state: str) -> list[dict[str, Any]]:
    """The events that lead to or from a state."""
    return [e for e in work.events() if e.get("to") == state or state in sources(e)]
