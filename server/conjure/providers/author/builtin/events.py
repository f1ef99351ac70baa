"""Wording the events: the ways between states, and what can be done inside them."""

import re
from typing import Any

from conjure.providers.author.builtin.places import Place
from conjure.providers.author.builtin.plan import Plan
from conjure.providers.author.builtin.text import capital, is_plural, listed
from conjure.providers.author.builtin.topology import GOAL, Step
from conjure.providers.author.builtin.travel import LINES
from conjure.providers.author.builtin.voice import Voice

# All letters and digits but w a s d q e, which steer.
_HOTKEYS = "frtgyhujikolpzxcvbnm1234567890"
_PHRASE_END = re.compile(
    r" (?:of|with|to|in|under|down|above|and|between|beneath|behind|on|into|for|at|from|where|up"
    r"|around|below|among|toward|beyond|along|whose|carved|veined|tugging|standing|filled|held"
    r"|guarded|ringed|rimmed|edged|lined|framed|sealed|buried|pulsing|going|hung|cut|striped) "
)
# Far enough apart that a way in and the way back can tell each other's pictures apart.
_DARK_LUMINANCE = 0.3
_LIT_LUMINANCE = 0.45


def _plain(phrase: str) -> str:
    return re.sub(r"^(?:an?|the) ", "", phrase)


def _anchor(phrase: str, proximity: float, *also: str) -> dict[str, Any]:
    """What an event hangs on, as a detector is asked for it."""
    label = _plain(phrase)
    core = _PHRASE_END.split(label)[0]
    _, _, matter = label.partition(" of ")  # of a "row of columns" the columns tell more
    shorter = matter or (core if core != label else label.partition(" ")[2])
    aliases = [alias for alias in dict.fromkeys((shorter, *also)) if alias and alias != label]
    return {
        "label": label,
        "aliases": aliases,
        "minProximity": proximity,
        "expectedAspect": {"min": 0.3, "max": 3.0},
    }


