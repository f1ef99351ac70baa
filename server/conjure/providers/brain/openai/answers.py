"""What a model answered besides the reply, as far as it makes sense."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from conjure.providers.brain.openai.schemas import MOST_EMOTION, MOST_STEP, MOST_TARGET
from conjure.providers.brain.port import Action, ActionType, Affect, Turn
from conjure.providers.plain import tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.providers.brain.leaks import Leaks
    from conjure.providers.brain.port import TurnRequest

_ACTIONS: Final = get_args(ActionType)
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")  # noqa: RUF001
_EMOTION: Final = "calm"
_MOST_READ: Final = 2_000  # characters of a text


def turn(said: Mapping[str, Any], request: TurnRequest, reply: str, leaks: Leaks) -> Turn:
    """The turn with this reply; what of the rest is missing or strange is as it was before."""
    stance = _stance(said.get("stance"), request)
    return Turn(
        reply=reply,
        stance=stance,
        emotion=_emotion(_safe(said.get("emotion"), leaks)) or _mood(request, stance) or _EMOTION,
        delta=_delta(said.get("affect")),
        action=_action(said.get("action"), _safe(said.get("target"), leaks)),
    )


def _stance(said: Any, request: TurnRequest) -> str:
    """One of its own, by its id or by what it is called."""
    stances = request.character.stances
    if not isinstance(said, str) or any(stance.id == said for stance in stances):
        return said if isinstance(said, str) else request.stance
    meant = said.strip().casefold()
    return next(
        (each.id for each in stances if meant in {each.id.casefold(), each.label.casefold()}),
        request.stance,
    )


def _emotion(said: str | None) -> str | None:
    """Its first word."""
    word = _WORD.search(tidy(said or "", _MOST_READ))
    return word[0].lower()[:MOST_EMOTION] if word else None


def _mood(request: TurnRequest, stance: str) -> str | None:
    """How the stance feels, if that is a word: moods are told with every character."""
    moods = (each.mood for each in request.character.stances if each.id == stance)
    return _emotion(next(moods, None))


def _delta(said: Any) -> Affect:
    said = said if isinstance(said, dict) else {}
    return Affect(*(_step(said.get(axis)) for axis in ("v", "a", "d", "rapport")))


def _step(said: Any) -> float:
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        return 0.0
    try:
        step = float(said)
    except OverflowError:
        return 0.0
    return min(MOST_STEP, max(-MOST_STEP, step)) if math.isfinite(step) else 0.0


def _action(said: Any, target: str) -> Action | None:
    if said not in _ACTIONS:
        return None
    return Action(cast("ActionType", said), tidy(target, MOST_TARGET) or None)


def _safe(said: Any, leaks: Leaks) -> str:
    """A text, unless it tells the brain: of such a text no part is taken, either."""
    text = said[:_MOST_READ] if isinstance(said, str) else ""
    return "" if leaks.found(text) else text
