"""The JSON Schemas of what a model is asked for, one for each step: strict, flat, and small.

Small models answer under a grammar that is made of the schema: short texts with a bound, few members, all of
them required, no references.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.providers.author.openai.layouts import LAYOUTS, LOSE, WIN
from conjure.providers.pictures.palette import PALETTES
from conjure.providers.pictures.scenes import SCENES

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, Any]

BASE_CHARS: Final = 340
"""Characters of what a model says about a state; what can be done there is added to it."""
_LETTERS_OF_A_TOKEN: Final = 2.5  # of prose in English 4: room for other scripts
_TOKENS_OF_A_MEMBER: Final = 12  # its name and the marks around


def text(most: int, least: int = 3) -> Schema:
    """A text of so many characters."""
    return {"type": "string", "minLength": least, "maxLength": most}


def one_of(words: Iterable[str]) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": list(words)}


def members(**schemas: Schema) -> Schema:
    """An object of exactly these."""
    return {
        "type": "object",
        "properties": schemas,
        "required": list(schemas),
        "additionalProperties": False,
    }


PLAN: Final = members(
    name=text(50),
    description=text(200, 20),
    hero=text(60),
    goal=text(60),
    style=text(60),
    setting=one_of(SCENES),
    mood=one_of(PALETTES),
    layout=one_of(LAYOUTS),
)
_LOCK: Final = members(
    item=text(30),
    lies=text(90, 10),
    take=text(40),
    taking=text(110, 10),
    barrier=text(40),
    open=text(40),
    hint=text(90, 10),
)
_LIFE: Final = members(
    thing=text(30),
    do=text(40),
    happens=text(110, 10),
    guide=text(40),
    persona=text(110, 10),
    greeting=text(80, 5),
    fact=text(90, 10),
)
THINGS: Final = members(lock=_LOCK, life=_LIFE)
_PLACE: Final = members(name=text(36), look=text(100, 15), way=text(44), sound=text(50, 5))
_ENDING: Final = members(
    name=text(36), look=text(100, 15), way=text(44), title=text(40), subtitle=text(90, 5)
)
_STATE: Final = members(base=text(BASE_CHARS, 40), moves=text(70, 10))
_WAY: Final = members(name=text(46), base=text(170, 20), detail=text(100, 10))
WHO: Final = members(
    name=text(40),
    description=text(200, 20),
    who=text(240, 60),
    wants=text(160, 30),
    fears=text(160, 30),
    speech=text(180, 30),
    subject=text(160, 20),
    style=text(60),
    setting=one_of(SCENES),
    mood=one_of(PALETTES),
)
FACTS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight")
EXCHANGES: Final = ("first", "second", "third")
_EXCHANGE: Final = members(guest=text(110), answer=text(200))
TALK: Final = members(
    scene=text(240, 30),
    greeting=text(180, 5),
    facts=members(**dict.fromkeys(FACTS, text(150, 15))),
    secret=text(150, 15),
    examples=members(**dict.fromkeys(EXCHANGES, _EXCHANGE)),
)
OTHER_STANCES: Final = ("second", "third", "fourth", "fifth")
_LOOK: Final = {"label": text(24), "mood": text(40), "expression": text(130, 20)}


def stances(feelings: Iterable[str]) -> Schema:
    """Of the stances: the neutral one, and others of some feelings."""
    other = members(feeling=one_of(feelings), **_LOOK)
    return members(neutral=members(**_LOOK), **dict.fromkeys(OTHER_STANCES, other))


def places(keys: Iterable[str]) -> Schema:
    """Of the places with these parts in the story."""
    return members(**{key: _ENDING if key in {WIN, LOSE} else _PLACE for key in keys})


def states(keys: Iterable[str]) -> Schema:
    """Of the states that these places are."""
    return members(**dict.fromkeys(keys, _STATE))


def ways(keys: Iterable[str]) -> Schema:
    """Of these ways."""
    return members(**dict.fromkeys(keys, _WAY))


def narrowed(schema: Schema, paths: Iterable[tuple[str, ...]]) -> Schema:
    """Of an object only the members with these paths."""
    inside: dict[str, list[tuple[str, ...]]] = {}
    for name, *rest in paths:
        inside.setdefault(name, []).append(tuple(rest))
    properties = schema["properties"]
    return members(
        **{
            name: narrowed(properties[name], rests) if all(rests) else properties[name]
            for name, rests in inside.items()
        }
    )


def without_lengths(schema: Schema) -> Schema:
    """The schema for texts of any length: not every endpoint holds a model to it, and they can be cut."""
    if schema["type"] == "object":
        inside = {name: without_lengths(inner) for name, inner in schema["properties"].items()}
        return schema | {"properties": inside}
    return {name: value for name, value in schema.items() if not name.endswith("Length")}


def most_tokens(schema: Schema) -> int:
    """How many tokens an answer of the schema may have."""
    if schema["type"] == "object":
        inside = schema["properties"].values()
        return sum(_TOKENS_OF_A_MEMBER + most_tokens(member) for member in inside) + 8
    return int(schema.get("maxLength", 20) / _LETTERS_OF_A_TOKEN) + 2
