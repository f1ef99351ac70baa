"""What a generated world or character must be, whoever wrote it: the quality bar of authors."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel import Severity, check, examine, unstored
from conjure.kernel.stances import NewCharacter, NewStance, compiled
from conjure.providers.author.character import GUEST, NEUTRAL, SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.providers.author.port import AuthoredCharacter

LEAST_STATES: Final = 5
MOST_STATES: Final = 8
LEAST_EVENTS: Final = 6
MOST_EVENTS: Final = 12
LEAST_PROSE: Final = 40
"""Characters of the entrance's prose."""

_MOST_SITUATIONS: Final = 20_000  # many times what a world of eight states has


def misses(document: dict[str, Any], premise: str = "") -> list[str]:
    """What the world lacks, in sentences; empty when it passes.

    `document` is a world, stored, or as an author returns it: its pictures may be missing.
    """
    examined = examine(unstored.completed(document), most_situations=_MOST_SITUATIONS)
    found = [
        f"{finding.lint}: {finding.message}"
        for finding in examined.findings
        if finding.severity is not Severity.INFO
    ]
    if any(finding.severity is Severity.ERROR for finding in examined.findings):
        return found  # what else is wrong may follow from these
    if examined.is_beyond:
        found.append("Whether play can get stuck could not be told.")
    states, events = document["scene"]["states"], document["scene"]["events"]
    if not LEAST_STATES <= len(states) <= MOST_STATES:
        found.append(f"There are {len(states)} states: {LEAST_STATES} to {MOST_STATES} are wanted.")
    if not LEAST_EVENTS <= len(events) <= MOST_EVENTS:
        found.append(f"There are {len(events)} events: {LEAST_EVENTS} to {MOST_EVENTS} are wanted.")
    if max(map(len, _destinations(events).values()), default=0) < 2:
        found.append("From every state one gets to one other state only: no choice anywhere.")
    kinds = [(state.get("ending") or {}).get("kind") for state in states.values()]
    found += [f"There is no {kind} ending." for kind in ("win", "lose") if kind not in kinds]
    prose = states[document["entrance"]["state"]].get("base")
    if not isinstance(prose, str) or len(prose.strip()) < LEAST_PROSE:
        found.append(f"The entrance's prose has less than {LEAST_PROSE} characters.")
    elif premise.strip() and folded(prose) == folded(premise):
        found.append("The entrance's prose is the premise.")
    return found


