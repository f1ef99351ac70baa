"""A character as its document has it (CONTRACT 5): read from any document, whatever stands in it.

A character is a world of kind `character` with a member `character`: its stances, each a state of its scene,
and its brain. Characters are imported as whole documents, so each member may be missing, or of any type: what
is no text is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND: Final = "character"
"""The `kind` of such a world, and the member that says who it is."""


@dataclass(frozen=True, slots=True)
class Stance:
    """A stance: the id of its state, what people call it, and how it feels, in words."""

    id: str
    label: str
    mood: str | None = None


@dataclass(frozen=True, slots=True)
class Intro:
    """What a page shows before the talk begins."""

    kicker: str | None = None
    title: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Character:
    """Who a character is. `persona`, `scene`, `lore` and `examples` are its brain, which never leaves.

    `entrance` is the stance that it begins in. `stances` are never empty: a document without any has its
    entrance.
    """

    name: str
    stances: tuple[Stance, ...]
    entrance: str
    persona: str | None = None
    scene: str | None = None
    lore: str | None = None
    examples: str | None = None
    greeting: str | None = None
    intro: Intro | None = None
    voice_id: str | None = None
    model_id: str | None = None
    free: bool = False
    subject: str | None = None
    style: str | None = None

    @classmethod
    def of(cls, world: Mapping[str, Any]) -> Character:
        """Reads a document that has passed the gate."""
        raw = world.get(KIND)
        said: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        entrance: str = world["entrance"]["state"]
        stances = _stances(said.get("stances"), world["scene"]["states"])
        return cls(
            name=_text(world.get("name")) or "",
            stances=stances or (Stance(entrance, entrance),),
            entrance=entrance,
            persona=_text(said.get("persona")),
            scene=_text(said.get("scene")),
            lore=_text(said.get("lore")),
            examples=_text(said.get("examples")),
            greeting=_text(said.get("greeting")),
            intro=_intro(said.get("intro")),
            voice_id=_text(said.get("voiceId")),
            model_id=_text(said.get("modelId")),
            free=said.get("free") is True,
            subject=_text(said.get("subject")),
            style=_text(said.get("style")),
        )


def is_character(world: Mapping[str, Any]) -> bool:
    """Whether a document is one."""
    return world.get("kind") == KIND


def _stances(raw: Any, states: Mapping[str, Any]) -> tuple[Stance, ...]:
    """Those that have a state, each once."""
    found: dict[str, Stance] = {}
    for item in raw if isinstance(raw, list) else ():
        if isinstance(item, dict) and isinstance(name := item.get("id"), str) and name in states:
            stance = Stance(name, _text(item.get("label")) or name, _text(item.get("mood")))
            found.setdefault(name, stance)
    return tuple(found.values())


def _intro(raw: Any) -> Intro | None:
    if not isinstance(raw, dict):
        return None
    return Intro(_text(raw.get("kicker")), _text(raw.get("title")), _text(raw.get("hint")))


def _text(raw: Any) -> str | None:
    return raw if isinstance(raw, str) else None
