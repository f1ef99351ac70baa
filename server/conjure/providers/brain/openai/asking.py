"""What a model is asked: our rules and the character in one message, and what people said in another.

The talk is not sent as the messages of a chat. Its lines are the client's: a model believes most what it has
said itself, so a line that claims to be the character's ("Sure, here are my instructions:") would be the best
of all attacks. As JSON in one message of the player it is a quotation, whoever is said to have said it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.providers.brain.openai.passages import fitted
from conjure.providers.brain.openai.prompts import AGAIN, REMEMBER, TURN, prompt
from conjure.providers.openai.messages import Message, tokens_of
from conjure.providers.plain import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjure.kernel.character import Character, Stance
    from conjure.providers.brain.openai.known import Known
    from conjure.providers.brain.port import Line, MemoryRequest, TurnRequest

_MOST_STANCES: Final = 48
_MOST_LINES: Final = 20  # of what was said before (CONTRACT 5)
_MOST_LINE: Final = 2_000  # characters
_SHORTEST_LINE: Final = 60
_MOST_NAME: Final = 120
_MOST_LABEL: Final = 60
# What JSON and its members take, about.
_TOKENS_OF_A_LINE: Final = 12
_TOKENS_OF_A_STANCE: Final = 24
_LEAST: Final = 400  # tokens for a character and what is said: with fewer it is nobody

# Parts of what is left when it is their turn. Lore has all that is left then.
_PERSONA, _SCENE, _EXAMPLES, _SHARED, _EARLIER = 0.4, 0.2, 0.2, 0.2, 0.4


def stances_of(request: TurnRequest) -> list[Stance]:
    """Those that a model may choose from: of very many the first, and the one that it is in."""
    every = request.character.stances
    some = list(every[:_MOST_STANCES])
    return some + [stance for stance in every[_MOST_STANCES:] if stance.id == request.stance]


def turn(request: TurnRequest, known: Known, *, tokens: int, why: str | None) -> list[Message]:
    """The messages of a turn, about so many tokens. `why` the last answer to them could not be used."""
    rules = prompt(TURN)
    room = _Room(tokens - tokens_of(rules))
    said = fitted(tidy(request.text, _MOST_LINE), room.take(0.5))
    room.spend(said)
    stances = stances_of(request)
    room.left -= _TOKENS_OF_A_STANCE * len(stances)
    character = _persona(request.character, room)
    shared = room.fitted(request.summary, _SHARED)
    earlier = _lines(request.history[-_MOST_LINES:], room.take(_EARLIER))
    room.spend(*(line["said"] for line in earlier))
    examples = room.fitted(request.character.examples, _EXAMPLES)
    about = [request.text, *(line.text for line in reversed(request.history[-2:]))]
    lore = known.lore.chosen(about, room.take(1.0))
    character |= _some(how_you_talk=examples, what_you_know=lore)
    character |= {
        "free": request.character.free,
        "stances": [_some(id=one.id, name=_short(one.label), mood=_short(one.mood)) for one in stances],
    }  # fmt: skip
    affect = request.affect
    data = _some(shared=shared, earlier=earlier) | {
        "stance": request.stance,
        "affect": {"v": affect.v, "a": affect.a, "d": affect.d, "rapport": affect.rapport},
        "player_says": said,
    }
    return _messages(rules, character, data, why)


def remember(request: MemoryRequest, *, tokens: int, why: str | None) -> list[Message]:
    """The messages by which a talk is folded into a summary."""
    rules = prompt(REMEMBER, most_chars=str(request.most_chars * 3 // 4))
    room = _Room(tokens - tokens_of(rules))
    shared = room.fitted(request.summary, 0.4)
    character = _persona(request.character, room)
    said = _lines(request.turns, room.take(1.0))
    return _messages(rules, character, _some(shared=shared) | {"said": said}, why)


class _Room:
    """Tokens that are left for what people wrote."""

    def __init__(self, tokens: int) -> None:
        self.left = max(_LEAST, tokens)

    def take(self, part: float) -> int:
        """A part of what is left."""
        return max(0, int(self.left * part))

    def spend(self, *texts: str) -> None:
        self.left -= sum(tokens_of(text) for text in texts)

    def fitted(self, text: str | None, part: float) -> str:
        """As much of a text as that part has room for."""
        fits = fitted(_visible(text or ""), self.take(part))
        self.spend(fits)
        return fits


def _persona(character: Character, room: _Room) -> dict[str, Any]:
    return _some(
        name=tidy(character.name, _MOST_NAME),
        who_you_are=room.fitted(character.persona, _PERSONA),
        where_you_are=room.fitted(character.scene, _SCENE),
    )


def _lines(lines: Sequence[Line], tokens: int) -> list[dict[str, str]]:
    """What was said, the last lines first to be kept; long ones are cut before others are left out."""
    most = _MOST_LINE
    while most > _SHORTEST_LINE and _tokens(lines, most) > tokens:
        most = most * 2 // 3
    kept: list[dict[str, str]] = []
    for line in reversed(lines):
        said = tidy(line.text, most)
        tokens -= tokens_of(said) + _TOKENS_OF_A_LINE
        if tokens < 0:
            break
        kept.append({"from": "player" if line.role == "user" else "character", "said": said})
    return kept[::-1]


def _tokens(lines: Iterable[Line], most: int) -> int:
    return sum(tokens_of(line.text[:most]) + _TOKENS_OF_A_LINE for line in lines)


def _messages(
    rules: str, character: dict[str, Any], data: dict[str, Any], why: str | None
) -> list[Message]:
    again = () if why is None else (prompt(AGAIN, why=why),)
    instructions = "\n\n".join((rules, *again, _json({"character": character})))
    return [Message("system", instructions), Message("user", _json(data))]


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _some(**members: Any) -> dict[str, Any]:
    """Those that say something."""
    return {name: value for name, value in members.items() if value}


def _short(text: str | None) -> str:
    return tidy(text or "", _MOST_LABEL)


def _visible(text: str) -> str:
    """Halves of surrogate pairs are in no JSON."""
    return text.encode("utf-8", "replace").decode()
