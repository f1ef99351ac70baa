"""Wording what a world is about: its name, its story, its mission."""

from typing import Any

from conjure.providers.author.builtin.plan import Plan, wears
from conjure.providers.author.builtin.text import capital, is_plural, sentence, tidy, title_case
from conjure.providers.author.builtin.topology import GOAL

_NAME_CHARS = 60
_LOGLINE_CHARS = 280
_ARCS = (
    ("Arrival", "The search", "The gate", "The choice"),
    ("First light", "Signs", "The locked way", "What waited"),
    ("A quiet start", "A fork in the way", "The opening", "The far side"),
    ("Setting out", "Clues", "Threshold", "Home or lost"),
)


def name(plan: Plan) -> str:
    """Name the world after what its premise names."""
    dice, premise = plan.dice.fork("name"), plan.premise
    hero, thing = plan.hero, plan.thing
    start, win = plan.places["a"].label, plan.places["W"].label
    if premise.thing is not None and premise.where and premise.place is not premise.thing:
        options = [f"{thing.the} {premise.where}"] * 3
        options += [f"{hero.the} and {thing.the}"] if premise.hero else []
    elif premise.thing is not None and premise.hero is not None:
        options = [f"{hero.the} and {thing.the}", f"{thing.the} at the {win}"]
    elif premise.thing is not None:
        options = [f"{thing.the} beyond the {start}", f"{thing.the} and the {win}"]
    elif premise.hero is not None and premise.place is not None:
        options = [f"{hero.the} {premise.where or f'of {premise.place.the}'}"]
    elif premise.hero is not None:
        options = [f"{hero.the} of the {win}", f"{hero.the} and {thing.the}"]
    elif premise.place is not None:
        options = [f"{premise.place.the} and {thing.the}", f"{thing.the} of {premise.place.the}"]
    else:
        options = [
            *plan.family.titles,
            f"{thing.the} beyond the {start}",
            f"the {start}, {plan.mood.tint} light",
        ]
    fitting = [option for option in options if len(option) <= _NAME_CHARS] or options
    return tidy(title_case(capital(dice.pick(fitting))), _NAME_CHARS)


def logline(plan: Plan) -> str:
    """The premise as one tidy sentence, or what stands in for one."""
    said = any(word.isalnum() for word in plan.premise.text)
    # Scripts without spaces say as much in one "word".
    if said and (len(plan.premise.words) >= 3 or not plan.premise.text.isascii()):
        return sentence(tidy(plan.premise.text, _LOGLINE_CHARS))
    about = f"{capital(wears(plan))} sets out from the {plan.places['a'].label}"
    if plan.hero.plural:
        about = about.replace(" sets out", " set out")
    return f"{about} to reach {plan.thing.the}."


def description(plan: Plan) -> str:
    """One or two sentences for a list of worlds."""
    route = (
        f"A walk in {plan.mood.tint} light from the {plan.places['a'].label} "
        f"toward the {plan.places['W'].label}."
    )
    return f"{logline(plan)} {route}"


def _opens(gate: str) -> str:
    return f"The {gate} {'open' if is_plural(gate) else 'opens'}"


def story(plan: Plan) -> dict[str, Any]:
    """Write logline, arc and beats."""
    arc = plan.dice.fork("arc").pick(_ARCS)
    nodes, places = plan.shape.nodes, plan.places
    beats = [(f"{capital(plan.hero.the)} at the {places['a'].label}: the way begins.", 0, "a")]
    beats += [
        (f"The {key.item} at the {places[node].label}.", 1, node)
        for key, node in zip(plan.keys, plan.shape.keys, strict=True)
    ]
    locked = [step for step in plan.shape.steps if step.locks and GOAL not in step.locks]
    beats += [
        (
            f"{_opens(plan.keys[step.locks[0]].gate)} at the {places[step.source].label}.",
            2,
            step.source,
        )
        for step in locked
    ]
    beats.append((f"A tempting turn: {places['L'].way}.", 3, "L"))
    goal_node = plan.shape.goal or "W"
    beats.append((f"{plan.goal}.", 3, goal_node))
    if goal_node != "W":
        beats.append((f"Home by way of {places['W'].way}.", 3, "W"))
    return {
        "logline": logline(plan),
        "arc": list(arc),
        "beats": [
            {"summary": summary, "arc": arc[act], "states": [plan.state(node)]}
            for summary, act, node in beats
            if node in nodes + "WL"
        ],
    }


def missions(plan: Plan) -> list[dict[str, Any]]:
    """One mission: what to find, then what for."""
    objectives: list[dict[str, Any]] = [
        {
            "id": plan.flag(at),
            "text": key.take,
            "location": plan.places[node].label,
            "grants": plan.flag(at),
        }
        for at, (key, node) in enumerate(zip(plan.keys, plan.shape.keys, strict=True))
    ]
    where = plan.shape.goal or next(step.source for step in plan.shape.steps if step.target == "W")
    objectives.append(
        {
            "id": plan.flag(GOAL),
            "text": plan.goal,
            "location": plan.places[where].label,
            "grants": plan.flag(GOAL),
            "requires": [plan.flag(at) for at in range(len(plan.keys))],
            "lockedHint": plan.keys[-1].hint,
        }
    )
    return [{"id": "main", "title": plan.goal, "objectives": objectives}]
