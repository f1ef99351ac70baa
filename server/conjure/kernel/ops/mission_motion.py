"""How the states that a mission makes are filmed and move: as it says, else as a state that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.lints.prose import negations
from conjure.kernel.values import child

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject

_NEUTRAL: Final = {
    "static": "Still and at ease, with small natural movements.",
    "dynamic": "Moving on at a calm, even pace.",
}


class Motion:
    """The camera and movement of new states."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        # By identity, as the same prose is copied again and again; the states hold on to it.
        self._negated: dict[int, bool] = {}

    def of(self, objective: JsonObject, model: JsonObject) -> JsonObject:
        """`camera` and `movement` for a new state: the objective's own halves, else copies of the model's."""
        motion = {}
        for key in ("camera", "movement"):
            halves = self._copy(child(model, key), is_content=key == "movement")
            own = objective.get(key)
            if own:
                is_pair = isinstance(own, dict) and "template" not in own
                halves = {"static": "", "dynamic": "", **halves}
                halves |= own if is_pair else {"dynamic": own}
            if halves:
                motion[key] = halves
        return motion

    def _copy(self, pair: JsonObject, *, is_content: bool) -> JsonObject:
        halves: JsonObject = {}
        for half, neutral in _NEUTRAL.items():
            value = pair.get(half)
            if not isinstance(value, str | dict):
                continue
            # Camera prose may say no. In content it would be a finding in every state of the mission.
            is_bad = is_content and self._is_negated(value)
            halves[half] = self._counted(neutral if is_bad else value)
        return halves

    def _counted(self, words: str | JsonObject) -> str | JsonObject:
        """The prose, without what the schema does not know of it.

        Its length counts as work, or a short op could make a world that nobody can store: the prose of one
        state may be a megabyte long, and each objective may make three states.
        """
        if isinstance(words, str):
            length = len(words)
        else:
            words = {key: words[key] for key in ("template", "fills") if key in words}
            fills = child(words, "fills")
            said = [words.get("template"), *fills, *fills.values()]
            length = sum(1 + len(item) for item in said if isinstance(item, str))
        self._draft.afford(length // 4)
        return words

    def _is_negated(self, value: str | JsonObject) -> bool:
        """Whether prose says what a video model draws wrongly, or cannot be put into words."""
        known = self._negated.get(id(value))
        if known is None:
            words = value if isinstance(value, str) else self._draft.library().resolve((), value)
            known = self._negated[id(value)] = words is None or bool(negations(words))
        return known
