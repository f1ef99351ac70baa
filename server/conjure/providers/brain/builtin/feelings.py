"""How a character takes what is said: what its affect becomes, what one sees of it, and where it stands then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.providers.brain.builtin.moods import Feeling, feeling_of_words
from conjure.providers.brain.port import Affect

if TYPE_CHECKING:
    from conjure.kernel.character import Character
    from conjure.providers.brain.builtin.mind import Mind

_MOST: Final = 0.5
# Valence, arousal, dominance, rapport.
_DELTAS: Final[dict[str, tuple[float, float, float, float]]] = {
    "greeting": (0.08, 0.05, 0.0, 0.05),
    "farewell": (-0.02, -0.08, 0.0, 0.03),
    "thanks": (0.14, 0.0, 0.05, 0.1),
    "apology": (0.24, -0.22, 0.05, 0.14),
    "compliment": (0.28, 0.16, 0.08, 0.16),
    "love": (0.3, 0.3, -0.08, 0.18),
    "insult": (-0.36, 0.34, 0.16, -0.28),
    "attempt": (-0.06, 0.08, 0.1, -0.06),
    "low": (-0.14, -0.1, -0.05, 0.1),
    "high": (0.2, 0.12, 0.04, 0.08),
    "laugh": (0.2, 0.16, 0.04, 0.08),
    "player_name": (0.1, 0.04, 0.0, 0.14),
    "ask_feel": (0.08, 0.0, 0.0, 0.1),
    "ask_my_name": (0.02, 0.0, 0.0, 0.03),
    "question": (0.02, 0.05, 0.02, 0.03),
    "more": (0.05, 0.04, 0.03, 0.04),
    "yes": (0.04, 0.0, 0.0, 0.02),
    "no": (-0.03, 0.0, 0.0, -0.01),
    "nonsense": (-0.02, 0.03, 0.0, -0.02),
    "show": (0.04, 0.05, 0.0, 0.03),
    "fetch": (0.02, 0.05, -0.03, 0.02),
    "go": (0.06, 0.1, 0.0, 0.05),
}
_USUAL: Final = (0.01, 0.02, 0.0, 0.02)
_EMOTIONS: Final = {
    "greeting": "welcoming",
    "farewell": "wistful",
    "thanks": "warm",
    "apology": "forgiving",
    "compliment": "flattered",
    "love": "touched",
    "attempt": "guarded",
    "low": "concerned",
    "high": "glad",
    "laugh": "amused",
    "player_name": "friendly",
    "more": "engaged",
    "nonsense": "puzzled",
    "unknown": "uncertain",
    "ask_opinion": "thoughtful",
    "ask_secret": "guarded",
    "go": "eager",
}
# How much of a stance's own mood is there without any reason, and how much nearer another must be.
_INERTIA: Final = 0.28
_RELUCTANCE: Final = 0.15
_MOMENT: Final = 2.0
"""How much more than its trace an affect is felt in its moment."""


def delta_of(kind: str, words: list[str], seen: Affect) -> Affect:
    """What a thing that is said does to the affect, each within half a unit."""
    v, a, d, rapport = _DELTAS.get(kind, _USUAL)
    mood = feeling_of_words(words) if kind in {"statement", "low", "high"} else None
    if mood is not None:
        v, a, d = v + 0.15 * mood[0], a + 0.12 * mood[1], d + 0.05 * mood[2]
    # Who is far out is moved less, so that nothing runs to an end for ever.
    return Affect(
        *(_eased(step, at) for step, at in zip((v, a, d, rapport), _of(seen), strict=True))
    )


def _eased(step: float, at: float) -> float:
    room = 1.0 - abs(at) if step * at > 0 else 1.0
    return round(max(-_MOST, min(_MOST, step * max(0.15, min(1.0, room)))), 4)


def _of(affect: Affect) -> tuple[float, float, float, float]:
    return affect.v, affect.a, affect.d, affect.rapport


def stance_after(
    character: Character, mind: Mind, stance: str, affect: Affect, delta: Affect
) -> str:
    """Where a character stands after it: where the mood is nearest to how it feels, or where it was."""
    known = {found.id for found in character.stances}
    current = stance if stance in known else character.entrance
    if current not in known:
        current = character.stances[0].id
    here = mind.feelings.get(current) or (0.0, 0.0, 0.0)
    felt = (
        affect.v + _MOMENT * delta.v + _INERTIA * here[0],
        affect.a + _MOMENT * delta.a + _INERTIA * here[1],
        affect.d + _MOMENT * delta.d + _INERTIA * here[2],
    )
    best, nearest = current, _distance(felt, here) - _RELUCTANCE
    for found in character.stances:
        feeling = mind.feelings.get(found.id)
        if (
            feeling is not None
            and found.id != current
            and (away := _distance(felt, feeling)) < nearest
        ):
            best, nearest = found.id, away
    return best


def _distance(one: Feeling, other: Feeling) -> float:
    v, a, d = (first - second for first, second in zip(one, other, strict=True))
    return float((v * v + 0.6 * a * a + 0.3 * d * d) ** 0.5)


def emotion_of(kind: str, affect: Affect, delta: Affect) -> str:
    """One word for what one sees."""
    if kind == "insult":
        return "angry" if affect.d + delta.d > 0.2 or affect.v < -0.3 else "hurt"
    if (emotion := _EMOTIONS.get(kind)) is not None:
        return emotion
    v, a = affect.v + delta.v, affect.a + delta.a
    if v > 0.35:
        return "joyful" if a > 0.2 else "content"
    if v < -0.35:
        return "tense" if a > 0.2 else "sad"
    return "curious" if a > 0.1 else "calm"