def _destinations(events: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The states that transitions lead to, by the state that they leave."""
    found: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event["kind"] == "transition":
            for source in event["from"]:
                found[source].add(event["to"])
    return found


def folded(text: str) -> str:
    """What two texts have in common that differ in case, blanks and the marks at their ends."""
    return " ".join(text.casefold().split()).strip(" .!?")


LEAST_STANCES: Final = 4
MOST_STANCES: Final = 6
LEAST_LORE: Final = 8
MOST_LORE: Final = 15
"""Lines of lore, each a sentence or two."""
MOST_SECRETS: Final = 2
EXAMPLES: Final = 3
_LENGTHS: Final = {
    "name": (1, 80),
    "description": (20, 400),
    "persona": (150, 1_200),
    "scene": (30, 800),
    "greeting": (5, 300),
    "subject": (10, 400),
    "style": (5, 250),
}
_STANCE_ID: Final = re.compile(r"[a-z]{2,16}")
_LEAST_EXPRESSION: Final = 15
_MOST_ALIKE: Final = 0.6  # of the words of two expressions
_ECHO: Final = 20  # characters of a premise: shorter ones are in prose by chance
_SECRET_RUN: Final = 8  # words
_UNSEEN: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\ud800-\udfff]")


def misses_of_character(character: AuthoredCharacter, premise: str = "") -> list[str]:
    """What the character lacks, in sentences; empty when it passes."""
    texts = _texts(character)
    found = []
    for name, (least, most) in _LENGTHS.items():
        length = len(texts[name].strip())
        if not least <= length <= most:
            found.append(f"{name} has {length} characters: {least} to {most} are wanted.")
    lore = character.lore.splitlines()
    secrets = [line.removeprefix(SECRET) for line in lore if line.startswith(SECRET)]
    if not LEAST_LORE <= len(lore) <= MOST_LORE or not all(map(str.strip, lore)):
        found.append(
            f"There are {len(lore)} lines of lore: {LEAST_LORE} to {MOST_LORE} are wanted."
        )
    if len({folded(line) for line in lore}) < len(lore):
        found.append("The lore says something twice.")
    if not 1 <= len(secrets) <= MOST_SECRETS:
        found.append(f"There are {len(secrets)} secrets: 1 to {MOST_SECRETS} are wanted.")
    starts = [f"{GUEST}: ", f"{character.name}: "] * EXAMPLES
    said = character.examples.splitlines()
    if len(said) != len(starts) or not all(map(str.startswith, said, starts)):
        found.append(f"The examples are not {EXAMPLES} exchanges of a guest and the character.")
    found += _misses_of_stances(character)
    echo = folded(premise)
    for name, text in texts.items():
        if _UNSEEN.search(text):
            found.append(f"{name} has signs that nobody sees.")
        if len(echo) >= _ECHO and echo in folded(text):
            found.append(f"{name} repeats the premise.")
    if tells_secret(character):
        found.append("A secret is told where everybody reads it.")
    return [*found, *_misses_of_graph(character)]


_SHOWN: Final = ("description", "greeting", "examples", "subject", "style", "stances")


def tells_secret(character: AuthoredCharacter) -> bool:
    """Whether what guests see and hear first has a run of words of a secret."""
    texts = _texts(character)
    shown = " ".join(folded(texts[name]) for name in _SHOWN)
    lines = character.lore.splitlines()
    secrets = [line.removeprefix(SECRET) for line in lines if line.startswith(SECRET)]
    return any(run in shown for secret in secrets for run in _runs(folded(secret)))


def _texts(character: AuthoredCharacter) -> dict[str, str]:
    names = (*_LENGTHS, "lore", "examples")
    said = [(each.label, each.mood, each.expression) for each in character.stances]
    return {name: getattr(character, name) for name in names} | {
        "stances": "\n".join(text for texts in said for text in texts)
    }


def _misses_of_stances(character: AuthoredCharacter) -> Iterator[str]:
    stances = character.stances
    if not LEAST_STANCES <= len(stances) <= MOST_STANCES:
        yield f"There are {len(stances)} stances: {LEAST_STANCES} to {MOST_STANCES} are wanted."
    ids = [stance.id for stance in stances]
    if ids[:1] != [NEUTRAL]:
        yield f"The first stance is not {NEUTRAL}."
    if len(set(ids)) < len(ids) or not all(map(_STANCE_ID.fullmatch, ids)):
        yield "The ids of the stances are not different short words."
    if len({folded(stance.label) for stance in stances}) < len(stances):
        yield "Two stances have one label."
    for stance in stances:
        if not stance.label.strip() or not stance.mood.strip():
            yield f"The stance {stance.id} lacks its label or its mood."
        if len(stance.expression) < _LEAST_EXPRESSION:
            yield f"The stance {stance.id} shows too little."
    for one, other in itertools.combinations(stances, 2):
        if is_alike(one.expression, other.expression):
            yield f"The stances {one.id} and {other.id} look alike."


def is_alike(one: str, other: str) -> bool:
    """Whether two expressions could be one picture."""
    words, others = set(folded(one).split()), set(folded(other).split())
    return len(words & others) > _MOST_ALIKE * min(len(words), len(others))


def _misses_of_graph(character: AuthoredCharacter) -> Iterator[str]:
    """What the kernel finds in its graph, and whether the pictures show what was written for them."""
    ids = [stance.id for stance in character.stances]
    if not ids or len(set(ids)) < len(ids):
        return
    stances = tuple(
        NewStance(each.id, each.label, each.mood, each.expression) for each in character.stances
    )
    members = {"subject": character.subject, "style": character.style}
    document = compiled(NewCharacter(character.name, stances, members=members))
    for finding in check(unstored.completed(document)):
        if finding.severity is not Severity.INFO:
            yield f"{finding.lint}: {finding.message}"
    for stance in character.stances:
        base = folded(document["scene"]["states"][stance.id]["base"])
        if folded(stance.expression) not in base or folded(character.subject) not in base:
            yield f"The stance {stance.id} loses words in its picture."


def _runs(text: str) -> Iterator[str]:
    words = text.split()
    for at in range(len(words) - _SECRET_RUN + 1):
        yield " ".join(words[at : at + _SECRET_RUN])