class _Writer:
    def __init__(self, plan: Plan, voice: Voice) -> None:
        self._plan = plan
        self._voice = voice
        self._dice = plan.dice.fork("events")
        self._hotkeys = iter(_HOTKEYS)
        self._afloat = plan.family.realm == "deep"
        self._passing: dict[str, list[str]] = {}
        self.events: list[dict[str, Any]] = []

    def _add(self, name: str, kind: str, sources: list[str], **members: Any) -> dict[str, Any]:
        event = {"name": name, "kind": kind, "from": sources, **members}
        event["hotkey"] = next(self._hotkeys, None)
        self.events.append(event)
        return event

    def _lands(self, place: Place) -> dict[str, Any]:
        lands: dict[str, Any] = {
            "label": place.marker,
            "aliases": list(place.also),
            "minExtent": self._dice.pick((0.15, 0.2, 0.25)),
            "hits": 2,
            "timeoutMs": 15_000,
        }
        if place.light == "dark":
            lands["maxLuminance"] = _DARK_LUMINANCE
        elif self._plan.mood.key in {"dawn", "noon", "snow"} and place.light == "open":
            lands["minLuminance"] = _LIT_LUMINANCE
        return lands

    def _way(self, steps: list[Step]) -> None:
        """One event for all steps that lead to the same place in the same way."""
        plan, step = self._plan, steps[0]
        place = plan.places[step.target]
        keys = [plan.keys[key] for key in step.locks if key >= 0]
        back = plan.shape.returns(step)
        last = step.target == "W"
        approach = f"Return to the {place.label}" if back else place.approach
        moves = self._voice.moves(approach)
        name, seen = approach, place.way
        if keys:
            name, seen = keys[-1].use, keys[0].lock
            moves = " ".join([*(self._voice.handles(key.use) for key in keys), moves])
        if last and GOAL not in step.locks:
            name = plan.goal
            moves += f" Light gathers on {plan.thing.the}."
        event = self._add(
            name,
            "transition",
            [plan.state(each.source) for each in steps],
            to=plan.state(step.target),
            base=f"{moves} {self._travel(place.light)}",
            detail=f"The {place.marker} {'come' if is_plural(place.marker) else 'comes'} into view "
            f"in {plan.mood.tint} light.",
            anchor=_anchor(seen, self._dice.pick((0.2, 0.25, 0.3))),
            landWhen=self._lands(place),
            camera=self._voice.camera(place.light),
            movement=self._voice.movement(place),
            minPlayMs=self._dice.pick((2500, 3000, 3500)),
            drive={"movement": "forward"},
            drivePulseMs=600,
        )
        if step.locks:
            event["requires"] = [plan.flag(key) for key in step.locks]
            hints = [key.hint for key in keys]
            event["lockedHint"] = " ".join(hints) or f"The way home opens after this: {plan.goal}."
        elif place.light == "open" and not back:
            event["waypoint"] = {
                "label": place.marker,
                "distanceM": 12 + self._dice.below(36),
                "speedMs": 1.4,
                "approachM": 3,
            }
        if last:
            self._finish(event, place)
            if GOAL not in step.locks:
                event["grants"] = [plan.flag(GOAL)]

    def _finish(self, event: dict[str, Any], place: Place) -> None:
        """Play the last step in two takes, each with a camera of its own."""
        plan = self._plan
        near, wide = self._voice.finish()
        event["phases"] = [
            {
                "base": event["base"],
                "camera": near,
                "minMs": 2500,
            },
            {
                "base": f"{capital(plan.mood.tint)} light spreads from {plan.thing.the} "
                f"over the {place.marker}.",
                "camera": wide,
                "minMs": 3000,
            },
        ]

    def _travel(self, light: str) -> str:
        """What passes by on the way; lines take turns."""
        if not self._passing.get(light):
            kind = "deep" if light == "open" and self._afloat else light
            self._passing[light] = self._dice.deal(LINES[self._voice.view][kind])
        return self._passing[light].pop()

    def ways(self) -> None:
        groups: dict[tuple[str, tuple[int, ...], bool], list[Step]] = {}
        for step in self._plan.shape.steps:
            back = self._plan.shape.returns(step)
            groups.setdefault((step.target, step.locks, back), []).append(step)
        for steps in groups.values():
            self._way(steps)

    def deeds(self) -> None:
        plan = self._plan
        for at, (key, node) in enumerate(zip(plan.keys, plan.shape.keys, strict=True)):
            self._add(
                key.take,
                "override",
                [plan.state(node)],
                base=f"{self._voice.handles(key.take)} {key.result}",
                detail=f"The {key.item} stays in view, edged in {plan.mood.tint} light.",
                oneShot=True,
                grants=[plan.flag(at)],
                anchor=_anchor(key.item, 0.35),
                minPlayMs=2000,
            )
        if plan.shape.goal:
            self._add(
                plan.goal,
                "override",
                [plan.state(plan.shape.goal)],
                base=f"{self._voice.moves(f'Step close to {plan.thing.the}')} "
                f"{capital(plan.mood.tint)} light gathers around {plan.thing.the} and brightens.",
                detail="The glow stays, steady and warm.",
                oneShot=True,
                grants=[plan.flag(GOAL)],
                anchor=_anchor(plan.thing.words, 0.3),
                minPlayMs=3000,
            )
        self._add(
            plan.act.do,
            "override",
            [plan.state(plan.shape.act)],
            base=f"{self._voice.handles(plan.act.do)} {plan.act.result}",
            detail=f"{capital(plan.mood.tint)} light answers across the scene.",
            anchor=_anchor(plan.act.item, 0.3),
            minPlayMs=2500,
        )
        self._talk()

    def _talk(self) -> None:
        plan = self._plan
        facts: list[dict[str, Any]] = [
            {"text": f"The {key.item} is at the {plan.places[node].label}."}
            for key, node in zip(plan.keys, plan.shape.keys, strict=True)
        ]
        gates = listed([f"the {key.gate}" for key in plan.keys])
        facts.append(
            {
                "text": f"Beyond {gates} lies what matters here: {plan.thing.the}.",
                "requires": [plan.flag(0)],
            }
        )
        self._add(
            f"Talk to the {plan.guide.label}",
            "terminal",
            [plan.state(plan.shape.guide)],
            anchor=_anchor(plan.guide.label, 0.3, "figure"),
            terminal={
                "persona": plan.guide.persona,
                "greeting": plan.guide.greeting,
                "facts": facts,
            },
        )


def write(plan: Plan, voice: Voice) -> list[dict[str, Any]]:
    """Write all events. Their names are unique and say what one does."""
    writer = _Writer(plan, voice)
    writer.ways()
    writer.deeds()
    return writer.events
