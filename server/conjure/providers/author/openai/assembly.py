"""Putting a world together from a draft: the graph is ours, the words are the model's."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from conjure.providers.author.openai.layouts import LOSE, WIN
from conjure.providers.author.openai.prose import capital, label, sentence
from conjure.providers.author.openai.wording import definite, slug

if TYPE_CHECKING:
    from conjure.providers.author.openai.draft import Draft
    from conjure.providers.author.openai.layouts import Way

_HOTKEYS: Final = "frtgyhujikolpzxcvbnm"  # none of those that steer
_SIDES: Final = {
    1: ("Ahead",),
    2: ("On the left", "on the right"),
    3: ("On the left", "ahead", "on the right"),
}
_ARCS: Final = ("Arrival", "The search", "The locked way", "The end")
_GOAL: Final = "goal_reached"
_LABEL_CHARS: Final = 60
_ASPECT: Final = {"min": 0.3, "max": 3.0}


class Assembly:
    """Makes the document. `renamed` are the events whose names were taken, and had to be others."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._ids: dict[str, str] = {}
        for key in draft.layout.states:
            name = slug(draft.place(key)["name"], key)
            self._ids[key] = name if name not in self._ids.values() else f"{name}_{key}"
        self._key_flag = f"has_{slug(draft.lock['item'], 'the_key')}"
        self._events: list[dict[str, Any]] = []
        self.renamed: list[str] = []

    def document(self, name: str) -> dict[str, Any]:
        """The world, but for its pictures."""
        draft = self._draft
        start = draft.layout.start
        for way in draft.layout.ways:
            self._add_way(way)
        self._add_deeds()
        return {
            "id": str(uuid.uuid4()),
            "name": name,
            "description": draft.plan["description"],
            "pov": draft.pov,
            "subject": draft.plan["hero"],
            "styleTail": draft.plan["style"],
            "entrance": {
                "state": self._ids[start],
                "image": {"label": draft.place(start)["name"]},
            },
            "scene": {
                "states": {self._ids[key]: self._state(key) for key in draft.layout.states},
                "events": self._events,
            },
            "story": self._story(),
            "missions": self._missions(),
        }

    # States.

    def _state(self, key: str) -> dict[str, Any]:
        draft, place, words = self._draft, self._draft.place(key), self._draft.states[key]
        hero = capital(draft.hero)
        is_ending = key in {WIN, LOSE}
        state: dict[str, Any] = {
            "base": sentence(words["base"]) if is_ending else self._base(key),
            "camera": draft.view.camera(draft.hero),
            "movement": draft.view.movement(hero),
            "ambient": [words["moves"]] if is_ending else [words["moves"], place["sound"]],
            "arriveLabel": place["name"],
            "autopilot": {"keepCentered": {"label": place["name"], "aliases": []}},
        }
        if is_ending:
            state["ending"] = {
                "kind": key,
                "title": place["title"],
                "subtitle": sentence(place["subtitle"]),
            }
        return state

    def _base(self, key: str) -> str:
        """What the model says of a place, and whatever events hang on that it left out."""
        draft = self._draft
        base = sentence(draft.states[key]["base"])
        parts = [base]
        things = (
            (draft.layout.key_at, draft.lock["item"], sentence(draft.lock["lies"])),
            (draft.layout.deed_at, draft.life["thing"], ""),
            (draft.layout.guide_at, label(draft.life["guide"], _LABEL_CHARS), ""),
        )
        found = draft.found_in(key)
        for at, name, _ in things:
            if at == key:
                words = found.pop(0)
                if name.lower() not in base.lower():
                    parts.append(words)
        seen = list(dict.fromkeys(draft.seen_way(way) for way in draft.layout.ways_from(key)))
        sides = _SIDES[len(seen)]
        parts.append(
            "; ".join(f"{side}, {way}" for side, way in zip(sides, seen, strict=True)) + "."
        )
        return " ".join(parts)

    # Events.

    def _add(self, name: str, instead: str, event: dict[str, Any]) -> dict[str, Any]:
        taken = {each["name"].casefold() for each in self._events}
        if name.casefold() in taken:
            self.renamed.append(name)
            name = instead if instead.casefold() not in taken else f"{instead} ({len(taken)})"
        event = {"name": capital(name), **event, "hotkey": _HOTKEYS[len(self._events)]}
        self._events.append(event)
        return event

    def _add_way(self, way: Way) -> None:
        draft, words = self._draft, self._draft.ways[way.key]
        target = draft.place(way.target)
        event = self._add(
            draft.lock["open"] if way.is_locked else words["name"],
            f"Go to {definite(target['name'])}",
            {
                "kind": "transition",
                "from": [self._ids[source] for source in way.sources],
                "to": self._ids[way.target],
                "base": sentence(words["base"]),
                "detail": sentence(words["detail"]),
                "anchor": _anchor(draft.seen_way(way), 0.25),
                "landWhen": {
                    "label": target["name"],
                    "minExtent": 0.2,
                    "hits": 2,
                    "timeoutMs": 15_000,
                },
                "camera": draft.view.camera(draft.hero),
                "movement": draft.view.movement(capital(draft.hero)),
                "minPlayMs": 3000,
                "drive": {"movement": "forward"},
                "drivePulseMs": 600,
            },
        )
        if way.is_locked:
            event |= {"requires": [self._key_flag], "lockedHint": sentence(draft.lock["hint"])}
        if way.target == WIN:
            event["grants"] = [_GOAL]
            event["phases"] = [
                {"base": event["base"], "camera": draft.view.near, "minMs": 2500},
                {"base": event["detail"], "camera": draft.view.far, "minMs": 3000},
            ]

    def _add_deeds(self) -> None:
        draft, layout = self._draft, self._draft.layout
        lock, life = draft.lock, draft.life
        self._add(
            lock["take"],
            f"Pick up {definite(lock['item'])}",
            {
                "kind": "override",
                "from": [self._ids[layout.key_at]],
                "base": sentence(lock["taking"]),
                "oneShot": True,
                "grants": [self._key_flag],
                "anchor": _anchor(lock["item"], 0.35),
                "minPlayMs": 2000,
            },
        )
        self._add(
            life["do"],
            f"Try {definite(life['thing'])}",
            {
                "kind": "override",
                "from": [self._ids[layout.deed_at]],
                "base": sentence(life["happens"]),
                "anchor": _anchor(life["thing"], 0.3),
                "minPlayMs": 2500,
            },
        )
        self._add(
            f"Talk to {definite(life['guide'])}",
            "Talk",
            {
                "kind": "terminal",
                "from": [self._ids[layout.guide_at]],
                "anchor": _anchor(life["guide"], 0.3),
                "terminal": {
                    "persona": sentence(life["persona"]),
                    "greeting": sentence(life["greeting"]),
                    "facts": [
                        {"text": sentence(life["fact"])},
                        {"text": sentence(lock["hint"])},
                    ],
                },
            },
        )

    # What it is about.

    def _story(self) -> dict[str, Any]:
        draft, layout = self._draft, self._draft.layout
        beats = (
            (sentence(draft.place(layout.start)["look"]), layout.start),
            (sentence(draft.lock["take"]), layout.key_at),
            (sentence(draft.lock["open"]), layout.locked.sources[0]),
            (sentence(draft.plan["goal"]), WIN),
        )
        return {
            "logline": sentence(draft.plan["description"]),
            "arc": list(_ARCS),
            "beats": [
                {"summary": summary, "arc": arc, "states": [self._ids[key]]}
                for arc, (summary, key) in zip(_ARCS, beats, strict=True)
            ],
        }

    def _missions(self) -> list[dict[str, Any]]:
        draft, layout = self._draft, self._draft.layout
        goal = capital(draft.plan["goal"])
        last = next(way.sources[0] for way in layout.ways if way.target == WIN)
        objectives = [
            {
                "id": self._key_flag,
                "text": capital(draft.lock["take"]),
                "location": draft.place(layout.key_at)["name"],
                "grants": self._key_flag,
            },
            {
                "id": _GOAL,
                "text": goal,
                "location": draft.place(last)["name"],
                "grants": _GOAL,
                "requires": [self._key_flag],
                "lockedHint": sentence(draft.lock["hint"]),
            },
        ]
        return [{"id": "main", "title": goal, "objectives": objectives}]


def _anchor(phrase: str, proximity: float) -> dict[str, Any]:
    """What an event hangs on, as a detector is asked for it."""
    name = label(phrase, _LABEL_CHARS)
    core = name.rpartition(" ")[2]
    return {
        "label": name,
        "aliases": [core] if core != name and core.isascii() else [],
        "minProximity": proximity,
        "expectedAspect": dict(_ASPECT),
    }
