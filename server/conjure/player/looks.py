"""How a state looks: what is drawn of it, read from what a player may see of its world."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from typing import Any, Final

import orjson

from conjure.kernel.library import Unsound
from conjure.kernel.resolve import PartResolver, templates_of
from conjure.kernel.values import child
from conjure.providers.pictures import PictureRequest
from conjure.providers.plain import tidy

_FORM: Final = 1  # another one draws all pictures anew
_BASE: Final = 1_900  # characters, as of each prompt (CONTRACT 9)
_AMBIENT: Final = 400
_CAMERA: Final = 300
_WORDS: Final = 300  # of subject, style and point of view
_WHOLE: Final = 700  # as far as is read of what a world is
_READ: Final = 4_000  # characters of any text
_READ_ITEMS: Final = 20
_MOODS: Final = {"win": "bright and hopeful", "lose": "dark and desolate"}
_LIGHTS: Final = {"win": 0.2, "lose": -0.3}


@dataclass(frozen=True, slots=True)
class Look:
    """What is drawn of a state. `name` stands for all that a model is told: the same words have the same."""

    request: PictureRequest
    name: str


def look_of(world: dict[str, Any], state_id: str) -> Look | None:
    """Reads how a state looks; None when the world has no such state. The world has passed the gate."""
    states = world["scene"]["states"]
    written = states.get(state_id)
    if not isinstance(written, dict):
        return None
    state, rest = _in_words(world, written)
    subject = tidy(_text(world.get("subject")), _WORDS)
    parts = (
        tidy(_text(state.get("base")), _BASE),
        tidy(" ".join(_texts(state.get("ambient"))), _AMBIENT),
        tidy(_text(child(state, "camera").get("static")), _CAMERA),
        subject,
    )
    ending = _text(child(state, "ending").get("kind"))
    request = PictureRequest(
        prompt=" ".join(part for part in parts if part),
        pov=tidy(_text(world.get("pov")), _WORDS) or None,
        mood=_MOODS.get(ending),
        style=tidy(_text(rest.get("styleTail")), _WORDS) or None,
        within=tidy(
            " ".join(_text(world.get(name)) for name in ("name", "description", "subject")), _WHOLE
        ),
        light=_LIGHTS.get(ending, 0.0),
    )
    told = orjson.dumps([_FORM, request.prompt, request.pov, request.mood, request.style])
    return Look(request, hashlib.sha256(told).hexdigest())


def _in_words(
    world: dict[str, Any], state: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The state, and the world beside its scene, with their prose in words."""
    resolver = PartResolver(templates_of(world))
    rest = world
    with contextlib.suppress(Unsound):  # prose that has no words is not drawn
        state = resolver.state(state)[0]
    with contextlib.suppress(Unsound):
        rest = resolver.rest(world)
    return state, rest


def _text(raw: Any) -> str:
    """A text, as far as it is read: prose may be of any length."""
    return raw[:_READ] if isinstance(raw, str) else ""


def _texts(raw: Any) -> list[str]:
    return [_text(item) for item in raw[:_READ_ITEMS]] if isinstance(raw, list) else []
